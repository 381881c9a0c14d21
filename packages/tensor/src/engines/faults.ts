/** The error for an index that an engine met outside its range. */
export function outOfRange(fn: string, value: number, position: number, limit: number): RangeError {
  return new RangeError(
    `${fn}: "index" expected integers from 0 to ${limit - 1}, got ${value} at position ${position}`,
  );
}
