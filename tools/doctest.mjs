// Runs every example of the doc comments, READMEs and guides. See AGENTS.md for what an example may say.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { findExamples } from "./doctest/extract.mjs";
import { generate } from "./doctest/generate.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, ".doctest");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);

const { examples, problems } = findExamples(root);
const modules = new Map();
let checks = 0;
for (const example of examples) {
  const made = generate(example);
  problems.push(...made.problems);
  checks += made.checks;
  const file = join(folder, `${example.path.replaceAll("/", "_")}_${example.line}.test.ts`);
  writeFileSync(file, made.text);
  modules.set(file.replaceAll("\\", "/"), { ...example, throwing: made.throwing });
}

/** Type errors in the examples, but for the lines that are meant to throw. */
function typeErrors() {
  const { config } = ts.readConfigFile(join(root, "tsconfig.test.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: ["vitest.config.ts"] },
    ts.sys,
    root,
  );
  const program = ts.createProgram([...modules.keys()], {
    ...options,
    noUnusedLocals: false,
    incremental: false,
    tsBuildInfoFile: undefined,
  });
  return [...modules].flatMap(([file, { path, throwing }]) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].flatMap(
      (diagnostic) => {
        const line = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line + 1;
        return throwing.has(line)
          ? []
          : [`${path}:${line}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n  ")}`];
      },
    );
  });
}

if (!problems.length && modules.size) problems.push(...typeErrors());
for (const text of problems) console.error(text);
if (problems.length) {
  console.error(`doctest: ${problems.length} problems in ${examples.length} examples`);
  process.exit(1);
}
console.log(`doctest: ${examples.length} examples, ${checks} checked values`);
if (examples.length === 0) process.exit(0);
const { status } = spawnSync(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--project",
    "docs",
    "--silent=passed-only",
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);
process.exit(status ?? 1);
