import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What can be changed in a short story; all digits by default. */
export interface StoryOptions {
  readonly trainDigits?: number;
  readonly testDigits?: number;
  readonly print?: (line: string) => void;
}

/** Wrong use of a command: its text is for the user, the stack is not. */
export class UsageError extends Error {}

/** Runs `main` when its file is what Node was started with, and sets the exit code. */
export async function runAsScript(url: string, main: (args: string[]) => Promise<number>): Promise<void> {
  const [, started] = process.argv;
  if (started !== undefined && realpathSync(started) === fileURLToPath(url))
    process.exitCode = await main(process.argv.slice(2));
}

/** Runs a command; an error becomes a message and exit code 1. */
export async function report(name: string, command: () => Promise<unknown>): Promise<number> {
  try {
    await command();
    return 0;
  } catch (error) {
    // What the user or the file system did wrong needs no stack.
    const known = error instanceof UsageError || (error instanceof Error && "code" in error);
    console.error(known ? `${name}: ${(error as Error).message}` : error);
    return 1;
  }
}
