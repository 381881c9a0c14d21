// Writes the AssemblyScript of every elementwise opcode: one loop per row, 64 bytes of each operand per turn.

const constants = { ZERO: ["f32x4", "0"], ONE: ["f32x4", "1"] };

/** Instructions whose names tell that integers have a sign. */
const signed = ["max", "min", "lt", "gt", "le"];

/** The expression for int32 that a row has. */
function integers({ simd, simdInt }) {
  if (simdInt !== true) return simdInt;
  return simd.replace(
    /f32x4\.(?:p(?=max|min))?(\w+)/g,
    (_, name) => `i32x4.${name}${signed.includes(name) ? "_s" : ""}`,
  );
}

function loop({ name, operands, text }, table) {
  const params = operands.map((p) => `${p}: usize, ${p}Step: usize`).join(", ");
  const block = /^block:(\w+)$/.exec(text);
  const used = Object.keys(constants).filter((constant) => new RegExp(`\\b${constant}\\b`).test(text));
  const body = block
    ? [`${block[1]}16(d, ${operands.join(", ")});`]
    : [0, 16, 32, 48].map((at) => {
        const loads = operands.map((p) => `const ${p}${at} = v128.load(${p}, ${at});`).join(" ");
        return `${loads} v128.store(d, ${text.replace(/\$(\w)/g, `$1${at}`)}, ${at});`;
      });
  return [
    `function ${name}(d: usize, end: usize, ${params}): void {`,
    ...used.map((constant) => `  const ${constant} = v128.load(TABLE, ${table.at(...constants[constant])});`),
    "  while (d < end) {",
    ...body.map((line) => `    ${line}`),
    `    d += 64; ${operands.map((p) => `${p} += ${p}Step;`).join(" ")}`,
    "  }",
    "}",
  ].join("\n");
}

/** Words of an instruction: 4 of its own, then slot, row stride, column stride and step of d, a, b, c, e (tape.ts). */
const word = { a: 32, b: 48, c: 64, e: 80 };

/** AssemblyScript of `elementwise(opcode, instruction, bytes, row, col)`; opcode 2i is row i on floats, 2i + 1 on int32. */
export function elementwiseLoops(rows, pairs, table) {
  const forms = rows.flatMap((row, i) => [
    { ...row, opcode: 2 * i, text: row.simd, name: `${row.name}_f32` },
    { ...row, opcode: 2 * i + 1, text: integers(row), name: `${row.name}_i32` },
  ]);
  for (const [opcode, text] of Object.entries(pairs))
    forms.push({ opcode, text, name: `pair_${opcode}`, arity: text.includes("$e") ? 4 : 3 });
  // One loop for all opcodes of one text.
  const used = forms.filter((form) => form.text !== undefined);
  const loops = used
    .filter((form, i) => used.findIndex(({ text }) => text === form.text) === i)
    .map((form) => ({ ...form, operands: ["a", "b", "c", "e"].slice(0, form.arity) }));
  const blocks = new Set(loops.flatMap(({ text }) => /^block:(\w+)$/.exec(text)?.[1] ?? []));
  const cases = loops.map(({ name, operands, text }) => {
    const labels = used.filter((form) => form.text === text).map(({ opcode }) => `case ${opcode}: `);
    const args = operands.map((p) => `operand(q + ${word[p]}, row, col), load<usize>(q, ${word[p] + 12})`);
    return `    ${labels.join("")}{ ${name}(d, d + bytes, ${args.join(", ")}); break; }`;
  });
  return `import { ${[...blocks].map((name) => `${name}16`).join(", ")} } from "./math";
import { operand } from "./operand";
import { TABLE } from "./lanes.gen";
${loops.map((form) => loop(form, table)).join("\n")}
export function elementwise(opcode: u32, q: usize, bytes: usize, row: usize, col: usize): void {
  const d = operand(q + 16, row, col);
  switch (opcode) {
${cases.join("\n")}
    default: unreachable();
  }
}
`;
}
