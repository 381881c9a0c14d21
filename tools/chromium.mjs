// Finds an installed Chrome or Chromium; Playwright's own download is not available everywhere.
import { existsSync } from "node:fs";

const places = [
  process.env.DOWNHILL_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** Path of the browser's executable, or undefined; the environment variable DOWNHILL_CHROMIUM comes first. */
export const chromium = () => places.find((path) => path && existsSync(path));
