import type { Generator } from "./generator.js";
import { limits } from "./grid.js";
import type { Instruction, Loop } from "./instructions.js";
import { opcode } from "./instructions.js";
import type { Segment } from "./segment.js";
import { segmentsOf } from "./segment.js";

/** Nanoseconds that a step of a segment saves per element: a trip to the first cache and back. */
const saving = 0.06;

/** What segments would save per run of a loop, in nanoseconds. */
export function savingOf(loop: Loop): number {
  return segmentsIn(loop).reduce((sum, piece) => sum + ("steps" in piece ? worth(piece, loop) : 0), 0);
}

/** The loop with its segments as functions. */
export function withFunctions(loop: Loop, generator: Generator): Loop {
  const body = segmentsIn(loop).flatMap((piece): readonly Instruction[] => {
    if (!("steps" in piece)) return [piece];
    const place = worth(piece, loop) > 0 ? generator.place(piece) : null;
    if (place === null) return piece.instructions;
    const [target, ...sources] = piece.operands.map((operand) => operand.place);
    if (target === undefined) return piece.instructions;
    return [
      { opcode: opcode.generated, extent: "block", target, sources, aux: place, aux2: 16 * (sources.length + 2) },
    ];
  });
  return { ...loop, body };
}

const segmentsIn = (loop: Loop): ReturnType<typeof segmentsOf> =>
  segmentsOf(loop.body, loop.blockRows === 1 && loop.columnChunk === loop.columns);

function worth({ steps }: Segment, { rows, columns }: Loop): number {
  const nanoseconds = steps.length * rows * columns * saving;
  return nanoseconds < limits.function ? 0 : nanoseconds;
}
