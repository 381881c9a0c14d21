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
    name: "huber, over all of tensor",
    kilobytes: 1,
    code: `
      export * from "@downhill/tensor";
      export { huber } from "@downhill/losses";`,
    over: `export * from "@downhill/tensor";`,
  },
  {
    name: "all of schedulers",
    kilobytes: 3,
    code: `export * from "@downhill/schedulers";`,
  },
];

// packages/examples depends on the whole family, so that imports resolve from there as a user's do.
const resolveDir = fileURLToPath(new URL("../packages/examples", import.meta.url));

/** KB of a module that is bundled, minified and gzipped. */
async function weight(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "error",
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000;
}

let failed = false;
for (const { name, kilobytes, code, over: base } of budgets) {
  const size = (await weight(code)) - (base === undefined ? 0 : await weight(base));
  const over = size > kilobytes;
  failed ||= over;
  console.log(`size: ${name}: ${size.toFixed(1)} KB of ${kilobytes} KB${over ? " -- OVER ITS BUDGET" : ""}`);
}
process.exit(failed ? 1 : 0);
