import { moduleOf, type } from "./module-writer.js";

let known: boolean | undefined;

/** Whether the host has relaxed SIMD: Node from version 22 on, and browsers. */
export function hasMultiplyAdd(): boolean {
  const get = [0x20, 4];
  const code = [...get, ...get, ...get, 0xfd, 0x85, 0x02, 0x1a];
  known ??= WebAssembly.validate(moduleOf([{ locals: [[1, type.v128]], code }], 1));
  return known;
}

const local = "(\\x20(?:[\\0-\\x7f]|[\\x80-\\xff][\\0-\\x7f]))";
const [mul, add, sub] = ["\\xfd\\xe6\\x01", "\\xfd\\xe4\\x01", "\\xfd\\xe5\\x01"];
const sums = new RegExp(`${mul}${local}${add}`, "gs");
const differences = new RegExp(`${local}${local}${local}${mul}${sub}`, "gs");

/**
 * The same module with f32x4 products that are added to a local, or subtracted from one, as one instruction each: a third
 * less work in a matrix product, and one rounding instead of two. The bytes that this saves become `nop`s, so that no
 * length in the module changes; a second binary would double what users download.
 */
export function withMultiplyAdd(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const text = Array.from(module, (byte) => String.fromCharCode(byte)).join("");
  const fused = text.replace(sums, "$1\xfd\x85\x02\x01\x01\x01").replace(differences, "$2$3$1\xfd\x86\x02\x01\x01\x01");
  return Uint8Array.from(fused, (character) => character.charCodeAt(0));
}
