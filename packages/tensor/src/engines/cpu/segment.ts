import type { Instruction, Operand } from "./instructions.js";
import { opcode } from "./instructions.js";
import { isLight } from "./segment-code.js";

/** What a step of a segment reads: the value of an earlier step, or (from -1 downwards) operand 0, 1, ... */
export type SegmentSource = number;

export interface SegmentStep {
  readonly opcode: number;
  readonly sources: readonly SegmentSource[];
  /** The operand to write to; -1 for a value that only later steps read. */
  readonly target: number;
}

/** How a segment reads an operand: 16 elements per turn, one value that fills 16, or one value that it has to spread. */
export type OperandKind = "line" | "filled" | "single";

/** Instructions over one block as one loop, in which values stay in registers. */
export interface Segment {
  /** What they are on the tape. */
  readonly instructions: readonly Instruction[];
  readonly steps: readonly SegmentStep[];
  readonly operands: readonly { readonly place: Operand; readonly kind: OperandKind }[];
}

/** Instructions between two segments, and segments. */
export type Piece = Instruction | Segment;

/**
 * Cuts a list of instructions into segments and the instructions between them. A segment is a run of cheap elementwise
 * instructions over the whole block, of sums of blocks, of sums of rows where a block is one row, and of exact copies.
 */
export function segmentsOf(list: readonly Instruction[], oneRow: boolean): Piece[] {
  const pieces: Piece[] = [];
  for (let i = 0; i < list.length; ) {
    const end = endOfRun(list, i, oneRow);
    if (end - i < 2) {
      pieces.push(list[i++] as Instruction);
      continue;
    }
    const others = [...list.slice(0, i), ...list.slice(end)];
    const run = list.slice(i, end);
    // A value spread over a line is a part of the segment unless someone else needs it too.
    const before = run.filter(
      (instruction) => instruction.opcode === opcode.splat && isKept(instruction.target, others),
    );
    const inside = run.filter((instruction) => !before.includes(instruction));
    pieces.push(...before, segmentOf(inside, others));
    i = end;
  }
  return pieces;
}

/**
 * A run ends where an instruction has no place in a segment, or needs a sum that is complete only after the block, or
 * spreads a value that is made in the block.
 */
function endOfRun(list: readonly Instruction[], start: number, oneRow: boolean): number {
  const made = new Set<unknown>();
  const sums = new Set<unknown>();
  for (let i = start; i < list.length; i++) {
    const instruction = list[i] as Instruction;
    const late = instruction.opcode === opcode.splat ? made : sums;
    if (!belongs(instruction, oneRow) || instruction.sources.some((place) => late.has(identity(place)))) return i;
    made.add(identity(instruction.target));
    if (isSum(instruction.opcode)) sums.add(identity(instruction.target));
  }
  return list.length;
}

function belongs({ opcode: code, extent }: Instruction, oneRow: boolean): boolean {
  if (extent === "line") return code === opcode.splat;
  if (extent === "rows") return false;
  return code === opcode.store || code === opcode.accumulate || (code === opcode.rowSum && oneRow) || isLight(code);
}

function segmentOf(instructions: readonly Instruction[], others: readonly Instruction[]): Segment {
  const operands: { place: Operand; kind: OperandKind }[] = [];
  const operand = (place: Operand, kind: OperandKind): number => {
    const known = operands.findIndex((other) => other.kind === kind && samePlace(other.place, place));
    return known >= 0 ? known : operands.push({ place, kind }) - 1;
  };
  const steps: SegmentStep[] = [];
  /** The source that stands for a value made in this run. */
  const made = new Map<unknown, SegmentSource>();
  const source = (place: Operand): SegmentSource =>
    made.get(identity(place)) ?? -1 - operand(place, place.step === 0 ? "filled" : "line");
  for (const { opcode: code, target, sources } of instructions) {
    if (code === opcode.splat) {
      made.set(identity(target), -1 - operand(sources[0] as Operand, "single"));
      continue;
    }
    const inputs = sources.map(source);
    const sum = isSum(code);
    steps.push({
      opcode: code,
      sources: inputs,
      target: sum || isKept(target, others) ? operand(target, sum ? "filled" : "line") : -1,
    });
    if (!sum) made.set(identity(target), steps.length - 1);
  }
  return { instructions, steps, operands };
}

const isSum = (code: number): boolean => code === opcode.accumulate || code === opcode.rowSum;

/** Whether a result must be in memory: it is part of a buffer, or someone outside the segment reads it. */
function isKept({ base }: Operand, others: readonly Instruction[]): boolean {
  if ("cell" in base || base.register.lasting) return true;
  const reads = (place: Operand): boolean => "register" in place.base && place.base.register === base.register;
  return others.some(({ sources }) => sources.some(reads));
}

const identity = ({ base }: Operand): unknown => ("cell" in base ? base.cell : base.register);

const samePlace = (x: Operand, y: Operand): boolean =>
  identity(x) === identity(y) && x.rowStride === y.rowStride && x.columnStride === y.columnStride;
