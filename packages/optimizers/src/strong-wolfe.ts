/** A point on the line: how far it is, the loss there, the gradient, and its slope along the line. */
export interface LinePoint {
  readonly t: number;
  readonly loss: number;
  readonly gradient: Float32Array;
  readonly slope: number;
}

const decrease = 1e-4;
const curvature = 0.9;
const mostSearches = 25;

/** The minimum of the cubic through two points with their slopes, within the bounds; the middle where there is none. */
function cubicMinimum(a: LinePoint, b: LinePoint, low = Math.min(a.t, b.t), high = Math.max(a.t, b.t)): number {
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const bend = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const root = Math.sqrt(bend * bend - a.slope * b.slope);
  const share = (right.slope + root - bend) / (right.slope - left.slope + 2 * root);
  const t = right.t - (right.t - left.t) * share;
  return Number.isFinite(t) ? Math.min(Math.max(t, low), high) : (low + high) / 2;
}

/**
 * A step along a line that lowers the loss enough and flattens its slope: the strong conditions of Wolfe. Brackets such a
 * step by growing ones, then narrows the bracket, with cubic interpolation as in minFunc, which PyTorch follows too. A loss
 * that is not finite counts as too high.
 *
 * @returns the point, and how often `at` was called
 */
export async function strongWolfe(
  at: (t: number) => Promise<LinePoint>,
  start: LinePoint,
  first: number,
  longest: number,
  toleranceChange: number,
): Promise<{ point: LinePoint; calls: number }> {
  let calls = 0;
  const probe = async (t: number): Promise<LinePoint> => {
    calls++;
    const point = await at(t);
    return Number.isFinite(point.loss) && Number.isFinite(point.slope)
      ? point
      : { ...point, loss: Number.POSITIVE_INFINITY };
  };
  const tooHigh = ({ t, loss }: LinePoint): boolean => loss > start.loss + decrease * t * start.slope;
  const flat = ({ slope }: LinePoint): boolean => Math.abs(slope) <= -curvature * start.slope;

  let searches = 0;
  let before = start;
  let point = await probe(first);
  let bracket: [LinePoint, LinePoint] | null = null;
  while (searches < mostSearches) {
    if (tooHigh(point) || (searches > 1 && point.loss >= before.loss) || (!flat(point) && point.slope >= 0)) {
      bracket = [before, point];
      break;
    }
    if (flat(point)) return { point, calls };
    const t = cubicMinimum(before, point, point.t + 0.01 * (point.t - before.t), point.t * 10);
    before = point;
    point = await probe(t);
    searches++;
  }
  // The two ends, the lower one first.
  let ends: [LinePoint, LinePoint] = lowerFirst(bracket ?? [start, point]);
  let crowded = false;
  while (searches < mostSearches) {
    const [low, high] = ends;
    if (Math.abs(high.t - low.t) * longest < toleranceChange) break;
    const [left, right] = [Math.min(low.t, high.t), Math.max(low.t, high.t)];
    let t = cubicMinimum(low, high);
    const margin = 0.1 * (right - left);
    const near = Math.min(right - t, t - left) < margin;
    // Twice close to an end, or at it: the interpolation leads nowhere.
    if (near && (crowded || t >= right || t <= left)) {
      t = Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin;
      crowded = false;
    } else crowded = near;
    const next = await probe(t);
    searches++;
    if (tooHigh(next) || next.loss >= low.loss) {
      ends = lowerFirst([low, next]);
    } else {
      if (flat(next)) return { point: next, calls };
      ends = [next, next.slope * (high.t - low.t) >= 0 ? low : high];
    }
  }
  return { point: ends[0], calls };
}

function lowerFirst([a, b]: readonly [LinePoint, LinePoint]): [LinePoint, LinePoint] {
  return a.loss <= b.loss ? [a, b] : [b, a];
}
