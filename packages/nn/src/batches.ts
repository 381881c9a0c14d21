import type { NumericArray, Tensor } from "@downhill/tensor";
import { describe, permutation, tensor } from "@downhill/tensor";
import type { Batch, BatchStream, Data, Dataset, Rows } from "./data.js";
import { asTensor, readRows } from "./data.js";

/** A batch ready for the model. */
export interface TensorBatch {
  readonly inputs: Tensor;
  readonly targets: Tensor;
  /** Number of examples. */
  readonly count: number;
}

/** Where batches come from. */
export interface Source {
  /** Batches per epoch; undefined when the stream does not say. */
  readonly batches: number | undefined;
  /** The batches of one epoch. */
  epoch(shuffle: boolean): Iterable<TensorBatch> | AsyncIterable<TensorBatch>;
  /** What is odd about the data, for the error about a loss that is no number. */
  suspicions(): string[];
}

/** Examples in memory that have not been divided into batches. */
export interface Table {
  readonly inputs: Rows;
  readonly targets: Rows;
  /** Which examples; all, in order, when null. */
  readonly chosen: Int32Array | null;
}

/** Whether the data is examples in memory. */
export function isDataset(data: Data): data is Dataset {
  return typeof data === "object" && data !== null && "inputs" in data && "targets" in data;
}

/** Reads a data set and checks that inputs and targets belong together. */
export async function readTable(fn: string, data: Dataset): Promise<Table> {
  const inputs = await readRows(fn, "inputs", data.inputs);
  const targets = await readRows(fn, "targets", data.targets);
  if (inputs.count !== targets.count)
    throw new RangeError(`${fn}: "targets" expected ${inputs.count} examples like "inputs", got ${targets.count}`);
  return { inputs, targets, chosen: null };
}

/** Batches of any data. */
export async function sourceOf(fn: string, data: Data, batchSize: number): Promise<Source> {
  if (isDataset(data)) return tableSource(await readTable(fn, data), batchSize);
  const streams = typeof data === "function" || (typeof data === "object" && data !== null && isStream(data));
  if (streams) return streamSource(fn, data);
  throw new TypeError(
    `${fn}: "data" expected { inputs, targets } or an iterable of such batches, got ${describe(data)}`,
  );
}

/** Takes a share of the examples away for validation: at random, or the last ones when `shuffle` is false. */
export function split(fn: string, table: Table, share: number, shuffle: boolean): [rest: Table, taken: Table] {
  const { count } = table.inputs;
  const take = Math.round(count * share);
  if (!(share > 0 && share < 1) || take < 1 || take >= count)
    throw new RangeError(
      `${fn}: "validation" expected a share between 0 and 1 that leaves examples on both sides, got ${share} of ${count} examples`,
    );
  const order = shuffle ? permutation(count) : Int32Array.from({ length: count }, (_, i) => i);
  return [
    { ...table, chosen: order.subarray(0, count - take) },
    { ...table, chosen: order.subarray(count - take) },
  ];
}

/** Cuts examples in memory into batches; the last one may be smaller. */
export function tableSource({ inputs, targets, chosen }: Table, batchSize: number): Source {
  const count = chosen?.length ?? inputs.count;
  const cutInputs = cutter(inputs, Math.min(batchSize, count));
  const cutTargets = cutter(targets, Math.min(batchSize, count));
  return {
    batches: Math.ceil(count / batchSize),
    *epoch(shuffle) {
      let order = chosen;
      if (shuffle) {
        order = permutation(count);
        if (chosen !== null) for (let i = 0; i < count; i++) order[i] = chosen[order[i] as number] as number;
      }
      for (let start = 0; start < count; start += batchSize) {
        const end = Math.min(start + batchSize, count);
        yield { inputs: cutInputs(order, start, end), targets: cutTargets(order, start, end), count: end - start };
      }
    },
    suspicions: () => [...oddities("inputs", inputs.values), ...oddities("targets", targets.values)],
  };
}

/** Copies rows into a buffer that is used again for each batch: `tensor()` copies what it is given. */
function cutter({ values, shape, size, dtype }: Rows, batchSize: number) {
  const Kind = values.constructor as new (length: number) => NumericArray;
  let buffer: NumericArray | null = null;
  return (order: Int32Array | null, start: number, end: number): Tensor => {
    const extents = [end - start, ...shape];
    if (order === null) return tensor(values.subarray(start * size, end * size), { shape: extents, dtype });
    buffer ??= new Kind(batchSize * size);
    for (let i = start; i < end; i++) {
      const from = (order[i] as number) * size;
      if (size === 1) buffer[i - start] = values[from] as number;
      else buffer.set(values.subarray(from, from + size), (i - start) * size);
    }
    return tensor(buffer.subarray(0, (end - start) * size), { shape: extents, dtype });
  };
}

function isStream(data: object): boolean {
  return Symbol.iterator in data || Symbol.asyncIterator in data;
}

function streamSource(fn: string, data: BatchStream): Source {
  let epochs = 0;
  return {
    batches: undefined,
    async *epoch() {
      epochs++;
      const stream = typeof data === "function" ? data() : data;
      if (typeof stream !== "object" || stream === null || !isStream(stream))
        throw new TypeError(
          `${fn}: "data" expected a function that returns an iterable of batches, got ${describe(stream)}`,
        );
      let some = false;
      for await (const batch of stream) {
        some = true;
        yield checked(fn, batch);
      }
      if (!some)
        throw new RangeError(
          epochs === 1
            ? `${fn}: "data" expected at least one batch, got none`
            : `${fn}: "data" expected batches in epoch ${epochs}, got none; a generator runs once: pass the function that makes it`,
        );
    },
    suspicions: () => [],
  };
}

function checked(fn: string, batch: Batch): TensorBatch {
  if (typeof batch !== "object" || batch === null || !("inputs" in batch) || !("targets" in batch))
    throw new TypeError(`${fn}: "data" expected batches { inputs, targets }, got ${describe(batch)}`);
  const inputs = asTensor(fn, "inputs", batch.inputs);
  const targets = asTensor(fn, "targets", batch.targets);
  const count = inputs.shape[0] ?? 0;
  if (count === 0)
    throw new RangeError(
      `${fn}: "inputs" expected batches of at least one example, got shape [${inputs.shape.join(", ")}]`,
    );
  if (targets.shape[0] !== count)
    throw new RangeError(
      `${fn}: "targets" expected ${count} examples like the "inputs" of the batch, got shape [${targets.shape.join(", ")}]`,
    );
  return { inputs, targets, count };
}

function oddities(name: string, values: NumericArray): string[] {
  let [low, high, broken] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) {
      broken = i;
      break;
    }
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (broken >= 0) return [`"${name}" hold ${values[broken]} at position ${broken}: clean the data`];
  if (Math.max(-low, high) <= 10) return [];
  return [`"${name}" range from ${low} to ${high}: scale them to about -1 to 1`];
}
