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
  const { count, reason } = core.threads();
  const wanted = Number(process.env.DOWNHILL_THREADS ?? 1);
  if (count !== wanted) throw new Error(`${wanted} threads asked for, ${count} had: ${reason}`);
  return {
    side: "downhill",
    info: `${version}, ${core.engineName()} engine, ${count} thread${count > 1 ? "s" : ""}`,
    profile: core.profile,
    library: { ...core, losses, optimizers, nn },
  };
}
