// Turns one example into a test module whose line numbers are those of the file it came from.
import ts from "typescript";

const marker = /^\/\/\s*(=>|throws\b)\s*(.*)$/;

/**
 * How far from a number written as `literal` the real one may be: half a unit of the last digit from four digits on
 * (0.6931), else float32's own error (0.5 means 0.5).
 */
export function tolerance(literal) {
  const [mantissa, exponent = "0"] = literal.toLowerCase().replaceAll("_", "").split("e");
  const [whole, fraction = ""] = mantissa.split(".");
  const digits = (whole + fraction).replace(/^0+/, "").length;
  const size = Math.abs(Number(literal));
  const single = 1e-6 * size; // float32 has about seven digits
  return fraction && digits >= 4
    ? Math.max(0.501 * 10 ** (Number(exponent) - fraction.length), single)
    : Math.max(single, 1e-7);
}

/** The value after `// =>` as code in which each number carries its tolerance, or null when it is not a literal value. */
function expected(text) {
  const source = ts.createSourceFile("value.ts", `(${text})`, ts.ScriptTarget.Latest, true);
  if (source.parseDiagnostics.length || source.statements.length !== 1) return null;
  const write = (node) => {
    if (ts.isParenthesizedExpression(node)) return write(node.expression);
    if (ts.isNumericLiteral(node)) return `$.near(${node.getText()}, ${tolerance(node.getText())})`;
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
      const { operand } = node;
      if (ts.isNumericLiteral(operand)) return `$.near(-${operand.getText()}, ${tolerance(operand.getText())})`;
      return operand.getText() === "Infinity" ? "-Infinity" : null;
    }
    if (ts.isArrayLiteralExpression(node)) return wrap("[", node.elements.map(write), "]");
    if (ts.isObjectLiteralExpression(node))
      return wrap(
        "{ ",
        node.properties.map((p) =>
          ts.isPropertyAssignment(p) ? prefix(`${p.name.getText()}: `, write(p.initializer)) : null,
        ),
        " }",
      );
    const literal =
      ts.isStringLiteralLike(node) ||
      ["true", "false", "null", "undefined", "NaN", "Infinity"].includes(node.getText());
    return literal ? node.getText() : null;
  };
  const prefix = (head, tail) => (tail === null ? null : head + tail);
  const wrap = (open, parts, close) => (parts.includes(null) ? null : open + parts.join(", ") + close);
  const { expression } = source.statements[0];
  return expression ? write(expression) : null;
}

/** The comments right of a statement and on the lines of their own below it, joined while the value goes on. */
function noteAfter(code, statement, end) {
  const [first, ...below] = code
    .slice(statement.end, end)
    .split("\n")
    .map((line) => line.trim());
  const lines = marker.test(first) ? [first, ...below] : below;
  const found = marker.exec(lines[0] ?? "");
  if (!found) return null;
  let [, kind, text] = found;
  if (kind === "=>" && /^throws\b/.test(text)) [kind, text] = ["throws", text.slice("throws".length)];
  for (const line of lines.slice(1)) {
    if (!line.startsWith("//") || marker.test(line) || (kind === "=>" && expected(text) !== null)) break;
    text += ` ${line.slice(2).trim()}`;
  }
  return { kind, text: text.trim() };
}

/** The expression that a `// =>` speaks of: `x;`, `const x = ...;`, or what `console.log(x);` prints. */
function subject(statement) {
  if (ts.isVariableStatement(statement)) {
    const [declaration, ...more] = statement.declarationList.declarations;
    return more.length || !ts.isIdentifier(declaration.name) ? null : { name: declaration.name.text };
  }
  if (!ts.isExpressionStatement(statement)) return null;
  const { expression } = statement;
  const logged =
    ts.isCallExpression(expression) &&
    expression.expression.getText() === "console.log" &&
    expression.arguments.length === 1;
  return { node: logged ? expression.arguments[0] : expression };
}

/** `{ text, problems, throwing }`: the module, what is wrong with the example, and the lines that are meant to throw. */
export function generate({ path, line, code }) {
  const source = ts.createSourceFile("example.ts", code, ts.ScriptTarget.ESNext, true);
  const place = (position) => line + source.getLineAndCharacterOfPosition(position).line;
  const problems = source.parseDiagnostics.map(
    (d) => `${path}:${place(d.start ?? 0)}: ${ts.flattenDiagnosticMessageText(d.messageText, " ")}`,
  );
  const edits = [];
  const throwing = new Set();
  const notes = new Set();
  let checks = 0;

  const statements = (list, top) => {
    list.forEach((statement, index) => {
      const end = list[index + 1]?.getStart() ?? (top ? code.length : statement.parent.end - 1);
      const note = noteAfter(code, statement, end);
      if (!note) return;
      const here = `${path}:${place(statement.getStart())}`;
      notes.add(code.indexOf("//", statement.end));
      checks++;
      if (note.kind === "throws") {
        for (let l = place(statement.getStart()); l <= place(statement.end); l++) throwing.add(l);
        edits.push([
          statement.getStart(),
          `await $.throws(${JSON.stringify(here)}, ${JSON.stringify(note.text)}, async () => { `,
        ]);
        edits.push([statement.end, " });"]);
        return;
      }
      const value = expected(note.text);
      const what = subject(statement);
      if (value === null)
        problems.push(`${here}: "${note.text}" is not a value (numbers, strings, arrays, objects of these)`);
      else if (!what) problems.push(`${here}: "// =>" stands behind an expression, a \`const\` or a console.log`);
      else if (what.name)
        edits.push([statement.end, ` await $.same(${JSON.stringify(here)}, ${what.name}, ${value});`]);
      else {
        edits.push([statement.getStart(), `await $.same(${JSON.stringify(here)}, `, what.node.getStart()]);
        edits.push([what.node.end, `, ${value});`, statement.end]);
      }
    });
  };
  const visit = (node) => {
    if (ts.isBlock(node)) statements(node.statements, false);
    ts.forEachChild(node, visit);
  };
  statements(source.statements, true);
  visit(source);
  for (const match of code.matchAll(/\/\/\s*(?:=>|throws\b)/g))
    if (!notes.has(match.index))
      problems.push(`${path}:${place(match.index)}: "${match[0]}" stands behind no statement`);

  // Imports stay at the top of the module; the rest becomes the body of a test.
  const imports = source.statements.filter(ts.isImportDeclaration);
  const body = source.statements.find((statement) => !ts.isImportDeclaration(statement));
  const lastImport = imports.at(-1);
  if (body && lastImport && lastImport.pos > body.pos)
    problems.push(`${path}:${place(lastImport.getStart())}: imports come first in an example`);
  const title = JSON.stringify(`${path}:${line}`);
  edits.unshift([lastImport?.end ?? 0, ` $.test(${title}, async () => { `]);

  let text = "";
  let at = 0;
  for (const [start, insert, resume = start] of edits.sort((a, b) => a[0] - b[0])) {
    // What an edit replaces leaves its line breaks, so that the lines stay the source's.
    text += code.slice(at, start) + insert + code.slice(start, resume).replace(/[^\n]/g, "");
    at = resume;
  }
  text += code.slice(at);
  const header = `import * as $ from "../tools/doctest/runtime.mjs";`;
  return { text: `${header}${"\n".repeat(line - 1)}${text}\n});\n`, problems, throwing, checks };
}
