import { cores, environment } from "./workers.js";

/** Most threads of an engine. */
export const mostThreads = 64;

/** Without a wish: what other programs leave free is found out by trying, see pace.ts, and gets less likely with many. */
const usual = 8;

/** Threads for a new engine: DOWNHILL_THREADS, else as many as there are cores, up to a point. */
export function wantedThreads(): number {
  const text = environment("DOWNHILL_THREADS");
  if (text === undefined) return Math.min(cores(), usual);
  const count = Number(text);
  if (text.trim() === "" || !Number.isInteger(count) || count < 1 || count > mostThreads)
    throw new RangeError(
      `evaluate: "DOWNHILL_THREADS" expected an integer from 1 to ${mostThreads}, got ${JSON.stringify(text)}; correct or unset this environment variable`,
    );
  return count;
}
