// The main job on real parts: from signing in to a synced cluster, and back.

import { configMap, deployment, documents, namespace } from "../fixtures/manifests.ts";
import { ADMINISTRATOR } from "../fixtures/portal.ts";
import { accessible, alive, BY_ITSELF, expect, test } from "../fixtures/story.ts";
import { ControlPlane, createRepository } from "../fixtures/testbed.ts";

// The story begins where nobody is signed in.
test.use({ storageState: { cookies: [], origins: [] } });

test("a person connects a cluster, adds a configuration, pushes a commit, sees it arrive, and deletes it", async ({
  page,
  ownPortal,
  scripts,
  unique,
  follow,
}) => {
  test.setTimeout(120_000);
  const plane = ControlPlane.shared;
  const place = unique("shop");
  const operator = unique("op");
  const repository = await createRepository("shop", {
    "shop.yaml": documents(namespace(place), configMap("endpoints", place), deployment("web", place)),
  });

  await test.step("sign in", async () => {
    await page.goto(ownPortal.url);
    await expect(page).toHaveURL(/\/sign-in/);
    await accessible(page, scripts);
    await page.getByLabel("User name").fill(ADMINISTRATOR.name);
    await page.getByLabel("Password").fill(ADMINISTRATOR.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Clusters" })).toBeVisible();
    await expect(page.getByText("No cluster is connected yet")).toBeVisible();
    await alive(page, scripts);
    await accessible(page, scripts);
  });

  await test.step("connect the cluster", async () => {
    await page.getByRole("link", { name: "Connect cluster" }).click();
    await page.getByRole("textbox", { name: "Kubeconfig" }).fill(await plane.kubeconfig("AzureArcTest1"));
    await accessible(page, scripts);
    await page.getByRole("button", { name: "Read kubeconfig" }).click();
    await expect(page.getByRole("radio", { name: "AzureArcTest1" })).toBeChecked();
    await page.getByRole("button", { name: "Check the connection" }).click();
    await expect(page.getByText("Everything that is needed is allowed.")).toBeVisible();
    await expect(page.getByLabel("Cluster name")).toHaveValue("AzureArcTest1");
    await accessible(page, scripts);
    await page.getByRole("button", { name: "Connect cluster" }).click();
    await expect(page.getByRole("heading", { name: "AzureArcTest1" })).toBeVisible();
    await expect(page.getByText("The cluster answers.")).toBeVisible();
    await alive(page, scripts);
    await accessible(page, scripts);
  });

  await test.step("add a configuration", async () => {
    await page.getByRole("main").getByRole("link", { name: "GitOps" }).click();
    await expect(page.getByText("No configurations yet")).toBeVisible();
    await page.getByRole("link", { name: "Add configuration" }).click();
    await expect(page.getByRole("heading", { name: "Add configuration" })).toBeVisible();
    await page.getByLabel("Configuration name").fill("cluster-config");
    await page.getByLabel("Operator instance name").fill(operator);
    await page.getByLabel("Operator namespace").fill(operator);
    await page.getByLabel("Repository URL").fill(repository.url);
    await page.getByLabel("Branch").fill("main");
    await page.getByLabel("Poll interval").fill("1s");
    await accessible(page, scripts);
    await page.getByRole("button", { name: "Add configuration" }).click();
    await expect(page.getByRole("heading", { name: "cluster-config" })).toBeVisible();
  });

  const sentence = page.getByRole("status").filter({ hasText: /^Installed\. Revision/ });
  await test.step("it becomes installed", async () => {
    await follow((patience) => expect(sentence).toContainText("3 objects", patience));
    await follow((patience) => expect(page.getByRole("listitem").filter({ hasText: "web" })).toContainText("Healthy", patience));
    expect(await plane.find(`/api/v1/namespaces/${place}/configmaps/endpoints`)).toMatchObject({
      metadata: {
        labels: { "fluxcd.io/sync-gc-mark": expect.stringMatching(/^sha256\./) },
        annotations: { "fluxcd.io/sync-checksum": expect.stringMatching(/^[0-9a-f]{40}$/) },
        managedFields: [expect.objectContaining({ manager: "fairlead", operation: "Apply" })],
      },
      data: { greeting: "hello" },
    });
    await accessible(page, scripts);
  });

  await test.step("push a commit, and it arrives in the open page", async () => {
    const navigations: string[] = [];
    if (scripts) {
      page.on("framenavigated", (frame) => navigations.push(frame.url()));
    }
    const revision = await repository.commit(
      {
        "prices.yaml": configMap("prices", place),
        "shop.yaml": documents(
          namespace(place),
          configMap("endpoints", place, { greeting: "good morning" }),
          deployment("web", place),
        ),
      },
      { message: "Add prices" },
    );
    await follow((patience) => expect(sentence).toContainText(`Revision ${revision.slice(0, 7)} of main, 4 objects`, patience));
    await follow((patience) => expect(page.getByRole("listitem").filter({ hasText: "prices" })).toBeVisible(patience));
    expect(navigations, "pages loaded meanwhile").toEqual([]);
    expect(await plane.find(`/api/v1/namespaces/${place}/configmaps/endpoints`)).toMatchObject({ data: { greeting: "good morning" } });
    await page.getByRole("link", { name: "Changes" }).click();
    await expect(page.getByRole("heading", { name: "Created" })).toBeVisible();
    await expect(page.getByRole("heading", { name: "Configured" })).toBeVisible();
    await page.getByRole("link", { name: "History" }).click();
    await expect(page.getByText("Add prices").last()).toBeVisible();
  });

  await test.step("delete it: what works for it goes, what it applied stays", async () => {
    await page.getByRole("link", { name: "Delete" }).click();
    await expect(page.getByRole("region", { name: "Goes from the cluster" })).toContainText(`${operator}/${operator}`);
    await expect(page.getByRole("region", { name: "Stays in the cluster" })).toContainText(`${place}/prices`);
    await accessible(page, scripts);
    await page.getByRole("button", { name: "Delete configuration, keep 4 objects" }).click();
    await expect(page).toHaveURL(/\/gitops$/);
    await follow((patience) => expect(page.getByText("No configurations yet")).toBeVisible(patience));
    const gone = (path: string) => expect.poll(() => plane.find(path), { timeout: BY_ITSELF }).toBeUndefined();
    await gone(`/api/v1/namespaces/${operator}/serviceaccounts/${operator}`);
    await gone(`/apis/coordination.k8s.io/v1/namespaces/${operator}/leases/${operator}`);
    for (const path of [`configmaps/endpoints`, `configmaps/prices`]) {
      expect(await plane.find(`/api/v1/namespaces/${place}/${path}`)).toBeDefined();
    }
    expect(await plane.find(`/apis/apps/v1/namespaces/${place}/deployments/web`)).toBeDefined();
  });
});
