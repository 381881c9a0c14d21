import type { Tensor } from "@downhill/tensor";
import { tensor } from "@downhill/tensor";

/** Known targets of a batch, checked. @internal */
export interface Alignment {
  readonly labels: ArrayLike<number>;
  /** Extent of the axis of the labels: those of example b begin at b * stride. */
  readonly stride: number;
  readonly inputLengths: ArrayLike<number>;
  readonly targetLengths: ArrayLike<number>;
  readonly blank: number;
}

/**
 * Where the states of two recursions find what they need. Row b reads example b forwards, row batch + b reads it backwards,
 * frames and labels both; they meet in the middle. State i of a row is the blank in front of its label i, then that label;
 * the last column is the blank at the end.
 *
 * Lengths are in the values, never in the shapes: one plan for all batches of a shape. A row with fewer frames than steps
 * waits in its first blank.
 *
 * @internal
 */
export interface Lattice {
  /** Frames that each of the two reads at most. */
  readonly steps: number;
  /** `[steps, rows, 1]` and `[steps, rows, width]`: places in the flat log-probabilities, behind which stand -1e30 and 0. */
  readonly blanks: Tensor;
  readonly labels: Tensor;
  /** `[rows, width]`: the label in front of each blank; the last column, which never has a label, where there is none. */
  readonly before: Tensor;
  /** `[rows, width]`: whether a label may follow the label in front of it without a blank. */
  readonly skip: Tensor;
  /** `[batch, width]`: the same blank and the same label in the row that runs the other way. */
  readonly sameBlank: Tensor;
  readonly sameLabel: Tensor;
}

/** The lattice of log-probabilities `[batch, frames, classes]`. @internal */
export function latticeOf(shape: readonly number[], alignment: Alignment): Lattice {
  const [batch, frames, classes] = shape as [number, number, number];
  const { stride, inputLengths, targetLengths, blank } = alignment;
  const [rows, width, steps] = [2 * batch, stride + 1, Math.ceil(frames / 2)];
  const [impossible, free] = [batch * frames * classes, batch * frames * classes + 1];
  const rowLabels = labelsOfRows(batch, width, alignment);
  const blanks = new Int32Array(steps * rows).fill(free);
  const labels = new Int32Array(steps * rows * width).fill(impossible);
  for (let row = 0; row < rows; row++) {
    const example = row % batch;
    const count = inputLengths[example] as number;
    const half = Math.ceil(count / 2);
    const own = row < batch ? half : count - half;
    for (let i = 0; i < own; i++) {
      const at = (steps - own + i) * rows + row;
      const frame = (example * frames + (row < batch ? i : count - 1 - i)) * classes;
      blanks[at] = frame + blank;
      for (let j = 0; j < (targetLengths[example] as number); j++)
        labels[at * width + j] = frame + (rowLabels[row * width + j] as number);
    }
  }
  const grid = { shape: [rows, width] };
  return {
    steps,
    blanks: tensor(blanks, { shape: [steps, rows, 1] }),
    labels: tensor(labels, { shape: [steps, rows, width] }),
    before: tensor(
      rowLabels.map((_, i) => (i % width === 0 ? width : i % width) - 1),
      grid,
    ),
    skip: tensor(
      rowLabels.map((label, i) => Number(i % width > 0 && label !== rowLabels[i - 1])),
      { ...grid, dtype: "bool" },
    ),
    ...meeting(batch, width, targetLengths),
  };
}

/** The labels in the order of each row, -1 behind the last. */
function labelsOfRows(batch: number, width: number, { labels, stride, targetLengths }: Alignment): Int32Array {
  const result = new Int32Array(2 * batch * width).fill(-1);
  for (let example = 0; example < batch; example++) {
    const count = targetLengths[example] as number;
    for (let i = 0; i < count; i++) {
      const label = labels[example * stride + i] as number;
      result[example * width + i] = label;
      result[(batch + example) * width + count - 1 - i] = label;
    }
  }
  return result;
}

function meeting(
  batch: number,
  width: number,
  targetLengths: ArrayLike<number>,
): Pick<Lattice, "sameBlank" | "sameLabel"> {
  const at = (offset: number): Tensor => {
    const places = new Int32Array(batch * width);
    for (let example = 0; example < batch; example++)
      for (let i = 0; i < width; i++) {
        const mirrored = (targetLengths[example] as number) - offset - i;
        // There is none behind the last label: the last column never has a label, and no path leads to those blanks.
        places[example * width + i] = (batch + example) * width + (mirrored < 0 ? width - 1 : mirrored);
      }
    return tensor(places, { shape: [batch, width] });
  };
  return { sameBlank: at(0), sameLabel: at(1) };
}
