// The packages of the workspace, as the tools need them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The public packages: `{ name, folder, manifest, entries }`; entries are the sources behind its exports. */
export function publicPackages() {
  return readdirSync(join(root, "packages"))
    .map((name) => ({ name, folder: `packages/${name}` }))
    .filter(({ folder }) => existsSync(join(root, folder, "package.json")))
    .map((pack) => ({ ...pack, manifest: JSON.parse(readFileSync(join(root, pack.folder, "package.json"), "utf8")) }))
    .filter(({ manifest }) => !manifest.private)
    .map((pack) => ({
      ...pack,
      entries: Object.values(pack.manifest.exports)
        .filter((target) => typeof target === "object")
        .map(({ default: path }) => path.replace("./dist/", "src/").replace(/\.js$/, ".ts")),
    }));
}

/** Folders of the packages that typedoc reads. */
export const documented = () => publicPackages().map(({ folder }) => folder);
