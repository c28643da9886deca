// What somebody changes in the cluster is put right while the page is open.

import { configMap, documents, namespace } from "../fixtures/manifests.ts";
import { expect, test } from "../fixtures/story.ts";
import { ControlPlane } from "../fixtures/testbed.ts";

const plane = ControlPlane.shared;

test("an object that somebody deletes comes back, and the open page shows that it was configured again", async ({
  page,
  given,
  unique,
  follow,
}) => {
  const place = unique("drift");
  const { path } = await given(unique("drift"), {
    "all.yaml": documents(namespace(place), configMap("settings", place)),
  });
  await page.goto(path);
  const sentence = page.getByRole("status").first();
  await follow((patience) => expect(sentence).toContainText("2 objects", patience));
  const settings = `/api/v1/namespaces/${place}/configmaps/settings`;

  await plane.delete(settings);
  await expect.poll(() => plane.find(settings), { intervals: [100] }).toMatchObject({ data: { greeting: "hello" } });

  await page.getByRole("link", { name: "Changes" }).click();
  await follow(async (patience) => {
    const changes = page.getByRole("listitem").filter({ hasText: "settings" });
    await expect(changes).toBeVisible(patience);
    await expect(page.getByRole("listitem").filter({ hasText: "Namespace" })).toBeHidden(patience);
  });
  await page.getByRole("link", { name: "Resources" }).click();
  await follow((patience) => expect(page.getByRole("listitem").filter({ hasText: "settings" })).toContainText("Healthy", patience));
});
