// What follows from the files of the losses: the index of their package and the table in its README.
// `node tools/catalogue.mjs` writes both; with --check it fails where they are not up to date.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { root } from "./packages.mjs";

const shared = "shared";
const marks = ["<!-- losses, written by tools/catalogue.mjs -->", "<!-- end of losses -->"];

/** The folders of losses and their headings, in the order of the table. */
export const folders = {
  regression: "Regression",
  likelihood: "Likelihoods",
  classification: "Classification",
  ranking: "Ranking",
  detection: "Detection",
  segmentation: "Segmentation",
  sequence: "Sequences",
  "metric-learning": "Metric learning",
};

/** The public exports of a source file: `{ name, isType, sentence, category }`. */
function exportsOf(path) {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((node) => {
    const exported =
      ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    const name = node.name?.text ?? node.declarationList?.declarations[0]?.name.text;
    if (!exported || name === undefined) return [];
    const tags = ts.getJSDocTags(node);
    if (tags.some(({ tagName }) => tagName.text === "internal")) return [];
    const comment = ts.getTextOfJSDocComment(ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc)?.comment) ?? "";
    const text = comment.split("\n\n")[0].replaceAll(/\s+/g, " ").trim();
    const category = tags.find(({ tagName }) => tagName.text === "category");
    return [
      {
        name,
        isType: ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node),
        sentence: (/^.*?\.(?= |$)/.exec(text)?.[0] ?? text).replace(/\.$/, "").replaceAll(/\{@link (\w+)\}/g, "`$1`"),
        category: category && ts.getTextOfJSDocComment(category.comment)?.trim(),
      },
    ];
  });
}

/** The files of a folder of `packages/losses/src` with their public exports, by name. */
function filesOf(base, folder) {
  let names = [];
  try {
    names = readdirSync(join(base, folder)).filter((name) => name.endsWith(".ts"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  return names.sort().map((name) => ({ name, exports: exportsOf(join(base, folder, name)) }));
}

/** `{ path: text }` of what is to be written under `base`, the folder of the package; throws for a loss in the wrong folder. */
export function catalogue(base) {
  const source = join(base, "src");
  const lines = [];
  const tables = [];
  const line = (names, path) =>
    names.length > 0 && lines.push(`export { ${names.join(", ")} } from "./${path.replace(/\.ts$/, ".js")}";`);
  for (const [folder, heading] of Object.entries(folders)) {
    const files = filesOf(source, folder);
    const rows = [];
    for (const { name, exports } of files) {
      line(
        exports.map(({ name, isType }) => (isType ? `type ${name}` : name)),
        `${folder}/${name}`,
      );
      for (const { name: loss, isType, sentence, category } of exports) {
        if (isType) continue;
        if (category !== heading)
          throw new Error(
            `${folder}/${name}: ${loss} expected @category ${heading} like its folder, got ${category ?? "none"}`,
          );
        rows.push(`| \`${loss}\` | ${sentence.replaceAll("|", "\\|")} |`);
      }
    }
    if (rows.length > 0)
      tables.push([`### ${heading}`, "", "| Loss | What it is |", "| --- | --- |", ...rows].join("\n"));
  }
  lines.push(`export type { LossOptions, Reduction } from "./${shared}/options.js";`);
  const head = readFileSync(join(source, "index.ts"), "utf8").match(/^\/\*\*[\s\S]*?\*\/\n/)?.[0] ?? "";
  const readme = readFileSync(join(base, "README.md"), "utf8");
  const [before, after] = [readme.indexOf(marks[0]), readme.indexOf(marks[1])];
  if (before < 0 || after < before) throw new Error(`README.md: expected the lines ${marks.join(" and ")}`);
  return {
    "src/index.ts": `${head}${lines.join("\n")}\n`,
    "README.md": `${readme.slice(0, before)}${marks[0]}\n\n${tables.join("\n\n")}\n\n${readme.slice(after)}`,
  };
}

/** The text as `npm run format` would leave it. */
function formatted(path, text) {
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [biome, "check", "--write", `--stdin-file-path=${path}`],
    {
      cwd: root,
      input: text,
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(`catalogue: ${path} could not be formatted\n${stderr}`);
  return stdout;
}

/** Writes what is not up to date; returns its paths. With `check` it writes nothing. */
export function update(base, { check = false } = {}) {
  const stale = Object.entries(catalogue(base))
    .map(([path, text]) => [path, formatted(path, text)])
    .filter(([path, text]) => readFileSync(join(base, path), "utf8") !== text);
  if (!check) for (const [path, text] of stale) writeFileSync(join(base, path), text);
  return stale.map(([path]) => path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes("--check");
  const stale = update(join(root, "packages/losses"), { check });
  for (const path of stale)
    console[check ? "error" : "log"](
      check
        ? `catalogue: packages/losses/${path} is not what the files say; run node tools/catalogue.mjs`
        : `packages/losses/${path}`,
    );
  if (check && stale.length > 0) process.exitCode = 1;
}
