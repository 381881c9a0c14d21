import { environment } from "./workers.js";

/** Most threads of an engine. */
export const mostThreads = 64;

/** Threads for a new engine: DOWNHILL_THREADS, else one: sharing pays where cores are free, which only the user knows. */
export function wantedThreads(): number {
  const text = environment("DOWNHILL_THREADS");
  if (text === undefined) return 1;
  const count = Number(text);
  if (text.trim() === "" || !Number.isInteger(count) || count < 1 || count > mostThreads)
    throw new RangeError(
      `evaluate: "DOWNHILL_THREADS" expected an integer from 1 to ${mostThreads}, got ${JSON.stringify(text)}; correct or unset this environment variable`,
    );
  return count;
}
