import { countLabel } from "../data.mjs";
import { rivals } from "../rivals.mjs";
import { digits } from "./format.mjs";

/** Nanoseconds per element by the number of elements, a column per case and library, and the floor. */
export function scalingTable({ scaling }) {
  if (scaling.length === 0) return null;
  const columns = new Map();
  const sizes = new Set();
  for (const { name, timings, floor } of scaling) {
    const [file, elements] = name.split("@");
    const put = (label, milliseconds) => {
      const column = `${file}, ${label}`;
      if (!columns.has(column)) columns.set(column, new Map());
      columns.get(column).set(elements, milliseconds === undefined ? "fails" : digits((milliseconds * 1e6) / elements));
    };
    sizes.add(elements);
    for (const key of Object.keys(rivals)) if (key in timings) put(rivals[key].label, timings[key].median);
    put("floor", floor.milliseconds);
  }
  return [
    ["ns per element", ...columns.keys()],
    ...[...sizes].map((elements) => [
      countLabel(Number(elements)),
      ...[...columns.values()].map((column) => column.get(elements)),
    ]),
  ];
}
