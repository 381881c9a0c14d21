// The command line: [case | group ...] [--rounds 7] [--round 150] [--only downhill,pytorch] [--threads 2] [--scaling] [--readme].
import { readdirSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { groupedCases, groups, namesOf } from "./groups/index.mjs";
import { rivals } from "./rivals.mjs";

const order = [
  ...["mlp-784-128-10", "mlp-784-128-10-gradient", "mlp-784-10-10", "conv-net", "cross-entropy"],
  ...["mean-squared-error", "huber", "bce-with-logits", "layer-norm", "softmax"],
  ...["adam", "adam-fused", "adam-guarded", "small-sgd-fused", "small-adam-fused", "small-adamw-fused"],
  ...["matmul-256", "matmul-512", "matmul-1024"],
];

/** What to measure; ends the process when that can't be. */
export function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "7" },
      round: { type: "string", default: "150" },
      only: { type: "string" },
      threads: { type: "string" },
      scaling: { type: "boolean", default: false },
      readme: { type: "boolean", default: false },
    },
  });
  const available = readdirSync(new URL("./cases/", import.meta.url)).map((file) => file.replace(/\.mjs$/, ""));
  const plain = [...order, ...available.filter((name) => !order.includes(name))];
  const known = [...plain, ...Object.keys(groupedCases)];
  const chosen = values.only ? values.only.split(",") : Object.keys(rivals);
  const all = positionals.length === 0 && (values.readme || !values.scaling);
  const names = [...new Set(all ? known : positionals.flatMap((name) => (name in groups ? namesOf(name) : [name])))];
  // What the READMEs show is always all of it; of a group that is measured alone, its tables.
  const full = all || (values.readme && names.some((name) => !isGrouped(name)));
  const threads = count("threads", values.threads ?? (full ? "2" : "1"));
  const problems = [
    ...names
      .filter((name) => !known.includes(name.split("@")[0]))
      .map(
        (name) => `no case "${name}"; there are ${known.join(", ")}, and for many ${Object.keys(groups).join(", ")}`,
      ),
    ...chosen
      .filter((key) => !(key in rivals))
      .map((key) => `no library "${key}"; there are ${Object.keys(rivals).join(", ")}`),
    ...(values.readme ? Object.keys(groups) : [])
      .filter((group) => isPart(group, names))
      .map((group) => `--readme shows whole tables: name "${group}" instead of some of its cases`),
  ];
  if (problems.length > 0) fail(problems);
  return {
    names,
    chosen,
    rounds: count("rounds", values.rounds),
    roundMilliseconds: count("round", values.round),
    threads,
    // Asked for by number every case runs on threads; in a full run those that are large enough.
    threadedCases: values.threads === undefined ? "large" : "all",
    scaling: values.scaling || full,
    readme: values.readme,
    cores: availableParallelism(),
    load: loadavg()[0],
  };
}

const isGrouped = (name) => name.split("@")[0] in groupedCases;

/** Whether some cases of a group are named, but not each of them as it comes. */
function isPart(group, names) {
  const cases = namesOf(group);
  return names.some((name) => cases.includes(name.split("@")[0])) && !cases.every((name) => names.includes(name));
}

function count(name, text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) fail([`--${name} expected an integer of at least 1, got "${text}"`]);
  return value;
}

function fail(lines) {
  for (const line of lines) console.error(`bench: ${line}`);
  process.exit(2);
}
