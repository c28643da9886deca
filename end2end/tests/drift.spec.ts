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
  const { name, path } = await given(unique("drift"), {
    "all.yaml": documents(namespace(place), configMap("greetings", place)),
  });
  await page.goto(path);
  const sentence = page.getByRole("region", { name }).getByRole("status").first();
  await follow((patience) => expect(sentence).toContainText("2 objects", patience));
  const greetings = `/api/v1/namespaces/${place}/configmaps/greetings`;

  await plane.delete(greetings);
  await expect.poll(() => plane.find(greetings), { intervals: [100] }).toMatchObject({ data: { greeting: "hello" } });

  await page.getByRole("link", { name: "Changes" }).click();
  await follow(async (patience) => {
    const changes = page.getByRole("listitem").filter({ hasText: "greetings" });
    await expect(changes).toBeVisible(patience);
    await expect(page.getByRole("listitem").filter({ hasText: "Namespace" })).toBeHidden(patience);
  });
  await page.getByRole("link", { name: "Resources" }).click();
  await follow((patience) => expect(page.getByRole("listitem").filter({ hasText: "greetings" })).toContainText("Healthy", patience));
});
