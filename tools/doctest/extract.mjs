// Finds the examples: ```ts fences in Markdown, and @example blocks in the doc comments of sources.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const fence = /^(\s*(?:\*\s?)?)(`{3,})(\S*)[ \t]*(.*)$/;

/**
 * The ```ts fences among `lines`, from index `start` to `end`: `{ line, code }`, where line (1-based) is the first of the code.
 * `strip` takes a comment's leading star away.
 */
function fences(path, lines, start, end, strip, examples, problems) {
  for (let i = start; i < end; i++) {
    const open = fence.exec(lines[i]);
    if (!open) continue;
    const [, , ticks, language, info] = open;
    const from = i + 1;
    for (i = from; i < end && strip(lines[i]).trim() !== ticks; i++);
    if (i >= end) {
      problems.push(`${path}:${from}: a fence is opened and not closed`);
      return;
    }
    if (!["ts", "typescript", "js", "javascript"].includes(language)) continue;
    if (info.startsWith("no-run")) {
      if (!/^no-run \([^)]+\)$/.test(info))
        problems.push(`${path}:${from}: no-run needs a reason: \`\`\`ts no-run (browser)`);
      continue;
    }
    examples.push({ path, line: from + 1, code: lines.slice(from, i).map(strip).join("\n") });
  }
}

/** The examples of a Markdown file. */
export function fromMarkdown(path, text) {
  const [examples, problems, lines] = [[], [], text.split("\n")];
  fences(path, lines, 0, lines.length, (line) => line, examples, problems);
  return { examples, problems };
}

/** The examples of a source file: the fences of each @example, or its whole text when it has none (typedoc's rule). */
export function fromSource(path, text) {
  const [examples, problems, lines] = [[], [], text.split("\n")];
  const strip = (line) => line.replace(/^\s*\* ?/, "").replace(/^\s*\*$/, "");
  for (let i = 0; i < lines.length; i++) {
    if (!/^\s*\/\*\*/.test(lines[i])) continue;
    let last = i;
    while (last < lines.length && !lines[last].includes("*/")) last++;
    for (let at = i; at < last; at++) {
      if (!/^\s*(\/\*)?\*\s*@example\b/.test(lines[at])) continue;
      let end = at + 1;
      let inFence = false;
      for (; end < last && (inFence || !/^\s*\*\s*@\w/.test(lines[end])); end++)
        if (fence.test(lines[end])) inFence = !inFence;
      if (lines.slice(at, end).some((line) => fence.test(line)))
        fences(path, lines, at, end, strip, examples, problems);
      else
        examples.push({
          path,
          line: at + 2,
          code: lines
            .slice(at + 1, end)
            .map(strip)
            .join("\n"),
        });
      at = end - 1;
    }
    i = last;
  }
  return { examples, problems };
}

/** Every example under `root`. */
export function findExamples(root) {
  const found = { examples: [], problems: [] };
  const list = (folder, options) =>
    existsSync(join(root, folder)) && statSync(join(root, folder)).isDirectory()
      ? readdirSync(join(root, folder), options).map((name) => `${folder}/${name}`)
      : [];
  const packages = list("packages");
  const sources = packages.flatMap((folder) =>
    list(`${folder}/src`, { recursive: true }).filter((path) => path.endsWith(".ts") && !path.includes("/generated/")),
  );
  const pages = [
    ...(existsSync(join(root, "README.md")) ? ["README.md"] : []),
    ...packages.flatMap((folder) => list(folder).filter((path) => path.endsWith("/README.md"))),
    ...list("docs", { recursive: true }).filter((path) => path.endsWith(".md") && !path.startsWith("docs/site/")),
  ];
  for (const [paths, read] of [
    [sources, fromSource],
    [pages, fromMarkdown],
  ])
    for (const path of paths.map((p) => p.replaceAll("\\", "/"))) {
      const { examples, problems } = read(path, readFileSync(join(root, path), "utf8"));
      found.examples.push(...examples);
      found.problems.push(...problems);
    }
  return found;
}
