// What the machine itself can do, measured beside every round: when these numbers move, so does everything else.
import { summarize } from "../statistics.mjs";
import { copyLadder } from "./copy-ladder.mjs";
import { peakLoops } from "./peak-loops.mjs";

/** `take` measures, `summary` tells { copies: [{ bytes, GBs }], multiplyAndAdd, relaxedMultiplyAdd, peakGFlops }. */
export function machineReadings() {
  const [copies, peaks] = [copyLadder(), peakLoops()];
  copies(); // the first call pays for its own compilation
  const taken = [];
  const over = (pick) => summarize(taken.map(pick));
  return {
    take: () => taken.push({ copies: copies(), ...peaks() }),
    summary() {
      const multiplyAndAdd = over((reading) => reading.multiplyAndAdd);
      const relaxed = taken.every((reading) => reading.relaxedMultiplyAdd !== null);
      const relaxedMultiplyAdd = relaxed ? over((reading) => reading.relaxedMultiplyAdd) : null;
      return {
        copies: taken[0].copies.map(({ bytes }, index) => ({ bytes, GBs: over(({ copies }) => copies[index].GBs) })),
        multiplyAndAdd,
        relaxedMultiplyAdd,
        // A slower reading says that the machine was busy, not that it can do less.
        peakGFlops: Math.max(multiplyAndAdd.max, relaxedMultiplyAdd?.max ?? 0),
      };
    },
  };
}
