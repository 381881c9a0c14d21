import type { EngineName } from "@downhill/tensor";

export const engines: EngineName[] = ["reference", "cpu"];
