import type { ProgramWriter, Word } from "./program.js";

/** Structural opcodes of assembly/tape.ts. Three in a row: sum, max, min; three more: the same for int32. */
export const opcode = {
  store: 512,
  splat: 513,
  expandRow: 514,
  expandColumn: 515,
  rowSum: 516,
  pick: 522,
  place: 523,
  initialize: 524,
  accumulate: 525,
  columnAccumulate: 531,
  flush: 537,
  uniform: 539,
  multiplyAdd: 540,
  multiplySubtract: 541,
  subtractProduct: 542,
  twoProducts: 543,
  combine: 544,
  generated: 545,
  spill: 546,
} as const;

/** How many elements an instruction works on: all of the block, one per row, or one 64-byte line. */
export type Extent = "block" | "rows" | "line";
const extentCode: Readonly<Record<Extent, number>> = { block: 0, rows: 1, line: 2 };

/** A piece of scratch memory that holds a value between instructions; it gets its place when all uses are known. */
export interface Register {
  readonly bytes: number;
  /** Stays for the whole kernel. */
  readonly lasting: boolean;
  offset: number;
  /** The instruction that uses it last, as far as it is known. */
  lastUse: number;
}

/** Where an instruction finds an operand: a cell or a register, and how the address moves with row, column and loop. */
export interface Operand {
  readonly base: { readonly cell: Word } | { readonly register: Register };
  readonly rowStride: number;
  readonly columnStride: number;
  /** 64, or 0 for 64 bytes that hold one value. */
  readonly step: number;
}

export interface Instruction {
  readonly opcode: number;
  readonly extent: Extent;
  readonly target: Operand;
  readonly sources: readonly Operand[];
  readonly aux?: number;
  readonly aux2?: number;
}

/** Gives registers their offsets from `start` on: those whose last use has passed are used again. Returns the end. */
export function placeRegisters(instructions: readonly Instruction[], start: number): number {
  const use = ({ base }: Operand, i: number): void => {
    if ("register" in base) base.register.lastUse = i;
  };
  for (let i = 0; i < instructions.length; i++) {
    const { target, sources } = instructions[i] as Instruction;
    use(target, i);
    for (const source of sources) use(source, i);
  }
  const free = new Map<number, number[]>();
  let end = start;
  const take = ({ base }: Operand): void => {
    if (!("register" in base) || base.register.offset >= 0) return;
    const { register } = base;
    const reused = register.lasting ? undefined : free.get(register.bytes)?.pop();
    register.offset = reused ?? end;
    if (reused === undefined) end += register.bytes;
  };
  const leave = ({ base }: Operand, i: number): void => {
    if (!("register" in base) || base.register.lasting || base.register.lastUse !== i) return;
    const { register } = base;
    register.lastUse = -1;
    const list = free.get(register.bytes);
    if (list === undefined) free.set(register.bytes, [register.offset]);
    else list.push(register.offset);
  };
  for (let i = 0; i < instructions.length; i++) {
    const { target, sources } = instructions[i] as Instruction;
    take(target);
    for (const source of sources) take(source);
    leave(target, i);
    for (const source of sources) leave(source, i);
  }
  return end;
}

const wordsOf = ({ opcode: code, sources }: Instruction): number =>
  code === opcode.generated ? 8 + 4 * sources.length : 24;

/** Writes instructions one after the other; points `header` to them and puts their bytes before it. */
function writeInstructions(writer: ProgramWriter, header: Word, instructions: readonly Instruction[]): void {
  const words = instructions.reduce((sum, instruction) => sum + wordsOf(instruction), 0);
  let at = writer.reserve(words);
  writer.put(header - 1, words * 4);
  writer.point(header, at);
  for (const instruction of instructions) {
    const { target, sources } = instruction;
    writer.put(at, instruction.opcode, extentCode[instruction.extent], instruction.aux ?? 0, instruction.aux2 ?? 0);
    writeOperand(writer, at + 4, target);
    for (let k = 0; k < sources.length; k++) writeOperand(writer, at + 8 + k * 4, sources[k] as Operand);
    at += wordsOf(instruction);
  }
}

function writeOperand(writer: ProgramWriter, at: Word, { base, rowStride, columnStride, step }: Operand): void {
  writer.point(at, "cell" in base ? base.cell : writer.scratchCell(base.register.offset));
  writer.put(at + 1, rowStride, columnStride, step);
}

/** A loop over `rows x columns` in blocks. */
export interface Loop {
  readonly rows: number;
  readonly columns: number;
  readonly blockRows: number;
  readonly columnChunk: number;
  readonly prologue: readonly Instruction[];
  readonly body: readonly Instruction[];
  /** After the last row, over all columns. */
  readonly epilogue?: readonly Instruction[];
  /** Rows between two runs of the matmul stage, and its block. */
  readonly matmul?: { readonly chunkRows: number; readonly block: Word } | undefined;
  /** Accumulators that every part leaves behind: where they begin, their bytes, and the cell of the copies. */
  readonly kept?: { readonly from: number; readonly bytes: number; readonly copies: Word; readonly partRows: number };
}

/** Writes a loop; gives the position of its header. */
export function writeLoop(writer: ProgramWriter, loop: Loop): Word {
  const header = writer.reserve(16);
  writer.put(header, loop.rows, loop.columns, loop.blockRows, loop.columnChunk);
  writeInstructions(writer, header + 5, loop.prologue);
  writeInstructions(writer, header + 7, loop.body);
  writeInstructions(writer, header + 15, loop.epilogue ?? []);
  if (loop.matmul !== undefined) {
    writer.put(header + 8, loop.matmul.chunkRows);
    writer.point(header + 9, loop.matmul.block);
  }
  if (loop.kept !== undefined) {
    writer.put(header + 10, loop.kept.bytes);
    writer.point(header + 11, writer.scratchCell(loop.kept.from));
    writer.point(header + 12, loop.kept.copies);
    writer.put(header + 13, loop.kept.partRows);
  }
  return header;
}
