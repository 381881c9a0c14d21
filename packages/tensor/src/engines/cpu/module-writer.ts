/** Value types of WebAssembly. */
export const type = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;

/** An unsigned number in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value >>> 0; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}

/** A small signed number in LEB128. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest >= -64 && rest < 64) return [...bytes, rest & 127];
    bytes.push((rest & 127) | 128);
  }
}

const vector = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content];
const text = (name: string): number[] => [...unsigned(name.length), ...[...name].map((letter) => letter.charCodeAt(0))];

/** A function of four i32 without a result: its locals beyond the parameters, by type, and its instructions. */
export interface FunctionBody {
  readonly locals: readonly (readonly [count: number, type: number])[];
  readonly code: readonly number[];
}

/** A module over the memory `env.memory` that exports its functions as "0", "1", ... */
export function moduleOf(functions: readonly FunctionBody[], pages: number): Uint8Array<ArrayBuffer> {
  const signature = [0x60, 4, type.i32, type.i32, type.i32, type.i32, 0];
  const memory = [...text("env"), ...text("memory"), 2, 1, 0, ...unsigned(pages)];
  const bodies = functions.map(({ locals, code }) => {
    const body = [...vector(locals.map(([count, kind]) => [...unsigned(count), kind])), ...code, 0x0b];
    return [...unsigned(body.length), ...body];
  });
  return Uint8Array.from([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, vector([signature])),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map(() => [0]))),
    ...section(7, vector(functions.map((_, i) => [...text(String(i)), 0, ...unsigned(i)]))),
    ...section(10, vector(bodies)),
  ]);
}
