import type { Device, DeviceArray } from "./devices/device.js";
import type { KnownIntegers } from "./known-integers.js";
import { Shelf } from "./shelf.js";

/** Memory of an engine. Its array on the device is made when its turn comes, so that memory is reused in the order of the work. */
export interface GpuBuffer {
  readonly size: number;
  array: DeviceArray | null;
  /** Where the values lie on the shelf; -1: not there. */
  place: number;
  owners: number;
  /** The values as JavaScript gave them, until two runs have read them or one has replaced them. */
  host: Float32Array | null;
  /** Runs that have read them. */
  uses: number;
  known: KnownIntegers | null;
}

/**
 * The arrays of buffers. Results that nobody has read yet and batches that were read once give their arrays to what comes next:
 * a loop then finds the same arrays in every round, whatever it reads, and nothing new is made for it on the device.
 */
export class GpuArrays {
  /** How many there are. */
  alive = 0;
  /** Small results that have an array, or will have. */
  private results: GpuBuffer[] = [];
  /** Buffers with a copy in JavaScript. */
  private readonly uploads = new Set<GpuBuffer>();
  private readonly shelf: Shelf;

  constructor(
    private readonly device: Device,
    fetch: (array: DeviceArray, size: number) => Promise<Float32Array>,
  ) {
    this.shelf = new Shelf(device, fetch);
  }

  /** Somebody will want to read this buffer, sooner or later. */
  expect(buffer: GpuBuffer): void {
    if (Shelf.fits(buffer.size)) this.results.push(buffer);
  }

  of(buffer: GpuBuffer): DeviceArray {
    if (buffer.array === null) {
      buffer.array = this.device.allocate(Math.max(buffer.size, 1));
      this.alive++;
      if (buffer.place >= 0) {
        this.shelf.restore(buffer.place, buffer.array);
        this.results.push(buffer);
      }
      if (buffer.host !== null) this.device.write(buffer.array, buffer.host);
    }
    return buffer.array;
  }

  write(buffer: GpuBuffer, values: Float32Array): void {
    this.forget(buffer);
    // A batch that one run has read will hardly be read again: the next one gets its array.
    for (const upload of this.uploads) if (upload.size === buffer.size && upload.uses === 1) this.vacate(upload);
    this.device.write(this.of(buffer), values);
    buffer.host = values;
    buffer.uses = 0;
    this.uploads.add(buffer);
  }

  /** To be called before a run. What lasts gets its memory before what doesn't, which then finds the same in every run. */
  prepare(leaves: readonly GpuBuffer[], outputs: readonly GpuBuffer[]): void {
    this.setAside(leaves);
    for (const output of outputs) this.forget(output);
    for (const leaf of leaves) {
      if (leaf.host !== null || leaf.place >= 0) this.of(leaf);
      if (++leaf.uses > 1) this.forget(leaf);
    }
    const results = outputs.filter((output) => this.results.includes(output));
    for (const output of outputs) if (!results.includes(output)) this.of(output);
    for (const result of results) this.of(result);
  }

  free(buffer: GpuBuffer): void {
    this.forget(buffer);
    this.vacate(buffer);
    if (buffer.place >= 0) this.shelf.release(buffer.place);
    buffer.place = -1;
  }

  /** What lies on the shelf, which must not be freed before this is answered. */
  onShelf({ place, size }: GpuBuffer): Promise<Float32Array> {
    return this.shelf.read(place, size);
  }

  /** From now on the values are on the device alone. */
  private forget(buffer: GpuBuffer): void {
    buffer.host = null;
    this.uploads.delete(buffer);
  }

  private vacate(buffer: GpuBuffer): void {
    if (buffer.array === null) return;
    this.device.free(buffer.array);
    buffer.array = null;
    this.alive--;
  }

  /** Small results that were not read before the next run go to the shelf, and their arrays to that run. */
  private setAside(leaves: readonly GpuBuffer[]): void {
    this.results = this.results.filter((result) => {
      if (result.owners === 0) return false;
      if (result.array === null || leaves.includes(result)) return true;
      if (result.place < 0) result.place = this.shelf.put(result.array);
      if (result.place < 0) return true;
      this.vacate(result);
      return false;
    });
  }
}
