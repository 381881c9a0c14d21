// Stable sorting of rows. Each element becomes a u32 key whose unsigned order is the wanted order; short rows are sorted
// by insertion, long ones by radix (8 bits at a time, passes in which all keys agree are left out).

const BUCKETS: usize = 256;
const SHORT: usize = 48;

/** Scratch of argsort: `4096 + 12 * n` bytes, in whole 64s. */
export function argsortScratchBytes(n: usize): usize {
  return (16 * BUCKETS + 12 * n + 63) & ~63;
}

@inline
function sortKey(bits: u32, descending: bool, int: bool): u32 {
  let key: u32;
  if (int) {
    key = bits ^ 0x80000000;
  } else {
    if (bits == 0x80000000) bits = 0; // -0 equals 0
    key = bits & 0x80000000 ? ~bits : bits | 0x80000000;
    if ((bits & 0x7fffffff) > 0x7f800000) key = 0xffffffff;
  }
  return descending ? ~key : key;
}

function insertionSort(keys: usize, order: usize, n: usize): void {
  const end = n << 2;
  for (let i: usize = 4; i < end; i += 4) {
    const key = load<u32>(keys + i), index = load<u32>(order + i);
    let j = i;
    while (j > 0 && load<u32>(keys + j - 4) > key) {
      store<u32>(keys + j, load<u32>(keys + j - 4));
      store<u32>(order + j, load<u32>(order + j - 4));
      j -= 4;
    }
    store<u32>(keys + j, key);
    store<u32>(order + j, index);
  }
}

function radixSort(counts: usize, keys: usize, order: usize, otherKeys: usize, otherOrder: usize, n: usize): void {
  const result = order;
  memory.fill(counts, 0, 16 * BUCKETS);
  for (let i: usize = 0; i < n; i++) {
    const key = load<u32>(keys + (i << 2));
    for (let pass: u32 = 0; pass < 4; pass++) {
      const at = counts + (pass << 10) + ((key >> (pass << 3) & 255) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
  for (let pass: u32 = 0; pass < 4; pass++) {
    const shift = pass << 3;
    const count = counts + (pass << 10);
    if (load<u32>(count + ((load<u32>(keys) >> shift & 255) << 2)) == <u32>n) continue;
    let sum: u32 = 0;
    for (let i: usize = 0; i < BUCKETS; i++) {
      const some = load<u32>(count + (i << 2));
      store<u32>(count + (i << 2), sum);
      sum += some;
    }
    for (let i: usize = 0; i < n; i++) {
      const key = load<u32>(keys + (i << 2));
      const at = count + ((key >> shift & 255) << 2);
      const to = load<u32>(at);
      store<u32>(at, to + 1);
      store<u32>(otherKeys + (to << 2), key);
      store<u32>(otherOrder + (to << 2), load<u32>(order + (i << 2)));
    }
    let swap = keys;
    keys = otherKeys;
    otherKeys = swap;
    swap = order;
    order = otherOrder;
    otherOrder = swap;
  }
  if (order != result) memory.copy(result, order, n << 2);
}

/**
 * out (int32) = the indices that sort the rows [start, end) of x [rows, n]; equal elements keep their order, also when
 * descending. NaN counts as the greatest value: last when ascending, first when descending.
 */
export function argsort(out: usize, x: usize, scratch: usize, n: usize, descending: bool, int: bool, start: usize, end: usize): void {
  const keys = scratch + 16 * BUCKETS, otherKeys = keys + (n << 2), otherOrder = otherKeys + (n << 2);
  out += start * n << 2;
  x += start * n << 2;
  for (let row = start; row < end; row++) {
    for (let i: usize = 0; i < n; i++) {
      store<u32>(keys + (i << 2), sortKey(load<u32>(x + (i << 2)), descending, int));
      store<u32>(out + (i << 2), i);
    }
    if (n <= SHORT) insertionSort(keys, out, n);
    else radixSort(scratch, keys, out, otherKeys, otherOrder, n);
    out += n << 2;
    x += n << 2;
  }
}
