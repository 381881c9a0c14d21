import type { Kept } from "./keep-tiles.js";
import type { PassProgram, Place } from "./pass.js";

/** Gives temporaries that are not needed at the same time one array where they have the same size and form. */
export function shareTemporaries({ passes, sizes, inTiles }: Kept): PassProgram {
  const last = new Map<number, number>();
  passes.forEach(({ outputs, inputs }, i) => {
    for (const place of [...outputs, ...inputs]) if (place.kind === "temporary") last.set(place.index, i);
  });
  const temporaries: number[] = [];
  const tiled = new Set<number>();
  const free = new Map<string, number[]>();
  const given = new Map<number, number>();
  const kindOf = (index: number): string => `${sizes[index]}${inTiles.has(index) ? " in tiles" : ""}`;
  const take = (index: number): number => {
    const found = free.get(kindOf(index))?.pop();
    if (found !== undefined) return found;
    const taken = temporaries.push(sizes[index] as number) - 1;
    if (inTiles.has(index)) tiled.add(taken);
    return taken;
  };
  const moved = (place: Place): Place =>
    place.kind === "temporary" ? { kind: "temporary", index: given.get(place.index) as number } : place;
  const shared = passes.map((pass, i) => {
    const { outputs, inputs } = pass;
    // The outputs first: they are none of the inputs, not even of those that end here.
    for (const { kind, index } of outputs) if (kind === "temporary" && !given.has(index)) given.set(index, take(index));
    const result = { ...pass, outputs: outputs.map(moved), inputs: inputs.map(moved) };
    for (const place of new Set([...outputs, ...inputs].map((each) => (each.kind === "temporary" ? each.index : -1)))) {
      if (place < 0 || last.get(place) !== i) continue;
      const kind = kindOf(place);
      free.set(kind, [...(free.get(kind) ?? []), given.get(place) as number]);
    }
    return result;
  });
  return { passes: shared, temporaries, inTiles: tiled };
}
