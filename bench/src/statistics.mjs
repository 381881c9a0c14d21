/** Median, least and greatest of some numbers, and how many there were. */
export function summarize(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1), count: sorted.length };
}

/** The median of every field over some records. */
export function medians(records) {
  const fields = Object.keys(records[0]);
  return Object.fromEntries(fields.map((field) => [field, summarize(records.map((record) => record[field])).median]));
}

/** The sum of squares: one number that differs when two results differ. */
export function fingerprint(values) {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

/** One line per library whose check numbers are further than the tolerance from the median of all of them. */
export function mixed(checks, tolerance = 2e-3) {
  if (checks.length < 2) return [];
  const lines = [];
  for (const [label, numbers] of checks) {
    for (const [index, number] of numbers.entries()) {
      const { median } = summarize(checks.map(([, others]) => others[index]));
      if (!(Math.abs(number - median) <= tolerance * Math.abs(median) + 1e-12)) {
        lines.push(`${label} has ${number} where the median is ${median}`);
      }
    }
  }
  return lines;
}
