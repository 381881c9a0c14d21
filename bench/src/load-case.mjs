import { groupedCases } from "./groups/index.mjs";

/** The case `name`, or `name@elements` for one that comes in sizes. */
export async function loadCase(name) {
  const [file, elements] = name.split("@");
  const test = groupedCases[file] ?? (await import(`./cases/${file}.mjs`)).default;
  if (elements === undefined) return test;
  if (!test.sized) throw new Error(`case "${file}" has one size, got "${name}"`);
  const count = Number(elements);
  if (!Number.isInteger(count) || count < 1) throw new Error(`a positive integer expected after the @ of "${name}"`);
  return test.sized(count);
}
