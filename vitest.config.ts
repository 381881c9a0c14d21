import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromium } from "./tools/chromium.mjs";

process.env.VK_ICD_FILENAMES ??= "/usr/lib/chromium/vk_swiftshader_icd.json";
process.env.XDG_RUNTIME_DIR ??= "/tmp";

// Tests run on the sources, never on dist.
const resolve = {
  alias: [
    { find: /^@downhill\/([a-z-]+)$/, replacement: `${import.meta.dirname}/packages/$1/src/index.ts` },
    { find: /^@downhill\/([a-z-]+)\/([a-z-]+)$/, replacement: `${import.meta.dirname}/packages/$1/src/$2.ts` },
  ],
};

// Software rendering for WebGPU and WebGL2, and no traffic of the browser's own.
const flags = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];
const executablePath = chromium();

declare module "vitest" {
  interface ProvidedContext {
    /** How tests start Chromium. */
    readonly chromium: { readonly executablePath: string | undefined; readonly args: readonly string[] };
  }
}

export default defineConfig({
  test: {
    // A focused test fails; biome's rule for that takes `fit(...)` for one.
    allowOnly: false,
    coverage: { provider: "v8", include: ["packages/*/src/**"], exclude: ["**/generated/**"] },
    projects: [
      {
        resolve,
        test: {
          name: "node",
          include: ["packages/*/test/**/*.test.ts", "bench/test/**/*.test.ts", "tools/test/**/*.test.mjs"],
          exclude: ["**/*.{browser,chromium,fuzz}.test.ts", "**/*.relaxed.test.ts"],
          pool: "threads",
        },
      },
      // The CPU engine once more with relaxed multiply-add, which Node 20 has behind a flag and later ones always.
      {
        resolve,
        test: {
          name: "relaxed",
          include: [
            "packages/tensor/test/assembly/**/*.test.ts",
            "packages/tensor/test/{accuracy,edges-*,generated,matmul,convolution}.test.ts",
          ],
          pool: "forks",
          execArgv: process.version.startsWith("v20.") ? ["--experimental-wasm-relaxed-simd"] : [],
        },
      },
      {
        resolve,
        test: {
          name: "fuzz",
          include: ["packages/*/test/**/*.fuzz.test.ts"],
          setupFiles: ["tools/fuzz-setup.mjs"],
          pool: "threads",
          testTimeout: 600_000,
        },
      },
      // Many tiny modules: sharing what they import makes them four times as fast.
      { resolve, test: { name: "docs", include: [".doctest/**/*.test.ts"], pool: "threads", isolate: false } },
      // Tests in Node that open pages of their own.
      {
        test: {
          name: "chromium",
          include: ["packages/*/test/**/*.chromium.test.ts"],
          provide: { chromium: { executablePath, args: flags } },
        },
      },
      {
        resolve,
        // Makes the page cross-origin isolated, so that it may share memory between workers.
        server: {
          headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
        },
        test: {
          name: "browser",
          include: ["packages/*/test/**/*.browser.test.ts"],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { ...(executablePath && { executablePath }), args: flags } }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
