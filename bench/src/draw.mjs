// What rows of losses draw for their arguments: (draw, shape) => array, see `seeded`.

/** Numbers within +-scale. */
export const real = (scale) => (draw, shape) => draw.uniform(shape, scale);

/** Numbers between two others. */
export const between = (low, high) => (draw, shape) => draw.between(shape, low, high);

/** 0, 1, ... below this, as floats. */
export const counts = (below) => (draw, shape) => draw.counts(shape, below);

/** Class indices. */
export const classes = (count) => (draw, shape) => draw.labels(shape, count);

/** 0 or 1. */
export const bits = (draw, shape) => draw.bits(shape);

/** -1 or 1. */
export const signs = (draw, shape) => draw.signs(shape);

/** The same in a shape of its own. */
export const shaped = (shape, values) => (draw) => values(draw, shape);
