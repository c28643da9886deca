// Who may come in, and how.

import { Office } from "../fixtures/office.ts";
import { ADMINISTRATOR } from "../fixtures/portal.ts";
import { accessible, expect, test } from "../fixtures/story.ts";

test.use({ storageState: { cookies: [], origins: [] } });

test("whoever is not signed in is asked first, and comes to the page that was wanted", async ({ page, cluster, scripts }) => {
  await page.goto(cluster);
  await expect(page.getByRole("heading", { name: "Sign in to Fairlead" })).toBeVisible();
  await accessible(page, scripts);
  await page.getByLabel("User name").fill(ADMINISTRATOR.name);
  await page.getByLabel("Password").fill(ADMINISTRATOR.password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(cluster);
  await expect(page.getByRole("heading", { name: "shared" })).toBeVisible();

  await page.getByLabel("Account").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Fairlead" })).toBeVisible();
  await page.goto(cluster);
  await expect(page.getByRole("heading", { name: "Sign in to Fairlead" })).toBeVisible();
});

test("a wrong password is refused without saying which of the two was wrong, and the name stays", async ({
  page,
  provoked,
  scripts,
}) => {
  provoked.push(/status of 422/);
  await page.goto("/sign-in");
  await page.getByLabel("User name").fill("nobody-here");
  await page.getByLabel("Password").fill("something-else-entirely");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("User name and password do not belong together");
  await expect(page.getByLabel("User name")).toHaveValue("nobody-here");
  await expect(page.getByLabel("Password")).toHaveValue("");
  await accessible(page, scripts);
  await page.getByLabel("User name").fill(ADMINISTRATOR.name);
  await page.getByLabel("Password").fill(ADMINISTRATOR.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Clusters" })).toBeVisible();
});

test("whoever knows the password changes it, and stays signed in here alone", async ({ page, ownPortal, provoked, scripts }) => {
  provoked.push(/status of 422/);
  const elsewhere = await Office.open(ownPortal, ADMINISTRATOR);
  await page.goto(`${ownPortal.url}/sign-in?then=/settings`);
  await page.getByLabel("User name").fill(ADMINISTRATOR.name);
  await page.getByLabel("Password").fill(ADMINISTRATOR.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
  await accessible(page, scripts);

  const change = async (present: string) => {
    await page.getByLabel("Present password").fill(present);
    await page.getByLabel("New password", { exact: true }).fill("another long pass phrase 52");
    await page.getByLabel("New password again").fill("another long pass phrase 52");
    await page.getByRole("button", { name: "Change password" }).click();
  };
  await change("not-the-password");
  await expect(page.getByRole("alert")).toContainText("This is not the password that you have now");
  await expect(page.getByLabel("New password again")).toHaveValue("");
  await accessible(page, scripts);
  await change(ADMINISTRATOR.password);
  await expect(page.getByRole("status").filter({ hasText: "The password was changed" })).toBeVisible();
  expect(await elsewhere.read("/settings")).toContain("You are not signed in");
  await elsewhere.close();

  await page.getByLabel("Account").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("User name").fill(ADMINISTRATOR.name);
  await page.getByLabel("Password").fill("another long pass phrase 52");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("No cluster is connected yet")).toBeVisible();
});

test.describe("on a new server", () => {
  test.use({ ownAdministrator: "nobody" });

  test("the one-time link sets the administrator's password, once", async ({ page, ownPortal, provoked, scripts }) => {
    provoked.push(/status of 422/);
    const link = /http:\S+\/set-password\?link=\S+/.exec(ownPortal.output())?.[0];
    expect(link, "the link that the server prints").toBeDefined();
    await page.goto(link ?? "");
    await expect(page.getByText("This sets the password of admin and signs in.")).toBeVisible();
    await accessible(page, scripts);

    const password = page.getByLabel("Password", { exact: true });
    const again = page.getByLabel("Password again");
    await password.fill("short");
    await again.fill("shorter");
    await page.getByRole("button", { name: "Set password and sign in" }).click();
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("Use at least 12 characters.");
    await expect(alert).toContainText("The two passwords differ");
    await accessible(page, scripts);

    await password.fill(ADMINISTRATOR.password);
    await again.fill(ADMINISTRATOR.password);
    await page.getByRole("button", { name: "Set password and sign in" }).click();
    await expect(page.getByText("No cluster is connected yet")).toBeVisible();

    await page.goto(link ?? "");
    await expect(page.getByText("This link was used already or is too old")).toBeVisible();
  });
});
