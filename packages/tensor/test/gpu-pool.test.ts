import { expect, test } from "vitest";
import { capacityFor, Pool } from "../src/engines/gpu/devices/pool.js";

test.each([
  [0, 64],
  [64, 64],
  [65, 72],
  [1000, 1024],
  [1025, 1152],
  [3000, 3072],
  [1_000_000, 1_048_576],
  [2 ** 24, 2 ** 24],
])("%i elements get room for %i", (size, capacity) => {
  expect(capacityFor(size)).toBe(capacity);
});

test("sizes that fit into one another share their memory; no slot is ever larger than the device allows", () => {
  const made: number[] = [];
  const pool = new Pool(
    1100,
    (capacity) => made.push(capacity),
    () => {},
  );
  const first = pool.take(1000);
  pool.give(first);
  expect(pool.take(1024)).toBe(first);
  expect(pool.take(1090).capacity).toBe(1100);
  expect(made).toEqual([1024, 1100]);
  expect(pool.alive).toEqual({ elements: 2124, slots: 2 });
});

test("the slot that was made first is taken first, however they came back", () => {
  const pool = new Pool(
    2 ** 20,
    () => null,
    () => {},
  );
  const slots = [pool.take(100), pool.take(100), pool.take(100)] as const;
  for (const at of [2, 0, 1] as const) pool.give(slots[at]);
  expect([pool.take(100), pool.take(100), pool.take(100)]).toEqual(slots);
});

test("reserves that nobody asks for any more are destroyed; what is given back after closing, too", () => {
  let alive = 0;
  const pool = new Pool(
    2 ** 30,
    () => ++alive,
    () => alive--,
  );
  for (let size = 2 ** 20; size < 2 ** 23; size += 2 ** 18) pool.give(pool.take(size));
  expect(pool.alive.elements).toBeLessThanOrEqual(2 * 2 ** 23);
  expect(pool.alive.slots).toBe(alive);
  const kept = pool.take(5);
  pool.close();
  expect(alive).toBe(1);
  pool.give(kept);
  expect([alive, pool.alive]).toEqual([0, { elements: 0, slots: 0 }]);
});
