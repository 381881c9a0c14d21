import type { Pass, PassProgram, Place } from "./pass.js";

/** Gives temporaries that are not needed at the same time one array where they have the same size. */
export function shareTemporaries(passes: readonly Pass[], sizes: readonly number[]): PassProgram {
  const last = new Map<number, number>();
  passes.forEach(({ outputs, inputs }, i) => {
    for (const place of [...outputs, ...inputs]) if (place.kind === "temporary") last.set(place.index, i);
  });
  const temporaries: number[] = [];
  const free = new Map<number, number[]>();
  const given = new Map<number, number>();
  const take = (size: number): number => free.get(size)?.pop() ?? temporaries.push(size) - 1;
  const moved = (place: Place): Place =>
    place.kind === "temporary" ? { kind: "temporary", index: given.get(place.index) as number } : place;
  const shared = passes.map((pass, i) => {
    const { outputs, inputs } = pass;
    // The outputs first: they are none of the inputs, not even of those that end here.
    for (const { kind, index } of outputs)
      if (kind === "temporary" && !given.has(index)) given.set(index, take(sizes[index] as number));
    const result = { ...pass, outputs: outputs.map(moved), inputs: inputs.map(moved) };
    for (const place of new Set([...outputs, ...inputs].map((each) => (each.kind === "temporary" ? each.index : -1)))) {
      if (place < 0 || last.get(place) !== i) continue;
      const size = sizes[place] as number;
      free.set(size, [...(free.get(size) ?? []), given.get(place) as number]);
    }
    return result;
  });
  return { passes: shared, temporaries };
}
