import { readFileSync, writeFileSync } from "node:fs";
import { rivals } from "./rivals.mjs";
import { breakdownTable } from "./tables/breakdown.mjs";
import { distancesTable } from "./tables/distances.mjs";
import { aligned, markdown } from "./tables/format.mjs";
import { coresLine, machine, noiseLine, peaksLine } from "./tables/machine.mjs";
import { ratiosLine, ratiosTable } from "./tables/ratios.mjs";
import { scalingTable } from "./tables/scaling.mjs";
import { threadsTable } from "./tables/threads.mjs";
import { timesTable } from "./tables/times.mjs";

const at = (path) => new URL(path, import.meta.url);

/** Every table that has rows, each with the line that belongs to it. */
function sections(report) {
  const all = [...report.results, ...report.tables.flatMap(({ results }) => results)];
  return [
    { table: timesTable(report), line: noiseLine(report) },
    ...report.tables.map((each) => ({ table: ratiosTable(each, report.libraries), line: ratiosLine(each) })),
    { table: breakdownTable({ results: all }) },
    { table: distancesTable(report), line: peaksLine(report) },
    { table: threadsTable({ ...report, results: all }), line: coresLine(report) },
    { table: scalingTable(report), line: peaksLine(report) },
  ].filter(({ table }) => table !== null);
}

export function consoleTables(report) {
  const blocks = sections(report).flatMap(({ table, line }) => [aligned(table), ...(line ? [line] : [])]);
  // Two tables have the same line.
  return [...new Set(blocks)].join("\n\n");
}

/** The versions of the libraries that took part in some results. */
const librariesLine = ({ libraries }, results) =>
  `${Object.entries(libraries)
    .filter(([key]) => results.some(({ timings }) => key in timings))
    .map(([key, info]) => `${rivals[key].label}: ${info}`)
    .join("; ")}.`;

/** The table of the root README. */
function timesMarkdown(report) {
  return [
    markdown(timesTable(report)),
    `Milliseconds, medians, one thread each; in brackets how many times as long as Downhill. ${machine()}. ${noiseLine(report)}`,
    librariesLine(report, report.results),
  ].join("\n\n");
}

/** The tables of a group, in this folder's README. */
function ratiosMarkdown(report, tables) {
  return [
    ...tables.flatMap((each) => [markdown(ratiosTable(each, report.libraries)), ratiosLine(each) ?? []].flat()),
    `Milliseconds, medians, one thread each. ${machine()}. ${noiseLine(report)}`,
    librariesLine(
      report,
      tables.flatMap(({ results }) => results),
    ),
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

/** Puts the tables that were measured between the marks of the root README and of this folder's. */
export function updateReadmes(report) {
  const parts = [];
  if (report.results.length > 0) {
    parts.push(
      ["README.md", "bench", timesMarkdown(report)],
      ["bench/README.md", "distances", distancesMarkdown(report)],
    );
  }
  for (const group of new Set(report.tables.map(({ group }) => group))) {
    const tables = report.tables.filter((table) => table.group === group);
    parts.push(["bench/README.md", group, ratiosMarkdown(report, tables)]);
  }
  for (const part of parts) replaceMarked(...part);
  return `${[...new Set(parts.map(([path]) => path))].join(", ")}: tables replaced`;
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
