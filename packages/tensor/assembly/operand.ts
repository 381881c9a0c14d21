/** Address of an operand for the block at (row, col); q points at its words: slot, row stride, column stride, step. */
@inline
export function operand(q: usize, row: usize, col: usize): usize {
  return load<usize>(load<usize>(q)) + row * load<usize>(q, 4) + col * load<usize>(q, 8);
}
