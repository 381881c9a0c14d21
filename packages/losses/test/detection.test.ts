import type { DetectionOptions, DetectionTermLoss } from "@downhill/losses";
import * as losses from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/detection.json" with { type: "json" };

// Any four numbers above 0 are a box of centre and size.
const boxes = { domain: (unit: number): number => 1.5 + unit, options: { format: "cxcywh", eps: 1e-12 } };
const holds = ["zero at target", "nonnegative", "symmetric", "the same in any unit"] as const;

const facts: Record<string, LossFacts> = {
  boxIou: { ...boxes, holds, kernels: 2 },
  giou: { ...boxes, holds, kernels: 2 },
  diou: { ...boxes, holds, kernels: 2 },
  detection: { holds: ["nonnegative"], ...boxes, options: { boxLoss: "gioucxcywh" }, kernels: 4 },
  ciou: { ...boxes, holds, kernels: 4, fixed: "the weight of the proportions" },
};

const none = { reduction: "none" } as const;
const termLosses: Record<string, DetectionTermLoss> = {
  giou: (p, t) => losses.giou(p, t, none),
  gioucxcywh: (p, t) => losses.giou(p, t, { ...none, format: "cxcywh" }),
  huber: (p, t) => losses.huber(p, t, none),
  softmax: (p, t) => losses.crossEntropy(p, t, none),
};

/** detection() with its arguments in a row, and its losses by name. */
function detection(...given: readonly [...tensors: Tensor[], options: Record<string, unknown>]): Tensor {
  const [boxes, classes, objectness, boxTarget, classTarget, goal] = given as unknown as Tensor[];
  const { boxLoss, classLoss, noObjectness, ...rest } = given.at(-1) as Record<string, unknown>;
  const options: DetectionOptions = rest;
  const named = (name: unknown): DetectionTermLoss | undefined => termLosses[name as string];
  const prediction = { boxes, classes, objectness: noObjectness ? undefined : objectness };
  return losses.detection(
    prediction as losses.DetectionPrediction,
    { boxes: boxTarget, classes: classTarget, objectness: goal } as losses.DetectionTarget,
    { ...options, boxLoss: named(boxLoss), classLoss: named(classLoss) },
  );
}

lossSuite({ ...losses, detection }, goldenRows(golden), facts);
