/** Whether the extents `a` are those of `b`, without the axis `left` when it is given. */
export function same(a: readonly number[], b: readonly number[], left = b.length): boolean {
  if (a.length !== b.length - (left < b.length ? 1 : 0)) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i < left ? i : i + 1]) return false;
  return true;
}
