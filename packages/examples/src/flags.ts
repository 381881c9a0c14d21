import { parseArgs } from "node:util";
import { UsageError } from "./script.js";

const lossNames = ["cross-entropy", "mean-squared-error", "hinge"] as const;
const optimizerNames = ["adam", "sgd"] as const;
/** A loss that the main job offers. */
export type LossName = (typeof lossNames)[number];
/** An optimizer that the main job offers. */
export type OptimizerName = (typeof optimizerNames)[number];

/** The settings of the main job. */
export interface Flags {
  readonly epochs: number;
  readonly batchSize: number;
  readonly loss: LossName;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly seed: number;
  readonly output: string;
}

const learningRates: Record<OptimizerName, number> = { adam: 0.005, sgd: 0.1 };

/** What --help prints. */
export const flagHelp = `Trains a network on the handwritten digits of MNIST, writes its weights and a report.

  npm start -- [flags]

  --epochs N          how often to go through the 60,000 digits (5)
  --batch-size N      digits per step (128)
  --loss NAME         ${lossNames.join(", ")} (cross-entropy)
  --optimizer NAME    ${optimizerNames.join(", ")} (adam)
  --learning-rate X   the first one; it falls to 0 along a cosine (${learningRates.adam}, for sgd ${learningRates.sgd})
  --seed N            for the same run again (0)
  --output DIR        where the weights and the report go (output/mnist)
  --help              this text`;

const flags = {
  epochs: { type: "string", default: "5" },
  "batch-size": { type: "string", default: "128" },
  loss: { type: "string", default: "cross-entropy" },
  optimizer: { type: "string", default: "adam" },
  "learning-rate": { type: "string" },
  seed: { type: "string", default: "0" },
  output: { type: "string", default: "output/mnist" },
  help: { type: "boolean", default: false },
} as const;

/** Reads the flags; throws a {@link UsageError} that names the one that is wrong. */
export function parseFlags(args: string[]): Flags | "help" {
  const values = parse(args);
  if (values.help) return "help";
  const optimizer = oneOf("optimizer", values.optimizer, optimizerNames);
  const rate = values["learning-rate"];
  const output = values.output;
  if (output === "") throw new UsageError('"--output" expected a folder, got ""');
  return {
    epochs: integer("epochs", values.epochs, 1),
    batchSize: integer("batch-size", values["batch-size"], 1),
    loss: oneOf("loss", values.loss, lossNames),
    optimizer,
    learningRate: rate === undefined ? learningRates[optimizer] : positive("learning-rate", rate),
    seed: integer("seed", values.seed, 0),
    output,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: flags, allowPositionals: false }).values;
  } catch (error) {
    // Node's first sentence names the flag; the second is about positional arguments, which this command has none of.
    const [reason = ""] = (error as Error).message.split(/\.\s/);
    throw new UsageError(`${reason.replace(/\.$/, "")}; --help lists the flags`);
  }
}

function integer(flag: string, text: string, low: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= low) return value;
  throw new UsageError(`"--${flag}" expected an integer of at least ${low}, got "${text}"`);
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new UsageError(`"--${flag}" expected a number above 0, got "${text}"`);
}

function oneOf<Name extends string>(flag: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`"--${flag}" expected ${names.join(", ")}, got "${text}"`);
}
