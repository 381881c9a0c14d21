import type { Engine } from "./losses.js";
import { lossesOn } from "./losses.js";

addEventListener("message", ({ data }: MessageEvent<Engine>) => {
  lossesOn(data).then(postMessage, (error: unknown) => postMessage(String(error)));
});
