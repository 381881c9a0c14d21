/** The learning rate of a training step; `step` is 0 for the first one. */
export type Schedule = (step: number) => number;
