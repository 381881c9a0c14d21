import type { KernelSource, Limits } from "./devices/device.js";
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
      const elements = source.product === undefined || outputs.length > 1 ? 0 : tiles(source.product);
      if (kind !== "temporary" || elements === 0) continue;
      inTiles.set(index, source.product?.n ?? 0);
      all[index] = elements;
    }
  const columns = ({ kind, index }: Place): number => (kind === "temporary" ? (inTiles.get(index) ?? 0) : 0);
  const kept = passes.map((pass) => {
    const inputs = pass.inputs.map(columns);
    const output = columns(pass.outputs[0] as Place) > 0;
    if (!output && inputs.every((count) => count === 0)) return pass;
    return { ...pass, source: withTiles(pass.source, { inputs, output }) };
  });
  return { passes: kept, sizes: all, inTiles: new Set(inTiles.keys()) };
}

/** Kernels are known by their text, so that it has to tell what is in tiles. */
function withTiles(source: KernelSource, tiles: NonNullable<KernelSource["tiles"]>): KernelSource {
  return { ...source, tiles, text: `${source.text}/*${JSON.stringify({ tiles })}*/` };
}
