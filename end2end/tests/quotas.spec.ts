// An owner of the subscription limits a resource group; whoever works there is told where the limit bites.

import { Office } from "../fixtures/office.ts";
import { ADMINISTRATOR } from "../fixtures/portal.ts";
import { accessible, alive, expect, test } from "../fixtures/story.ts";
import { ControlPlane } from "../fixtures/testbed.ts";

test("a quota is set on the page of the resource group and told on the form", async ({ browser, ownPortal, scripts }) => {
  const office = await Office.open(ownPortal, ADMINISTRATOR);
  const administrator = await browser.newContext({ baseURL: ownPortal.url, storageState: await office.session() });
  const page = await administrator.newPage();
  try {
    const cluster = await office.connect(ControlPlane.shared, "harbour", "Default");
    await page.goto("/places");
    await page.getByRole("link", { name: "Default", exact: true }).click();
    await alive(page, scripts);
    const quotas = page.getByRole("region", { name: "Quotas" });
    const row = (name: string) => quotas.getByRole("row").filter({ hasText: name });
    await expect(row("Clusters")).toContainText("1no limit");
    await quotas.getByText("Change the quotas").first().click();
    await quotas.getByLabel("Configurations").fill("0");
    await quotas.getByLabel("Syncs per hour").fill("often");
    await quotas.getByRole("button", { name: "Save the quotas" }).click();
    await expect(quotas.getByText("Enter a whole number from 1 to 1000000.").first()).toBeVisible();
    await expect(quotas.getByLabel("Configurations")).toHaveValue("0");
    await accessible(page, scripts);
    await quotas.getByLabel("Syncs per hour").fill("30");
    await quotas.getByRole("button", { name: "Save the quotas" }).click();
    await expect(row("Syncs per hour")).toContainText("30");
    await expect(row("Configurations")).toContainText("used up");
    await accessible(page, scripts);

    await page.goto(`${cluster}/gitops/new`);
    await expect(page.getByText("The resource group has no room left: Configurations, 0 of 0.")).toBeVisible();
    await accessible(page, scripts);
  } finally {
    await administrator.close();
    await office.close();
  }
});
