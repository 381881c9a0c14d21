import { describe } from "@downhill/tensor";
import { checkFlag } from "./flag.js";

/** The options of a wrapper over its defaults; throws when one is unknown, or no number or no boolean like its default. */
export function complete<Settings extends object>(
  fn: string,
  defaults: Settings,
  options: { readonly [Name in keyof Settings]?: Settings[Name] | undefined },
): Settings {
  if (typeof options !== "object" || options === null)
    throw new TypeError(
      `${fn}: "options" expected an object such as { ${Object.keys(defaults)[0]}: ${Object.values(defaults)[0]} }, got ${describe(options)}`,
    );
  const settings: Record<string, unknown> = Object.fromEntries(Object.entries(defaults));
  for (const [key, value] of Object.entries(options)) {
    if (!(key in settings))
      throw new TypeError(`${fn}: "options" expected ${Object.keys(defaults).join(", ")}, got ${JSON.stringify(key)}`);
    if (value === undefined) continue;
    if (typeof settings[key] === "boolean") checkFlag(fn, key, value);
    settings[key] = value;
  }
  return settings as Settings;
}
