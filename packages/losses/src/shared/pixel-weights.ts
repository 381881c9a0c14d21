import type { SegmentationOptions } from "../segmentation/segmentation-options.js";

/** Throws for weights of images that are one mask: its loss is no sum over pixels or images that they could weight. */
export function onlyPerImage(fn: string, { sampleWeight, perImage }: SegmentationOptions): void {
  if (sampleWeight === undefined || perImage === true) return;
  throw new RangeError(
    `${fn}: "sampleWeight" expected a loss per image to weight, got all pixels in one; set perImage: true`,
  );
}
