import type { Device, DeviceArray } from "./devices/device.js";

/** Elements of a place. */
const width = 4;
/** More than there are runs that may wait. */
const places = 1024;

/**
 * Small results that nobody has read yet, all in one array: with an array each, a loop that reads no loss would make one after
 * the other, and what belongs to them (bind groups, framebuffers), until the first are read or forgotten.
 */
export class Shelf {
  static readonly elements = width * places;
  private readonly array: DeviceArray;
  private readonly free = Array.from({ length: places }, (_, i) => places - 1 - i);
  private running: Promise<unknown> = Promise.resolve();
  private asked: Promise<Float32Array> | null = null;

  constructor(
    private readonly device: Device,
    private readonly fetch: (array: DeviceArray, size: number) => Promise<Float32Array>,
  ) {
    this.array = device.allocate(Shelf.elements);
    device.write(this.array, new Float32Array(Shelf.elements));
  }

  /** Whether an array of this size can go here. */
  static fits(size: number): boolean {
    return size > 0 && size <= width;
  }

  /** Copies an array to a place; -1: there is none left. */
  put(from: DeviceArray): number {
    const place = this.free.pop() ?? -1;
    if (place >= 0) this.device.copy(from, 0, this.array, place * width, from.size);
    return place;
  }

  /** Copies what is in a place to an array. */
  restore(place: number, to: DeviceArray): void {
    this.device.copy(this.array, place * width, to, 0, to.size);
  }

  release(place: number): void {
    this.free.push(place);
  }

  /** What is in a place, which must not be released before this is answered. */
  async read(place: number, size: number): Promise<Float32Array> {
    const values = await this.everything();
    return values.slice(place * width, place * width + size);
  }

  /** One reading at a time, for all who ask before it starts: they need one piece of memory together. */
  private everything(): Promise<Float32Array> {
    this.asked ??= this.running.then(() => {
      this.asked = null;
      const values = this.fetch(this.array, Shelf.elements);
      this.running = values.catch(() => {});
      return values;
    });
    return this.asked;
  }
}
