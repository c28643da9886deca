// Two teams on one portal: each sees and changes its own, and nothing of the other's.

import type { Browser, Page } from "@playwright/test";

import { Office } from "../fixtures/office.ts";
import { ADMINISTRATOR, type Portal } from "../fixtures/portal.ts";
import { accessible, alive, expect, test } from "../fixtures/story.ts";
import { ControlPlane } from "../fixtures/testbed.ts";

const PASSWORD = "harbour-tin-willow-anchor";

test("two teams share a portal and cannot see each other", async ({ browser, ownPortal, provoked, scripts }) => {
  test.setTimeout(150_000);
  provoked.push(/status of 404/);
  const office = await Office.open(ownPortal, ADMINISTRATOR);
  const plane = await ControlPlane.start();
  const administrator = await browser.newContext({ baseURL: ownPortal.url, storageState: await office.session() });
  const page = await administrator.newPage();
  try {
    await page.goto("/places");
    await alive(page, scripts);
    await accessible(page, scripts);
    await page.getByRole("link", { name: "Default subscription" }).click();
    await page.getByText("Make resource group").first().click();
    await page.getByLabel("Name of the resource group").fill("team-b");
    await page.getByRole("button", { name: "Make resource group" }).click();
    await expect(page.getByRole("heading", { name: "team-b" })).toBeVisible();
    await accessible(page, scripts);

    const ours = await office.connect(ControlPlane.shared, "harbour", "Default");
    const theirs = await office.connect(plane, "island", "team-b");
    const ada = await join(browser, ownPortal, "ada");
    await expect(ada.getByText("No cluster is connected yet")).toBeVisible();
    await ada.goto("/places");
    await expect(ada.getByText("Nothing is open to you yet")).toBeVisible();
    const grace = await join(browser, ownPortal, "grace");

    await assign(page, "team-b", "grace", "Owner");
    await assign(page, "Default", "ada", "Contributor");

    await ada.goto("/clusters");
    await expect(ada.getByRole("link", { name: "harbour" })).toBeVisible();
    await expect(ada.getByText("island")).toHaveCount(0);
    await expect(ada.getByRole("link", { name: "People" })).toHaveCount(0);
    await ada.goto(theirs);
    await expect(ada.getByText("This does not exist, or you may not see it.")).toBeVisible();
    await ada.goto(`${ours}/gitops/new`);
    await expect(ada.getByLabel("Configuration name")).toBeVisible();
    await ada.goto("/activity");
    await expect(ada.getByRole("cell", { name: "cluster.connect" })).toHaveCount(1);
    await accessible(ada, scripts);
    await ada.getByLabel("Outcome").selectOption("Refused");
    await ada.getByLabel("From", { exact: true }).fill("2026-01-01");
    await ada.getByRole("button", { name: "Filter", exact: true }).click();
    await expect(ada).toHaveURL(/outcome=refused&from=2026-01-01/);
    await expect(ada.getByText("Nothing here matches all of that.")).toBeVisible();
    await expect(ada.getByLabel("Outcome")).toHaveValue("refused");

    await grace.goto("/clusters");
    await expect(grace.getByRole("link", { name: "island" })).toBeVisible();
    await expect(grace.getByText("harbour")).toHaveCount(0);
    await grace.goto(ours);
    await expect(grace.getByText("This does not exist, or you may not see it.")).toBeVisible();

    // A group is called as its team likes.
    await open(grace, "team-b");
    await grace.getByLabel("Display name").fill("Island team");
    await grace.getByRole("button", { name: "Rename" }).click();
    await expect(grace.getByRole("heading", { name: "Island team" })).toBeVisible();
    await accessible(grace, scripts);
    await grace.goto("/clusters");
    await expect(grace.getByRole("cell", { name: "Island team" })).toBeVisible();

    // What was given can be taken back.
    await open(page, "Default");
    await page.getByRole("form", { name: "Take back the role Contributor of ada" }).getByRole("button").click();
    await expect(page.getByText("Nobody has a role here but the administrators.")).toBeVisible();
    await ada.goto("/clusters");
    await expect(ada.getByText("harbour")).toHaveCount(0);
    await ada.context().close();
    await grace.context().close();
  } finally {
    await administrator.close();
    await office.close();
    await plane.remove();
  }
});

/** Somebody new, signed in in a browser of their own by the link that was sent. */
async function join(browser: Browser, portal: Portal, name: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: portal.url });
  const page = await context.newPage();
  await page.goto(portal.invite(name));
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(page).toHaveURL(/\/clusters$/);
  return page;
}

async function open(page: Page, group: string) {
  await page.goto("/places");
  await page.getByRole("link", { name: group, exact: true }).click();
  await expect(page.getByRole("heading", { name: group })).toBeVisible();
}

async function assign(page: Page, group: string, name: string, role: string) {
  await open(page, group);
  await page.getByText("Assign role").first().click();
  await page.getByLabel("Who", { exact: true }).fill(name);
  await page.getByLabel("Role", { exact: true }).first().selectOption(role);
  await page.getByRole("button", { name: "Assign role" }).click();
  for (const section of ["Who has access", "Who may do what here"]) {
    const rows = page.getByRole("table", { name: section }).getByRole("row");
    await expect(rows.filter({ hasText: name })).toContainText(role);
  }
}
