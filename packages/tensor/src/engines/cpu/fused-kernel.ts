import { accessOf } from "../../plan/access.js";
import { addsRows, Role } from "../../plan/classify.js";
import type { FusedKernel } from "../../plan/fuse.js";
import { isStored } from "../../plan/memory.js";
import type { PlanNode } from "../../plan/plan.js";
import { isNumber } from "../../plan/plan.js";
import type { Shape } from "../../shape.js";
import { Accumulators, clearing, variant } from "./accumulators.js";
import { absorbedProducts, addOpcode, copyOpcode, elementwiseInstruction } from "./elementwise-instruction.js";
import { savingOf, withFunctions } from "./generate.js";
import type { Cut } from "./grid.js";
import { blockElements, cutOf } from "./grid.js";
import type { Extent, Instruction, Loop, Operand, Register } from "./instructions.js";
import { opcode, placeRegisters, writeLoop } from "./instructions.js";
import { writeMatmul } from "./matmul.js";
import type { Step } from "./step.js";
import type { Lowered, Surroundings } from "./surroundings.js";
import { faultCode } from "./surroundings.js";

const line = 64;
/** Rows whose sum stays in float32, a power of two. */
const spillRows = 64;
const roundUp = (bytes: number): number => Math.ceil(bytes / line) * line;

/** Turns one fused kernel into loops of the tape. */
export function lowerFused(
  kernel: FusedKernel,
  around: Surroundings,
  replaced: ReadonlyMap<PlanNode, PlanNode>,
): Lowered {
  return new Lowering(kernel, around, replaced).run();
}

class Lowering {
  private readonly inside: ReadonlySet<PlanNode>;
  private readonly roles = new Map<PlanNode, Role>();
  private readonly blockRows: number;
  private readonly columnChunk: number;
  private prologue: Instruction[] = [];
  private body: Instruction[] = [];
  private readonly epilogue: Instruction[] = [];
  /** What is copied, or moved to the float64 sums, at the end of a block. */
  private stores: Instruction[] = [];
  /** Where the value of a member is found in the loop that is being written. */
  private places = new Map<PlanNode, Operand>();
  /** Broadcast copies already made in this loop. */
  private broadcasts = new Map<string, Operand>();
  private readonly accumulators = new Accumulators();
  private readonly product: PlanNode | undefined;
  private readonly cut: Cut;
  /** Totals of one number, 16 times, for the loop over columns. */
  private readonly splats = new Map<PlanNode, Operand>();
  private readonly absorbed: ReadonlySet<PlanNode>;

  constructor(
    private readonly kernel: FusedKernel,
    private readonly around: Surroundings,
    /** Outputs that take the memory of a leaf. */
    private readonly replaced: ReadonlyMap<PlanNode, PlanNode>,
  ) {
    this.inside = new Set(kernel.members);
    kernel.members.forEach((node, i) => this.roles.set(node, kernel.roles[i] as Role));
    this.absorbed = absorbedProducts(kernel.members, kernel.roles);
    this.product = kernel.members.find((node) => node.op.kind === "matmul");
    this.cut = cutOf(kernel);
    this.blockRows = this.cut.blockRows;
    this.columnChunk = this.cut.columnChunk;
  }

  run(): Lowered {
    const { members, rows, columns } = this.kernel;
    const { writer, shared } = this.around;
    const { product } = this;
    const { partRows, chunk, nanoseconds } = this.cut;
    const parted = partRows < rows;
    const steps: Step[] = [];
    let sharedBytes = 0;
    let matmul: Loop["matmul"];
    if (product !== undefined) {
      const cell = isStored(product, this.inside) ? this.around.cellOf(product) : null;
      const staged = writeMatmul(product, cell, chunk, parted, this.around);
      const { pack } = staged;
      if (pack !== null) steps.push({ nanoseconds: pack.nanoseconds, run: ({ share }) => share(pack) });
      matmul = { chunkRows: chunk, block: staged.block };
      this.accumulators.from = staged.scratchBytes;
      sharedBytes = staged.sharedBytes;
      this.places.set(product, { base: { cell: staged.cell }, rowStride: columns * 4, columnStride: 4, step: line });
    }
    const main: Loop[] = [];
    for (const node of members) if ((this.roles.get(node) as Role) <= Role.Accumulator) this.mainInstruction(node);
    main.push({
      rows,
      columns,
      blockRows: this.blockRows,
      columnChunk: this.columnChunk,
      prologue: this.prologue,
      body: [...this.body, ...this.stores],
      epilogue: this.epilogue,
      matmul,
    });
    if (parted && this.accumulators.bytes > 0) {
      const copies = shared + sharedBytes;
      const parts = Math.ceil(rows / partRows);
      const { from, bytes } = this.accumulators;
      sharedBytes += parts * bytes;
      main[0] = { ...(main[0] as Loop), kept: { from, bytes, copies: writer.workspaceCell(copies), partRows } };
      main.push(this.accumulators.combined(parts, copies, writer));
    }

    const post = members.filter((node) => (this.roles.get(node) as Role) >= Role.Accumulator);
    const totals = this.postLoop(
      post.filter((node) => node.shape.size === 1),
      1,
    );
    if (totals !== null) main.push(totals);
    const columnTotals = this.postLoop(
      post.filter((node) => node.shape.size > 1),
      columns,
    );
    if (columnTotals !== null) main.push(columnTotals);

    const { generator } = this.around;
    const loops = generator === null ? main : main.map((loop) => withFunctions(loop, generator));
    const all = loops.flatMap(({ prologue, body, epilogue = [] }) => [...prologue, ...body, ...epilogue]);
    const scratchBytes = placeRegisters(all, this.accumulators.from + this.accumulators.bytes);
    loops.forEach((loop, i) => {
      const header = writeLoop(writer, loop);
      if (parted && i === 0) steps.push({ header, rows, partRows, sums: loop.kept !== undefined, nanoseconds });
      else steps.push({ header, rows: loop.rows, partRows: loop.rows, sums: false, nanoseconds: 0 });
    });
    const saving = main.reduce((sum, loop) => sum + savingOf(loop), 0);
    return { steps, scratchBytes, sharedBytes, saving };
  }

  // --- the loop over rows -------------------------------------------------------------------------------------------
  private mainInstruction(node: PlanNode): void {
    if (this.absorbed.has(node)) return;
    const role = this.roles.get(node) as Role;
    switch (node.op.kind) {
      case "matmul":
        return;
      case "elementwise":
        {
          const extent = role === Role.Row ? "rows" : "block";
          this.emitElementwise(node, this.destination(node, role), extent, (of, i) => this.source(of, i, extent));
        }
        return;
      case "uniform":
        this.body.push({
          opcode: opcode.uniform,
          extent: "block",
          target: this.destination(node, role),
          sources: node.inputs.map((_, i) => this.source(node, i, "block")),
          aux: this.kernel.columns,
        });
        return;
      case "pick":
      case "place":
        this.body.push({
          opcode: opcode[node.op.kind],
          extent: "block",
          target: this.destination(node, role, false),
          sources: [
            node.op.kind === "pick" ? this.whole(node.inputs[0] as PlanNode) : this.perRow(node, 0),
            this.perRow(node, 1),
          ],
          aux: faultCode[node.op.kind],
        });
        return;
      default:
        if (role === Role.Row) this.rowReduction(node);
        else this.accumulation(node);
    }
  }

  private rowReduction(node: PlanNode): void {
    this.body.push({
      opcode: opcode.rowSum + variant(node),
      extent: "block",
      target: this.destination(node, Role.Row, false),
      sources: [this.whole(node.inputs[0] as PlanNode)],
    });
  }

  private accumulation(node: PlanNode): void {
    const [input] = node.inputs as [PlanNode];
    const initialization = this.accumulators.add(node);
    this.prologue.push(initialization);
    const perColumn = node.shape.size > 1;
    const target: Operand = { ...initialization.target, columnStride: perColumn ? 8 : 0 };
    if (perColumn && this.blockRows === 1 && variant(node) === 0) {
      this.columnSum(this.whole(input), target);
      return;
    }
    const rows = addsRows(node, this.kernel.rows * this.kernel.columns);
    this.body.push({
      opcode: (perColumn ? opcode.columnAccumulate : opcode.accumulate) + variant(node),
      extent: rows ? "rows" : "block",
      target,
      sources: [rows ? this.rowOperand(input) : this.whole(input)],
    });
  }

  /** Row after row into float32 sums, which go into the float64 ones after some rows: a conversion costs four additions. */
  private columnSum(source: Operand, target: Operand): void {
    const sums: Operand = { ...this.register(this.kernel.columns, true), columnStride: 4 };
    const spill = { opcode: opcode.spill, extent: "block", target, sources: [sums] } as const;
    this.prologue.push(clearing(sums, this.kernel.columns));
    this.body.push({ opcode: addOpcode, extent: "block", target: sums, sources: [sums, source] });
    this.stores.push({ ...spill, aux: spillRows - 1 });
    this.epilogue.push({ ...spill, aux: 0 });
  }

  /** Where a value of the loop over rows goes; `wide` instructions write whole lines. */
  private destination(node: PlanNode, role: Role, wide = true): Operand {
    const base = (): Operand["base"] => ({ cell: this.around.cellOf(node) });
    const beyond =
      wide && this.cut.partRows < this.kernel.rows && !this.cut.wholeLines(role === Role.Row ? 1 : this.kernel.columns);
    if (role === Role.Row)
      return this.keep(node, this.blockRows, "rows", beyond, () => ({
        base: base(),
        rowStride: 4,
        columnStride: 0,
        step: line,
      }));
    const rowStride = this.kernel.columns * 4;
    const elements = this.blockRows * this.columnChunk;
    return this.keep(node, elements, "block", beyond, () => ({ base: base(), rowStride, columnStride: 4, step: line }));
  }

  /** Straight to memory when the value is stored, else to a register of this many elements. */
  private keep(node: PlanNode, elements: number, extent: Extent, beyond: boolean, memory: () => Operand): Operand {
    const stored = isStored(node, this.inside);
    const early = stored && (beyond || this.writesEarly(node));
    const place = stored && !early ? memory() : this.register(elements, false);
    if (early) this.stores.push({ opcode: opcode.store, extent, target: memory(), sources: [place] });
    this.places.set(node, place);
    return place;
  }

  private register(elements: number, lasting: boolean): Operand {
    const register: Register = { bytes: roundUp(elements * 4) + line, lasting, offset: -1 };
    return { base: { register }, rowStride: 0, columnStride: 0, step: line };
  }

  /**
   * Whether writing a value straight to memory would destroy what is still to be read there: it replaces a leaf that a
   * later instruction reads, or whose next block it would touch, since instructions write whole lines.
   */
  private writesEarly(node: PlanNode): boolean {
    const leaf = this.replaced.get(node);
    if (leaf === undefined) return false;
    const readAt = (user: PlanNode): number =>
      this.absorbed.has(user) ? (user.users[0] as PlanNode).index : user.index;
    if (leaf.users.some((user) => this.inside.has(user) && readAt(user) > node.index)) return true;
    return this.roles.get(node) === Role.Full && !this.cut.wholeLines(this.kernel.columns);
  }

  // --- operands -----------------------------------------------------------------------------------------------------
  /** One value per element of the block. */
  private whole(node: PlanNode): Operand {
    return (
      this.places.get(node) ?? {
        base: { cell: this.around.cellOf(node) },
        rowStride: this.kernel.columns * 4,
        columnStride: 4,
        step: line,
      }
    );
  }

  /** One value per row of the block. */
  private rowOperand(node: PlanNode): Operand {
    return (
      this.places.get(node) ?? { base: { cell: this.around.cellOf(node) }, rowStride: 4, columnStride: 0, step: line }
    );
  }

  /** An input read once per row; a single number is spread over the rows first. */
  private perRow(node: PlanNode, i: number): Operand {
    const input = node.inputs[i] as PlanNode;
    if ((node.views[i] as Shape).size > 1 || this.kernel.rows === 1)
      return isNumber(input) ? this.spread(input) : this.rowOperand(input);
    return this.spread(input);
  }

  private spread(input: PlanNode): Operand {
    return this.broadcast(`rows ${input.index}`, () => {
      const target = this.register(this.blockRows, true);
      this.prologue.push({ opcode: copyOpcode, extent: "rows", target, sources: [this.single(input)] });
      return target;
    });
  }

  /** A number, as 64 bytes that hold it 16 times. */
  private single(node: PlanNode): Operand {
    if (isNumber(node)) return { base: { cell: this.around.cellOf(node) }, rowStride: 0, columnStride: 0, step: 0 };
    const made = this.splats.get(node);
    if (made !== undefined) return made;
    return this.broadcast(`single ${node.index}`, () => {
      const target = { ...this.register(16, true), step: 0 };
      this.prologue.push({
        opcode: opcode.splat,
        extent: "line",
        target,
        sources: [{ base: { cell: this.around.cellOf(node) }, rowStride: 0, columnStride: 0, step: 0 }],
      });
      return target;
    });
  }

  private broadcast(key: string, make: () => Operand): Operand {
    let made = this.broadcasts.get(key);
    if (made === undefined) {
      made = make();
      this.broadcasts.set(key, made);
    }
    return made;
  }

  /** Input `i` of an elementwise member of the loop over rows. */
  private source(node: PlanNode, i: number, extent: Extent): Operand {
    const input = node.inputs[i] as PlanNode;
    if (isNumber(input)) return this.single(input);
    const { kind } = accessOf(node.views[i] as Shape, node.shape);
    if (extent === "rows")
      return kind === "scalar"
        ? this.inside.has(input)
          ? this.rowOperand(input)
          : this.single(input)
        : this.rowOperand(input);
    if (kind === "same") return this.whole(input);
    if (kind === "scalar" && !this.inside.has(input)) return this.single(input);
    if (kind === "column") return this.columnOperand(input);
    return this.expandedRow(input);
  }

  private expandedRow(input: PlanNode): Operand {
    return this.broadcast(`row ${input.index}`, () => {
      const one = this.blockRows === 1;
      const target = { ...this.register(one ? 16 : this.blockRows * this.columnChunk, false), step: one ? 0 : line };
      this.body.push({
        opcode: one ? opcode.splat : opcode.expandRow,
        extent: one ? "line" : "block",
        target,
        sources: [this.rowOperand(input)],
      });
      return target;
    });
  }

  private columnOperand(input: PlanNode): Operand {
    const source: Operand = { base: { cell: this.around.cellOf(input) }, rowStride: 0, columnStride: 4, step: line };
    if (this.blockRows === 1) return source;
    return this.broadcast(`column ${input.index}`, () => {
      const target = this.register(this.blockRows * this.columnChunk, true);
      this.prologue.push({ opcode: opcode.expandColumn, extent: "block", target, sources: [source] });
      return target;
    });
  }

  // --- after the last row -------------------------------------------------------------------------------------------
  /** Totals leave their accumulators; then the arithmetic on them. */
  private postLoop(nodes: readonly PlanNode[], columns: number): Loop | null {
    if (nodes.length === 0) return null;
    this.prologue = [];
    this.body = [];
    this.stores = [];
    this.broadcasts = new Map();
    const scalars = columns === 1;
    const chunk = Math.min(columns, blockElements);
    for (const node of nodes) {
      if (this.absorbed.has(node)) continue;
      const target = this.postDestination(node, scalars, chunk);
      if (this.roles.get(node) === Role.Accumulator) {
        const source: Operand = { ...this.accumulators.at(node), columnStride: scalars ? 0 : 8 };
        this.body.push({
          opcode: opcode.flush + (node.dtype === "int32" ? 1 : 0),
          extent: "block",
          target,
          sources: [source],
        });
      } else this.emitElementwise(node, target, "block", (of, i) => this.postSource(of, i, scalars));
    }
    if (scalars)
      for (const node of nodes) {
        if (!node.users.some((user) => this.inside.has(user) && user.shape.size > 1)) continue;
        const target = { ...this.register(16, true), step: 0 };
        this.body.push({ opcode: opcode.splat, extent: "line", target, sources: [this.places.get(node) as Operand] });
        this.splats.set(node, target);
      }
    const body = [...this.body, ...this.stores];
    return { rows: 1, columns, blockRows: 1, columnChunk: chunk, prologue: this.prologue, body };
  }

  private postDestination(node: PlanNode, scalars: boolean, chunk: number): Operand {
    const columnStride = scalars ? 0 : 4;
    return this.keep(node, chunk, "block", false, () => ({
      base: { cell: this.around.cellOf(node) },
      rowStride: 0,
      columnStride,
      step: line,
    }));
  }

  private postSource(node: PlanNode, i: number, scalars: boolean): Operand {
    const input = node.inputs[i] as PlanNode;
    if (isNumber(input)) return this.single(input);
    if (this.inside.has(input))
      return !scalars && input.shape.size === 1 ? this.single(input) : (this.places.get(input) as Operand);
    const single = (node.views[i] as Shape).size === 1;
    if (single && !scalars) return this.single(input);
    return { base: { cell: this.around.cellOf(input) }, rowStride: 0, columnStride: single ? 0 : 4, step: line };
  }

  private emitElementwise(
    node: PlanNode,
    target: Operand,
    extent: Extent,
    source: (node: PlanNode, i: number) => Operand,
  ): void {
    this.body.push(elementwiseInstruction(node, target, extent, this.absorbed, source));
  }
}
