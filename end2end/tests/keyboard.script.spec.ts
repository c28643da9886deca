// What only a page with scripts can do: keys, and changes that come by themselves.

import { configMap } from "../fixtures/manifests.ts";
import { alive, BY_ITSELF, expect, test } from "../fixtures/story.ts";

test("the list is worked by the keyboard alone", async ({ page, cluster, given, unique }) => {
  const both = unique("key");
  const first = await given(`${both}-a`, {});
  const second = await given(`${both}-b`, {});
  await page.goto(`${cluster}/gitops`);
  await alive(page, true);

  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.type(both);
  await page.keyboard.press("Enter");
  const row = (name: string) => page.getByRole("link", { name, exact: true });
  await expect(page).toHaveURL(/filter=/);
  await expect(row(first.name)).toBeVisible();
  await expect(page.getByRole("row")).toHaveCount(3);

  // A key that is typed into a field is a letter.
  await page.keyboard.press("j");
  await expect(page.getByRole("searchbox")).toHaveValue(`${both}j`);
  await page.getByRole("searchbox").blur();
  await page.keyboard.press("j");
  await expect(row(first.name)).toBeFocused();
  await page.keyboard.press("j");
  await expect(row(second.name)).toBeFocused();
  await page.keyboard.press("k");
  await expect(row(first.name)).toBeFocused();

  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: first.name }).getByRole("heading", { name: first.name })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("region", { name: first.name })).toHaveCount(0);
  await expect(row(first.name)).toBeFocused();
  await expect(page).toHaveURL(/\/gitops\?filter=/);

  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard" });
  await expect(help).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
});

test("a configuration that somebody else adds waits behind a button, and one that is deleted says so", async ({
  page,
  cluster,
  given,
  office,
  unique,
}) => {
  const both = unique("live");
  const first = await given(`${both}-a`, { "one.yaml": configMap("one", "default") });
  await page.goto(`${cluster}/gitops?filter=${both}`);
  await alive(page, true);
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });
  await expect(row(first.name)).toContainText("Installed", { timeout: BY_ITSELF });

  const second = await given(`${both}-b`, {});
  const show = page.getByRole("button", { name: "1 new · show" });
  await expect(show).toBeVisible({ timeout: BY_ITSELF });
  await expect(row(second.name)).toHaveCount(0);
  await show.click();
  await expect(row(second.name)).toBeVisible();

  await office.remove(first.path, cluster);
  await expect(row(first.name)).toContainText("Deleted", { timeout: BY_ITSELF });
});

test("what is typed into the pane stays when the list below it is loaded again", async ({ page, cluster }) => {
  // That happens as soon as the live stream stands.
  const again = page.waitForResponse(/list_configurations/, { timeout: BY_ITSELF });
  // Nor does it wait for the page to come alive.
  await page.goto(`${cluster}/gitops/new`, { waitUntil: "commit" });
  await page.getByLabel("Configuration name").fill("team-a");
  await page.getByRole("radio", { name: "Namespace" }).press("Space");
  await page.getByLabel("Garbage collection").press("Space");
  await page.getByText("Sync marker: label and author").click();
  await page.getByLabel("Git user").fill("flux");
  await again;
  await page.getByLabel("Repository URL").fill("http://127.0.0.1/team-a.git");
  await expect(page.getByLabel("Configuration name")).toHaveValue("team-a");
  await expect(page.getByRole("radio", { name: "Namespace" })).toBeChecked();
  await expect(page.getByLabel("Garbage collection")).toBeChecked();
  await expect(page.getByLabel("Git user")).toHaveValue("flux");
  await expect(page.getByLabel("Git e-mail")).toBeVisible();
  await page.getByText("As a command of the Azure CLI").click();
  const command = page.getByRole("region", { name: "As a command of the Azure CLI" });
  await expect(command).toContainText("--name=team-a");
  await expect(command).toContainText("--scope=namespace");
  await expect(command).toContainText("--sync-garbage-collection");
});

test("operator parameters and their fields follow each other", async ({ page, cluster }) => {
  await page.goto(`${cluster}/gitops/new`);
  await alive(page, true);
  await page.getByLabel("Configuration name").fill("team-a");
  await expect(page.getByLabel("Operator instance name")).toHaveValue("team-a");
  await page.getByLabel("Branch").fill("release");
  await expect(page.getByLabel("Operator parameters")).toHaveValue(/--git-branch=release/);
  await page.getByLabel("Operator parameters").fill("--git-branch=next --git-path=apps --sync-garbage-collection");
  await expect(page.getByLabel("Branch")).toHaveValue("next");
  await expect(page.getByLabel("Paths")).toHaveValue("apps");
  await expect(page.getByLabel("Garbage collection")).toBeChecked();
  await page.getByText("As a command of the Azure CLI").click();
  await expect(page.getByRole("region", { name: "As a command of the Azure CLI" })).toContainText("--name=team-a");
});

test("what is chosen and ticked before the page comes alive stays", async ({ page, cluster }) => {
  // The script waits until everything is pressed.
  let press = () => {};
  const pressed = new Promise<void>((resolve) => (press = resolve));
  await page.route(/\/pkg\/fairlead\.js$/, async (route) => {
    await pressed;
    await route.continue();
  });
  await page.goto(`${cluster}/gitops/new`, { waitUntil: "commit" });
  await page.getByRole("radio", { name: "Namespace" }).press("Space");
  await page.getByLabel("Garbage collection").press("Space");
  await page.getByLabel("Configuration name").fill("early");
  press();
  await alive(page, true);
  await expect(page.getByRole("radio", { name: "Namespace" })).toBeChecked();
  await expect(page.getByLabel("Garbage collection")).toBeChecked();
  await page.getByText("As a command of the Azure CLI").click();
  const command = page.getByRole("region", { name: "As a command of the Azure CLI" });
  await expect(command).toContainText("--name=early");
  await expect(command).toContainText("--scope=namespace");
  await expect(command).toContainText("--sync-garbage-collection");
});
