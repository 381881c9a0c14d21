// What the cpu engine calls.
export { argReduce } from "./arg-reduce";
export { conv2d, conv2dInputGrad, conv2dWeightGrad, convScratchBytes } from "./conv";
export { matmulRows, packB, packedABytes, packedBBytes } from "./gemm";
export { gather, scatterAdd } from "./index-ops";
export { fill, stridedCopy } from "./move";
export { avgPool2d, avgPool2dGrad, maxPoolIndex2d } from "./pool";
export { reduceMiddle, reduceScratchBytes } from "./reduce";
export { cumsum } from "./scan";
export { argsort, argsortScratchBytes } from "./sort";
export { fault } from "./block-move";
export { runLoop } from "./tape";
export { __heap_base };
// Not for the engine: exports, because the optimizer inlines what is called from one place only, and these lose by that.
export { vectorTimesLines, vectorTimesRows } from "./gemm";
export { rounds } from "./uniform";
