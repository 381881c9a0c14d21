// Assembles one small WebAssembly function by hand: https://webassembly.github.io/spec/core/binary/

const [i32, f32, v128] = [0x7f, 0x7d, 0x7b];
const simd = 0xfd;

const op = {
  loop: [0x03, 0x40],
  end: [0x0b],
  repeat: [0x0d, 0], // br_if 0
  get: (local) => [0x20, local],
  set: (local) => [0x21, local],
  tee: (local) => [0x22, local],
  one: [0x41, 1], // i32.const 1
  subtract: [0x6b],
  float: (value) => [0x43, ...new Uint8Array(new Float32Array([value]).buffer)],
  splat: [simd, 0x13],
  firstLane: [simd, 0x1f, 0],
  add: [simd, 0xe4, 0x01],
  multiply: [simd, 0xe6, 0x01],
  relaxedMultiplyAdd: [simd, 0x85, 0x02],
};

/** An unsigned number in LEB128. */
function leb(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

const sized = (bytes) => [...leb(bytes.length), ...bytes];
const section = (id, ...items) => [id, ...sized([...leb(items.length), ...items.flat()])];

/**
 * The bytes of a module whose `run(count, a, b)` goes `count` times round a loop of `repeats` multiply-adds on each of
 * `chains` vectors that nothing but registers hold, and returns a number that depends on all of them. `relaxed` takes
 * relaxed_madd, which is one instruction where the processor has one; otherwise it is a multiplication and an addition.
 */
export function multiplyAddLoop({ chains, repeats, relaxed }) {
  const [count, a, b] = [0, 1, 2];
  const [wideA, wideB] = [3, 4];
  const vectors = Array.from({ length: chains }, (_, index) => 5 + index);
  // v = a * b + v is what a matrix product does; written as two instructions its product would be taken out of the loop.
  const step = (vector) =>
    relaxed
      ? [...op.get(wideA), ...op.get(wideB), ...op.get(vector), ...op.relaxedMultiplyAdd, ...op.set(vector)]
      : [...op.get(vector), ...op.get(wideA), ...op.multiply, ...op.get(wideB), ...op.add, ...op.set(vector)];
  const body = [
    ...[...op.get(a), ...op.splat, ...op.set(wideA)],
    ...[...op.get(b), ...op.splat, ...op.set(wideB)],
    ...vectors.flatMap((vector, index) => [...op.float(1 + index / 8), ...op.splat, ...op.set(vector)]),
    ...op.loop,
    ...Array.from({ length: repeats }, () => vectors.flatMap(step)).flat(),
    ...[...op.get(count), ...op.one, ...op.subtract, ...op.tee(count), ...op.repeat],
    ...op.end,
    ...vectors.flatMap((vector, index) => [...op.get(vector), ...(index === 0 ? [] : op.add)]),
    ...op.firstLane,
    ...op.end,
  ];
  const locals = [1, chains + 2, v128];
  const name = [...new TextEncoder().encode("run")];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [0x60, ...sized([i32, f32, f32]), ...sized([f32])]), // types
    ...section(3, [0]), // functions
    ...section(7, [...sized(name), 0x00, 0]), // exports
    ...section(10, sized([...locals, ...body])), // code
  ]);
}
