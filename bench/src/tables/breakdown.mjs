import { digits } from "./format.mjs";

/** Where a step's time goes: building its graph, finding its plan, making plans, kernels, copies to and from the engine. */
export function breakdownTable({ results }) {
  const names = ["building", "keying", "planning", "kernels", "copies"];
  const rows = [];
  for (const { title, timings } of results) {
    const profile = timings.downhill?.profile;
    if (!profile) continue;
    const overhead = (profile.building + profile.keying) / profile.nodes;
    const counts = [profile.nodes, profile.launched, profile.plans].map((value) =>
      String(Math.round(value * 100) / 100),
    );
    rows.push([title, ...names.map((name) => digits(Math.max(0, profile[name]))), overhead.toFixed(2), ...counts]);
  }
  if (rows.length === 0) return null;
  return [["Downhill, µs per step", ...names, "per node", "nodes", "kernels run", "new plans"], ...rows];
}
