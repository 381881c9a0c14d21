import { opcode } from "./instructions.js";

/** Two elementwise rows in one instruction, chosen by elementwise-instruction.ts: on the tape and in segments. */
export const pairs: Readonly<Record<number, string>> = {
  [opcode.multiplyAdd]: "f32x4.add(f32x4.mul($a, $b), $c)",
  [opcode.multiplySubtract]: "f32x4.sub(f32x4.mul($a, $b), $c)",
  [opcode.subtractProduct]: "f32x4.sub($c, f32x4.mul($a, $b))",
  [opcode.twoProducts]: "f32x4.add(f32x4.mul($a, $b), f32x4.mul($c, $e))",
};
