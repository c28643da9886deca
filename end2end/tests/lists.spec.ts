// Lists: page by page, filtered; and what every page has around it.

import { configMap } from "../fixtures/manifests.ts";
import { Office } from "../fixtures/office.ts";
import { ADMINISTRATOR } from "../fixtures/portal.ts";
import { accessible, alive, expect, test } from "../fixtures/story.ts";
import { ControlPlane } from "../fixtures/testbed.ts";

test("a long list is shown page by page and can be filtered", async ({ browser, ownPortal, unique, scripts }) => {
  const office = await Office.open(ownPortal, ADMINISTRATOR);
  const cluster = await office.connect(ControlPlane.shared, "harbour");
  const operator = unique("many");
  for (let number = 1; number <= 51; number += 1) {
    await office.configure(cluster, {
      name: `ship-${String(number).padStart(2, "0")}`,
      repository_url: "http://127.0.0.1:9/fleet/ship.git",
      operator_namespace: operator,
    });
  }
  const context = await browser.newContext({ baseURL: ownPortal.url, storageState: await office.session() });
  const page = await context.newPage();
  await page.goto("/configurations");
  await alive(page, scripts);
  const rows = page.getByRole("row").filter({ hasText: "ship-" });
  await expect(rows).toHaveCount(50);
  const pages = page.getByRole("navigation", { name: "Pages" });
  await expect(pages).toContainText("Page 1 of 2, 51 in all");
  await accessible(page, scripts);
  await pages.getByRole("link", { name: "Next" }).click();
  await expect(rows).toHaveCount(1);
  await expect(pages).toContainText("Page 2 of 2");

  await page.getByRole("searchbox").fill("Ship-07");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/filter=Ship-07/);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("ship-07");
  await expect(page.getByRole("searchbox")).toHaveValue("Ship-07");
  await page.getByRole("searchbox").fill("no such ship");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByText('Nothing here matches "no such ship".')).toBeVisible();
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(rows).toHaveCount(50);
  await context.close();
  await office.close();
});

test("a sync can be asked for", async ({ page, given, unique, follow }) => {
  const place = unique("now");
  const { name, path, repository } = await given(place, { "one.yaml": configMap("one", "default") }, { git_poll_interval: "24h" });
  await page.goto(path);
  const pane = page.getByRole("region", { name });
  await follow((patience) => expect(pane.getByRole("status")).toContainText("Installed. Revision", patience));
  const revision = await repository.commit({ "one.yaml": configMap("one", "default", { greeting: "now" }) });
  await pane.getByRole("button", { name: "Sync now" }).click();
  await follow((patience) => expect(pane.getByRole("status")).toContainText(revision.slice(0, 7), patience));
});

test("the theme goes round from the system's to light and dark, and stays", async ({ page, scripts }) => {
  await page.goto("/clusters");
  const theme = (name: string) => expect(page.locator("html")).toHaveAttribute("data-theme", name);
  await theme("system");
  await page.getByRole("button", { name: "Use the light theme" }).click();
  await theme("light");
  await page.getByRole("button", { name: "Use the dark theme" }).click();
  await theme("dark");
  await page.goto("/configurations");
  await theme("dark");
  await accessible(page, scripts);
  await page.getByRole("button", { name: "Use the system's theme" }).click();
  await theme("system");
});

test("the language changes on the page one is on, and stays", async ({ page, cluster, scripts }) => {
  await page.goto(cluster);
  await page.getByRole("button", { name: "简体中文" }).click();
  await expect(page).toHaveURL(cluster);
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await alive(page, scripts);
  await page.getByRole("link", { name: "群集" }).first().click();
  await expect(page.getByRole("heading", { name: "群集" })).toBeVisible();
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("heading", { name: "Clusters" })).toBeVisible();
});

test("what is not there is said to be not there", async ({ page, provoked, scripts }) => {
  provoked.push(/status of 404/);
  const nothing = "00000000-0000-7000-8000-000000000000";
  for (const path of ["/nothing", "/clusters/nothing", `/clusters/${nothing}`, `/clusters/${nothing}/gitops`, `/configurations/${nothing}`]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole("heading", { name: "Not found" }).first(), path).toBeVisible();
    await accessible(page, scripts);
  }
  await page.getByRole("link", { name: "Go to the clusters" }).first().click();
  await expect(page.getByRole("heading", { name: "Clusters" })).toBeVisible();
});
