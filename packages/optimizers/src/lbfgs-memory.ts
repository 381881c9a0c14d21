/** What LBFGS remembers from step to step. Vectors are as long as all parameters together. */
export interface Memory {
  readonly iterations: number;
  /** Length of the last step, along `direction`. */
  readonly t: number;
  readonly direction: Float32Array;
  /** Gradient where the last step began. */
  readonly gradient: Float32Array;
  /** The last steps and the changes of the gradient along them, the oldest first. */
  readonly steps: readonly Float32Array[];
  readonly changes: readonly Float32Array[];
  /** Scale of the first guess of the inverse curvature. */
  readonly scale: number;
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** `x + factor · y` */
export function along(x: Float32Array, factor: number, y: Float32Array): Float32Array {
  return x.map((value, i) => value + factor * (y[i] as number));
}

/** The vectors one after the other. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

export function largest(x: Float32Array): number {
  let most = 0;
  for (const value of x) most = Math.max(most, Math.abs(value));
  return most;
}

/** The memory of the next iteration, with the direction that it takes from a point with this gradient. */
export function remember(old: Memory | null, gradient: Float32Array, historySize: number): Memory {
  if (old === null) {
    const direction = gradient.map((g) => -g);
    return { iterations: 1, t: 0, direction, gradient, steps: [], changes: [], scale: 1 };
  }
  let { steps, changes, scale } = old;
  const change = along(gradient, -1, old.gradient);
  const step = old.direction.map((d) => d * old.t);
  const curvature = dot(change, step);
  // A step along which the slope did not rise says nothing about the curvature.
  if (curvature > 1e-10) {
    steps = [...steps, step].slice(-historySize);
    changes = [...changes, change].slice(-historySize);
    scale = curvature / dot(change, change);
  }
  const direction = towardsMinimum(gradient, steps, changes, scale);
  return { iterations: old.iterations + 1, t: 0, direction, gradient, steps, changes, scale };
}

/** Minus the inverse curvature times the gradient, from the history: the recursion in two loops, in doubles. */
function towardsMinimum(
  gradient: Float32Array,
  steps: readonly Float32Array[],
  changes: readonly Float32Array[],
  scale: number,
): Float32Array {
  const direction = Float64Array.from(gradient, (g) => -g);
  const product = (x: Float32Array): number => x.reduce((sum, value, i) => sum + value * (direction[i] as number), 0);
  const add = (factor: number, x: Float32Array): void => {
    for (let i = 0; i < x.length; i++) direction[i] = (direction[i] as number) + factor * (x[i] as number);
  };
  const weights = steps.map((step, i) => 1 / dot(step, changes[i] as Float32Array));
  const parts: number[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    parts[i] = product(steps[i] as Float32Array) * (weights[i] as number);
    add(-(parts[i] as number), changes[i] as Float32Array);
  }
  for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) * scale;
  for (let i = 0; i < steps.length; i++) {
    const back = product(changes[i] as Float32Array) * (weights[i] as number);
    add((parts[i] as number) - back, steps[i] as Float32Array);
  }
  return Float32Array.from(direction);
}
