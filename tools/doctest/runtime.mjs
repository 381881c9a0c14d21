// What the generated example modules call.
import { test as vitestTest } from "vitest";

/** An error whose text already says where and what: no stack of the generated module needed. */
class ExampleError extends Error {
  constructor(message) {
    super(message);
    this.name = "ExampleError";
    this.stack = `ExampleError: ${message}`;
  }
}

/** Runs an example as a test named after its place; an error inside it is told with the line of its source. */
export function test(title, body) {
  vitestTest(title, async () => {
    try {
      await body();
    } catch (error) {
      if (error instanceof ExampleError) throw error;
      const path = title.slice(0, title.lastIndexOf(":"));
      const line = /\.doctest[^\n]*?\.test\.ts:(\d+)/.exec(error?.stack ?? "")?.[1];
      throw new ExampleError(`${line ? `${path}:${line}` : title}: ${error?.stack ?? error}`);
    }
  });
}

class Near {
  constructor(value, tolerance) {
    this.value = value;
    this.tolerance = tolerance;
  }
}

/** An expected number and how far the real one may be from it. */
export const near = (value, tolerance) => new Near(value, tolerance);

/** Plain values out of tensors (anything with an async `array()`), typed arrays and promises. */
async function plain(value) {
  value = await value;
  if (typeof value?.array === "function") return plain(value.array());
  if (ArrayBuffer.isView(value)) return [...value];
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (value !== null && typeof value === "object") {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return Object.fromEntries(await Promise.all(entries.map(async ([key, item]) => [key, await plain(item)])));
  }
  return value;
}

function equal(actual, expected) {
  if (expected instanceof Near)
    return typeof actual === "number" && Math.abs(actual - expected.value) <= expected.tolerance;
  if (Array.isArray(expected))
    return (
      Array.isArray(actual) && actual.length === expected.length && expected.every((item, i) => equal(actual[i], item))
    );
  if (expected !== null && typeof expected === "object") {
    if (actual === null || typeof actual !== "object" || Array.isArray(actual)) return false;
    const keys = Object.keys(expected);
    return (
      keys.length === Object.keys(actual).length &&
      keys.every((key) => key in actual && equal(actual[key], expected[key]))
    );
  }
  return Object.is(actual, expected);
}

const show = (value) => {
  if (value instanceof Near) return String(value.value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (value !== null && typeof value === "object")
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${show(item)}`)
      .join(", ")} }`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
};

/** Asserts `actual; // => expected`. */
export async function same(place, actual, expected) {
  const value = await plain(actual);
  if (!equal(value, expected)) throw new ExampleError(`${place}: expected ${show(expected)}, got ${show(value)}`);
}

/** Asserts `run(); // throws text`: `text` is how the error, written as `Name: message`, begins (a last `...` is dropped). */
export async function throws(place, text, run) {
  let error;
  try {
    await run();
  } catch (thrown) {
    error = thrown;
  }
  if (error === undefined)
    throw new ExampleError(`${place}: expected an error${text && `, "${text}"`}, and nothing was thrown`);
  const written = `${error.name}: ${error.message}`;
  const start = text.replace(/\s*(\.\.\.|…)$/, "");
  // A misspelt name throws too, and is not what an example means.
  const meant = start
    ? written.replace(/\s+/g, " ").startsWith(start.replace(/\s+/g, " "))
    : !(error instanceof ReferenceError);
  if (!meant) throw new ExampleError(`${place}: expected the error "${start || "(any)"}", got "${written}"`);
}
