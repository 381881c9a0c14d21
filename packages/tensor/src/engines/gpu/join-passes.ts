import type { Limits } from "./devices/device.js";
import { mostStatements } from "./fused/storing.js";
import type { Pass, Place } from "./pass.js";

/** Kernel text of a fused kernel: its statements, in which all locals have numbers, and the local that it returns. */
const fusedText = /^function\([^)]*\)\{(.*)return (v\d+);\}(?:\/\*.*\*\/)?$/s;

const keyOf = ({ kind, index }: Place): string => `${kind} ${index}`;

/**
 * Neighbours with as many threads become one pass: a pass costs as much as thousands of additions. Those of one thread (totals,
 * and arithmetic on them) are even put off until somebody needs them, and meet others on the way. Every value is computed as
 * before.
 */
export function joinPasses(passes: readonly Pass[], limits: Limits): Pass[] {
  /** Passes that read a place and are not part of the one that fills it. */
  const readers = new Map<string, number>();
  for (const { inputs } of passes)
    for (const key of new Set(inputs.map(keyOf))) readers.set(key, (readers.get(key) ?? 0) + 1);
  const joined: Pass[] = [];
  let single: Pass | null = null;
  for (const pass of passes) {
    if (pass.size === 1 && isFused(pass)) {
      const both: Pass | null = single === null ? pass : join(single, pass, readers, limits);
      if (both === null) joined.push(single as Pass);
      single = both ?? pass;
      continue;
    }
    if (single !== null && depends(pass, single)) {
      joined.push(single);
      single = null;
    }
    const before = joined.at(-1);
    const both =
      before?.size === pass.size && isFused(before) && isFused(pass) ? join(before, pass, readers, limits) : null;
    if (both === null) joined.push(pass);
    else joined[joined.length - 1] = both;
  }
  return single === null ? joined : [...joined, single];
}

const isFused = ({ source }: Pass): boolean => source.product === undefined && fusedText.test(source.text);

/** Whether a pass must come after another: one of them fills what the other reads or fills. */
function depends(pass: Pass, before: Pass): boolean {
  const filled = new Set(before.outputs.map(keyOf));
  return pass.inputs.some((place) => filled.has(keyOf(place))) || fillsUsed(pass, before);
}

/** Whether a pass fills what another reads or fills. */
function fillsUsed({ outputs }: Pass, before: Pass): boolean {
  const used = new Set([...before.outputs, ...before.inputs].map(keyOf));
  return outputs.some((place) => used.has(keyOf(place)));
}

/** The statements of both; null where that is too much for one kernel. */
function join(first: Pass, second: Pass, readers: Map<string, number>, limits: Limits): Pass | null {
  if (fillsUsed(second, first)) return null;
  const [, head = "", start = ""] = fusedText.exec(first.source.text) ?? [];
  const [, tail = "", end = ""] = fusedText.exec(second.source.text) ?? [];
  /** The locals that hold what the first one fills. */
  const known = new Map(first.outputs.map((place, i) => [keyOf(place), [start, ...(first.source.results ?? [])][i]]));
  const from = 1 + Math.max(-1, ...Array.from(head.matchAll(/\bv(\d+)/g), ([, number]) => Number(number)));
  const local = (text: string): string => text.replace(/\bv(\d+)/g, (_, number) => `v${from + Number(number)}`);

  const own = first.size === 1 ? "0" : "this\\.thread\\.x";
  const inputs = [...first.inputs];
  const positions = new Map(inputs.map((place, i) => [keyOf(place), i]));
  const inside: string[] = [];
  let text = local(tail);
  // In two steps, as old and new names are alike.
  for (const [i, place] of second.inputs.entries()) {
    const key = keyOf(place);
    const value = known.get(key);
    if (value !== undefined) {
      if (new RegExp(`\\ba${i}\\[(?!${own}\\])`).test(text)) return null;
      inside.push(key);
      text = text.replaceAll(new RegExp(`\\ba${i}\\[${own}\\]`, "g"), value);
      continue;
    }
    const at = positions.get(key) ?? inputs.push(place) - 1;
    positions.set(key, at);
    text = text.replaceAll(new RegExp(`\\ba${i}\\[`, "g"), `new${at}[`);
  }
  const scalars = [...first.scalars];
  for (const [i, scalar] of second.scalars.entries()) {
    const found = scalars.indexOf(scalar);
    const at = found < 0 ? scalars.push(scalar) - 1 : found;
    text = text.replaceAll(new RegExp(`\\bs${i}\\b`, "g"), `scalar${at}`);
  }
  text = text.replaceAll(/\bnew(\d+)\[/g, "a$1[").replaceAll(/\bscalar(\d+)\b/g, "s$1");

  const left = new Map(readers);
  for (const key of inside) left.set(key, (left.get(key) as number) - 1);
  const filled = [
    // What only the second one has read needs no array.
    ...first.outputs
      .map((place) => ({ place, value: known.get(keyOf(place)) as string }))
      .filter(({ place }) => place.kind !== "temporary" || left.get(keyOf(place)) !== 0),
    ...second.outputs.map((place, i) => ({
      place,
      value: local([end, ...(second.source.results ?? [])][i] as string),
    })),
  ];
  const statements = head + text;
  if (
    inputs.length > limits.arrays ||
    filled.length > limits.results ||
    inputs.length + filled.length > limits.together ||
    statements.split(";").length > mostStatements
  )
    return null;
  for (const [key, count] of left) readers.set(key, count);
  const [value, ...results] = filled.map((each) => each.value);
  const names = [...inputs.map((_, i) => `a${i}`), ...scalars.map((_, i) => `s${i}`)];
  const also = results.length > 0 ? `/*${JSON.stringify({ results })}*/` : "";
  return {
    source: {
      text: `function(${names}){${statements}return ${value};}${also}`,
      arrays: inputs.length,
      scalars: scalars.length,
      ...(results.length > 0 && { results }),
    },
    size: first.size,
    outputs: filled.map(({ place }) => place),
    inputs,
    scalars,
  };
}
