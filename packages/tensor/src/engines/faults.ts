/** Who reads by index through each operation; gradients are the reverse operations. */
const readers: Readonly<Record<string, string>> = {
  pick: "pick",
  place: "pick or oneHot",
  gather: "take or gather",
  scatterAdd: "take, gather or scatterAdd",
};

/** The error for an index that an engine met outside its range. */
export function outOfRange(op: string, value: number, position: number, limit: number): RangeError {
  return new RangeError(
    `evaluate: "indices" of ${readers[op] ?? op} expected integers from 0 to ${limit - 1}, got ${value} at position ${position}`,
  );
}
