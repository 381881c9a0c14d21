// npm run check:pack: every public package as a user gets it: packed, linted, installed from its tarball into an empty project,
// imported by Node and bundled by Vite. Needs the build; the only traffic is npm's, for the optional peers.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publicPackages, root } from "./packages.mjs";

const bin = (name) => join(root, "node_modules/.bin", process.platform === "win32" ? `${name}.cmd` : name);
const shell = process.platform === "win32";

/** Runs a command; on failure prints what it said and ends this run. */
function step(title, command, args, cwd) {
  const since = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, shell, encoding: "utf8" });
  console.log(`${title} ... ${status === 0 ? "ok" : "FAILED"}, ${((performance.now() - since) / 1000).toFixed(1)} s`);
  if (status === 0) return;
  console.error(`\n${stdout}${stderr}\npack: "${title}" failed; the project is left in ${project}`);
  process.exit(1);
}

const project = mkdtempSync(join(tmpdir(), "downhill-pack-"));
const tarballs = join(project, "tarballs");
mkdirSync(tarballs);
const packages = publicPackages();
for (const { name, folder } of packages)
  step(`pack ${name}`, bin("pnpm"), ["pack", "--pack-destination", tarballs], join(root, folder));
const files = readdirSync(tarballs).map((file) => join(tarballs, file));
for (const file of files) {
  const name = file.slice(tarballs.length + 1);
  step(`publint ${name}`, bin("publint"), ["run", file, "--strict"], root);
  step(`attw ${name}`, bin("attw"), [file, "--profile", "esm-only", "--no-emoji"], root);
}

const peers = Object.assign({}, ...packages.map(({ manifest }) => manifest.peerDependencies ?? {}));
const manifest = {
  name: "user",
  private: true,
  type: "module",
  dependencies: { ...Object.fromEntries(files.map((file) => [nameOf(file), `file:${file}`])), ...peers },
};
writeFileSync(join(project, "package.json"), JSON.stringify(manifest, null, 2));
step("npm install of the tarballs", "npm", ["install", "--no-audit", "--no-fund"], project);

const specifiers = packages.flatMap(({ manifest }) =>
  Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === "object")
    .map(([subpath]) => manifest.name + subpath.slice(1)),
);
writeFileSync(
  join(project, "all.mjs"),
  specifiers
    .map(
      (name) =>
        `import(${JSON.stringify(name)}).then((m) => { if (!Object.keys(m).length) throw new Error("${name} exports nothing"); });`,
    )
    .join("\n"),
);
step(`Node imports ${specifiers.join(", ")}`, process.execPath, ["all.mjs"], project);

// Subpaths with an optional peer are for Node; the main entries are for everybody.
const browser = packages.map(({ manifest }, i) => `import * as m${i} from "${manifest.name}";`);
writeFileSync(join(project, "index.html"), `<script type="module" src="./main.js"></script>`);
writeFileSync(
  join(project, "main.js"),
  `${browser.join("\n")}\nconsole.log(${browser.map((_, i) => `m${i}`).join(", ")});\n`,
);
step("Vite builds for production", bin("vite"), ["build", "--logLevel", "warn"], project);

rmSync(project, { recursive: true });
console.log(`pack: ${packages.length} packages install, import and bundle`);

function nameOf(file) {
  return packages.find(({ manifest }) => file.includes(manifest.name.replace("@", "").replace("/", "-"))).manifest.name;
}
