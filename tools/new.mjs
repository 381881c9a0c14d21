// npm run new <kind> <name>: the files of a new loss, optimizer, scheduler, regularizer or layer, to be filled in.
// Its test, and `npm test -- docs`, fail until every FILL IN is gone. A loss may name its folder: npm run new loss dice segmentation.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { folders, update } from "./catalogue.mjs";

const header = (
  sentence,
  params,
  example,
  reference = "FILL IN: paper or reference implementation, with its address",
) => `/**
 * FILL IN: ${sentence}
 *
 * $$ FILL IN: the formula $$
 *
${params.map((param) => ` * @param ${param}\n`).join("")} * @returns FILL IN: shape and meaning
 * @throws RangeError FILL IN: when
 * @example
 * \`\`\`ts
${example.map((line) => ` * ${line}\n`).join("")} * \`\`\`
 * @reference ${reference}
 */`;

const pascal = (name) => name[0].toUpperCase() + name.slice(1);
const kebab = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();

const functionOf = (pack, params, imports, signature, example) => (name) =>
  `${imports}
/** Options of {@link ${name}}. */
export interface ${pascal(name)}Options {
  /** FILL IN: meaning, range. @defaultValue FILL IN */
  readonly fillIn?: number;
}

${header("one sentence.", params, [`import { ${name} } from "@downhill/${pack}";`, ...example(name)])}
export function ${name}(${signature(name)} {
  throw new Error("${name}: FILL IN the formula");
}
`;

const classOf = (pack, imports, body, example) => (name) =>
  `${typeof imports === "function" ? imports(name) : imports}
${header("one sentence.", ["options - FILL IN"], [`import { ${name} } from "@downhill/${pack}";`, ...example(name)]).replace(/ \* @param[^\n]*\n \* @returns[^\n]*\n/, "")}
export class ${name} ${body(name)}
`;

/** What each kind is made of: its package, whether it is a class, and its source. */
const kinds = {
  loss: { pack: "losses" },
  scheduler: {
    pack: "schedulers",
    source: functionOf(
      "schedulers",
      ["lr - the rate of the first step, finite and >= 0", "options - FILL IN"],
      `import type { Schedule } from "./schedule.js";\n`,
      (name) => `lr: number, options: ${pascal(name)}Options): Schedule`,
      (name) => ["", `${name}(1, {})(0); // => FILL IN`],
    ),
  },
  regularizer: {
    pack: "regularizers",
    source: functionOf(
      "regularizers",
      ["parameters - the parameters to penalise", "options - FILL IN"],
      `import type { Parameter, Tensor } from "@downhill/tensor";\n`,
      (name) => `parameters: Iterable<Parameter>, options: ${pascal(name)}Options = {}): Tensor`,
      (name) => [
        'import { parameter } from "@downhill/tensor";',
        "",
        `await ${name}([parameter([1, -2])]).item(); // => FILL IN`,
      ],
    ),
  },
  optimizer: {
    pack: "optimizers",
    isClass: true,
    source: classOf(
      "optimizers",
      (name) => `import type { OptimizerOptions, Trainable } from "./groups.js";
import { Optimizer } from "./optimizer.js";
import type { Rule, RuleSettings } from "./rule.js";

/** Options of {@link ${name}}, complete. FILL IN: one field each, with its range and default. */
export interface ${name}Settings extends RuleSettings {}

/** Options of {@link ${name}}. */
export type ${name}Options = OptimizerOptions<${name}Settings>;

const rule: Rule<${name}Settings, object, "lr"> = {
  name: "${name}",
  defaults: { lr: 1e-3 },
  init: () => ({}),
  numbers: (_settings, { lr }) => ({ lr }),
  update() {
    throw new Error("${name}: FILL IN the update, as in sgd.ts");
  },
};
`,
      (name) => `extends Optimizer {
  constructor(parameters: Trainable<${name}Options>, options: ${name}Options = {}) {
    super(rule, parameters, options);
  }
}`,
      (name) => [
        'import { parameter } from "@downhill/tensor";',
        "",
        "const weight = parameter([1, 2]);",
        `const optimizer = new ${name}([weight]);`,
        "weight.square().sum().backward();",
        "await optimizer.step();",
        "await weight.array(); // => FILL IN",
      ],
    ),
  },
  layer: {
    pack: "nn",
    isClass: true,
    source: classOf(
      "nn",
      `import type { Layer, Tensor } from "@downhill/tensor";\n`,
      (name) => `implements Layer {
  /** FILL IN: shapes of \`x\` and of the result. */
  forward(_x: Tensor): Tensor {
    throw new Error("${name}: FILL IN the formula");
  }
}`,
      (name) => [
        'import { tensor } from "@downhill/tensor";',
        "",
        `await new ${name}().forward(tensor([1, 2])).array(); // => FILL IN`,
      ],
    ),
  },
};

/** A loss of the elementwise form; others start from the file that is most like them. */
const loss = (name, folder) => `import type { Tensor, TensorLike } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link ${name}}. */
export interface ${pascal(name)}Options extends LossOptions {
  /** FILL IN: meaning, range. @defaultValue FILL IN */
  readonly fillIn?: number | undefined;
}

${header(
  "one sentence.",
  [
    "prediction - `[...shape]`, FILL IN: range",
    "target - `[...shape]`, the shape of `prediction`",
    "options - FILL IN, `reduction`, `sampleWeight`",
  ],
  [
    `import { ${name} } from "@downhill/losses";`,
    'import { tensor } from "@downhill/tensor";',
    "",
    `await ${name}(tensor([1, 3]), tensor([3, 1])).item(); // => FILL IN`,
  ],
).replace(" * @reference", ` * @category ${folders[folder]}\n * @reference`)}
export function ${name}(prediction: Tensor, target: TensorLike, options: ${pascal(name)}Options = {}): Tensor {
  const fn = "${name}";
  const reduction = checkOptions(fn, options, ["fillIn"]);
  const [p, t] = pairOf(fn, prediction, target);
  const losses = p.sub(t); // FILL IN: the formula per element
  return reduced(fn, losses, reduction, options);
}
`;

/** Writes the source of a loss, its row of facts, the index and the table; its golden rows are still to be made. */
function scaffoldLoss(base, name, folder) {
  if (!(folder in folders))
    throw new Error(`new: "folder" expected one of ${Object.keys(folders).join(", ")}, got ${folder}`);
  const source = join(base, "src", folder, `${kebab(name)}.ts`);
  const facts = join(base, "test", `${folder}.test.ts`);
  if (existsSync(source)) throw new Error(`new: ${source} is there already`);
  const before = readFileSync(facts, "utf8");
  const place = before.indexOf("};\n\nlossSuite(");
  if (place < 0) throw new Error(`new: ${facts} expected a table of facts before lossSuite(...), found none`);
  mkdirSync(dirname(source), { recursive: true });
  writeFileSync(source, loss(name, folder));
  writeFileSync(facts, `${before.slice(0, place)}  ${name}: { holds: [] },\n${before.slice(place)}`);
  update(base);
  return [source, facts, join(base, "src/index.ts"), join(base, "README.md")];
}

const test = (kind, name) => `import { ${name} } from "@downhill/${kinds[kind].pack}";
import { expect, test } from "vitest";

test("${name}: FILL IN: rows as in the tests beside this one", () => {
  expect.fail(\`${name} has no row yet: value and its source, properties, errors (\${typeof ${name}})\`);
});
`;

/** Writes the files under `root`; returns their paths, or throws with the reason. */
export function scaffold(root, kind, name, folder = "regression") {
  const { pack, isClass, source } = kinds[kind] ?? {};
  if (!pack) throw new Error(`new: "kind" expected one of ${Object.keys(kinds).join(", ")}, got ${kind}`);
  const form = isClass ? /^[A-Z][A-Za-z0-9]*$/ : /^[a-z][A-Za-z0-9]*$/;
  if (!form.test(name ?? ""))
    throw new Error(`new: "name" expected ${isClass ? "PascalCase" : "camelCase"}, got ${name}`);
  if (kind === "loss") return scaffoldLoss(join(root, "packages", pack), name, folder);
  const at = (path) => join(root, "packages", pack, path);
  const files = [at(`src/${kebab(name)}.ts`), at(`test/${kebab(name)}.test.ts`)];
  for (const file of files) if (existsSync(file)) throw new Error(`new: ${file} is there already`);
  writeFileSync(files[0], source(name));
  writeFileSync(files[1], test(kind, name));
  const names = isClass ? name : `type ${pascal(name)}Options, ${name}`;
  const index = at("src/index.ts");
  writeFileSync(index, `${readFileSync(index, "utf8")}export { ${names} } from "./${kebab(name)}.js";\n`);
  return [...files, index];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  try {
    const files = scaffold(root, ...process.argv.slice(2));
    // Puts the new line of the barrel in its place, too.
    spawnSync(process.execPath, [join(root, "node_modules/@biomejs/biome/bin/biome"), "check", "--write", ...files], {
      cwd: root,
    });
    if (process.argv[2] === "loss") console.log("Its golden rows belong into tools/golden/losses_<folder>.py.");
    console.log(`Fill in:\n${files.map((file) => `  ${file.slice(root.length)}`).join("\n")}`);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
