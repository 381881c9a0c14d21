// AssemblyScript -> src/generated/cpu-wasm.ts, and the code of workers -> src/generated/worker-text.ts. The parts of assembly/
// that repeat (*.gen.ts) exist in memory only; when the compiler rejects them they are written to build/, to be read there.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { elementwiseLoops } from "./elementwise-loops.mjs";
import { constantTable, interleave } from "./interleave.mjs";
import { pack } from "./pack.mjs";

const root = new URL("../", import.meta.url);
const at = (path) => fileURLToPath(new URL(path, root));
const read = (path) => readFileSync(at(path), "utf8");

// A memory with a maximum may be shared or not: see sharedModule() in engines/cpu/wasm.ts, which changes one byte.
// The memory is fresh: static zeros need no bytes, and a second instance must not write them over what is there.
const flags =
  "--optimizeLevel 3 --shrinkLevel 0 --noAssert --runtime stub --importMemory --importTable --maximumMemory 65536 --zeroFilledMemory --enable simd".split(
    " ",
  );
/** One WebAssembly module each; relaxed SIMD is one more row. */
const variants = [{ name: "cpuWasm", file: "src/generated/cpu-wasm.ts", flags }];

const { build } = await import("esbuild");
const bundle = await build({
  stdin: {
    contents: ["ops/elementwise", "engines/cpu/instruction-pairs", "engines/cpu/bytes-of"]
      .map((path) => `export * from "./src/${path}.ts";`)
      .join("\n"),
    resolveDir: at("."),
  },
  bundle: true,
  format: "esm",
  platform: "neutral",
  write: false,
});
const source = Buffer.from(bundle.outputFiles[0].contents).toString("base64");
const { elementwiseRows, pairs, bytesOf } = await import(`data:text/javascript;base64,${source}`);
const rows = elementwiseRows.map(({ name, evaluate, simd, simdInt }) => ({
  name,
  arity: evaluate.length,
  simd,
  simdInt,
}));

// The code of workers, as text that the bundles of users hold.
const worker = await build({
  entryPoints: [at("src/engines/cpu/worker.ts")],
  bundle: true,
  minify: true,
  write: false,
});
const workerText = `export const workerText = ${JSON.stringify(worker.outputFiles[0].text.trim())};\n`;
const workerFile = at("src/generated/worker-text.ts");
mkdirSync(at("src/generated"), { recursive: true });
if (!existsSync(workerFile) || readFileSync(workerFile, "utf8") !== workerText) writeFileSync(workerFile, workerText);

const sources = readdirSync(at("assembly")).filter((file) => file.endsWith(".ts"));
const scripts = readdirSync(at("scripts")).filter((file) => file.endsWith(".mjs"));
const hash = createHash("sha256").update(JSON.stringify([rows, pairs, variants]));
for (const path of [...sources.map((file) => `assembly/${file}`), ...scripts.map((file) => `scripts/${file}`)].sort())
  hash.update(path).update(read(path));
hash.update(
  JSON.parse(readFileSync(new URL("../package.json", import.meta.resolve("assemblyscript/asc")), "utf8")).version,
);
const stamp = `// inputs ${hash.digest("hex")}`;
const stale = variants.filter(({ file }) => !existsSync(at(file)) || !read(file).startsWith(stamp));

if (stale.length > 0) {
  const constants = constantTable();
  const lanes = interleave(read("assembly/lanes.ts"), constants);
  const generated = {
    "elementwise.gen.ts": elementwiseLoops(rows, pairs, constants),
    "lanes.gen.ts": `import { madd, nmadd } from "./lanes";\n${constants.source()}${lanes}`,
  };
  for (const variant of stale) await compile(variant, generated);
}

async function compile({ name, file, flags }, generated) {
  const { default: asc } = await import("assemblyscript/asc");
  let wasm;
  const { error, stderr } = await asc.main(["assembly/index.ts", "--outFile", "cpu.wasm", ...flags], {
    readFile: (path) => generated[path.replace(/^assembly\//, "")] ?? (existsSync(at(path)) ? read(path) : null),
    writeFile(path, bytes) {
      if (path.endsWith(".wasm")) wasm = bytes;
    },
    listFiles: () => [],
  });
  if (error || wasm === undefined) {
    mkdirSync(at("build"), { recursive: true });
    for (const [path, text] of Object.entries(generated)) writeFileSync(at(`build/${path}`), text);
    process.stderr.write(stderr.toString());
    throw new Error(
      `build-wasm: assembly/ does not compile: ${error?.message}; the generated parts are in ${at("build")}`,
    );
  }
  wasm = await optimized(wasm);
  const { length, text } = pack(wasm);
  if (Buffer.compare(bytesOf({ length, text }), wasm) !== 0)
    throw new Error("build-wasm: scripts/pack.mjs wrote what engines/cpu/bytes-of.ts does not read back");
  writeFileSync(at(file), `${stamp}\nexport const ${name} = {\n  length: ${length},\n  text: "${text}",\n};\n`);
  process.stdout.write(`${file}: ${wasm.length} bytes of WebAssembly\n`);
}

/** A second round, with the compiler's own Binaryen: what the first one inlined is shared out anew, a twentieth less to load. */
async function optimized(wasm) {
  const { resolve } = createRequire(import.meta.resolve("assemblyscript/asc"));
  const { default: binaryen } = await import(pathToFileURL(resolve("binaryen")));
  const module = binaryen.readBinary(wasm);
  const features = ["SIMD128", "BulkMemory", "BulkMemoryOpt", "MutableGlobals", "SignExt", "NontrappingFPToInt"];
  module.setFeatures(features.reduce((set, name) => set | binaryen.Features[name], 0));
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(1);
  // Binaryen's defaults; the compiler leaves its own behind.
  binaryen.setAlwaysInlineMaxSize(2);
  binaryen.setFlexibleInlineMaxSize(20);
  binaryen.setOneCallerInlineMaxSize(0xffffffff);
  module.optimize();
  return module.emitBinary();
}
