import { readFileSync, writeFileSync } from "node:fs";
import { rivals } from "./rivals.mjs";
import { breakdownTable } from "./tables/breakdown.mjs";
import { distancesTable } from "./tables/distances.mjs";
import { aligned, markdown } from "./tables/format.mjs";
import { coresLine, machine, noiseLine, peaksLine } from "./tables/machine.mjs";
import { scalingTable } from "./tables/scaling.mjs";
import { threadsTable } from "./tables/threads.mjs";
import { timesTable } from "./tables/times.mjs";

const at = (path) => new URL(path, import.meta.url);

/** Every table that has rows, each with the line that belongs to it. */
function sections(report) {
  return [
    { table: timesTable(report), line: noiseLine(report) },
    { table: breakdownTable(report) },
    { table: distancesTable(report), line: peaksLine(report) },
    { table: threadsTable(report), line: coresLine(report) },
    { table: scalingTable(report), line: peaksLine(report) },
  ].filter(({ table }) => table !== null);
}

export function consoleTables(report) {
  const blocks = sections(report).flatMap(({ table, line }) => [aligned(table), ...(line ? [line] : [])]);
  // Two tables have the same line.
  return [...new Set(blocks)].join("\n\n");
}

/** The table of the root README. */
function timesMarkdown(report) {
  const libraries = Object.entries(report.libraries).map(([key, info]) => `${rivals[key].label}: ${info}`);
  return [
    markdown(timesTable(report)),
    `Milliseconds, medians, one thread each; in brackets how many times as long as Downhill. ${machine()}. ${noiseLine(report)}`,
    `${libraries.join("; ")}.`,
  ].join("\n\n");
}

/** The tables of this folder's README. */
function distancesMarkdown(report) {
  const tables = [
    { table: distancesTable(report), line: peaksLine(report).replace("\n", " ") },
    { table: threadsTable(report), line: coresLine(report) },
    { table: scalingTable(report) },
  ].filter(({ table }) => table !== null);
  const blocks = tables.flatMap(({ table, line }) => [markdown(table), ...(line ? [line] : [])]);
  return [`${machine()}.`, ...blocks].join("\n\n");
}

/** Puts the tables between the marks of the root README and of this folder's. */
export function updateReadmes(report) {
  replaceMarked("README.md", "bench", timesMarkdown(report));
  replaceMarked("bench/README.md", "distances", distancesMarkdown(report));
  return "README.md, bench/README.md: tables replaced";
}

function replaceMarked(path, mark, text) {
  const file = at(`../../${path}`);
  const old = readFileSync(file, "utf8");
  const parts = new RegExp(`(<!-- ${mark} -->\n)[\\s\\S]*?(<!-- /${mark} -->)`);
  if (!parts.test(old)) throw new Error(`bench: ${path} has no "<!-- ${mark} -->" and "<!-- /${mark} -->" lines`);
  writeFileSync(
    file,
    old.replace(parts, (_, open, close) => `${open}${text}\n${close}`),
  );
}
