import type { Limits } from "./devices/device.js";
import { kernelSource } from "./fused/kernel-text.js";
import { mostStatements } from "./fused/storing.js";
import type { Pass, Place } from "./pass.js";

/** Kernel text of a fused kernel: its statements, in which all locals have numbers, and the local that it returns. */
const fusedText = /^function\([^)]*\)\{(.*)return (v\d+);\}(?:\/\*.*\*\/)?$/s;

/** What tells places apart. */
export const keyOf = ({ kind, index }: Place): string => `${kind} ${index}`;

/** A pass of a fused kernel, taken apart. */
export interface Piece {
  readonly pass: Pass;
  readonly statements: string;
  /** The local that holds each output. */
  readonly values: readonly string[];
  /** Of each input, whether a thread reads its own element alone. */
  readonly own: readonly boolean[];
  readonly cost: number;
}

/** What a pass is made of; null where it can't be one with others: a product that a device may compute in tiles, an own kernel. */
export function pieceOf(pass: Pass): Piece | null {
  const { source, size, inputs } = pass;
  const [, statements, value] = fusedText.exec(source.text) ?? [];
  if (statements === undefined || value === undefined || source.product !== undefined) return null;
  const values = [value, ...(source.results ?? [])];
  const others = new Set<number>();
  for (const [, number, index] of statements.matchAll(reading))
    if (index !== ownIndex(size)) others.add(Number(number));
  const own = inputs.map((_, i) => !others.has(i));
  return { pass, statements, values, own, cost: statements.split(";").length };
}

/** An array of a kernel and the index at which it is read. */
const reading = /\ba(\d+)\[([^\]]*)\]/g;
/** The index of a thread's own element, in a pass of so many. */
const ownIndex = (size: number): string => (size === 1 ? "0" : "this.thread.x");

/** What several pieces become together. */
interface Parts {
  readonly pieces: readonly Piece[];
  readonly inputs: ReadonlyMap<string, Place>;
  /** What they fill that others read, by the piece. */
  readonly outputs: ReadonlyMap<string, Piece>;
}

/**
 * Pieces that run as one pass, each in as many threads as it has elements. One that reads what another has just computed for
 * the same thread takes it from there.
 */
export class JointPass {
  private parts: Parts;

  constructor(
    first: Piece,
    private readonly limits: Limits,
    /** The passes that read a place. */
    private readonly readers: ReadonlyMap<string, ReadonlySet<Pass>>,
  ) {
    const named = (places: readonly Place[]) => new Map(places.map((place) => [keyOf(place), place]));
    const outputs = new Map(first.pass.outputs.map((place) => [keyOf(place), first]));
    this.parts = { pieces: [first], inputs: named(first.pass.inputs), outputs };
  }

  /** Threads. */
  get size(): number {
    return Math.max(...this.parts.pieces.map(({ pass }) => pass.size));
  }

  /** Takes one more piece, if there is room for it. */
  add(piece: Piece): boolean {
    const parts = this.with(piece);
    const { limits } = this;
    if (parts === null) return false;
    const { pieces, inputs, outputs } = parts;
    const fits =
      inputs.size <= limits.arrays &&
      outputs.size <= limits.results &&
      inputs.size + outputs.size <= limits.together &&
      pieces.reduce((sum, { cost }) => sum + cost, 0) <= mostStatements &&
      (limits.mixed || canGrow(parts));
    if (fits) this.parts = parts;
    return fits;
  }

  private with(piece: Piece): Parts | null {
    const { pieces, inputs, outputs } = this.parts;
    const { pass, own } = piece;
    const filled = new Map(pieces.flatMap((each) => each.pass.outputs.map((place) => [keyOf(place), each] as const)));
    const all = new Map(inputs);
    for (const [i, place] of pass.inputs.entries()) {
      const key = keyOf(place);
      const source = filled.get(key);
      if (source === undefined) all.set(key, place);
      else if (!own[i] || source.pass.size !== pass.size) return null;
    }
    for (const key of pass.outputs.map(keyOf)) if (filled.has(key) || inputs.has(key)) return null;
    const together = [...pieces, piece];
    const inside = new Set(together.map((each) => each.pass));
    const wanted = new Map(outputs);
    for (const each of together)
      for (const place of each.pass.outputs) {
        const key = keyOf(place);
        // What only these read needs no array.
        const outside = place.kind !== "temporary" || [...(this.readers.get(key) ?? [])].some((by) => !inside.has(by));
        if (outside) wanted.set(key, each);
        else wanted.delete(key);
      }
    return wanted.size === 0 ? null : { pieces: together, inputs: all, outputs: wanted };
  }

  /** The pass of all pieces. */
  finish(): Pass {
    const { pieces, inputs, outputs } = this.parts;
    const [{ pass }] = pieces as [Piece];
    return pieces.length === 1 ? pass : new JointText(this.size, inputs, outputs).of(pieces);
  }
}

/** Whether arrays may be made larger until all that are filled have one size: those that a program has for itself. */
function canGrow({ pieces, outputs }: Parts): boolean {
  const size = Math.max(...pieces.map(({ pass }) => pass.size));
  return [...outputs].every(([key, { pass }]) => pass.size === size || key.startsWith("temporary"));
}

/** The text of several pieces in one: those of fewer threads than the pass has stand behind a question. */
class JointText {
  private readonly keys: readonly string[];
  private readonly scalars: number[] = [];
  /** Outputs, how many elements each has, and the local with its value. */
  private readonly filled: { place: Place; extent: number; value: string }[] = [];
  /** The locals that hold what pieces fill. */
  private readonly known = new Map<string, string>();
  private names = 0;

  constructor(
    private readonly size: number,
    private readonly inputs: ReadonlyMap<string, Place>,
    private readonly outputs: ReadonlyMap<string, Piece>,
  ) {
    this.keys = [...inputs.keys()];
  }

  of(pieces: readonly Piece[]): Pass {
    const { filled, size, inputs, keys, scalars } = this;
    // The largest first: an output without a size of its own has that of the pass.
    const extents = [...new Set(pieces.map(({ pass }) => pass.size))].sort((a, b) => b - a);
    const parts = extents.map((extent) => pieces.filter(({ pass }) => pass.size === extent));
    const statements = parts.map((part, i) => this.part(extents[i] as number, part)).join("");
    const values = filled.map(({ value }) => value);
    const facts = extents.length > 1 ? { extents: filled.map(({ extent }) => extent) } : {};
    return {
      source: kernelSource(statements, values, keys.length, scalars.length, facts),
      size,
      outputs: filled.map(({ place }) => place),
      inputs: [...inputs.values()],
      scalars,
    };
  }

  /** The statements of all pieces with so many threads. */
  private part(extent: number, pieces: readonly Piece[]): string {
    const statements = pieces.map((piece) => this.statements(piece)).join("");
    const results = pieces
      .flatMap(({ pass }) => pass.outputs)
      .filter((place) => this.outputs.has(keyOf(place)))
      .map((place) => ({ place, inside: this.known.get(keyOf(place)) as string }));
    if (extent === this.size) {
      for (const { place, inside } of results) this.filled.push({ place, extent, value: inside });
      return statements;
    }
    const locals = results.map(() => `v${this.names++}`);
    results.forEach(({ place }, i) => {
      this.filled.push({ place, extent, value: locals[i] as string });
    });
    const declared = locals.map((local) => `let ${local}=0.0;`).join("");
    const told = results.map(({ inside }, i) => `${locals[i]}=${inside};`).join("");
    return `${declared}if(this.thread.x<${extent}){${statements}${told}}`;
  }

  /** The statements of a piece among those of others: its locals, arrays and scalars by their names here. */
  private statements({ pass, statements, values }: Piece): string {
    const { known, scalars } = this;
    const from = this.names;
    let last = -1;
    const local = (text: string): string =>
      text.replace(/\bv(\d+)/g, (_, number) => {
        last = Math.max(last, Number(number));
        return `v${from + Number(number)}`;
      });
    const text = local(statements)
      .replace(reading, (_, number, index) => {
        const key = keyOf(pass.inputs[Number(number)] as Place);
        return known.get(key) ?? `a${this.keys.indexOf(key)}[${index}]`;
      })
      .replace(/\bs(\d+)\b/g, (_, number) => {
        const scalar = pass.scalars[Number(number)] as number;
        const position = scalars.indexOf(scalar);
        return `s${position < 0 ? scalars.push(scalar) - 1 : position}`;
      });
    pass.outputs.forEach((place, i) => {
      known.set(keyOf(place), local(values[i] as string));
    });
    this.names = from + last + 1;
    return text;
  }
}
