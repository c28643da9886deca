// A cluster goes away and comes back: nothing is lost, and nobody has to do anything.

import { configMap, documents, namespace } from "../fixtures/manifests.ts";
import { accessible, BY_ITSELF, expect, test } from "../fixtures/story.ts";
import { ControlPlane, createRepository } from "../fixtures/testbed.ts";

test("while a cluster is away its pages say so, and what was pushed meanwhile arrives when it is back", async ({
  page,
  office,
  unique,
  follow,
  scripts,
}) => {
  test.setTimeout(150_000);
  const plane = await ControlPlane.start();
  try {
    const place = unique("island");
    const cluster = await office.connect(plane, place);
    const repository = await createRepository(place, { "one.yaml": documents(namespace(place), configMap("one", place)) });
    const configuration = await office.configure(cluster, {
      name: place,
      repository_url: repository.url,
      operator_namespace: "operator",
      git_branch: "main",
      git_poll_interval: "1s",
    });
    await page.goto(configuration);
    const pane = page.getByRole("region", { name: place });
    await follow((patience) => expect(pane.getByRole("status")).toContainText("Installed. Revision", patience));

    await plane.stopApiServer();
    await follow((patience) => expect(pane.getByRole("status")).toContainText("the cluster does not answer", patience));
    await accessible(page, scripts);
    const revision = await repository.commit({ "two.yaml": configMap("two", place) });
    await page.goto(cluster);
    await expect(page.getByText("The cluster does not answer. Changes wait here and nothing is lost")).toBeVisible();
    await accessible(page, scripts);
    await page.goto(configuration);

    await plane.startApiServer();
    await follow(
      (patience) => expect(pane.getByRole("status")).toContainText(`Installed. Revision ${revision.slice(0, 7)}`, patience),
      2 * BY_ITSELF,
    );
    expect(await plane.find(`/api/v1/namespaces/${place}/configmaps/two`)).toBeDefined();
    await office.remove(configuration, cluster);
  } finally {
    await plane.remove();
  }
});
