// Checks the rules of import-rules.mjs over every package: node tools/check-imports.mjs [root]
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { mayUseTesting, packageRules, tensorLayers } from "./import-rules.mjs";

const scope = "@downhill/";
const layerNames = [...tensorLayers.map((names) => names.join(" ")), "the top"];
const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const posix = (path) => path.split(sep).join("/");

/** Every import and re-export of a file, dynamic ones too: `{ specifier, line, typeOnly, dynamic }`. */
export function importsOf(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const add = (node, literal, typeOnly, dynamic = false) => {
    if (!literal || !ts.isStringLiteralLike(literal)) return;
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    found.push({ specifier: literal.text, line, typeOnly, dynamic });
  };
  const visit = (node) => {
    // `import { type A } from "x"` still loads x (verbatimModuleSyntax); only `import type` does not.
    if (ts.isImportDeclaration(node))
      add(node, node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node)) add(node, node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node, node.arguments[0], false, true);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The packages under `root`: name, folder, manifest and TypeScript files. */
function readPackages(root) {
  const folders = existsSync(join(root, "packages"))
    ? readdirSync(join(root, "packages")).map((d) => `packages/${d}`)
    : [];
  return [...folders, "bench"]
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => {
      const files = ["src", "test"].flatMap((part) => {
        const at = join(root, folder, part);
        if (!existsSync(at)) return [];
        return readdirSync(at, { recursive: true })
          .filter((file) => /\.(ts|mts|js|mjs)$/.test(file) && !file.endsWith(".d.ts"))
          .map((file) => join(at, file));
      });
      return {
        name: folder.split("/").at(-1),
        folder: join(root, folder),
        manifest: json(join(root, folder, "package.json")),
        files,
      };
    });
}

/** The file that a relative specifier means: `./a.js` is `a.ts` in the sources. */
function target(from, specifier) {
  const path = resolve(dirname(from), specifier);
  return (
    [path.replace(/\.js$/, ".ts"), path.replace(/\.mjs$/, ".mts"), path].find(existsSync) ??
    path.replace(/\.js$/, ".ts")
  );
}

function layerOf(pack, path) {
  const inside = posix(relative(join(pack.folder, "src"), path));
  const index = tensorLayers.findIndex((names) =>
    names.some((name) => (name.endsWith("/") ? inside.startsWith(name) : inside === name)),
  );
  return index < 0 ? tensorLayers.length : index;
}

/** Files that `import "@downhill/<pack>"` loads at once: they must run everywhere and need nothing installed. */
function loadedByIndex(pack, imports) {
  const seen = new Set();
  const walk = (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { specifier, typeOnly, dynamic } of imports.get(path) ?? [])
      if (specifier.startsWith(".") && !typeOnly && !dynamic) walk(target(path, specifier));
  };
  walk(join(pack.folder, "src/index.ts"));
  return seen;
}

/** Checks one import; returns what is wrong with it, or undefined. */
function problem({ root, pack, packages, path, inTest, entry, rootDependencies }, { specifier, typeOnly, dynamic }) {
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = pack.manifest;
  const rule = packageRules[pack.name];
  const free = inTest || rule === "anything";

  if (specifier.startsWith(".")) {
    const to = target(path, specifier);
    if (free && !relative(join(root, "tools"), to).startsWith("..")) return;
    if (relative(pack.folder, to).startsWith("..")) return `leaves its package: import "${scope}..." by name`;
    if (pack.name === "tensor" && !inTest && !typeOnly) {
      const [from, onto] = [layerOf(pack, path), layerOf(pack, to)];
      if (onto > from)
        return `a file of layer "${layerNames[from]}" imports from a higher layer, "${layerNames[onto]}": move it, or use \`import type\``;
    }
    return;
  }

  if (specifier.startsWith(scope)) {
    const [name, ...rest] = specifier.slice(scope.length).split("/");
    const subpath = rest.length ? `./${rest.join("/")}` : ".";
    const other = packages.find((p) => p.name === name);
    if (!other) return `there is no package ${scope}${name}`;
    if (name === "testing")
      return inTest || mayUseTesting.includes(pack.name)
        ? undefined
        : "only test/ folders, bench and examples may import the private package testing";
    if (!other.manifest.exports?.[subpath]) return `"${subpath}" is not among the exports of ${scope}${name}`;
    if (name === pack.name) return inTest ? undefined : "a package imports itself: use a relative path";
    // Tests run on the sources of the whole family, by vitest's aliases.
    if (inTest) return;
    if (!dependencies[scope + name]) return `${scope}${name} is not in the dependencies of its package.json`;
    if (free || typeOnly || rule?.includes(name)) return;
    if (!rule) return `the package ${pack.name} has no row in tools/import-rules.mjs`;
    return `${pack.name} may not import ${name} at run time (${pack.name} -> ${rule.join(", ") || "nothing"})`;
  }

  if (specifier.startsWith("node:") || builtinModules.includes(specifier)) {
    if (!free && !typeOnly && !dynamic && entry.has(path))
      return "a Node module in what browsers load with the package: import it dynamically, or from a subpath";
    return;
  }

  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const declared = dependencies[name] ?? peerDependencies[name];
  if (inTest)
    return declared || devDependencies[name] || rootDependencies[name]
      ? undefined
      : `${name} is not declared in package.json`;
  if (!declared && !(typeOnly && devDependencies[name])) return `${name} is not declared in package.json`;
  if (!free && !typeOnly && entry.has(path))
    return `the main entry may not load ${name}: what needs more is a subpath with an optional peer`;
}

/** Everything wrong with the imports under `root`, one line each. */
export function checkImports(root) {
  const packages = readPackages(root);
  const manifest = existsSync(join(root, "package.json")) ? json(join(root, "package.json")) : {};
  const problems = [];
  let files = 0;
  for (const pack of packages) {
    const imports = new Map(pack.files.map((path) => [path, importsOf(path, readFileSync(path, "utf8"))]));
    const entry = loadedByIndex(pack, imports);
    for (const [path, list] of imports) {
      files++;
      const inTest = posix(relative(pack.folder, path)).startsWith("test/");
      const context = { root, pack, packages, path, inTest, entry, rootDependencies: manifest.devDependencies ?? {} };
      for (const item of list) {
        const text = problem(context, item);
        if (text) problems.push(`${posix(relative(root, path))}:${item.line}: "${item.specifier}": ${text}`);
      }
    }
    const allowed = packageRules[pack.name] === "anything";
    for (const name of Object.keys(pack.manifest.dependencies ?? {}))
      if (!allowed && !name.startsWith(scope))
        problems.push(
          `${posix(relative(root, pack.folder))}/package.json: "${name}": no runtime dependency outside the family; make it an optional peer of a subpath`,
        );
  }
  return { problems, files };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url)));
  const { problems, files } = checkImports(root);
  for (const text of problems) console.error(text);
  console.log(`imports: ${files} files, ${problems.length} problems`);
  process.exit(problems.length ? 1 : 0);
}
