// Somebody has an account at the company and none here, and may what the company's groups may.

import type { Page } from "@playwright/test";

import { Office } from "../fixtures/office.ts";
import { ADMINISTRATOR, startPortal } from "../fixtures/portal.ts";
import { accessible, expect, test } from "../fixtures/story.ts";
import { ControlPlane, IdentityProvider } from "../fixtures/testbed.ts";

test("somebody signs in with the company's account and has what the group may do", async ({ browser, scripts }) => {
  test.setTimeout(120_000);
  const company = await IdentityProvider.start("company", "Harbour Company");
  await company.person("ada", ["crane-team"]);
  const portal = await startPortal(ADMINISTRATOR, { FAIRLEAD_OIDC: JSON.stringify([company.settings]) });
  const office = await Office.open(portal, ADMINISTRATOR);
  const administrator = await browser.newContext({ baseURL: portal.url, storageState: await office.session() });
  const somebody = await browser.newContext({ baseURL: portal.url });
  try {
    const cluster = await office.connect(ControlPlane.shared, "harbour", "Default");
    const page = await administrator.newPage();
    await page.goto("/places");
    await page.getByRole("link", { name: "Default", exact: true }).click();
    await page.getByText("Assign role").first().click();
    await page.getByLabel("Who", { exact: true }).fill("crane-team");
    await page.getByLabel("From", { exact: true }).selectOption("company");
    await page.getByLabel("Role", { exact: true }).first().selectOption("Contributor");
    await page.getByRole("button", { name: "Assign role" }).click();
    await expect(page.getByRole("row").filter({ hasText: "crane-team" })).toContainText("Contributor");

    // She wanted to go somewhere, signs in on the way, and gets there.
    const ada = await somebody.newPage();
    await ada.goto(cluster);
    await expect(ada).toHaveURL(/\/sign-in\?then=/);
    await accessible(ada, scripts);
    await atTheCompany(ada, "ada");
    await expect(ada).toHaveURL(new RegExp(`${cluster}$`));
    await expect(ada.getByRole("heading", { name: "harbour" })).toBeVisible();
    await ada.goto(`${cluster}/gitops/new`);
    await expect(ada.getByLabel("Configuration name")).toBeVisible();

    // Signing out leads through the company, which asks, and back.
    await leave(ada);
    await expect(ada.getByRole("heading", { name: "Sign out of your company" })).toBeVisible();
    await ada.getByRole("button", { name: "Yes, sign out" }).click();
    await expect(ada.getByRole("heading", { name: "Sign in to Fairlead" })).toBeVisible();

    // What the company takes away is gone at the next sign-in.
    await company.person("ada", []);
    await ada.goto("/clusters");
    await atTheCompany(ada, "ada");
    await expect(ada.getByText("No cluster is connected yet")).toBeVisible();
    await expect(ada.getByText("harbour")).toHaveCount(0);

    // Whoever cancels there is told, and may sign in otherwise.
    const other = await (await browser.newContext({ baseURL: portal.url })).newPage();
    await other.goto("/sign-in");
    await other.getByRole("link", { name: "Sign in with Harbour Company" }).click();
    await other.getByRole("button", { name: "Cancel" }).click();
    await expect(other.getByText("Harbour Company let nobody in")).toBeVisible();
    await accessible(other, scripts);
    await other.getByLabel("User name").fill(ADMINISTRATOR.name);
    await other.getByLabel("Password").fill(ADMINISTRATOR.password);
    await other.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(other).toHaveURL(/\/clusters$/);
    await other.context().close();
  } finally {
    await somebody.close();
    await administrator.close();
    await office.close();
    await portal.stop();
    await company.stop();
  }
});

async function atTheCompany(page: Page, login: string) {
  await page.getByRole("link", { name: "Sign in with Harbour Company" }).click();
  await page.getByLabel("Login").fill(login);
  await page.getByRole("button", { name: "Continue" }).click();
}

/** By the menu that opens without scripts too. */
async function leave(page: Page) {
  await page.getByLabel("Account").click();
  await page.getByRole("button", { name: "Sign out" }).click();
}
