import type { Layer, Tensor } from "@downhill/tensor";

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected a rejection, got none");
}

/** A layer of another making: no Module, only what the interface asks for. */
export class Recorder implements Layer {
  training = true;
  /** The flag at each call. */
  readonly seen: boolean[] = [];
  /** Rows at each call. */
  readonly rows: number[] = [];

  forward(x: Tensor): Tensor {
    this.seen.push(this.training);
    this.rows.push(x.shape[0] as number);
    return x;
  }
}

/** Points of a line, y = 2x + 1, for x from 0 up. */
export function line(count: number): { inputs: number[][]; targets: number[][] } {
  const x = Array.from({ length: count }, (_, i) => i / count);
  return { inputs: x.map((each) => [each]), targets: x.map((each) => [2 * each + 1]) };
}
