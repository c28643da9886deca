// How every page looks: in both themes and languages, narrow and wide. A picture of each is made for whoever
// wants to look (`target/screenshots`), and what a machine can see is checked: WCAG 2.2 AA, and that nothing is
// wider than the screen. `UPDATE_PICTURE=1 npx playwright test -g picture` makes the picture in the README anew.

import type { Browser, Page } from "@playwright/test";
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";

import { setScene, type Scene } from "../fixtures/scene.ts";
import { accessible, alive, expect, test as base } from "../fixtures/story.ts";

const PICTURES = resolve(import.meta.dirname, "../../target/screenshots");
const README_PICTURE = resolve(import.meta.dirname, "../portal.png");

const WIDTHS = { narrow: { width: 360, height: 760 }, wide: { width: 1600, height: 900 } } as const;
const THEMES = ["light", "dark"] as const;

/** Pages before signing in. */
const OPEN = ["sign-in", "set-password", "set-password-used", "embed-sign-in", "embed-sign-in-refused"];

/** Pages without the bar on top, by which it is seen that a page is alive. */
const BARE = [...OPEN, "embed-grant", "embed-grant-nowhere", "not-found"];

/** What people of each language need to press a button. */
const LANGUAGES = [
  { locale: "en", add: "Add configuration", keys: "Keyboard" },
  { locale: "zh-CN", add: "添加配置", keys: "键盘" },
] as const;

const test = base.extend<object, { scene: Scene }>({
  scene: [
    async ({}, use) => {
      const scene = await setScene(process.env.UPDATE_PICTURE ? "" : `-${randomBytes(2).toString("hex")}`);
      await use(scene);
      await scene.end();
    },
    { scope: "worker", timeout: 240_000 },
  ],
  // Each page is visited by an address of its own.
  storageState: { cookies: [], origins: [] },
});

test.describe.configure({ mode: "parallel" });

/** Visits every second page, beginning with this one: two tests have the same work, and share it between two workers. */
const HALVES = [0, 1] as const;

for (const { locale, half } of LANGUAGES.flatMap(({ locale }) => HALVES.map((half) => ({ locale, half })))) {
  test(`every page can be read and fits, in ${locale}, half ${half + 1}`, async ({ browser, scene, provoked }) => {
    test.setTimeout(240_000);
    provoked.push(/status of (404|422)/);
    const visit = await visitors(browser, scene, locale);
    for (const [name, path] of Object.entries(scene.pages).filter((_, index) => index % 2 === half)) {
      await test.step(name, async () => {
        const page = OPEN.includes(name) ? visit.stranger : visit.signedIn;
        await page.goto(path);
        await alive(page, !BARE.includes(name));
        await look(page, name, locale);
      });
    }
    await visit.end();
  });
}

for (const { locale, add, keys } of LANGUAGES) {
  test(`a refused form and the list of keys can be read and fit, in ${locale}`, async ({ browser, scene, provoked }) => {
    provoked.push(/status of 422/);
    const visit = await visitors(browser, scene, locale);
    const page = visit.signedIn;
    await test.step("add-refused", async () => {
      await page.goto(scene.pages.add ?? "");
      await alive(page, true);
      await page.getByRole("button", { name: add }).click();
      await expect(page.getByRole("alert")).not.toBeEmpty();
      await look(page, "add-refused", locale);
    });
    await test.step("keys", async () => {
      await page.goto(scene.pages.gitops ?? "");
      await page.getByRole("button", { name: keys }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await look(page, "keys", locale);
    });
    await visit.end();
  });
}

test("the picture in the README", async ({ browser, scene }) => {
  test.skip(!process.env.UPDATE_PICTURE, "made on demand: UPDATE_PICTURE=1");
  const context = await browser.newContext({
    baseURL: scene.portal.url,
    storageState: await scene.office.session(),
    viewport: { width: 1440, height: 780 },
  });
  const page = await context.newPage();
  await page.goto(scene.pages.gitops ?? "");
  await page.getByRole("link", { name: "cluster-config" }).click();
  await expect(page.getByRole("heading", { name: "cluster-config" })).toBeVisible();
  // Nothing is to look as if somebody pointed at it.
  await page.mouse.move(0, 0);
  await page.screenshot({ path: README_PICTURE, animations: "disabled" });
  await context.close();
});

/** A page of somebody signed in and one of a stranger, both in this language. */
async function visitors(browser: Browser, scene: Scene, locale: string) {
  const preference = { name: "locale", value: locale, url: scene.portal.url };
  const signedIn = await browser.newContext({ baseURL: scene.portal.url });
  await signedIn.addCookies([...(await scene.office.session()).cookies, preference]);
  const stranger = await browser.newContext({ baseURL: scene.portal.url });
  await stranger.addCookies([preference]);
  const end = async () => {
    await signedIn.close();
    await stranger.close();
  };
  return { signedIn: await signedIn.newPage(), stranger: await stranger.newPage(), end };
}

/** Takes the pictures of a page as it is now, and checks them. */
async function look(page: Page, name: string, locale: string) {
  for (const [width, size] of Object.entries(WIDTHS)) {
    await page.setViewportSize(size);
    for (const theme of THEMES) {
      // What the switch does, without loading the page again: tests/lists.spec.ts presses it.
      await page.locator("html").evaluate((html, theme) => html.setAttribute("data-theme", theme), theme);
      await page.screenshot({ path: join(PICTURES, `${name}-${theme}-${locale}-${width}.png`), animations: "disabled" });
      // The themes differ in nothing but colour, and no colour depends on the width.
      if (theme === "light") {
        await accessible(page, true);
      } else if (width === "wide") {
        await accessible(page, true, "contrast");
      }
    }
    const excess = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
    expect.soft(excess, `pixels that ${name} is too wide at ${size.width}`).toBeLessThanOrEqual(0);
  }
}
