import { mostElements } from "../own/index-math.js";
import type { Grid } from "./domain.js";
import { Domain } from "./domain.js";
import type { Statements } from "./text-block.js";

/** Coordinates as text, those that are known. */
interface Coordinates {
  row?: string;
  column?: string;
  flat?: string;
}

/**
 * An element of a kernel's rows x columns as a thread sees it: coordinates, and where statements about it go. A loop over
 * columns makes points below that of its row; what does not depend on the column is computed at the point above.
 */
export class Point {
  /** Locals that hold values at this point. */
  readonly known = new Map<string, string>();

  constructor(
    readonly at: Statements,
    private readonly grid: Grid,
    private readonly own: Coordinates,
    private readonly above: Point | null,
  ) {}

  /** The highest point at which values of this domain are the same as here. */
  home(domain: Domain): Point {
    return this.above === null || this.tells(domain) ? this : this.above.home(domain);
  }

  /** From here on a local holds the value of a node that runs over this domain. */
  know({ index }: { readonly index: number }, domain: Domain, value: string): void {
    this.known.set(`${index} ${domain}`, value);
  }

  /** Position of this point's element in an array over a domain. */
  index(domain: Domain): string {
    if (domain === Domain.One) return "0";
    return domain === Domain.Row ? this.row() : domain === Domain.Column ? this.column() : this.flat();
  }

  private tells(domain: Domain): boolean {
    const { row, column, flat } = this.own;
    if (domain === Domain.One) return false;
    if (flat !== undefined) return true;
    return (row !== undefined && (domain & Domain.Row) > 0) || (column !== undefined && (domain & Domain.Column) > 0);
  }

  private row(): string {
    if (this.grid.rows === 1) return "0";
    this.split();
    return this.own.row ?? (this.above as Point).row();
  }

  private column(): string {
    if (this.grid.columns === 1) return "0";
    this.split();
    return this.own.column ?? (this.above as Point).column();
  }

  private flat(): string {
    const { flat, row, column } = this.own;
    if (flat !== undefined) return flat;
    if (row === undefined && column === undefined) return (this.above as Point).flat();
    return `${this.row()}*${this.grid.columns}+${this.column()}`;
  }

  /** Finds row and column of a flat index. */
  private split(): void {
    const { own, grid } = this;
    if (own.flat === undefined || own.row !== undefined) return;
    checkExact(grid.rows * grid.columns);
    [own.row, own.column] = quotient(this.at, own.flat, grid.columns);
  }
}

/** Throws where indices are no longer exact. */
export function checkExact(size: number): void {
  if (size > mostElements)
    throw new RangeError(
      `evaluate: "tensors" expected at most ${mostElements} elements where rows and columns are told apart on a GPU, got ${size}; use smaller batches, or the engine "cpu"`,
    );
}

/**
 * Quotient and rest of an index below 2^24. GPUs round divisions as they like, hence the correction; all in floats, where
 * divide() of index-math.ts keeps to integers: kernels of one kind don't mix them.
 */
export function quotient(at: Statements, index: string, divisor: number): [quotient: string, rest: string] {
  const q = at.variable(`Math.floor(${index}/${divisor}.0)`);
  const rest = at.variable(`${index}-${q}*${divisor}.0`);
  at.add(`if(${rest}<0.0){${q}=${q}-1.0;${rest}=${rest}+${divisor}.0;}`);
  at.add(`if(${rest}>=${divisor}.0){${q}=${q}+1.0;${rest}=${rest}-${divisor}.0;}`);
  return [q, rest];
}
