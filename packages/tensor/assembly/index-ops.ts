// Gather and its adjoint along one axis. x is [O, K, inner], the result or the gradient [O, J, inner].
//
// Index block, u32 words:
//   0 O  1 K  2 J  3 inner  4 so  5 sj  6 si (strides of the int32 index array in elements)  7 faultPtr  8 fault code
// idx = index[o*so + j*sj + i*si]: strides 0, 1, 0 pick whole rows (take); J*inner, inner, 1 pick single elements (gather).
// An index outside [0, K), negative ones included, is skipped; the first one found writes the four u32 words
// (fault code, index, its position in the index array, K) at faultPtr, which must hold 0 before.

@inline
function fault(block: usize, index: usize, position: usize): void {
  const at = load<usize>(block, 28);
  if (load<u32>(at)) return;
  store<u32>(at, load<u32>(block, 32));
  store<usize>(at, index, 4);
  store<usize>(at, position, 8);
  store<u32>(at, load<u32>(block, 4), 12);
}

/** out[o, j, i] = x[o, idx, i] for the rows o * J + j in [start, end). 32-bit elements of any type. */
export function gather(out: usize, x: usize, index: usize, block: usize, start: usize, end: usize): void {
  if (start >= end) return;
  const K = load<usize>(block, 4), J = load<usize>(block, 8), inner = load<usize>(block, 12);
  const so = load<usize>(block, 16), sj = load<usize>(block, 20), si = load<usize>(block, 24);
  const rowBytes = inner << 2;
  out += start * rowBytes;
  let o = start / J;
  let j = start - o * J;
  for (let row = start; row < end; row++) {
    const first = o * so + j * sj;
    const base = x + o * K * rowBytes;
    if (si == 0) {
      const at = load<usize>(index + (first << 2));
      const from = base + at * rowBytes;
      if (at >= K) fault(block, at, first);
      else if (inner > 16) memory.copy(out, from, rowBytes);
      else for (let i: usize = 0; i < rowBytes; i += 4) store<u32>(out + i, load<u32>(from + i));
    } else {
      for (let i: usize = 0; i < inner; i++) {
        const position = first + i * si;
        const at = load<usize>(index + (position << 2));
        if (at >= K) fault(block, at, position);
        else store<u32>(out + (i << 2), load<u32>(base + at * rowBytes + (i << 2)));
      }
    }
    out += rowBytes;
    if (++j == J) {
      j = 0;
      o++;
    }
  }
}

@inline
function addRow(int: bool, to: usize, from: usize, count: usize): void {
  for (; count >= 4; count -= 4) {
    const a = v128.load(to), b = v128.load(from);
    v128.store(to, int ? i32x4.add(a, b) : f32x4.add(a, b));
    to += 16;
    from += 16;
  }
  for (; count > 0; count--) {
    if (int) store<i32>(to, load<i32>(to) + load<i32>(from));
    else store<f32>(to, load<f32>(to) + load<f32>(from));
    to += 4;
    from += 4;
  }
}

@inline
function scatterAs(int: bool, out: usize, g: usize, index: usize, block: usize, start: usize, end: usize): void {
  const K = load<usize>(block, 4), J = load<usize>(block, 8), inner = load<usize>(block, 12);
  const so = load<usize>(block, 16), sj = load<usize>(block, 20), si = load<usize>(block, 24);
  const rowBytes = inner << 2;
  memory.fill(out + start * rowBytes, 0, (end - start) * rowBytes);
  while (start < end) {
    const o = start / K;
    const low = start - o * K;
    const high = min<usize>(K, low + end - start);
    const base = out + o * K * rowBytes;
    let from = g + o * J * rowBytes;
    for (let j: usize = 0; j < J; j++) {
      const first = o * so + j * sj;
      if (si == 0) {
        const at = load<usize>(index + (first << 2));
        if (at - low < high - low) addRow(int, base + at * rowBytes, from, inner);
        else if (at >= K) fault(block, at, first);
      } else {
        for (let i: usize = 0; i < inner; i++) {
          const at = load<usize>(index + (first + i * si << 2));
          if (at - low < high - low) addRow(int, base + at * rowBytes + (i << 2), from + (i << 2), 1);
          else if (at >= K) fault(block, at, first + i * si);
        }
      }
      from += rowBytes;
    }
    start += high - low;
  }
}

/**
 * out = 0, then out[o, idx, i] += g[o, j, i], for the rows o * K + k of out in [start, end). Each element receives its
 * terms in the order of j, whatever the range. float32, or int32 that wraps around.
 */
export function scatterAdd(out: usize, g: usize, index: usize, block: usize, int: bool, start: usize, end: usize): void {
  if (int) scatterAs(true, out, g, index, block, start, end);
  else scatterAs(false, out, g, index, block, start, end);
}
