// A page as users build it: Vite's production build, minified, under a policy that forbids eval, trains to the same losses as
// Vite's development server, in the page and in a worker, on every engine.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright";
import { chromium } from "playwright";
import type { InlineConfig, ViteDevServer } from "vite";
import { build, createServer } from "vite";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Engine } from "./page/losses.js";
import type { Outcome } from "./page/main.js";

const root = fileURLToPath(new URL("./page", import.meta.url));
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:";
const types: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };
const config: InlineConfig = { root, base: "./", configFile: false, logLevel: "error", worker: { format: "es" } };

let browser: Browser;
let development: ViteDevServer;
let production: Server;
const out = mkdtempSync(join(tmpdir(), "page-"));
const address = { development: "", production: "" };

const urlOf = (server: Pick<Server, "address">): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

beforeAll(async () => {
  const { executablePath, args } = inject("chromium");
  browser = await chromium.launch({ ...(executablePath && { executablePath }), args: [...args] });

  development = await createServer({ ...config, cacheDir: join(out, "cache"), server: { host: "127.0.0.1", port: 0 } });
  await development.listen();
  address.development = urlOf(development.httpServer as Pick<Server, "address">);

  await build({ ...config, build: { outDir: join(out, "site"), target: "es2022", minify: true } });
  production = createHttpServer(({ url = "/" }, response) => {
    const path = join(out, "site", url === "/" ? "index.html" : url);
    try {
      const body = readFileSync(path);
      const type = types[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": policy }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => production.listen(0, "127.0.0.1", resolve));
  address.production = urlOf(production);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await development?.close();
  production?.close();
  rmSync(out, { recursive: true });
});

async function losses(build: keyof typeof address, place: "page" | "worker", engine: Engine): Promise<unknown> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", ({ message }) => problems.push(message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  try {
    await page.goto(`${address[build]}#${place}/${engine}`);
    const outcome = await page.waitForFunction(() => (globalThis as { outcome?: Outcome }).outcome, undefined, {
      timeout: 60_000,
    });
    const { losses, evaluates } = (await outcome.jsonValue()) as Outcome;
    expect(evaluates).toBe(build === "development");
    return losses;
  } catch (error) {
    throw problems.length > 0 ? new Error(problems.join("\n"), { cause: error }) : error;
  } finally {
    await page.close();
  }
}

test.each(["cpu", "webgpu", "webgl2"] as const)(
  "%s: production and development, page and worker: the same losses",
  async (engine) => {
    const wanted = (await losses("development", "page", engine)) as number[];
    expect(wanted.length).toBe(25);
    expect(wanted.at(-1)).toBeLessThan(wanted[0] as number);
    expect(await losses("production", "page", engine)).toEqual(wanted);
    expect(await losses("production", "worker", engine)).toEqual(wanted);
    expect(await losses("development", "worker", engine)).toEqual(wanted);
  },
  120_000,
);
