// A page of its own server in Chromium.
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium as launcher } from "playwright";
import { chromium } from "../../../tools/chromium.mjs";

const always = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"];
/** The last one lets the page collect garbage between turns. */
const webGpu = ["--enable-unsafe-webgpu", "--enable-features=Vulkan", "--js-flags=--expose-gc"];
const software = ["--use-webgpu-adapter=swiftshader", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

/** The page and its modules: path → text. */
async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./page.mjs", import.meta.url))],
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2023",
    outdir: "/",
    write: false,
    logLevel: "error",
  });
  return new Map([
    ["/", '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'],
    ...outputFiles.map(({ path, text }) => [path, text]),
  ]);
}

/** A server of these files. Isolated pages have finer clocks. */
async function serve(files) {
  const server = createServer(({ url }, response) => {
    const text = files.get(url);
    response.writeHead(text === undefined ? 404 : 200, {
      "Content-Type": url === "/" ? "text/html" : "text/javascript",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    });
    response.end(text);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** Calls `globalThis.bench(options)` in the page and gives its result; console lines of the page go to `print`. */
export async function inBrowser(options, { hardware, print }) {
  if (!hardware) process.env.VK_ICD_FILENAMES ??= "/usr/lib/chromium/vk_swiftshader_icd.json";
  process.env.XDG_RUNTIME_DIR ??= "/tmp";
  const server = await serve(await bundle());
  const executablePath = chromium();
  const browser = await launcher.launch({
    ...(executablePath && { executablePath }),
    args: [...always, ...webGpu, ...(hardware ? [] : software)],
  });
  try {
    const page = await browser.newPage();
    page.on("console", (message) => print(message.type(), message.text()));
    const failed = new Promise((_, reject) => {
      page.on("pageerror", reject);
      page.on("crash", () => reject(new Error("the page crashed")));
    });
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const finished = page
      .waitForFunction(() => "bench" in globalThis)
      .then(() => page.evaluate((options) => globalThis.bench(options), options));
    return { browser: browser.version(), ...(await Promise.race([finished, failed])) };
  } finally {
    await browser.close();
    server.close();
  }
}
