// Turns the one-vector functions of assembly/lanes.ts into functions of 16 elements; lanes.ts says how and why.

const header = /^export function (\w+)\((.*)\): v128 \{$/;
const call = /^(let \$\w+ = |\$\w+ = |return )(\w+)\((.*)\);$/;

/** Reads the functions all of whose parameters are $-variables: name -> { params, lines }. */
function parse(source) {
  const functions = new Map();
  const lines = source.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const found = header.exec(lines[i]);
    if (found === null) continue;
    const params = found[2].split(", ").map((param) => param.replace(/: v128$/, ""));
    const end = lines.indexOf("}", i);
    if (params.every((param) => /^\$\w+$/.test(param)))
      functions.set(found[1], { params, lines: lines.slice(i + 1, end).map((line) => line.trim()) });
  }
  return functions;
}

/** Arguments at the top level of an argument list. */
function split(list) {
  const parts = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= list.length; i++) {
    if (i === list.length || (list[i] === "," && depth === 0)) {
      parts.push(list.slice(start, i).trim());
      start = i + 1;
    } else if ("(<".includes(list[i])) depth++;
    else if (")>".includes(list[i])) depth--;
  }
  return parts;
}

/** The lines of a function with the calls of other lane functions written out; the last line is `return value;`. */
function flatten(functions, name, counter = { calls: 0 }) {
  return functions.get(name).lines.flatMap((line) => {
    const found = call.exec(line);
    const callee = found && functions.get(found[2]);
    if (!callee) {
      for (const other of functions.keys())
        if (new RegExp(`(?<![.\\w])${other}\\(`).test(line))
          throw new Error(`lanes.ts: "${name}" expected the call of ${other} to be a whole right side, got: ${line}`);
      return [line];
    }
    const suffix = `_${++counter.calls}`;
    const rename = (text) => text.replace(/\$\w+/g, (variable) => variable + suffix);
    const body = flatten(functions, found[2], counter).map(rename);
    const args = split(found[3]).map((arg, i) => `let ${rename(callee.params[i])} = ${arg};`);
    return [...args, ...body.slice(0, -1), body.at(-1).replace(/^return /, found[1])];
  });
}

/** A table of constants in 16-byte slots; `at` gives the offset of a literal such as `f32x4.splat(0.5)`. */
export function constantTable() {
  const slots = new Map();
  const types = {
    f32x4: ["setFloat32", 4],
    i32x4: ["setInt32", 4],
    f64x2: ["setFloat64", 8],
    i64x2: ["setBigInt64", 8],
  };
  return {
    at(shape, literal) {
      const view = new DataView(new ArrayBuffer(16));
      const [set, step] = types[shape];
      const value = shape === "i64x2" ? BigInt(literal) : Number(literal);
      for (let i = 0; i < 16; i += step) view[set](i, value, true);
      const words = [0, 4, 8, 12].map((i) => view.getUint32(i, true)).join(", ");
      if (!slots.has(words)) slots.set(words, slots.size * 16);
      return slots.get(words);
    },
    /** AssemblyScript that declares the table. */
    source: () => `export const TABLE: usize = memory.data<u32>([\n  ${[...slots.keys()].join(",\n  ")}\n], 16);\n`,
  };
}

const splat = /(f32x4|i32x4|f64x2|i64x2)\.splat\((-?[\w.+]+(?:e-\d+)?)\)/g;

/** Written once, in a loop over the four vectors, for the size; pow takes 1.4 times as long so, expm1 1.15 times. */
const rare = new Set(["pow", "expm1"]);

/** AssemblyScript of name16 for every lane function of one or two variables. */
export function interleave(source, table) {
  const functions = parse(source);
  const out = [];
  for (const [name, { params }] of functions) {
    const pointers = ["a", "b"].slice(0, params.length);
    const body = params.map((param, i) => `let ${param} = v128.load(${pointers[i]}, $at);`);
    let constants = 0;
    for (const line of flatten(functions, name)) {
      body.push(
        line
          .replace(splat, (_, shape, literal) => {
            body.push(`const k${++constants} = v128.load(TABLE, ${table.at(shape, literal)});`);
            return `k${constants}`;
          })
          .replace(/^return (.*);$/, "v128.store(d, $1, $at);"),
      );
    }
    const lanes = [0, 1, 2, 3];
    const wide = (line) => lanes.map((i) => line.replaceAll("$at", 16 * i).replace(/\$(\w+)/g, `$1_${i}`)).join(" ");
    const shared = (line) => !line.includes("$");
    const lines = rare.has(name)
      ? [
          ...body.filter(shared),
          "for (const end = d + 64; d < end; d += 16) {",
          ...body.filter((line) => !shared(line)).map((line) => line.replaceAll("$at", 0)),
          ...pointers.map((p) => `${p} += 16;`),
          "}",
        ]
      : body.map((line) => (shared(line) ? line : wide(line)));
    out.push(
      `@inline\nexport function ${name}16(d: usize, ${pointers.map((p) => `${p}: usize`).join(", ")}): void {`,
      ...lines.map((line) => `  ${line}`),
      "}",
    );
  }
  return `${out.join("\n")}\n`;
}
