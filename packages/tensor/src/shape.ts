/** An interned list of extents: equal shapes are the same object, so comparing them is `===`. */
export class Shape {
  readonly rank: number;
  /** Shapes with one axis more, by its extent: a shape is found without building a list or a key. */
  private readonly longer = new Map<number, Shape>();
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

  /** This shape with another axis at the end. */
  and(extent: number): Shape {
    let shape = this.longer.get(extent);
    if (shape === undefined) {
      shape = new Shape(Object.freeze([...this.dims, extent]), this.size * extent, ++lastId);
      this.longer.set(extent, shape);
    }
    return shape;
  }

  /** Extent of an axis counted from the last one, which is 1; 1 where there is no such axis. */
  fromEnd(axis: number): number {
    return axis > this.rank ? 1 : (this.dims[this.rank - axis] as number);
  }
}

let lastId = 0;

export const scalarShape: Shape = new Shape([], 1, 0);

/** The interned shape of these extents, which are taken as valid. */
export function shapeOf(dims: readonly number[]): Shape {
  let shape = scalarShape;
  for (let i = 0; i < dims.length; i++) shape = shape.and(dims[i] as number);
  return shape;
}

/** numpy's broadcasting of two shapes, or null when they do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | null {
  if (a === b || b === scalarShape) return a;
  if (a === scalarShape) return b;
  if (a.partner !== b) {
    a.partner = b;
    a.joined = join(a, b);
  }
  return a.joined;
}

function join(a: Shape, b: Shape): Shape | null {
  let joined = scalarShape;
  for (let axis = Math.max(a.rank, b.rank); axis > 0; axis--) {
    const x = a.fromEnd(axis);
    const y = b.fromEnd(axis);
    if (x !== y && x !== 1 && y !== 1) return null;
    joined = joined.and(x === 1 ? y : x);
  }
  return joined;
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
