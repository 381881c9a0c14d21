// Training as a user writes it, whose losses the test compares.
import { useEngine } from "@downhill/tensor";
import { leaveGpu, useGpu } from "@downhill/tensor/gpu";
import { spiralTraining } from "../gpu-loops.js";

export type Engine = "cpu" | "webgpu" | "webgl2";

/** The losses of some steps, to the last bit. */
export async function lossesOn(engine: Engine): Promise<number[]> {
  if (engine === "cpu") useEngine("cpu");
  else await useGpu({ engine });
  const { step } = spiralTraining();
  const losses: number[] = [];
  for (let i = 0; i < 25; i++) losses.push(await (await step()).item());
  await leaveGpu();
  return losses;
}
