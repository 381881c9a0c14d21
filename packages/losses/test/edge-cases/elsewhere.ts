/** Losses of boxes, masks and sequences, whose arguments have shapes of their own: so do their tests of the edges. */
export type Elsewhere =
  | "boxIou"
  | "giou"
  | "diou"
  | "ciou"
  | "detection"
  | "ctc"
  | "dice"
  | "generalizedDice"
  | "tversky"
  | "focalTversky"
  | "jaccard"
  | "lovaszHinge"
  | "lovaszSoftmax";
