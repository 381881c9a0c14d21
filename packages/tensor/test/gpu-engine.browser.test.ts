import { describe } from "vitest";
import { likeReferenceOn } from "./gpu-cases.js";

describe("webgpu", () => likeReferenceOn("webgpu"));
describe("webgl2", () => likeReferenceOn("webgl2"));
