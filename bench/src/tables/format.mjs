/** A number with as many digits as a time deserves. */
export const digits = (value) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2);

/** Rows of cells, each as wide as its column. */
function padded(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))));
}

/** Rows of cells as columns of text. */
export const aligned = (rows) =>
  padded(rows)
    .map((row) => row.join("  "))
    .join("\n");

/** Rows of cells as a Markdown table. */
export function markdown(rows) {
  const [head, ...others] = padded(rows);
  const rule = head.map((cell, i) => (i === 0 ? "-".repeat(cell.length) : `${"-".repeat(cell.length - 1)}:`));
  return [head, rule, ...others].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** A reading of the machine: its median and how far it went. */
export const range = ({ min, median, max }, unit) =>
  `${median.toFixed(1)} ${unit} (${min.toFixed(1)} to ${max.toFixed(1)})`;
