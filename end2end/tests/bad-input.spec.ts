// What Git or the cluster has against it: a sentence in the page, the rest goes on, and it recovers by itself.

import { configMap, deployment, documents, namespace } from "../fixtures/manifests.ts";
import { accessible, expect, test } from "../fixtures/story.ts";
import { ControlPlane } from "../fixtures/testbed.ts";

test("broken YAML is shown with file and line, and the next commit puts it right", async ({
  page,
  given,
  unique,
  follow,
  scripts,
}) => {
  const place = unique("broken");
  const { name, path, repository } = await given(place, {
    "namespace.yaml": namespace(place),
    "team/endpoints.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: endpoints\ndata: [}\n",
  });
  await page.goto(path);
  const pane = page.getByRole("region", { name });
  await follow((patience) => expect(pane.getByRole("status")).toContainText(/team\/endpoints\.yaml, line \d+, could not be read/, patience));
  await expect(pane.getByText("Failed", { exact: true })).toBeVisible();
  await accessible(page, scripts);
  expect(await ControlPlane.shared.find(`/api/v1/namespaces/${place}`), "nothing was applied").not.toHaveProperty(
    "metadata.annotations.fluxcd.io/sync-checksum",
  );

  await repository.commit({ "team/endpoints.yaml": configMap("endpoints", place) }, { message: "Close the bracket" });
  await follow((patience) => expect(pane.getByRole("status")).toContainText("Installed. Revision", patience));
  await pane.getByRole("link", { name: "History" }).click();
  await expect(pane.getByRole("listitem").filter({ hasText: "Close the bracket" })).toContainText("1 created, 1 configured");
  await expect(pane.getByRole("listitem").filter({ hasText: "could not be read" })).toContainText("Failed");
});

test("a missing branch is named, and pushing it is enough", async ({ page, given, unique, follow }) => {
  const place = unique("branch");
  const { name, path, repository } = await given(place, { "one.yaml": configMap("one", "default") }, { git_branch: "release" });
  await page.goto(path);
  const pane = page.getByRole("region", { name });
  await follow((patience) => expect(pane.getByRole("status")).toContainText("the repository has no branch release", patience));
  await repository.commit(
    { "all.yaml": documents(namespace(place), configMap("one", place)) },
    { branch: "release", message: "Release" },
  );
  await follow((patience) => expect(pane.getByRole("status")).toContainText(/Installed\. Revision \w+ of release, 2 objects/, patience));
});

test("an object that the API server refuses is told with its words, while the others go on", async ({
  page,
  given,
  unique,
  follow,
  scripts,
}) => {
  const place = unique("refused");
  const invalid = configMap("endpoints", place).replace("name: endpoints", "name: Not_A_Name");
  const { name, path, repository } = await given(place, {
    "good.yaml": documents(namespace(place), configMap("prices", place)),
    "invalid.yaml": invalid,
    "unknown.yaml": `apiVersion: example.com/v1\nkind: Anchor\nmetadata: {name: heavy, namespace: ${place}}\n`,
  });
  await page.goto(path);
  const pane = page.getByRole("region", { name });
  await follow((patience) => expect(pane.getByRole("status")).toContainText("the API server refused 1 of 4 objects", patience));
  const item = (text: string) => pane.getByRole("listitem").filter({ hasText: text });
  await expect(item("Not_A_Name")).toContainText("The API server refused the object as invalid");
  await expect(item("Not_A_Name")).toContainText("RFC 1123");
  await expect(item("heavy")).toContainText("The cluster does not know this kind");
  await expect(item("prices")).toContainText("Healthy");
  expect(await ControlPlane.shared.find(`/api/v1/namespaces/${place}/configmaps/prices`)).toBeDefined();
  await accessible(page, scripts);

  await repository.commit({ "invalid.yaml": configMap("endpoints", place) }, { remove: ["unknown.yaml"] });
  await follow((patience) => expect(pane.getByRole("status")).toContainText(/Installed\. Revision \w+ of main, 3 objects/, patience));
});

test("an operator of one namespace applies what lies there and lists the rest", async ({ page, given, unique, follow }) => {
  const place = unique("inside");
  const { name, path } = await given(
    place,
    { "all.yaml": documents(configMap("own", place), configMap("foreign", "default"), deployment("web", place)) },
    { operator_scope: "namespace", operator_namespace: place },
  );
  await page.goto(path);
  const pane = page.getByRole("region", { name });
  const item = (text: string) => pane.getByRole("listitem").filter({ hasText: text });
  await follow((patience) => expect(item("web")).toContainText("Healthy", patience));
  await expect(item("foreign")).toContainText(`The operator works in namespace ${place} only`);
  expect(await ControlPlane.shared.find("/api/v1/namespaces/default/configmaps/foreign")).toBeUndefined();
});

test("a repository whose host does not answer is told, and the cluster is left alone", async ({ page, given, unique, follow }) => {
  const place = unique("nowhere");
  // Port 9 answers nobody.
  const { name, path } = await given(place, {}, { repository_url: "http://127.0.0.1:9/team/app.git" });
  await page.goto(path);
  const pane = page.getByRole("region", { name });
  await follow((patience) => expect(pane.getByRole("status")).toContainText("the host of the repository does not answer", patience));
  await expect(pane.getByText("No object was applied yet.")).toBeVisible();
});
