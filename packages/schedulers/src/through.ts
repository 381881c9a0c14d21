import type { Schedule } from "./schedule.js";

/** What is left of the way, from 1 to 0, when the fraction `done` of its steps has passed. */
export type Shape = (done: number) => number;

/** The ways from one rate to another. */
export const shapes = {
  linear: (done: number) => 1 - done,
  cosine: (done: number) => (1 + Math.cos(Math.PI * done)) / 2,
  "1-sqrt": (done: number) => 1 - Math.sqrt(done),
};

/** Between two numbers, when `left` of the way is left: exact at both ends and never beyond them. */
export function blend(from: number, to: number, left: number): number {
  return left > 0.5 ? from + (to - from) * (1 - left) : to + (from - to) * left;
}

/** A step, the rate there, and the way to it from the point before. */
export type Point = readonly [step: number, rate: number, shape?: Shape];

/** The curve through the points; the last rate holds. A way of no length is left out. */
export function through(...points: readonly [Point, ...Point[]]): Schedule {
  return (step) => {
    let [start, from] = points[0];
    for (const [end, to, shape = shapes.linear] of points) {
      if (step < end) return blend(from, to, shape((step - start) / (end - start)));
      [start, from] = [end, to];
    }
    return from;
  };
}
