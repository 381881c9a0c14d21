import elementwiseLosses from "./elementwise-losses.mjs";
import { large, small } from "./optimizers.mjs";
import reportedLosses from "./reported-losses.mjs";

/**
 * Cases by the table: names on the command line that stand for all cases of their tables { heading, mark?, cases }. The mark is the part
 * of PyTorch's time that each case of a table shall stay within.
 */
export const groups = {
  losses: [elementwiseLosses, reportedLosses],
  optimizers: [large, small],
};

/** The names of all cases of a group. */
export const namesOf = (group) => groups[group].flatMap(({ cases }) => Object.keys(cases));

/** All cases of all groups, by name. */
export const groupedCases = Object.assign(
  {},
  ...Object.values(groups).flatMap((tables) => tables.map(({ cases }) => cases)),
);
