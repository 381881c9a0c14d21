// Installs the dependencies when they are missing or older than the lockfile; needs only Node and npm.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, utimesSync } from "node:fs";

const at = (path) => new URL(`../${path}`, import.meta.url);
const { packageManager, engines } = JSON.parse(readFileSync(at("package.json"), "utf8"));

const wanted = engines.node.match(/\d+/g).map(Number);
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  console.error(`bootstrap: Node ${engines.node} expected, got ${process.versions.node}; install a newer Node`);
  process.exit(1);
}

const stamp = at("node_modules/.modules.yaml");
const fresh = () =>
  existsSync(stamp) &&
  existsSync(at("node_modules/.bin/pnpm")) &&
  statSync(at("pnpm-lock.yaml")).mtimeMs <= statSync(stamp).mtimeMs;

if (!fresh()) {
  console.log(`bootstrap: installing with ${packageManager} ...`);
  const { status } = spawnSync("npx", ["--yes", packageManager, "install", "--frozen-lockfile"], {
    cwd: at("."),
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error(`bootstrap: the install failed (exit status ${status}); see its messages above`);
    process.exit(status ?? 1);
  }
  // pnpm leaves the stamp's time alone when there was nothing to do.
  utimesSync(stamp, new Date(), new Date());
}
