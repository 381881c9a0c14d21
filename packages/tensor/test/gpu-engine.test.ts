// WebGPU in Node, through the package `webgpu`.
import { likeReferenceOn } from "./gpu-cases.js";
import { webgpuInNode } from "./webgpu-in-node.js";

await webgpuInNode(() => likeReferenceOn("webgpu"));
