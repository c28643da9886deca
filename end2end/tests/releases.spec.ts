// Helm releases from Git: installed, upgraded, rolled back when an upgrade is refused, taken back by hand, removed.

import { helmRelease, namespace, settingsChart } from "../fixtures/manifests.ts";
import { accessible, alive, BY_ITSELF, expect, test } from "../fixtures/story.ts";
import { ControlPlane } from "../fixtures/testbed.ts";

const plane = ControlPlane.shared;

/** A chart is fetched, rendered and applied by a program, which the machine shares with browsers. */
const BY_HELM = 4 * BY_ITSELF;

test("a HelmRelease is installed, upgraded, rolled back and removed, as its repository and a person say", async ({
  page,
  given,
  unique,
  follow,
  scripts,
}) => {
  test.setTimeout(480_000);
  const place = unique("chart");
  const { name, path, repository } = await given(
    unique("helm"),
    { "namespace.yaml": namespace(place), ...settingsChart("charts/web") },
    { sync_garbage_collection: "true" },
  );
  const commit = async (colour: string) =>
    await repository.commit(
      { "releases/web.yaml": helmRelease("web", place, { url: repository.url, path: "charts/web" }, { colour }) },
      { message: `Make it ${colour}` },
    );
  const colour = async () => {
    const found = await plane.find(`/api/v1/namespaces/${place}/configmaps/${place}-web-settings`);
    return (found as { metadata?: { labels?: Record<string, string> } } | undefined)?.metadata?.labels?.colour;
  };
  await page.goto(path);
  const pane = page.getByRole("region", { name });
  const release = pane.getByRole("listitem").filter({ hasText: `${place}/web` });
  await follow((patience) => expect(pane.getByRole("status").first()).toContainText("Installed. Revision", patience));
  await expect(pane.getByRole("link", { name: "Releases" })).toBeHidden();

  await test.step("switch the Helm operator on", async () => {
    await pane.getByRole("link", { name: "Settings" }).click();
    await pane.getByLabel("Enable the Helm operator").check();
    await pane.getByLabel("Chart values").fill("--set helm.versions=v3 --set chartsSyncInterval=5s");
    await pane.getByRole("button", { name: "Save settings" }).click();
    await follow((patience) => expect(pane.getByRole("link", { name: "Releases" })).toBeVisible(patience));
    await pane.getByRole("link", { name: "Releases" }).click();
    await expect(pane.getByText("No HelmRelease object is applied by this configuration yet")).toBeVisible();
    await alive(page, scripts);
    await accessible(page, scripts);
  });

  await test.step("commit a HelmRelease: it is installed", async () => {
    await commit("green");
    await follow((patience) => expect(release).toContainText("Deployed", patience), BY_HELM);
    await expect(release).toContainText("Install");
    expect(await colour()).toBe("green");
    await accessible(page, scripts);
  });

  await test.step("change its values: it is upgraded", async () => {
    await commit("blue");
    await follow((patience) => expect(release).toContainText("Upgrade", patience), BY_HELM);
    await follow((patience) => expect(release).toContainText("Revision 2", patience), BY_HELM);
    expect(await colour()).toBe("blue");
  });

  await test.step("break it: the cluster refuses the upgrade, and it is rolled back", async () => {
    await commit("not a label!");
    await follow((patience) => expect(release).toContainText("Rolled back", patience), BY_HELM);
    await expect(release).toContainText("not a label!");
    expect(await colour()).toBe("blue");
    await follow((patience) => expect(pane.getByRole("status").first()).toContainText("under Releases", patience));
    await accessible(page, scripts);
  });

  await test.step("its page tells what helm keeps, and of the values the names", async () => {
    await release.getByRole("link").click();
    await expect(pane.getByRole("heading", { name: `${place}/web` })).toBeVisible();
    await expect(pane.getByRole("region", { name: "Notes of the chart" }).first()).toContainText(`Painted for ${place}-web.`);
    await expect(pane.getByRole("region", { name: "Values" }).first()).toContainText(`"colour": "•••"`);
    await expect(pane.getByRole("region", { name: "Revisions" })).toContainText("Install complete");
    await alive(page, scripts);
    await accessible(page, scripts);
  });

  await test.step("go back to the first revision by hand", async () => {
    const first = pane.getByRole("listitem").filter({ hasText: "Install complete" });
    await first.getByText("Roll back to this revision").click();
    await expect(first).toContainText("It stands until the HelmRelease or its chart changes.");
    await accessible(page, scripts);
    await first.getByRole("button", { name: "Roll back to revision 1" }).click();
    await follow((patience) => expect(pane.getByText("A person chose this revision.")).toBeVisible(patience), BY_HELM);
    expect(await colour()).toBe("green");
  });

  await test.step("remove it from Git: it is uninstalled", async () => {
    await repository.commit({}, { remove: ["releases/web.yaml"], message: "Remove the release" });
    await expect.poll(colour, { timeout: BY_HELM }).toBeUndefined();
    await follow((patience) => expect(pane.getByText("There is no such release any more.")).toBeVisible(patience), BY_HELM);
    await pane.getByRole("link", { name: "All releases" }).click();
    await expect(pane.getByText("No HelmRelease object is applied by this configuration yet")).toBeVisible();
  });
});
