/** The learning rate of a training step, or any other number that follows the steps; `step` is 0 for the first one. */
export type Schedule = (step: number) => number;
