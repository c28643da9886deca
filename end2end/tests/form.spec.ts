// The form of a configuration: what is refused, what stays, what changes.

import { configMap, namespace } from "../fixtures/manifests.ts";
import { accessible, alive, expect, test } from "../fixtures/story.ts";
import { createRepository } from "../fixtures/testbed.ts";

/** Field, a wrong value, and what its sentence says. */
const WRONG = [
  ["Configuration name", "Cluster Config!", "Use lower-case letters, digits and hyphens"],
  ["Operator instance name", "-operator", "Use lower-case letters, digits and hyphens"],
  ["Operator namespace", "an-operator-namespace-that-is-too-long", "Use at most 23 characters."],
  ["Repository URL", "ftp://example.com/repository", "The scheme ftp is never used"],
  ["Branch", "main..next", "Enter a branch name that Git allows"],
  ["Poll interval", "soon", "takes a duration such as 30s"],
  ["Paths", "../elsewhere", "is no path inside the repository"],
  ["Label", "two words", "Enter a name that Git allows for a tag"],
  ["Git user", "<flux>", "Enter a name without < and >"],
  ["Git e-mail", "flux", "Enter an e-mail address"],
  ["Chart version", "latest", "Enter a version such as 1.2.0."],
  ["Chart values", "replicas=2", "write values as --set key=value"],
  ["Operator parameters", "--no-such-flag=1", "is no flag of the Flux v1 operator"],
] as const;

test("with every field wrong each is told, in a summary that leads to it, and nothing typed is lost", async ({
  page,
  cluster,
  scripts,
  unique,
  provoked,
}) => {
  provoked.push(/status of 422/);
  await page.goto(`${cluster}/gitops/new`);
  await alive(page, scripts);
  await page.getByText("Sync marker: label and author").click();
  await page.getByLabel("Enable the Helm operator").check();
  await page.getByRole("radio", { name: "Namespace" }).press("Space");
  const field = (label: string) => page.getByRole("textbox", { name: label, exact: true });
  for (const [label, wrong] of WRONG) {
    await field(label).fill(wrong);
  }
  if (scripts) {
    await test.step("a field that was left is told at once", async () => {
      await expect(field("Repository URL")).toHaveAccessibleDescription(/The scheme ftp is never used/);
    });
  }
  await page.getByRole("button", { name: "Add configuration" }).click();

  const summary = page.getByRole("alert");
  await expect(summary).toContainText(`${WRONG.length} fields need other values.`);
  for (const [label, wrong, sentence] of WRONG) {
    await expect(summary.getByRole("link", { name: `${label}:` })).toContainText(sentence);
    await expect(field(label)).toHaveValue(wrong);
    await expect(field(label)).toHaveAttribute("aria-invalid", "true");
    await expect(field(label)).toHaveAccessibleDescription(new RegExp(sentence));
  }
  await expect(page.getByLabel("Enable the Helm operator")).toBeChecked();
  await expect(page.getByRole("radio", { name: "Namespace" })).toBeChecked();
  await accessible(page, scripts);
  for (const label of ["Repository URL", "Chart values", "Git e-mail"]) {
    await summary.getByRole("link", { name: `${label}:` }).click();
    await expect(field(label)).toBeFocused();
  }

  await test.step("put right, it is accepted", async () => {
    const name = unique("put-right");
    const repository = await createRepository(name, { "one.yaml": configMap("one", name) });
    const right: Record<string, string> = {
      "Configuration name": name,
      "Operator instance name": name,
      "Operator namespace": name,
      "Repository URL": repository.url,
      "Operator parameters": "",
      Branch: "main",
      "Poll interval": "1h",
      Paths: "",
      Label: "",
      "Git user": "Flux",
      "Git e-mail": "flux@example.com",
      "Chart version": "1.2.0",
      "Chart values": "--set workers=2",
    };
    for (const [label, value] of Object.entries(right)) {
      await field(label).fill(value);
    }
    await page.getByRole("button", { name: "Add configuration" }).click();
    await expect(page.getByRole("heading", { name, exact: true })).toBeVisible();
  });
});

test("a name that is taken is refused", async ({ page, cluster, given, unique, provoked }) => {
  provoked.push(/status of 422/);
  const { name } = await given(unique("taken"), {});
  await page.goto(`${cluster}/gitops/new`);
  await page.getByLabel("Configuration name").fill(name);
  await page.getByLabel("Repository URL").fill("http://127.0.0.1/repository.git");
  await page.getByRole("button", { name: "Add configuration" }).click();
  await expect(page.getByRole("alert")).toContainText("exists here already; choose another one.");
});

test("saved settings change what is read, and a second person's older form is refused", async ({
  page,
  context,
  given,
  unique,
  follow,
  scripts,
  provoked,
}) => {
  provoked.push(/status of 409/);
  const place = unique("parts");
  const { name, path } = await given(place, {
    "namespace.yaml": namespace(place),
    "apps/one.yaml": configMap("one", place),
    "more/two.yaml": configMap("two", place),
  });
  const older = await context.newPage();
  await older.goto(`${path}?tab=settings`);
  await alive(older, scripts);

  await page.goto(path);
  const pane = page.getByRole("region", { name });
  await follow((patience) => expect(pane.getByRole("status")).toContainText("3 objects", patience));
  await pane.getByRole("link", { name: "Settings" }).click();
  await expect(pane.getByLabel("Branch")).toHaveValue("main");
  await accessible(page, scripts);
  await pane.getByLabel("Paths").fill("namespace.yaml,apps");
  await pane.getByRole("button", { name: "Save settings" }).click();
  await expect(pane.getByRole("listitem").filter({ hasText: "one" })).toBeVisible();
  await follow((patience) => expect(pane.getByRole("status")).toContainText("2 objects", patience));
  await pane.getByRole("link", { name: "Settings" }).click();
  await expect(pane.getByLabel("Paths")).toHaveValue("namespace.yaml,apps");

  await older.getByLabel("Paths").fill("more");
  await older.getByRole("button", { name: "Save settings" }).click();
  await expect(older.getByRole("alert")).toContainText("Somebody else changed this meanwhile");
  await expect(older.getByLabel("Paths")).toHaveValue("more");
});
