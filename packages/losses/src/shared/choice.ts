import { describe } from "@downhill/tensor";

/** Throws unless an option is one of these words, two or more. */
export function checkChoice(fn: string, name: string, value: unknown, choices: readonly string[]): void {
  if (choices.some((choice) => choice === value)) return;
  const words = choices.map((choice) => `"${choice}"`);
  throw new RangeError(
    `${fn}: "${name}" expected ${words.slice(0, -1).join(", ")} or ${words.at(-1)}, got ${describe(value)}`,
  );
}
