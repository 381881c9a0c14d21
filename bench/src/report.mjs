import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { rivals } from "./rivals.mjs";

const at = (path) => new URL(path, import.meta.url);

function cells({ libraries, results }) {
  const keys = Object.keys(rivals).filter((key) => key in libraries);
  const rows = results.map(({ title, timings }) => {
    const ours = timings.downhill?.median;
    return [
      title,
      ...keys.map((key) => {
        const { error, median, note } = timings[key];
        if (error) return "fails";
        const ratio = key === "downhill" || ours === undefined ? "" : ` (${digits(median / ours)}×)`;
        return `${digits(median)}${ratio}${note ? ` ${note}` : ""}`;
      }),
    ];
  });
  return [["ms", ...keys.map((key) => rivals[key].label)], ...rows];
}

const digits = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2));

function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "))
    .join("\n");
}

export function consoleTable(report) {
  return `${aligned(cells(report))}\n\n${noiseLine(report)}`;
}

export function markdownTable(report) {
  const [head, ...rows] = cells(report);
  const line = (row) => `| ${row.join(" | ")} |`;
  const libraries = Object.entries(report.libraries).map(([key, info]) => `${rivals[key].label}: ${info}`);
  return [
    line(head),
    line(head.map((_, index) => (index === 0 ? "---" : "---:"))),
    ...rows.map(line),
    "",
    `Milliseconds, medians, one thread each; in brackets how many times as long as Downhill. ${machine()}. ${noiseLine(report)}`,
    "",
    `${libraries.join("; ")}.`,
  ].join("\n");
}

/** Where a step's time goes: building its graph, finding its plan, making plans, kernels, copies to and from the engine. */
export function breakdown({ results }) {
  const names = ["building", "keying", "planning", "kernels", "copies"];
  const rows = [["Downhill, µs per step", ...names, "per node", "nodes", "kernels run", "new plans"]];
  for (const { title, timings } of results) {
    const profile = timings.downhill?.profile;
    if (!profile) continue;
    const overhead = (profile.building + profile.keying) / profile.nodes;
    const counts = [profile.nodes, profile.launched, profile.plans].map((value) =>
      String(Math.round(value * 100) / 100),
    );
    rows.push([title, ...names.map((name) => digits(Math.max(0, profile[name]))), overhead.toFixed(2), ...counts]);
  }
  return rows.length === 1 ? "" : aligned(rows);
}

const machine = () => `${cpus()[0]?.model.trim() ?? "unknown CPU"}, Node ${process.versions.node}`;

function noiseLine({ noise: { copyGBs, mulAddGFlops } }) {
  const range = ({ min, median, max }, unit) => `${median.toFixed(1)} ${unit} (${min.toFixed(1)} to ${max.toFixed(1)})`;
  return `The machine meanwhile: copying ${range(copyGBs, "GB/s")}, scalar multiply and add ${range(mulAddGFlops, "GFLOP/s")}`;
}

/** Writes bench/results/<date>.json and returns its path. */
export function saveResults(report) {
  const date = new Date().toISOString().slice(0, 16).replace(":", "");
  const file = at(`../results/${date}.json`);
  mkdirSync(at("../results/"), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ date, machine: machine(), cores: cpus().length, ...report }, null, 1)}\n`);
  return fileURLToPath(file);
}

/** Puts the table between the marks of the root README. */
export function updateReadme(report) {
  const readme = at("../../README.md");
  const text = readFileSync(readme, "utf8");
  const parts = /(<!-- bench -->\n)[\s\S]*?(<!-- \/bench -->)/;
  if (!parts.test(text)) throw new Error('bench: README.md has no "<!-- bench -->" and "<!-- /bench -->" lines');
  writeFileSync(
    readme,
    text.replace(parts, (_, open, close) => `${open}${markdownTable(report)}\n${close}`),
  );
  return "README.md: table replaced";
}
