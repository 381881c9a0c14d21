import type { Tensor } from "@downhill/tensor";

/** Triplets of a batch, as indices into its embeddings. */
export interface Triplets {
  /** int32 `[triplets]`: the anchors. */
  readonly anchor: Tensor;
  /** int32 `[triplets]`: another embedding with the label of the anchor. */
  readonly positive: Tensor;
  /** int32 `[triplets]`: an embedding with another label. */
  readonly negative: Tensor;
  /** float32 `[triplets]`: 1, or 0 where no such triplet was found and the indices mean nothing; the `sampleWeight` of the loss. */
  readonly weight: Tensor;
}
