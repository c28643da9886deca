// What left Git goes by itself when it is little, and waits for a person when it is much.

import { configMap, documents, namespace } from "../fixtures/manifests.ts";
import { accessible, alive, BY_ITSELF, expect, test } from "../fixtures/story.ts";
import { ControlPlane } from "../fixtures/testbed.ts";

const plane = ControlPlane.shared;

test("an object that left Git goes, and a namespace waits until a person confirms the list", async ({
  page,
  given,
  unique,
  follow,
  scripts,
}) => {
  test.setTimeout(120_000);
  const place = unique("heap");
  const { name, path, repository } = await given(
    unique("gc"),
    {
      "namespace.yaml": namespace(place),
      "kept.yaml": configMap(place, "default"),
      "gone.yaml": configMap("gone", place),
    },
    { sync_garbage_collection: "true" },
  );
  const find = (name: string) => plane.find(`/api/v1/namespaces/${place}/configmaps/${name}`);
  await page.goto(path);
  const sentence = page.getByRole("region", { name }).getByRole("status").first();
  await follow((patience) => expect(sentence).toContainText("3 objects", patience));

  await test.step("one object goes by itself", async () => {
    await repository.commit({}, { remove: ["gone.yaml"], message: "Remove one" });
    await expect.poll(() => find("gone"), { timeout: BY_ITSELF }).toBeUndefined();
    await follow((patience) => expect(sentence).toContainText("2 objects", patience));
  });

  await test.step("a namespace waits, and the page shows the list", async () => {
    await repository.commit({}, { remove: ["namespace.yaml"], message: "Remove the namespace" });
    await follow((patience) => expect(sentence).toContainText("waits for a person", patience));
    const list = page.getByRole("region", { name: "Removed from Git, and waiting for you" });
    await follow((patience) => expect(list).toContainText(place, patience));
    await expect(list).toContainText("A Namespace takes with it what depends on it.");
    expect(await plane.find(`/api/v1/namespaces/${place}`)).toBeDefined();
    await alive(page, scripts);
    await accessible(page, scripts);
  });

  await test.step("confirmed, it goes", async () => {
    await page.getByRole("button", { name: "Delete this 1 object from the cluster" }).click();
    await expect.poll(() => plane.find(`/api/v1/namespaces/${place}`), { timeout: BY_ITSELF }).toBeUndefined();
    await follow((patience) => expect(sentence).toContainText("Installed. Revision", patience));
    await expect(page.getByRole("region", { name: "Removed from Git, and waiting for you" })).toBeHidden();
    expect(await plane.find(`/api/v1/namespaces/default/configmaps/${place}`)).toBeDefined();
  });
});

test("a sync that failed says why, deletes nothing, and recovers by itself", async ({ page, given, unique, follow, scripts }) => {
  const place = unique("mend");
  const { name, path, repository } = await given(
    unique("mend"),
    { "all.yaml": documents(namespace(place), configMap("one", place)), "two.yaml": configMap("two", place) },
    { sync_garbage_collection: "true" },
  );
  await page.goto(path);
  const sentence = page.getByRole("region", { name }).getByRole("status").first();
  await follow((patience) => expect(sentence).toContainText("3 objects", patience));

  await repository.commit({ "all.yaml": "kind: [" }, { remove: ["two.yaml"], message: "Break" });
  await follow((patience) => expect(sentence).toContainText("all.yaml", patience));
  await expect(sentence).toContainText("Failed");
  await accessible(page, scripts);
  for (const name of ["one", "two"]) {
    expect(await plane.find(`/api/v1/namespaces/${place}/configmaps/${name}`)).toBeDefined();
  }

  await repository.commit({ "all.yaml": documents(namespace(place), configMap("one", place)) }, { message: "Mend" });
  await follow((patience) => expect(sentence).toContainText("Installed. Revision", patience), 3 * BY_ITSELF);
  await expect.poll(() => plane.find(`/api/v1/namespaces/${place}/configmaps/two`), { timeout: BY_ITSELF }).toBeUndefined();
});
