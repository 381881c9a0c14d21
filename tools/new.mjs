// npm run new <kind> <name>: the files of a new loss, optimizer, scheduler, regularizer or layer, to be filled in.
// Its test, and `npm test -- docs`, fail until every FILL IN is gone.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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
  loss: {
    pack: "losses",
    source: functionOf(
      "losses",
      [
        "prediction - `[...shape]`, FILL IN: range",
        "target - `[...shape]`, the shape of `prediction`",
        "options - FILL IN",
      ],
      `import type { Tensor } from "@downhill/tensor";\n`,
      (name) => `prediction: Tensor, target: Tensor, options: ${pascal(name)}Options = {}): Tensor`,
      (name) => [
        'import { tensor } from "@downhill/tensor";',
        "",
        `await ${name}(tensor([1, 3]), tensor([3, 1])).item(); // => FILL IN`,
      ],
    ),
  },
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

const test = (kind, name) => `import { ${name} } from "@downhill/${kinds[kind].pack}";
import { expect, test } from "vitest";

test("${name}: FILL IN: rows as in the tests beside this one", () => {
  expect.fail(\`${name} has no row yet: value and its source, properties, errors (\${typeof ${name}})\`);
});
`;

/** Writes the files under `root`; returns their paths, or throws with the reason. */
export function scaffold(root, kind, name) {
  const { pack, isClass, source } = kinds[kind] ?? {};
  if (!source) throw new Error(`new: "kind" expected one of ${Object.keys(kinds).join(", ")}, got ${kind}`);
  const form = isClass ? /^[A-Z][A-Za-z0-9]*$/ : /^[a-z][A-Za-z0-9]*$/;
  if (!form.test(name ?? ""))
    throw new Error(`new: "name" expected ${isClass ? "PascalCase" : "camelCase"}, got ${name}`);
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
    console.log(`Fill in:\n${files.map((file) => `  ${file.slice(root.length)}`).join("\n")}`);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
