import { cores, environment } from "./workers.js";

/** Most threads of an engine. */
export const mostThreads = 64;
/** Most that are used without being asked for. */
const usualThreads = 4;

/** Threads for a new engine: DOWNHILL_THREADS, or one per core up to four. */
export function wantedThreads(): number {
  const text = environment("DOWNHILL_THREADS");
  if (text === undefined) return Math.max(1, Math.min(usualThreads, cores()));
  const count = Number(text);
  if (text.trim() === "" || !Number.isInteger(count) || count < 1 || count > mostThreads)
    throw new RangeError(
      `evaluate: "DOWNHILL_THREADS" expected an integer from 1 to ${mostThreads}, got ${JSON.stringify(text)}; correct or unset this environment variable`,
    );
  return count;
}
