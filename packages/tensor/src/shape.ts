/** An interned list of extents: equal shapes are the same object, so comparing them is `===`. */
export class Shape {
  readonly rank: number;
  /** Last partner and result of {@link broadcast}: one step of a network asks the same question again and again. */
  partner: Shape | null = null;
  joined: Shape | null = null;
  constructor(
    readonly dims: readonly number[],
    readonly size: number,
    readonly id: number,
  ) {
    this.rank = dims.length;
  }
}

const interned = new Map<string, Shape>();
let nextId = 0;

/** The interned shape of these extents, which are taken as valid. */
export function shapeOf(dims: readonly number[]): Shape {
  const key = dims.join();
  let shape = interned.get(key);
  if (shape === undefined) {
    let size = 1;
    for (const extent of dims) size *= extent;
    shape = new Shape(Object.freeze(dims.slice()), size, nextId++);
    interned.set(key, shape);
  }
  return shape;
}

export const scalarShape: Shape = shapeOf([]);

/** numpy's broadcasting of two shapes, or null when they do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | null {
  if (a === b) return a;
  if (a.partner === b) return a.joined;
  const joined = join(a.dims, b.dims);
  a.partner = b;
  a.joined = joined === null ? null : shapeOf(joined);
  return a.joined;
}

function join(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length);
  const dims = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1;
    const y = b[b.length - i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    dims[rank - i] = x === 1 ? y : x;
  }
  return dims;
}

/** Elements between neighbours along each axis of a contiguous array. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  let step = 1;
  for (let i = dims.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= dims[i] as number;
  }
  return strides;
}

/** `[2, 3]`, the way errors print a shape. */
export function show(shape: Shape | readonly number[]): string {
  const dims = shape instanceof Shape ? shape.dims : shape;
  return `[${dims.join(", ")}]`;
}
