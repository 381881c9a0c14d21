import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { History } from "@downhill/nn";
import type { Digits } from "../digits.js";
import { packageFolder } from "../digits.js";
import { pageOf } from "./page.js";

/** What a report shows. */
export interface ReportContent {
  readonly history: History;
  /** Names and values of the settings. */
  readonly settings: Readonly<Record<string, string>>;
  readonly test: Digits;
  /** `[count, 10]`, positive, each row summing to 1: how sure the network is of each digit. */
  readonly scores: Float32Array;
}

const shownMistakes = 40;

/** Writes the report: one HTML file that needs nothing else, neither other files nor a network. */
export function writeReport(path: string, { history, settings, test, scores }: ReportContent): void {
  const { confusion, mistakes } = judge(test, scores);
  const last = history.epochs.at(-1)?.metrics ?? {};
  const seconds = history.epochs.reduce((sum, each) => sum + each.seconds, 0) / Math.max(1, history.epochs.length);
  const wrong = mistakes.length;
  const data = {
    epochs: history.epochs.map(({ epoch }) => epoch),
    loss: [history.values("loss"), history.values("validationLoss")],
    accuracy: [history.values("accuracy"), history.values("validationAccuracy")],
    mistakes: mistakes
      .slice(0, shownMistakes)
      .map(({ index, ...mistake }) => ({ ...mistake, pixels: pixelsOf(test, index) })),
  };
  const chart = join(packageFolder("uplot"), "dist");
  // The page is not compiled: it lies in src/ for the built package too.
  const own = (name: string) => readFileSync(new URL(`../../src/report/${name}`, import.meta.url), "utf8");
  const page = pageOf({
    style: readFileSync(join(chart, "uPlot.min.css"), "utf8") + own("page.css"),
    accuracy: percent(last.validationAccuracy ?? 0),
    cards: terms({
      "test accuracy": percent(last.validationAccuracy ?? 0),
      "test loss": (last.validationLoss ?? 0).toFixed(4),
      "read wrong": `${thousands(wrong)} of ${thousands(test.count)}`,
      "per epoch": `${seconds.toFixed(1)} s`,
    }),
    confusion: confusionTable(confusion),
    mistakes:
      wrong === 0 ? "None." : `The ${data.mistakes.length} of ${thousands(wrong)} that the network was surest of.`,
    epochs: epochTable(history),
    settings: terms(settings),
    // "<" could end the script element.
    data: JSON.stringify(data).replaceAll("<", "\\u003c"),
    script: `${readFileSync(join(chart, "uPlot.iife.min.js"), "utf8")}\n${own("curves.js")}`,
  });
  writeFileSync(path, page);
}

/** Counts by true digit and by what it was read as; and the digits that were read wrong, the surest first. */
function judge(test: Digits, scores: Float32Array) {
  const confusion = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
  const mistakes: { index: number; truth: number; read: number; sure: number }[] = [];
  for (let index = 0; index < test.count; index++) {
    const row = scores.subarray(index * 10, index * 10 + 10);
    const sure = Math.max(...row);
    const read = Math.max(0, row.indexOf(sure));
    const truth = test.labels[index] as number;
    const counts = confusion[truth] as number[];
    counts[read] = (counts[read] as number) + 1;
    if (read !== truth) mistakes.push({ index, truth, read, sure });
  }
  return { confusion, mistakes: mistakes.sort((a, b) => b.sure - a.sure) };
}

function confusionTable(confusion: readonly (readonly number[])[]): string {
  const head = confusion.map((_, digit) => `<th scope="col">${digit}</th>`).join("");
  const rows = confusion.map((counts, truth) => {
    const total = Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    );
    const cells = counts.map((count, read) => {
      const kind = count === 0 ? "none" : read === truth ? "right" : "wrong";
      // Mistakes are few: their colour shows 3 % as strongly as it can.
      const strength = Math.min(1, (count / total) * (read === truth ? 0.6 : 30));
      return `<td class="${kind}" style="--strength: ${strength.toFixed(2)}">${count === 0 ? "·" : count}</td>`;
    });
    return `<tr><th scope="row">${truth}</th>${cells.join("")}<td class="share">${percent((counts[truth] as number) / total)}</td></tr>`;
  });
  return `<thead><tr><th></th>${head}<th scope="col">right</th></tr></thead><tbody>${rows.join("")}</tbody>`;
}

function epochTable({ epochs }: History): string {
  const columns = ["loss", "accuracy", "validationLoss", "validationAccuracy"];
  const rows = epochs.map(({ epoch, metrics, seconds }) => {
    const cells = columns.map((name) => {
      const value = metrics[name] ?? Number.NaN;
      return `<td>${name.toLowerCase().endsWith("accuracy") ? percent(value) : value.toFixed(4)}</td>`;
    });
    return `<tr><th scope="row">${epoch}</th>${cells.join("")}<td>${seconds.toFixed(1)} s</td></tr>`;
  });
  const head = ["epoch", "training loss", "accuracy", "test loss", "accuracy", "time"];
  return `<thead><tr>${head.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody>`;
}

function pixelsOf({ images }: Digits, index: number): string {
  const ink = images.data.subarray(index * 784, (index + 1) * 784);
  return Buffer.from(Uint8Array.from(ink, (value) => Math.round(value * 255))).toString("base64");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function thousands(count: number): string {
  return count.toLocaleString("en");
}

function terms(list: Readonly<Record<string, string>>): string {
  const plain = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return Object.entries(list)
    .map(([name, value]) => `<div><dt>${plain(name)}</dt><dd>${plain(value)}</dd></div>`)
    .join("");
}
