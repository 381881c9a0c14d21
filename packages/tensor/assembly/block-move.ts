// Broadcasts inside a block, and one entry per row.

/** First index out of range since the host cleared it: code (0: none), index, its row, the number of columns. */
export const fault: usize = memory.data(16, 4);

/** d[0..15] = a[0]. */
export function splat(d: usize, a: usize): void {
  const x = v128.load32_splat(a);
  v128.store(d, x);
  v128.store(d, x, 16);
  v128.store(d, x, 32);
  v128.store(d, x, 48);
}

// Rows are written in whole vectors while that stays inside the block: the next row overwrites what is too much.
/** d[i, j] = a[i] in [b, c]. */
export function expandRow(d: usize, a: usize, b: usize, c: usize): void {
  const row = c << 2, wide = (row + 15) & ~15, end = d + b * row;
  for (; d + wide <= end; d += row) {
    const x = v128.load32_splat(a);
    for (let j: usize = 0; j < wide; j += 16) v128.store(d + j, x);
    a += 4;
  }
  for (; d < end; d += row) {
    const x = load<u32>(a);
    for (let j: usize = 0; j < row; j += 4) store<u32>(d + j, x);
    a += 4;
  }
}

/** d[i, j] = a[j] in [b, c]. */
export function expandColumn(d: usize, a: usize, b: usize, c: usize): void {
  const row = c << 2, wide = (row + 15) & ~15, end = d + b * row;
  for (; d + wide <= end; d += row) {
    for (let j: usize = 0; j < wide; j += 16) v128.store(d + j, v128.load(a + j));
  }
  for (; d < end; d += row) {
    for (let j: usize = 0; j < row; j += 4) store<u32>(d + j, load<u32>(a + j));
  }
}

/** Index of row i, or 0 after noting that it lies outside [0, c). */
@inline
function checked(index: usize, c: usize, row: usize, code: u32): usize {
  const at = load<u32>(index);
  if (at < <u32>c) return at;
  if (load<u32>(fault) == 0) {
    store<u32>(fault, code ? code : 1);
    store<u32>(fault, at, 4);
    store<u32>(fault, row, 8);
    store<u32>(fault, c, 12);
  }
  return 0;
}

/** d[i] = a[i, index[i]] in [b, c]; row is the absolute number of the first row. */
export function pick(d: usize, a: usize, index: usize, b: usize, c: usize, row: usize, code: u32): void {
  for (let i: usize = 0; i < b; i++) {
    store<u32>(d + (i << 2), load<u32>(a + (checked(index + (i << 2), c, row + i, code) << 2)));
    a += c << 2;
  }
}

/** d[i, j] = j == index[i] ? a[i] : 0 in [b, c]. */
export function place(d: usize, a: usize, index: usize, b: usize, c: usize, row: usize, code: u32): void {
  memory.fill(d, 0, (b * c) << 2);
  for (let i: usize = 0; i < b; i++) {
    store<u32>(d + (checked(index + (i << 2), c, row + i, code) << 2), load<u32>(a + (i << 2)));
    d += c << 2;
  }
}
