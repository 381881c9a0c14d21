import type { Limits } from "./devices/device.js";
import { withFacts } from "./fused/kernel-text.js";
import type { Pass, Place } from "./pass.js";

/** Passes, the elements of their temporaries, and which of these keep a product in tiles. */
export interface Kept {
  readonly passes: readonly Pass[];
  readonly sizes: readonly number[];
  readonly inTiles: ReadonlySet<number>;
}

/** Leaves products in tiles that only passes of this program read, on devices where that saves a pass. */
export function keepTiles(passes: readonly Pass[], sizes: readonly number[], { tiles }: Limits): Kept {
  const inTiles = new Map<number, number>();
  const all = [...sizes];
  if (tiles !== undefined)
    for (const { source, outputs } of passes) {
      const [{ kind, index }] = outputs as [Place];
      if (kind !== "temporary" || outputs.length > 1 || source.product === undefined) continue;
      const elements = tiles(source.product);
      if (elements === 0) continue;
      inTiles.set(index, source.product.n);
      all[index] = elements;
    }
  for (const pass of passes)
    for (const { index, columns } of factorsOf(pass))
      if (inTiles.has(index) && inTiles.get(index) !== columns) {
        inTiles.delete(index);
        all[index] = sizes[index] as number;
      }
  const columns = ({ kind, index }: Place): number => (kind === "temporary" ? (inTiles.get(index) ?? 0) : 0);
  const kept = passes.map((pass) => {
    const inputs = pass.inputs.map(columns);
    const output = columns(pass.outputs[0] as Place) > 0;
    if (!output && inputs.every((count) => count === 0)) return pass;
    return { ...pass, source: withFacts(pass.source, { tiles: { inputs, output } }) };
  });
  return { passes: kept, sizes: all, inTiles: new Set(inTiles.keys()) };
}

/** The temporaries that a product takes as factors: the columns of each where it is one matrix, 0 where it is a batch of them. */
function factorsOf({ source: { product }, inputs }: Pass): { index: number; columns: number }[] {
  if (product === undefined) return [];
  const { batch, m, n, k, transposeA, transposeB, batchA, batchB } = product;
  const columns = [transposeA ? m : k, transposeB ? k : n];
  const batched = [batchA, batchB].map((each) => each && batch > 1);
  return inputs
    .slice(0, 2)
    .map(({ kind, index }, i) => ({ kind, index, columns: batched[i] ? 0 : (columns[i] as number) }))
    .filter(({ kind }) => kind === "temporary");
}
