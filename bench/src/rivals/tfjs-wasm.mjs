import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

/** TensorFlow.js on its WebAssembly backend, SIMD without threads. */
export async function open() {
  const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${dirname(entry)}/`);
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend did not start");
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  return {
    side: "tfjs",
    info: `${tf.version.tfjs}, ${tf.getBackend()} backend, ${simd ? "SIMD" : "no SIMD"}`,
    library: tf,
  };
}
