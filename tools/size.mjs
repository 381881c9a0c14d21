// What a user's bundle weighs, minified and gzipped, against its budget. Needs the build.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const budgets = [
  {
    name: "tensor + crossEntropy + Adam",
    kilobytes: 60,
    code: `
      import { tensor } from "@downhill/tensor";
      import { crossEntropy } from "@downhill/losses";
      import { Adam } from "@downhill/optimizers";
      globalThis.used = [tensor, crossEntropy, Adam];`,
  },
  {
    name: "all of schedulers",
    kilobytes: 3,
    code: `export * from "@downhill/schedulers";`,
  },
];

// packages/examples depends on the whole family, so that imports resolve from there as a user's do.
const resolveDir = fileURLToPath(new URL("../packages/examples", import.meta.url));
let failed = false;
for (const { name, kilobytes, code } of budgets) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "error",
  });
  const size = gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000;
  const over = size > kilobytes;
  failed ||= over;
  console.log(`size: ${name}: ${size.toFixed(1)} KB of ${kilobytes} KB${over ? " -- OVER ITS BUDGET" : ""}`);
}
process.exit(failed ? 1 : 0);
