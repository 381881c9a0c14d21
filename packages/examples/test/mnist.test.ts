import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crossEntropy } from "@downhill/losses";
import { accuracy, evaluate, Linear, ReLU, Sequential } from "@downhill/nn";
import { decodeSafetensors } from "@downhill/tensor";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { loadDigits } from "../src/digits.js";
import type { Flags } from "../src/flags.js";
import { parseFlags } from "../src/flags.js";
import { main, run } from "../src/mnist.js";

const folder = mkdtempSync(join(tmpdir(), "mnist-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => void vi.restoreAllMocks());

/** The main job on few digits. */
const quick = async (args: string[] = []) => {
  let text = "";
  const stream = { write: (part: string) => (text += part) };
  const flags = parseFlags(["--epochs", "2", "--batch-size", "32", "--output", folder, ...args]) as Flags;
  const result = await run({ ...flags, trainDigits: 2000, testDigits: 500, stream });
  return { ...result, text };
};

test("learns, prints its course, and writes weights that load again", async () => {
  const { testAccuracy, weights, text } = await quick();
  expect(testAccuracy).toBeGreaterThan(0.85);
  const epoch = String.raw`loss \d\.\d{4} {2}accuracy 0\.\d{4} {2}test loss \d\.\d{4} {2}test accuracy 0\.\d{4} {2}\d+\.\d s\n`;
  expect(text).toMatch(new RegExp(`epoch 1/2 {2}${epoch}epoch 2/2 {2}${epoch}`));
  expect(text).toContain(`${(100 * testAccuracy).toFixed(2)} % of the test digits are read right`);
  expect(text).toContain(weights);

  const copy = new Sequential([new Linear(784, 128), new ReLU(), new Linear(128, 10)]);
  const { tensors, metadata } = decodeSafetensors(readFileSync(weights));
  copy.loadStateDict(tensors);
  const { images, labels } = loadDigits("test", 500);
  const again = await evaluate(
    copy,
    { inputs: images, targets: labels },
    { loss: crossEntropy, metrics: { accuracy } },
  );
  expect(again.accuracy).toBeCloseTo(testAccuracy, 6);
  expect(metadata).toEqual({ loss: "cross-entropy", epochs: "2", accuracy: testAccuracy.toFixed(4) });
});

test("the report needs no network and holds what was learned", async () => {
  const { page, history, testAccuracy } = await quick();
  const html = readFileSync(page, "utf8");
  expect(html).not.toMatch(/<(script|link|img)[^>]*(src|href)="(?!data:)/);
  expect(html).not.toMatch(/url\(|@import/);
  expect(html).toContain(`<title>MNIST: ${(100 * testAccuracy).toFixed(2)} % right</title>`);
  expect(html).toContain("new uPlot(");
  const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] as string;
  const data = JSON.parse(json);
  expect(data.epochs).toEqual([1, 2]);
  expect(data.accuracy[1]).toEqual(history.values("validationAccuracy"));
  expect(Buffer.from(data.mistakes[0].pixels, "base64")).toHaveLength(784);
  // The counts of the confusion matrix are the test digits.
  const counts = [...html.matchAll(/<td class="(?:right|wrong)"[^>]*>(\d+)<\/td>/g)].map(([, count]) => Number(count));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(500);
});

test("the same seed gives the same weights", async () => {
  const weights = async (seed: string): Promise<Buffer> => {
    const result = await quick(["--epochs", "1", "--seed", seed]);
    return readFileSync(result.weights);
  };
  const first = await weights("3");
  expect((await weights("3")).equals(first)).toBe(true);
  expect((await weights("4")).equals(first)).toBe(false);
});

test.each([
  ["--loss", "mean-squared-error"],
  ["--loss", "hinge"],
  ["--optimizer", "sgd"],
])("learns with %s %s", async (...args) => {
  expect((await quick(args)).testAccuracy).toBeGreaterThan(0.8);
});

test("flags", () => {
  expect(parseFlags([])).toEqual({
    epochs: 5,
    batchSize: 128,
    loss: "cross-entropy",
    optimizer: "adam",
    learningRate: 0.005,
    seed: 0,
    output: "output/mnist",
  });
  expect(parseFlags(["--optimizer", "sgd", "--learning-rate=0.2"])).toMatchObject({
    optimizer: "sgd",
    learningRate: 0.2,
  });
  expect(parseFlags(["--optimizer", "sgd"])).toMatchObject({ learningRate: 0.1 });
});

test.each([
  [["--epoch", "5"], "mnist: Unknown option '--epoch'; --help lists the flags"],
  [["many"], "mnist: Unexpected argument 'many'; --help lists the flags"],
  [["--epochs"], "mnist: Option '--epochs <value>' argument missing; --help lists the flags"],
  [["--epochs", "0"], 'mnist: "--epochs" expected an integer of at least 1, got "0"'],
  [["--batch-size", "ten"], 'mnist: "--batch-size" expected an integer of at least 1, got "ten"'],
  [["--seed", ""], 'mnist: "--seed" expected an integer of at least 0, got ""'],
  [["--learning-rate", "0"], 'mnist: "--learning-rate" expected a number above 0, got "0"'],
  [["--loss", "mse"], 'mnist: "--loss" expected cross-entropy, mean-squared-error, hinge, got "mse"'],
  [["--optimizer", "Adam"], 'mnist: "--optimizer" expected adam, sgd, got "Adam"'],
  [["--output", ""], 'mnist: "--output" expected a folder, got ""'],
])("%o is refused with a message and exit code 1", async (args, message) => {
  const error = vi.spyOn(console, "error").mockReturnValue();
  expect(await main(args)).toBe(1);
  expect(error.mock.calls).toEqual([[message]]);
});

test("a folder that can't be made is refused before the work", async () => {
  const error = vi.spyOn(console, "error").mockReturnValue();
  expect(await main(["--output", join(import.meta.filename, "inside")])).toBe(1);
  expect(error.mock.calls[0]?.[0]).toMatch(/^mnist: ENOTDIR/);
});

test("--help prints the flags", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  expect(await main(["--help"])).toBe(0);
  for (const name of ["epochs", "batch-size", "loss", "optimizer", "learning-rate", "seed", "output", "help"])
    expect(log.mock.calls[0]?.[0]).toContain(`--${name}`);
});
