// The data of a case: {name: {shape, values}}, the same for every library.

/**
 * Numbers that are the same in every run: `uniform` within +-scale, `between` two numbers, `labels` below `classes`, `counts` the same as
 * floats, `bits` 0 or 1, `signs` -1 or 1.
 */
export function seeded(seed) {
  let state = seed;
  const unit = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  return {
    uniform: (shape, scale = 1) => array(Float32Array, shape, () => (2 * unit() - 1) * scale),
    between: (shape, low, high) => array(Float32Array, shape, () => low + unit() * (high - low)),
    labels: (shape, classes) => array(Int32Array, shape, () => Math.floor(unit() * classes)),
    bits: (shape) => array(Float32Array, shape, () => (unit() < 0.5 ? 0 : 1)),
    counts: (shape, below) => array(Float32Array, shape, () => Math.floor(unit() * below)),
    signs: (shape) => array(Float32Array, shape, () => (unit() < 0.5 ? -1 : 1)),
    zeros: (shape) => array(Float32Array, shape, () => 0),
    ones: (shape) => array(Float32Array, shape, () => 1),
  };
}

function array(Type, shape, next) {
  const values = new Type(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < values.length; i++) values[i] = next();
  return { shape, values };
}

/** A count as titles have it: 10k, 1M. */
export const countLabel = (count) => (count >= 1e6 ? `${count / 1e6}M` : count >= 1e3 ? `${count / 1e3}k` : `${count}`);

/** Row-major one-hot rows of labels, for libraries that take no indices. */
export function oneHot({ values }, classes) {
  const rows = new Float32Array(values.length * classes);
  for (const [row, label] of values.entries()) rows[row * classes + label] = 1;
  return { shape: [values.length, classes], values: rows };
}

/** The transpose of a matrix. */
export function transposed({ shape: [rows, columns], values }) {
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c];
  return { shape: [columns, rows], values: result };
}
