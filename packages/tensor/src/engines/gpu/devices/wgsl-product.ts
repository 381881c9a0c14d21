import type { Product } from "./device.js";
import { replaced } from "./gpu-js.js";

/** Rows and columns that one thread computes. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
}

/** Copies of an epilogue that are worth their time in the compiler, in statements. */
const mostStatements = 640;
/** Threads that keep a device busy. */
const enough = 1024;

/** The tile of a product; null where an element per thread is as good. */
export function tileOf({ batch, m, n, k, epilogue }: Product): Tile | null {
  if (m < 4 || n < 4 || k < 8) return null;
  const large = { rows: 8, columns: 8 };
  const threads = batch * Math.ceil(m / 8) * Math.ceil(n / 8);
  if (m >= 8 && n >= 8 && threads >= enough && 64 * epilogue <= mostStatements) return large;
  return { rows: 4, columns: 4 };
}

/** Threads of a product in tiles; without tiles one per element. */
export function threadsOf(product: Product | undefined, size: number): number {
  const tile = product === undefined ? null : tileOf(product);
  if (product === undefined || tile === null) return size;
  return product.batch * Math.ceil(product.m / tile.rows) * Math.ceil(product.n / tile.columns);
}

/**
 * The kernel with a tile per thread: gpu.js's main becomes a function for one element, which gets its product as an argument
 * and writes what follows from it.
 */
export function productWgsl(code: string, product: Product): string {
  const tile = tileOf(product);
  if (tile === null) return code;
  const { total, value } = product;
  let text = replaced(
    code,
    new RegExp(`var user_${total} : f32 = [\\s\\S]*?var user_${value} : f32 = user_${total};`),
    "",
  );
  const main =
    /@compute @workgroup_size\(64, 1, 1\)\nfn main\([^)]*\) gid : vec3<u32>\) \{\n[^\n]*\n[^\n]*\n[^\n]*\n {2}let data_index : i32 = i32\(flat_index\);/;
  text = replaced(
    text,
    main,
    `fn finish(flat_index : u32, user_${value} : f32) {\n  threadGid = vec3<u32>(flat_index, 0u, 0u);\n  let data_index : i32 = i32(flat_index);`,
  );
  for (const name of ["a0", "a1"]) {
    text = replaced(text, new RegExp(`fn get_user_${name}\\([^}]*\\}`), "");
    if (inFours(name, product))
      text = replaced(text, new RegExp(`user_${name} : array<f32>`), `user_${name} : array<vec4<f32>>`);
  }
  return `${text}\n${tiles(product, tile)}`;
}

/** Whether every four numbers that are read at once begin at a multiple of four. */
const inFours = (name: string, { transposeA, transposeB, m, n, k }: Product): boolean =>
  (name === "a0" ? (transposeA ? m : k) : transposeB ? k : n) % 4 === 0;

/** Four numbers of a factor from index `at` on. */
function four(name: string, at: string, product: Product): string {
  if (inFours(name, product)) return `user_${name}[(${at}) >> 2u]`;
  return `vec4<f32>(user_${name}[${at}], user_${name}[${at} + 1u], user_${name}[${at} + 2u], user_${name}[${at} + 3u])`;
}

/** One number of a factor. */
function one(name: string, at: string, product: Product): string {
  return inFours(name, product) ? `user_${name}[(${at}) >> 2u][(${at}) & 3u]` : `user_${name}[${at}]`;
}

const count = (length: number): number[] => Array.from({ length }, (_, i) => i);

function tiles(product: Product, { rows, columns }: Tile): string {
  const { batch, m, n, k, transposeA, transposeB, batchA, batchB } = product;
  const [down, across] = [Math.ceil(m / rows), Math.ceil(n / columns)];
  const blocks = columns / 4;
  const lines: string[] = [];
  const add = (line: string): void => void lines.push(line);
  add("@compute @workgroup_size(64, 1, 1)");
  add("fn main(@builtin(global_invocation_id) gid : vec3<u32>) {");
  add("  let thread : u32 = gid.x + gid.y * params.dispatchWidth;");
  add(`  if (thread >= ${batch * down * across}u) { return; }`);
  add(`  let column : u32 = thread % ${across}u * ${columns}u;`);
  add(`  let row : u32 = thread / ${across}u % ${down}u * ${rows}u;`);
  add(`  let sample : u32 = thread / ${down * across}u;`);
  add(`  let left : u32 = ${batchA ? `sample * ${m * k}u` : "0u"} + row${transposeA ? "" : ` * ${k}u`};`);
  add(`  let right : u32 = ${batchB ? `sample * ${k * n}u` : "0u"} + column${transposeB ? ` * ${k}u` : ""};`);
  for (const r of count(rows)) for (const b of count(blocks)) add(`  var sum${r}_${b} = vec4<f32>();`);
  const whole = k - (k % 4);
  /** `steps` terms from p on: factors in fours along their own axis, then products. */
  const terms = (steps: number): void => {
    if (transposeA)
      for (const p of count(steps))
        for (const b of count(rows / 4))
          add(`    let a${p}_${b} = ${four("a0", `left + (p + ${p}u) * ${m}u + ${b * 4}u`, product)};`);
    else if (steps === 4)
      for (const r of count(rows)) add(`    let a${r} = ${four("a0", `left + ${r * k}u + p`, product)};`);
    else
      for (const r of count(rows))
        for (const p of count(steps))
          add(`    let a${r}_${p} = ${one("a0", `left + ${r * k}u + p + ${p}u`, product)};`);
    const left = (r: number, p: number): string => {
      if (transposeA) return `a${p}_${r >> 2}[${r & 3}]`;
      return steps === 4 ? `a${r}[${p}]` : `a${r}_${p}`;
    };
    if (transposeB && steps === 4)
      for (const c of count(columns)) add(`    let c${c} = ${four("a1", `right + ${c * k}u + p`, product)};`);
    for (const p of count(steps))
      for (const b of count(blocks)) {
        const column = (i: number): string =>
          steps === 4 ? `c${b * 4 + i}[${p}]` : one("a1", `right + ${(b * 4 + i) * k}u + p + ${p}u`, product);
        const right = transposeB
          ? `vec4<f32>(${count(4).map(column).join(", ")})`
          : four("a1", `right + (p + ${p}u) * ${n}u + ${b * 4}u`, product);
        add(`    let b${p}_${b} = ${right};`);
      }
    for (const p of count(steps))
      for (const r of count(rows))
        for (const b of count(blocks)) add(`    sum${r}_${b} += ${left(r, p)} * b${p}_${b};`);
  };
  if (whole > 0) {
    add(`  for (var p : u32 = 0u; p < ${whole}u; p += 4u) {`);
    terms(4);
    add("  }");
  }
  if (whole < k) {
    add(`  {\n    let p : u32 = ${whole}u;`);
    terms(k - whole);
    add("  }");
  }
  for (const r of count(rows)) {
    const within = m % rows === 0 ? "true" : `row + ${r}u < ${m}u`;
    add(`  if (${within}) {\n    let start : u32 = (sample * ${m}u + row + ${r}u) * ${n}u + column;`);
    for (const c of count(columns)) {
      const call = `finish(start + ${c}u, sum${r}_${c >> 2}[${c & 3}]);`;
      add(n % columns === 0 ? `    ${call}` : `    if (column + ${c}u < ${n}u) { ${call} }`);
    }
    add("  }");
  }
  add("}");
  return lines.join("\n");
}
