import { existsSync, readdirSync } from "node:fs";
import markdownItKatex from "@vscode/markdown-it-katex";
import katex from "katex";
import { documented } from "./tools/packages.mjs";

// The plugin shows a broken formula and goes on; here it fails the run.
const strictKatex = {
  ...katex,
  renderToString(formula, options) {
    try {
      return katex.renderToString(formula, { ...options, output: "mathml", throwOnError: true, strict: "ignore" });
    } catch (error) {
      console.error(`typedoc: formula ${formula}: ${error.message}`);
      process.on("exit", () => {
        process.exitCode = 1;
      });
      throw error;
    }
  },
};

const docs = new URL("docs", import.meta.url);
const guides = existsSync(docs) ? readdirSync(docs).filter((name) => name.endsWith(".md")) : [];
const validation = { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true };

/** @type {import("typedoc").TypeDocOptions} */
export default {
  name: "Downhill",
  entryPointStrategy: "packages",
  entryPoints: documented(),
  projectDocuments: guides.map((name) => `docs/${name}`),
  out: "docs/site",
  readme: "README.md",
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  validation,
  packageOptions: {
    excludeInternal: true,
    // Links into a host's source browser need a git remote; the declaration maps lead editors to the sources.
    disableSources: true,
    blockTags: [
      "@param",
      "@returns",
      "@throws",
      "@example",
      "@defaultValue",
      "@typeParam",
      "@category",
      "@see",
      "@reference",
      "@remarks",
      "@deprecated",
    ],
    validation: { ...validation, notDocumented: true },
  },
  markdownItLoader(parser) {
    parser.use(markdownItKatex.default ?? markdownItKatex, { katex: strictKatex, throwOnError: true });
  },
};
