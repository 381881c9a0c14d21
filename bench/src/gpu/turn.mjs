// One library's turn at one case: open, warm up, a timed round, close.

/** Steps between two readings of a value. */
const block = 10;

/** Runs blocks of steps for at least so long; every block ends with a value that JavaScript has, the last with all work. */
async function steps(run, milliseconds) {
  const start = performance.now();
  let count = 0;
  let issuing = 0;
  do {
    for (let i = 0; i < block; i++) {
      const called = performance.now();
      const stepped = run.step();
      issuing += performance.now() - called;
      await stepped;
    }
    await run.value();
    count += block;
  } while (performance.now() - start < milliseconds);
  await run.finish();
  return { count, issuing, milliseconds: performance.now() - start };
}

/** The value after ten steps, milliseconds per step, and what the library tells of its work and memory. */
export async function turn(library, name, data, { warmup, round }) {
  // Models of earlier turns would move along to the next engine.
  await globalThis.gc?.({ execution: "async" });
  await library.enter();
  try {
    const run = library.runs[name](data);
    try {
      for (let i = 0; i < 2; i++) await run.step();
      await run.value();
      const planned = library.profile?.().plans;
      const compiled = library.counts?.().compiles;
      for (let i = 2; i < block; i++) await run.step();
      const value = await run.value();
      await steps(run, warmup);
      const kernelsSoFar = () => library.counts?.().dispatches ?? library.profile?.().kernels;
      const [before, spent] = [kernelsSoFar(), library.profile?.().kernelTime];
      const { count, issuing, milliseconds } = await steps(run, round);
      const kernels = kernelsSoFar() - before;
      return {
        value,
        ms: milliseconds / count,
        ...(library.profile && {
          kernels: kernels / count,
          issue: ((library.profile().kernelTime - spent) * 1000) / kernels,
          graph: ((issuing - library.profile().kernelTime + spent) * 1000) / count,
          plans: library.profile().plans - planned,
        }),
        ...(compiled !== undefined && {
          compiles: library.counts().compiles - compiled,
          objects: library.counts().objects,
        }),
        ...library.memory?.(),
      };
    } finally {
      run.close?.();
    }
  } finally {
    await library.leave();
  }
}
