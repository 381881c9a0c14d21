import { expect, test } from "vitest";
import { mixed } from "../src/statistics.mjs";
import { distancesTable } from "../src/tables/distances.mjs";
import { ratiosLine, ratiosTable } from "../src/tables/ratios.mjs";
import { timesTable } from "../src/tables/times.mjs";

const timing = (median: number) => ({ median, min: median, max: median, count: 1 });
const result = (title: string, ours: number, theirs: number) => ({
  title,
  timings: { downhill: { ...timing(ours), profile: { launched: 1 } }, pytorch: timing(theirs) },
});
const failed = { title: "c", timings: { downhill: { error: "no" }, pytorch: timing(1) } };
const libraries = { downhill: "", pytorch: "" };

test("a table has both times, the ratio and the kernels", () => {
  expect(ratiosTable({ heading: "Losses", results: [result("a", 1, 4), failed] }, libraries)).toEqual([
    ["Losses, ms", "Downhill", "PyTorch", "Downhill / PyTorch", "kernels"],
    ["a", "1.0", "4.0", "0.25", "1"],
    ["c", "fails", "1.0", "", ""],
  ]);
});

test("a library beside PyTorch has a column where it ran, and its cell is empty where it has nothing", () => {
  const more = { ...result("b", 1, 2), timings: { ...result("b", 1, 2).timings, "tfjs-wasm": timing(8) } };
  const table = ratiosTable(
    { heading: "Losses", results: [result("a", 1, 4), more] },
    { ...libraries, "tfjs-wasm": "" },
  );
  expect(table.map((row) => row[4])).toEqual(["tfjs-wasm", "", "8.0"]);
});

test("the line has the median, the worst and what is past the mark", () => {
  const results = [result("a", 1, 4), result("b", 3, 4), result("d", 1, 2), failed];
  expect(ratiosLine({ results, mark: undefined })).toBe("Downhill / PyTorch: median 0.50, worst 0.75 (b).");
  expect(ratiosLine({ results, mark: 0.6 })).toBe(
    "Downhill / PyTorch: median 0.50, worst 0.75 (b). The mark is 0.6: past it are b 0.75.",
  );
  expect(ratiosLine({ results, mark: 0.75 })).toContain("The mark is 0.75: all are within.");
  expect(ratiosLine({ results: [failed], mark: 0.6 })).toBeNull();
});

test("libraries agree within the tolerance of the case", () => {
  const checks = [
    ["ours", [1]],
    ["theirs", [1.01]],
  ];
  expect(mixed(checks)).toHaveLength(2);
  expect(mixed(checks, 0.01)).toEqual([]);
});

test("a case that a library does not have leaves its cell empty, and has no distance", () => {
  const more = { ...libraries, "tfjs-wasm": "" };
  expect(timesTable({ libraries: more, results: [result("a", 1, 4)] })).toEqual([
    ["ms", "Downhill", "PyTorch", "tfjs-wasm"],
    ["a", "1.0", "4.0 (4.0×)", ""],
  ]);
  expect(distancesTable({ libraries: { "tfjs-wasm": "" }, results: [result("a", 1, 4)] })).toBeNull();
});
