import { meanSquaredError } from "@downhill/losses";
import { accuracy, fit, Linear } from "@downhill/nn";
import type { Output } from "@downhill/nn/terminal";
import { progressBar } from "@downhill/nn/terminal";
import { SGD } from "@downhill/optimizers";
import { afterEach, expect, test, vi } from "vitest";
import { line, rejection } from "./support.js";

class Screen implements Output {
  text = "";
  readonly columns = 120;
  constructor(readonly isTTY: boolean) {}
  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

const train = (stream: Output, epochs = 2, data: Parameters<typeof fit>[1] = line(8)) => {
  const model = new Linear(1, 1);
  return fit(model, data, {
    loss: meanSquaredError,
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    epochs,
    batchSize: 2,
    validation: line(4),
    metrics: { rightHalf: (prediction, target) => accuracy(prediction, target, { from: "logits" }) },
    callbacks: [progressBar({ stream, labels: { validationLoss: "test loss" } })],
  });
};
const epochLine =
  /^epoch \d\/2 {2}loss \S+ {2}right half \S+ {2}test loss \S+ {2}validation right half \S+ {2}\d+\.\d s$/;

afterEach(() => {
  vi.doUnmock("cli-progress");
  vi.resetModules();
});

test("prints one plain line per epoch where the output is no terminal", async () => {
  const screen = new Screen(false);
  await train(screen);
  const lines = screen.text.split("\n");
  expect(lines.pop()).toBe("");
  expect(lines).toHaveLength(2);
  for (const each of lines) expect(each).toMatch(epochLine);
});

const esc = String.fromCharCode(27);
const plain = (text: string): string => text.replace(new RegExp(`${esc}(\\[[0-9;?]*[A-Za-z]|[78])`, "g"), "\n");

test("draws a bar in a terminal, and leaves the line of each epoch", async () => {
  const screen = new Screen(true);
  await train(screen);
  const lines = plain(screen.text).split("\n");
  expect(lines.filter((each) => epochLine.test(each))).toHaveLength(2);
  expect(lines.some((each) => /^epoch 1\/2 ░+ 0\/4/.test(each))).toBe(true);
  expect(lines.some((each) => /^epoch 2\/2 █+ 4\/4/.test(each))).toBe(true);
  // The cursor stays as it was.
  expect(screen.text).not.toContain(`${esc}[?25l`);
});

test("learns the length of an epoch from a stream", async () => {
  const screen = new Screen(true);
  await train(screen, 2, [line(2), line(2), line(2)]);
  const lines = plain(screen.text).split("\n");
  expect(lines.some((each) => /^epoch 2\/2 ░+ 0\/3/.test(each))).toBe(true);
});

test("clears the bar when training fails", async () => {
  const screen = new Screen(true);
  await rejection(train(screen, 1, [line(2), { inputs: [[1, 2]], targets: [[1]] }]));
  expect(plain(screen.text).split("\n").at(-1)).toBe("");
});

test("says what to install when cli-progress is missing", async () => {
  vi.resetModules();
  vi.doMock("cli-progress", () => {
    throw new Error("Cannot find package 'cli-progress'");
  });
  const { progressBar: fresh } = await import("@downhill/nn/terminal");
  const bar = fresh({ stream: new Screen(true) });
  const error = await rejection(Promise.resolve(bar.onTrainBegin?.({} as never)));
  expect(error.message).toBe(
    'progressBar: needs the package "cli-progress" to draw in a terminal; install it with: npm install cli-progress',
  );
});
