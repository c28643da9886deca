// Kubeconfigs that cannot be used: each says why, and what to do.

import { CLOUD, GOOD, kubeconfig, LAPTOP } from "../fixtures/manifests.ts";
import { accessible, expect, test } from "../fixtures/story.ts";
import { ControlPlane } from "../fixtures/testbed.ts";

test.beforeEach(async ({ page }) => {
  await page.goto("/clusters/connect");
});

test("a context that would run programs or read files cannot be chosen, and says why", async ({ page, scripts }) => {
  await page.getByRole("textbox", { name: "Kubeconfig" }).fill(kubeconfig({ cloud: CLOUD, laptop: LAPTOP, good: GOOD }));
  await page.getByRole("button", { name: "Read kubeconfig" }).click();
  await expect(page.getByRole("radio", { name: "good" })).toBeChecked();
  await expect(page.getByRole("radio", { name: "cloud" })).toBeDisabled();
  await expect(page.getByRole("radio", { name: "cloud" })).toHaveAccessibleDescription(/would run a program on the server/);
  await expect(page.getByRole("radio", { name: "laptop" })).toBeDisabled();
  const laptop = page.getByRole("radio", { name: "laptop" });
  await expect(laptop).toHaveAccessibleDescription(/client-certificate names a file, which is not here/);
  await expect(laptop).toHaveAccessibleDescription(/would turn off the check of who the API server is/);
  await accessible(page, scripts);
});

test("a kubeconfig without any usable context is refused with all that is in the way", async ({ page, scripts, provoked }) => {
  provoked.push(/status of 422/);
  await page.getByRole("textbox", { name: "Kubeconfig" }).fill(kubeconfig({ cloud: CLOUD, laptop: LAPTOP }));
  await page.getByRole("button", { name: "Read kubeconfig" }).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("would run a program on the server");
  await expect(alert).toContainText("names a file, which is not here");
  await expect(alert).toContainText("would turn off the check of who the API server is");
  await accessible(page, scripts);
});

test("what is no kubeconfig is refused in a sentence, and another try works", async ({ page, provoked, scripts }) => {
  provoked.push(/status of 422/);
  await page.getByRole("textbox", { name: "Kubeconfig" }).fill("kind: [unclosed");
  await page.getByRole("button", { name: "Read kubeconfig" }).click();
  await expect(page.getByRole("alert")).toContainText("This is no kubeconfig");
  await accessible(page, scripts);
  await page.getByRole("textbox", { name: "Kubeconfig" }).fill(await ControlPlane.shared.kubeconfig("again"));
  await page.getByRole("button", { name: "Read kubeconfig" }).click();
  await expect(page.getByRole("radio", { name: "again" })).toBeChecked();
});

test("a user without rights is told which are missing, as YAML to apply", async ({ page, scripts }) => {
  await page.getByRole("textbox", { name: "Kubeconfig" }).fill(await ControlPlane.shared.kubeconfig("visitor", "visitor"));
  await page.getByRole("button", { name: "Read kubeconfig" }).click();
  await page.getByRole("button", { name: "Check the connection" }).click();
  await expect(page.getByText("The cluster cannot be used like this")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: /^Missing ?May create namespaces/ })).toBeVisible();
  await expect(page.getByRole("region", { name: "Missing rights as YAML" })).toContainText("impersonate");
  await expect(page.getByRole("button", { name: "Connect cluster" })).toHaveCount(0);
  await accessible(page, scripts);
});

test("a cluster that is connected already is refused by its name", async ({ page, cluster, provoked, scripts }) => {
  provoked.push(/status of 409/);
  expect(cluster).toContain("/clusters/");
  await page.getByRole("textbox", { name: "Kubeconfig" }).fill(await ControlPlane.shared.kubeconfig("second"));
  await page.getByRole("button", { name: "Read kubeconfig" }).click();
  await page.getByRole("button", { name: "Check the connection" }).click();
  await page.getByLabel("Cluster name").fill("second-name");
  await page.getByRole("button", { name: "Connect cluster" }).click();
  await expect(page.getByRole("alert")).toContainText("This cluster is connected already, as shared.");
  await expect(page.getByLabel("Cluster name")).toHaveValue("second-name");
  await accessible(page, scripts);
});
