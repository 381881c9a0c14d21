import type { DetectionOptions, DetectionTermLoss } from "@downhill/losses";
import * as losses from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";

const none = { reduction: "none" } as const;
const termLosses: Record<string, DetectionTermLoss> = {
  giou: (p, t) => losses.giou(p, t, none),
  gioucxcywh: (p, t) => losses.giou(p, t, { ...none, format: "cxcywh" }),
  huber: (p, t) => losses.huber(p, t, none),
  softmax: (p, t) => losses.crossEntropy(p, t, none),
};

/** detection() with its arguments in a row, and its losses by name. */
export function detection(...given: readonly [...tensors: Tensor[], options: Record<string, unknown>]): Tensor {
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
