import { createRequire } from "node:module";

/** Downhill on its CPU engine, as built into dist. */
export async function open() {
  const [core, losses, optimizers, nn] = await Promise.all([
    import("@downhill/tensor"),
    import("@downhill/losses"),
    import("@downhill/optimizers"),
    import("@downhill/nn"),
  ]);
  const { version } = createRequire(import.meta.url)("@downhill/tensor/package.json");
  return {
    side: "downhill",
    info: `${version}, ${core.engineName()} engine`,
    profile: core.profile,
    library: { ...core, losses, optimizers, nn },
  };
}
