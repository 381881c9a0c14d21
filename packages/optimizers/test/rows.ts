// Every optimizer with the options that change its graph or its state: each is held to what all must hold to.
import type { Optimizer } from "@downhill/optimizers";
import {
  AdaBelief,
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  Adan,
  ASGD,
  LAMB,
  LARS,
  Lion,
  Muon,
  NAdam,
  NovoGrad,
  Prodigy,
  RAdam,
  RMSprop,
  Rprop,
  ScheduleFreeAdamW,
  ScheduleFreeSGD,
  SGD,
  Sophia,
} from "@downhill/optimizers";
import type { Parameter } from "@downhill/tensor";

/** One optimizer. */
export interface Row {
  readonly name: string;
  readonly make: (parameters: Parameter[]) => Optimizer;
  /** Bytes of state for each element of a large square matrix. */
  readonly bytes: number;
  /** Only trains matrices. */
  readonly matrices?: boolean;
}

const lr = (step: number): number => 0.1 * 0.99 ** step;
const falling = (step: number): number => 0.9 - 0.001 * step;
const decay = ({ rank }: Parameter): boolean => rank > 1;

export const rows: readonly Row[] = [
  { name: "SGD", make: (p) => new SGD(p, { lr }), bytes: 0 },
  { name: "SGD with momentum", make: (p) => new SGD(p, { lr, momentum: 0.9 }), bytes: 4 },
  { name: "SGD with dampening", make: (p) => new SGD(p, { lr, momentum: falling, dampening: 0.5 }), bytes: 4 },
  {
    name: "SGD with nesterov and weight decay",
    make: (p) => new SGD(p, { lr, momentum: 0.9, nesterov: true, weightDecay: 0.1, decay }),
    bytes: 4,
  },
  { name: "Adam", make: (p) => new Adam(p, { lr, betas: [falling, 0.999] }), bytes: 8 },
  { name: "Adam, not guarded", make: (p) => new Adam(p, { lr, errorIfNonFinite: false }), bytes: 8 },
  {
    name: "Adam with amsgrad and weight decay",
    make: (p) => new Adam(p, { lr, amsgrad: true, weightDecay: 0.1 }),
    bytes: 12,
  },
  { name: "AdamW", make: (p) => new AdamW(p, { lr, decay }), bytes: 8 },
  { name: "NAdam", make: (p) => new NAdam(p, { lr, betas: [falling, 0.999] }), bytes: 8 },
  { name: "RAdam", make: (p) => new RAdam(p, { lr }), bytes: 8 },
  { name: "Adamax", make: (p) => new Adamax(p, { lr }), bytes: 8 },
  { name: "Adagrad", make: (p) => new Adagrad(p, { lr, lrDecay: 0.001, initialAccumulatorValue: 0.1 }), bytes: 4 },
  { name: "Adadelta", make: (p) => new Adadelta(p, { lr: (step) => 50 * lr(step) }), bytes: 8 },
  { name: "RMSprop", make: (p) => new RMSprop(p, { lr }), bytes: 4 },
  {
    name: "RMSprop, centered with momentum",
    make: (p) => new RMSprop(p, { lr, centered: true, momentum: falling }),
    bytes: 12,
  },
  { name: "Rprop", make: (p) => new Rprop(p, { lr }), bytes: 8 },
  { name: "ASGD", make: (p) => new ASGD(p, { lr, t0: 5 }), bytes: 4 },
  { name: "Adafactor", make: (p) => new Adafactor(p, { lr, weightDecay: 0.1 }), bytes: 0 },
  { name: "Muon", make: (p) => new Muon(p, { lr, momentum: falling }), bytes: 4, matrices: true },
  { name: "Lion", make: (p) => new Lion(p, { lr, betas: [falling, 0.99], weightDecay: 0.1, decay }), bytes: 4 },
  { name: "Adan", make: (p) => new Adan(p, { lr, weightDecay: 0.1 }), bytes: 16 },
  { name: "Adan, noProx", make: (p) => new Adan(p, { lr, weightDecay: 0.1, noProx: true }), bytes: 16 },
  { name: "AdaBelief", make: (p) => new AdaBelief(p, { lr, weightDecay: 0.1 }), bytes: 8 },
  {
    name: "AdaBelief, neither decoupled nor rectified",
    make: (p) => new AdaBelief(p, { lr, weightDecay: 0.1, decoupledWeightDecay: false, rectify: false }),
    bytes: 8,
  },
  { name: "LAMB", make: (p) => new LAMB(p, { lr, weightDecay: 0.1 }), bytes: 8 },
  {
    name: "LARS",
    make: (p) => new LARS(p, { lr, momentum: falling, weightDecay: 0.1, trustCoefficient: 0.3 }),
    bytes: 4,
  },
  { name: "LARS without momentum", make: (p) => new LARS(p, { lr, momentum: 0, trustCoefficient: 1 }), bytes: 0 },
  { name: "NovoGrad", make: (p) => new NovoGrad(p, { lr, weightDecay: 0.1 }), bytes: 4 },
  { name: "Sophia", make: (p) => new Sophia(p, { lr }), bytes: 8 },
  { name: "Prodigy", make: (p) => new Prodigy(p, { lr: (step) => 0.99 ** step, weightDecay: 0.1 }), bytes: 16 },
  {
    name: "Prodigy, neither decoupled nor unbounded",
    make: (p) => new Prodigy(p, { weightDecay: 0.1, decoupledWeightDecay: false, d0: 0.01, growthRate: 1.2 }),
    bytes: 16,
  },
  { name: "ScheduleFreeSGD", make: (p) => new ScheduleFreeSGD(p, { lr, warmupSteps: 10, weightDecay: 0.1 }), bytes: 4 },
  { name: "ScheduleFreeAdamW", make: (p) => new ScheduleFreeAdamW(p, { lr, warmupSteps: 10 }), bytes: 8 },
];
