// The browser stories: each one with scripts and without. `fixtures/story.ts` says what a story is given.

import { defineConfig, devices } from "@playwright/test";
import { existsSync } from "node:fs";

import type { StoryOptions } from "./fixtures/story.ts";

/** Debian's browser, best without its windows, which nobody sees: a third of the time of all stories. Elsewhere
 * Playwright's own is taken. */
const SYSTEM_CHROMIUM = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find((path) => existsSync(path));

/** Nothing that reaches out of this machine, nothing that needs a graphics card or a second user. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // As browsers will be: a page inside another site's page keeps partitioned cookies only.
  "--test-third-party-cookie-phaseout",
];

export default defineConfig<StoryOptions>({
  testDir: "tests",
  outputDir: "../target/playwright",
  reporter: "list",
  // A story that fails now and then is wrong, or has found something.
  retries: 0,
  // Each has a browser and a server of its own; the control plane is shared.
  workers: 2,
  timeout: 60_000,
  globalTimeout: 15 * 60_000,
  forbidOnly: !!process.env.CI,
  expect: { timeout: 10_000 },
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1280, height: 900 },
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    launchOptions: {
      args: ARGUMENTS,
      ...(SYSTEM_CHROMIUM ? { executablePath: SYSTEM_CHROMIUM } : {}),
    },
    // A quarter of all time would go into recording what nobody looks at: `--trace on` records a story that fails.
    screenshot: "only-on-failure",
  },
  projects: [
    // How every page looks: needs both languages, both themes and several widths, and is told apart for that. The
    // longest stories begin first.
    { name: "looks", testMatch: "**/looks.spec.ts" },
    { name: "scripts off", use: { javaScriptEnabled: false }, testIgnore: ["**/*.script.spec.ts", "**/looks.spec.ts"] },
    { name: "scripts on", testIgnore: "**/looks.spec.ts" },
  ],
});
