// npm run docs: the documentation site, into docs/site. With --check: a trial run, and the tags that exports must have.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { publicPackages, root } from "./packages.mjs";

/** Tags that an exported function or class must have, besides the text that typedoc asks for. */
const tags = { all: ["example"], losses: ["reference"], optimizers: ["reference"], schedulers: ["reference"] };

const callable = (node) =>
  ts.isFunctionDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  (ts.isVariableDeclaration(node) && node.initializer !== undefined && ts.isFunctionLike(node.initializer));

/** Exports of the public packages that lack a tag, and scaffolding not filled in, one line each. */
function missingTags() {
  const packages = publicPackages();
  const entries = packages.flatMap(({ folder, entries }) => entries.map((entry) => join(root, folder, entry)));
  const { config } = ts.readConfigFile(join(root, "tsconfig.test.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: ["vitest.config.ts"] },
    ts.sys,
    root,
  );
  const program = ts.createProgram(entries, { ...options, incremental: false, tsBuildInfoFile: undefined });
  const checker = program.getTypeChecker();
  const problems = new Set();
  for (const { name, folder, entries } of packages)
    for (const entry of entries) {
      const source = program.getSourceFile(join(root, folder, entry));
      const module = source && checker.getSymbolAtLocation(source);
      if (!module) {
        problems.add(`${folder}/${entry}: missing, or exports nothing, though package.json promises it`);
        continue;
      }
      for (const exported of checker.getExportsOfModule(module)) {
        const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
        const declaration = symbol.declarations?.find(callable);
        if (!declaration) continue;
        const has = new Set(symbol.getJsDocTags(checker).map((tag) => tag.name));
        if (has.has("internal")) continue;
        const file = declaration.getSourceFile();
        const line = file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1;
        for (const tag of [...tags.all, ...(tags[name] ?? [])])
          if (!has.has(tag))
            problems.add(`${file.fileName.slice(root.length)}:${line}: ${exported.name} has no @${tag}`);
      }
    }
  for (const { folder } of packages)
    for (const path of readdirSync(join(root, folder, "src"), { recursive: true }).filter((path) =>
      path.endsWith(".ts"),
    ))
      if (readFileSync(join(root, folder, "src", path), "utf8").includes("FILL IN"))
        problems.add(`${folder}/src/${path}: has a FILL IN that \`npm run new\` left`);
  return [...problems];
}

const check = process.argv.includes("--check");
const problems = check ? missingTags() : [];
for (const text of problems) console.error(text);
const typedoc = [
  join(root, "node_modules/typedoc/bin/typedoc"),
  "--logLevel",
  "Warn",
  ...(check ? ["--out", ".checks/site"] : []),
];
const { status } = spawnSync(process.execPath, typedoc, { cwd: root, stdio: "inherit" });
if (status !== 0) console.error("docs: typedoc found problems, see above");
if (problems.length) console.error(`docs: ${problems.length} exports are not documented`);
console.log(check ? "docs: checked" : "docs: written to docs/site/index.html");
process.exit(status || (problems.length ? 1 : 0));
