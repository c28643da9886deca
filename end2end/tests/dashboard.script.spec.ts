// S-K3 in a browser: a dashboard on another origin shows the portal in a frame, with third-party cookies blocked.

import type { Page } from "@playwright/test";
import { join, resolve } from "node:path";

import { startDashboard, type Dashboard } from "../fixtures/dashboard.ts";
import { configMap } from "../fixtures/manifests.ts";
import { ADMINISTRATOR } from "../fixtures/portal.ts";
import { expect, test as base } from "../fixtures/story.ts";

const PICTURES = resolve(import.meta.dirname, "../../target/screenshots");

const test = base.extend<{ dashboard: Dashboard }>({
  dashboard: async ({}, use) => {
    const dashboard = await startDashboard();
    await use(dashboard);
    dashboard.stop();
  },
  // Nobody is signed in anywhere.
  storageState: { cookies: [], origins: [] },
});

const address = (origin: string, portal: string, page = "") =>
  `${origin}/?portal=${encodeURIComponent(portal)}${page && `&address=${encodeURIComponent(page)}`}`;

test("a dashboard shows the GitOps blade of a cluster to whoever signs in inside its frame", async ({
  page,
  portal,
  office,
  cluster,
  given,
  unique,
  dashboard,
}) => {
  const origin = dashboard.origin("localhost");
  await office.allowParent(origin);
  const { name } = await given(unique("wall"), { "one.yaml": configMap(unique("one"), "default") });
  await page.goto(address(origin, portal.url, `/embed${cluster}/gitops?parent=${encodeURIComponent(origin)}`));
  const frame = page.frameLocator("#fairlead");

  const opened = page.waitForEvent("popup");
  await frame.getByRole("button", { name: "Sign in" }).click();
  await allowIn(await opened, origin);
  await expect(frame.getByRole("link", { name })).toBeVisible();
  await expect(frame.getByText("Signed in as admin")).toBeVisible();
  await expect(frame.getByRole("link", { name: "Add configuration" })).toHaveCount(0);
  await expect(frame.locator(".bar")).toHaveCount(0);

  const cookies = await page.context().cookies();
  const kept = cookies.filter((cookie) => cookie.name === "fairlead-embed");
  expect(kept.map((cookie) => cookie.partitionKey)).toEqual(["http://localhost"]);

  // It is as tall as what it shows, is there after loading the page again, and follows links.
  await expect.poll(async () => (await page.locator("#fairlead").boundingBox())?.height).not.toBe(320);
  await page.reload();
  await frame.getByRole("link", { name }).click();
  await expect(frame.getByRole("heading", { name })).toBeVisible();
  await expect.poll(async () => (await page.locator("#fairlead").boundingBox())?.height).toBeGreaterThan(600);
  await page.screenshot({ path: join(PICTURES, "dashboard.png") });
  await frame.getByRole("link", { name: "Close" }).click();

  await frame.getByRole("button", { name: "Sign out" }).click();
  await expect(frame.getByRole("button", { name: "Sign in" })).toBeVisible();
});

test("a dashboard's server asks for a code, and its visitors sign in nowhere", async ({ page, portal, office, given, unique, dashboard }) => {
  const origin = dashboard.origin("localhost");
  await office.allowParent(origin);
  const { name } = await given(unique("wall"), { "one.yaml": configMap(unique("one"), "default") });
  const asked = await page.request.post(
    `${portal.url}/api/v1/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/Default/embedCodes`,
    { headers: { authorization: `Bearer ${portal.token(ADMINISTRATOR.name)}` }, data: { parentOrigin: origin } },
  );
  const code = (await asked.json()) as { path: string };
  await page.goto(address(origin, portal.url, `${code.path}&then=/configurations`));
  const frame = page.frameLocator("#fairlead");
  await expect(frame.getByRole("link", { name })).toBeVisible();

  // The code was good once.
  await page.context().clearCookies();
  await page.reload();
  await expect(frame.getByText("used already")).toBeVisible();
});

test("an origin that nobody allowed shows nothing, signed in or not", async ({ page, portal, office, dashboard, provoked }) => {
  provoked.push(/frame-ancestors/);
  const allowed = dashboard.origin("localhost");
  await office.allowParent(allowed);
  const other = dashboard.origin("elsewhere.localhost");
  for (const claimed of ["", `/embed/configurations?parent=${allowed}`]) {
    await page.goto(address(other, portal.url, claimed));
    await expect.poll(() => page.frames().at(-1)?.url()).toMatch(/^chrome-error:/);
  }
});

test("an allowed page that another one shows in a frame shows nothing itself", async ({ page, portal, office, dashboard, provoked }) => {
  provoked.push(/frame-ancestors/);
  const allowed = dashboard.origin("localhost");
  await office.allowParent(allowed);
  const around = `${dashboard.origin("elsewhere.localhost")}/around`;
  await page.goto(`${around}?${encodeURIComponent(address(allowed, portal.url))}`);
  await expect.poll(() => page.frames().length).toBe(3);
  await expect.poll(() => page.frames().at(-1)?.url()).toMatch(/^chrome-error:/);
});

/** The pop-up: signing in, then the question. */
async function allowIn(popup: Page, origin: string) {
  await popup.getByLabel("User name").fill(ADMINISTRATOR.name);
  await popup.getByLabel("Password").fill(ADMINISTRATOR.password);
  await popup.getByRole("button", { name: "Sign in" }).click();
  await expect(popup.getByRole("heading", { name: "Show Fairlead in another page" })).toBeVisible();
  await expect(popup.getByText(origin)).toBeVisible();
  const closed = popup.waitForEvent("close");
  await popup.getByRole("button", { name: "Allow" }).click();
  await closed;
}
