// Random training programs against an eager oracle. Every value is computed twice: lazily by the engine, and at once here,
// in plain arrays with derivatives along. What the program may still read is known from the versions that it was built on:
// such a read must be right; a later one must be right or a clear error. Never stale.
import type { Parameter, Tensor } from "@downhill/tensor";
import { assignAll, parameter, state, tensor } from "@downhill/tensor";
import fc from "fast-check";
import { step, zeroGrad } from "./descent.js";
import type { Item, Known } from "./random-program-form.js";
import { constant, formOf, trainable, width } from "./random-program-form.js";
import { agrees, draw } from "./support.js";

const cells = trainable + 1; // the last one is state: it has no gradient

type Action = { readonly kind: string; readonly a: number; readonly b: number; readonly choice: number };
const kinds: readonly { readonly weight: number; readonly kind: string }[] = [
  { weight: 10, kind: "build" },
  { weight: 4, kind: "read" },
  { weight: 3, kind: "backward" },
  { weight: 3, kind: "step" },
  { weight: 2, kind: "zeroGrad" },
  { weight: 2, kind: "assign" },
  { weight: 1, kind: "exchange" },
  { weight: 1, kind: "readGrad" },
  { weight: 1, kind: "total" },
];

/** Draws programs. */
export const programs: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.record({
    kind: fc.oneof(...kinds.map(({ weight, kind }) => ({ weight, arbitrary: fc.constant(kind) }))),
    a: fc.nat(7),
    b: fc.nat(7),
    choice: fc.nat(63),
  }),
  { minLength: 1, maxLength: 60, size: "max" },
);

/** Runs a program and checks every read; returns how many reads were right and how many were errors. */
export function runProgram(actions: readonly Action[]): { right: number; errors: number } {
  const values = Array.from({ length: cells }, (_, i) => draw(width, -1, 1, i + 1));
  const params = values.map((value, i) =>
    i < trainable ? parameter(value, { name: `p${i}` }) : state(value, { name: `p${i}` }),
  );
  const versions = new Array<number>(cells).fill(0);
  const gradients: { state: "none" | "ready" | "used"; values: number[] }[] = params.map(() => ({
    state: "none",
    values: [],
  }));
  let pending = null as { item: Item; cells: Set<number> } | null;
  let items: Item[] = [];
  const log: string[] = [];
  let [right, errors, count] = [0, 0, 0];

  const fail = (what: string): never => {
    throw new Error(`${what}\nafter\n${log.join("\n")}`);
  };
  const close = (actual: ArrayLike<number>, expected: readonly number[]): boolean =>
    expected.every((value, i) => agrees(actual[i] as number, value, { relative: 1e-4, absolute: 1e-5 }));
  const readable = (item: Item): boolean =>
    item.done || [...item.reads].every(([cell, version]) => version >= (versions[cell] as number) - 1);
  const current = (all: Map<number, number>): boolean =>
    [...all].every(([cell, version]) => version === versions[cell]);
  /** The graph of an item that was evaluated for good: what reads it needs nothing below it. */
  const needs = (item: Item): Map<number, number> => (item.done ? new Map() : item.reads);

  const leaf = (cell: number): Item => ({
    x: params[cell] as Parameter,
    text: `p${cell}`,
    values: values[cell] as number[],
    slopes: constant().map((row, i) => row.map((_, j) => Number(cell < trainable && j === cell * width + i))),
    reads: new Map([[cell, versions[cell] as number]]),
    touches: new Map([[cell, versions[cell] as number]]),
    tracks: new Map(cell < trainable ? [[cell, versions[cell] as number]] : []),
    below: new Set(),
    done: false,
    cut: false,
  });
  /** The value of an action's argument: a cell as it is now, or something built before. */
  const pickItem = (index: number): Item =>
    index < cells || items.length === 0
      ? leaf(index % cells)
      : (items[items.length - 1 - ((index - cells) % items.length)] as Item);
  const merge = (parts: readonly Item[], of: (item: Item) => Map<number, number>): Map<number, number> => {
    const all = new Map<number, number>();
    for (const part of parts)
      for (const [cell, version] of of(part)) all.set(cell, Math.min(version, all.get(cell) ?? version));
    return all;
  };
  const make = (text: string, parts: readonly Item[], f: () => Tensor, known: Known, tracked = true): Item | null => {
    const possible = parts.every(readable);
    let x: Tensor;
    try {
      x = f();
    } catch (error) {
      if (possible || !(error as Error).message.includes("can't be read")) throw error;
      errors++;
      return null;
    }
    const item: Item = {
      ...known,
      x,
      text: `t${count}`,
      reads: merge(parts, needs),
      touches: merge(parts, (part) => part.touches),
      tracks: tracked ? merge(parts, (part) => part.tracks) : new Map(),
      below: new Set(parts.flatMap((part) => [part, ...part.below])),
      done: false,
      cut: false,
    };
    log.push(`t${count++} = ${text}`);
    items = [...items.slice(-11), item];
    return item;
  };
  const build = (p: Item, q: Item, choice: number): Item | null => {
    const { text, parts, make: f, known, tracked } = formOf(p, q, choice);
    return make(text, parts, f, known, tracked);
  };
  const flushed = (): void => {
    if (pending !== null) pending.item.done = true;
  };
  /** What a write to cells does to the model. */
  const written = (targets: ReadonlyMap<number, readonly number[]>): void => {
    if (pending !== null) {
      pending.item.done = true;
      pending.item.cut = true;
      pending = null;
    }
    for (const [cell, value] of targets) {
      values[cell] = [...value];
      versions[cell] = (versions[cell] as number) + 1;
    }
  };
  const read = (item: Item): void => {
    const must = readable(item);
    let data: ArrayLike<number>;
    try {
      data = item.x.dataSync();
    } catch (error) {
      if (must || !(error as Error).message.includes("can't be read"))
        fail(`reading ${item.text}: ${(error as Error).message}`);
      errors++;
      return;
    }
    if (!close(data, item.values)) fail(`reading ${item.text}: expected ${item.values}, got ${Array.from(data)}`);
    right++;
    item.done = true;
    if (pending?.item === item) flushed();
  };
  const backward = (item: Item): void => {
    // A scalar from the item: sum(item² / 2), whose derivative is the item.
    const loss = make(`sum(${item.text}²) / 2`, [item], () => item.x.mul(item.x).sum().mul(0.5), {
      values: [item.values.reduce((s, v) => s + v * v, 0) / 2],
      slopes: [
        constant()[0]?.map((_, j) =>
          item.slopes.reduce((s, row, i) => s + (row[j] as number) * (item.values[i] as number), 0),
        ) as number[],
      ],
    });
    if (loss === null) return;
    items = items.filter((each) => each !== loss);
    const reached = [...loss.tracks.keys()];
    const used = reached.some((cell) => gradients[cell]?.state === "used");
    const may = reached.length > 0 && !used && current(loss.touches) && ![...loss.below].some((each) => each.cut);
    log.push(`backward(${loss.text})`);
    try {
      loss.x.backward();
    } catch (error) {
      if (
        may ||
        !/depends on no parameter|already used by a step|gradient is gone|can't be (read|computed)/.test(
          (error as Error).message,
        )
      )
        fail(`backward: ${(error as Error).message}`);
      errors++;
      // The pass before was finished before this one was refused.
      if ((error as Error).message.includes("already used")) flushed();
      return;
    }
    if (used || !current(loss.tracks)) fail("backward: expected an error, got none");
    flushed();
    pending = { item: loss, cells: new Set(reached) };
    for (const cell of reached) {
      const gradient = gradients[cell] as (typeof gradients)[number];
      const more = (loss.slopes[0] as number[]).slice(cell * width, (cell + 1) * width);
      gradients[cell] = {
        state: "ready",
        values: gradient.state === "ready" ? more.map((v, i) => v + (gradient.values[i] as number)) : more,
      };
    }
    items.push(loss);
  };

  for (const { kind, a, b, choice } of actions) {
    const [p, q] = [pickItem(a), pickItem(b)];
    switch (kind) {
      case "build":
        if (p.values.length === width && q.values.length === width) build(p, q, choice);
        break;
      case "total":
        if (items.length > 0 && p.values.length === width) {
          const last = items[0] as Item;
          if (last.values.length === width) build(last, p, 0);
        }
        break;
      case "read":
        log.push(`read ${p.text}`);
        read(p);
        break;
      case "backward":
        if (p.values.length === width && p.values.every((v) => Math.abs(v) < 100)) backward(p);
        break;
      case "step": {
        const set = [0, 1, 2].filter((cell) => (choice >> cell) & 1 && gradients[cell]?.state === "ready");
        log.push(`step ${set}`);
        void step(
          set.map((cell) => params[cell] as Parameter),
          0.05,
        );
        if (set.length === 0 && pending === null) break;
        const targets = set.map(
          (cell) =>
            [
              cell,
              (values[cell] as number[]).map((v, i) => v - 0.05 * (gradients[cell]?.values[i] as number)),
            ] as const,
        );
        written(new Map(targets));
        for (const cell of set) gradients[cell] = { state: "used", values: [] };
        break;
      }
      case "zeroGrad": {
        const set = [0, 1, 2].filter((cell) => (choice >> cell) & 1);
        log.push(`zeroGrad ${set}`);
        zeroGrad(set.map((cell) => params[cell] as Parameter));
        for (const cell of set) {
          gradients[cell] = { state: "none", values: [] };
          pending?.cells.delete(cell);
        }
        if (pending?.cells.size === 0) pending = null;
        break;
      }
      case "assign": {
        const cell = choice % cells;
        if (p.values.length !== width) break;
        log.push(`p${cell} = tanh(${p.text})`);
        const possible = readable(p);
        try {
          (params[cell] as Parameter).assign(p.x.tanh());
        } catch (error) {
          if (possible || !(error as Error).message.includes("can't be read")) throw error;
          errors++;
          break;
        }
        written(new Map([[cell, p.values.map(Math.tanh)]]));
        break;
      }
      case "exchange": {
        const [i, j] = [choice % cells, (choice + 1 + (choice % 3)) % cells];
        if (i === j) break;
        log.push(`p${i}, p${j} = p${j}, p${i}`);
        void assignAll([
          [params[i] as Parameter, (params[j] as Parameter).detach()],
          [params[j] as Parameter, (params[i] as Parameter).detach()],
        ]);
        written(
          new Map([
            [i, values[j] as number[]],
            [j, values[i] as number[]],
          ]),
        );
        break;
      }
      default: {
        const cell = choice % trainable;
        const gradient = gradients[cell] as (typeof gradients)[number];
        if (gradient.state !== "ready") break;
        log.push(`read p${cell}.grad`);
        const data = (params[cell] as Parameter).grad?.dataSync() as ArrayLike<number>;
        if (!close(data, gradient.values)) fail(`p${cell}.grad: expected ${gradient.values}, got ${Array.from(data)}`);
        right++;
        if (pending?.cells.has(cell)) flushed();
      }
    }
  }
  log.push("read everything");
  params.forEach((each, i) => {
    if (!close(each.dataSync(), values[i] as number[]))
      fail(`p${i}: expected ${values[i]}, got ${Array.from(each.dataSync())}`);
  });
  for (const item of items) read(item);
  // The engine must be in order afterwards.
  if (tensor([1]).add(1).itemSync() !== 2) fail("the engine is broken");
  return { right, errors };
}
