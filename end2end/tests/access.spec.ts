// The four kinds of access to a repository: none, a key made here, an own key, user and token.

import { configMap, documents, namespace } from "../fixtures/manifests.ts";
import { accessible, alive, expect, test } from "../fixtures/story.ts";
import { createRepository, SshServer, type Repository } from "../fixtures/testbed.ts";
import type { Page } from "@playwright/test";

const installed = /^Installed\. Revision \w+ of main, 2 objects/;

async function manifests(place: string): Promise<Repository> {
  return await createRepository(place, { "all.yaml": documents(namespace(place), configMap("endpoints", place)) });
}

/** Opens the form and fills in what every configuration needs. */
async function begin(page: Page, cluster: string, scripts: boolean, name: string, url: string) {
  await page.goto(`${cluster}/gitops/new`);
  await alive(page, scripts);
  await page.getByLabel("Configuration name").fill(name);
  await page.getByLabel("Operator instance name").fill(name);
  await page.getByLabel("Operator namespace").fill(name);
  await page.getByLabel("Repository URL").fill(url);
  await page.getByLabel("Branch").fill("main");
  await page.getByLabel("Poll interval").fill("1s");
}

async function save(page: Page, name: string) {
  await page.getByRole("button", { name: "Add configuration" }).click();
  await expect(page.getByRole("heading", { name, exact: true })).toBeVisible();
}

test("a public repository needs nothing", async ({ page, cluster, scripts, unique, follow }) => {
  const name = unique("public");
  const repository = await manifests(name);
  await begin(page, cluster, scripts, name, repository.url);
  if (scripts) {
    await expect(page.getByLabel("Repository URL")).toHaveAccessibleDescription(/Understood: public, over http/);
    await expect(page.getByText("Key and known hosts for ssh")).toBeHidden();
  }
  await save(page, name);
  const pane = page.getByRole("region", { name });
  await follow((patience) => expect(pane.getByRole("status")).toContainText(installed, patience));
  await expect(pane.getByText("Repository public key")).toBeHidden();
});

test("a key made here is shown at once, waited for, and works as soon as the host takes it", async ({
  page,
  cluster,
  scripts,
  unique,
  follow,
}) => {
  const name = unique("made");
  const repository = await manifests(name);
  const server = await SshServer.start();
  try {
    await server.authorize();
    await begin(page, cluster, scripts, name, server.urlOf(repository));
    await page.getByText("Key and known hosts for ssh").click();
    await expect(page.getByRole("radio", { name: "A key made here, Ed25519" })).toBeChecked();
    await page.getByLabel("Known hosts", { exact: true }).fill(server.knownHosts);
    await accessible(page, scripts);
    await save(page, name);
    const pane = page.getByRole("region", { name });
    const key = pane.getByRole("figure", { name: "Repository public key" }).locator("pre");
    await expect(key).toHaveText(/^ssh-ed25519 \S+ fairlead$/);
    await follow((patience) => expect(pane.getByRole("status")).toContainText("has not accepted the key yet", patience));
    await expect(pane.getByText("Pending", { exact: true })).toBeVisible();
    await pane.getByText("Where to add it").click();
    await expect(pane.getByText("Check Allow write access, unless the configuration is read only")).toBeVisible();
    await accessible(page, scripts);

    await server.authorize((await key.textContent()) ?? "");
    await follow((patience) => expect(pane.getByRole("status")).toContainText(installed, patience));
  } finally {
    await server.stop();
  }
});

test("an own key is never shown again, and an unknown host is trusted by one click", async ({
  page,
  cluster,
  scripts,
  unique,
  follow,
}) => {
  const name = unique("own");
  const repository = await manifests(name);
  const server = await SshServer.start();
  try {
    await begin(page, cluster, scripts, name, server.urlOf(repository));
    await page.getByText("Key and known hosts for ssh").click();
    await page.getByRole("radio", { name: "My own private key" }).check({ force: true });
    await page.getByLabel("SSH private key", { exact: true }).fill(server.privateKey);
    await save(page, name);
    const pane = page.getByRole("region", { name });
    await follow((patience) => expect(pane.getByRole("status")).toContainText(/The host shows SHA256:\S+; compare/, patience));
    await accessible(page, scripts);
    await pane.getByRole("button", { name: "Trust this key" }).click();
    await follow((patience) => expect(pane.getByRole("status")).toContainText(installed, patience));

    await pane.getByRole("link", { name: "Settings" }).click();
    await expect(pane.getByRole("radio", { name: "Keep the key there is" })).toBeChecked();
    await expect(pane.getByLabel("SSH private key", { exact: true })).toHaveValue("");
    await expect(pane.getByLabel("Known hosts", { exact: true })).toHaveValue(server.knownHosts.replace(/ testbed\n$/, "\n"));
    expect(await page.content()).not.toContain(server.privateKey.split("\n")[2]);
  } finally {
    await server.stop();
  }
});

test("user and token are used and kept, and a refused form asks for the token again", async ({
  page,
  cluster,
  scripts,
  unique,
  follow,
  provoked,
}) => {
  provoked.push(/status of 422/);
  const name = unique("token");
  const token = unique("secret-token");
  const repository = await manifests(name);
  await repository.protect("ada", token);
  await begin(page, cluster, scripts, name, repository.url);
  await page.getByText("User and key for https").click();
  await page.getByLabel("HTTPS key").fill(token);
  await page.getByRole("button", { name: "Add configuration" }).click();
  await expect(page.getByRole("alert")).toContainText("Enter both the https user and the https key");
  expect(await page.content()).not.toContain(token);
  await page.getByLabel("HTTPS user").fill("ada");
  await page.getByLabel("HTTPS key").fill(token);
  await accessible(page, scripts);
  await save(page, name);
  const pane = page.getByRole("region", { name });
  await follow((patience) => expect(pane.getByRole("status")).toContainText(installed, patience));

  await pane.getByRole("link", { name: "Settings" }).click();
  await expect(pane.getByLabel("HTTPS key")).toHaveValue("");
  await expect(pane.getByLabel("HTTPS key")).toHaveAccessibleDescription(/it stays unless you enter another/);
  expect(await page.content()).not.toContain(token);
  await pane.getByLabel("Paths").fill("all.yaml");
  await pane.getByRole("button", { name: "Save settings" }).click();
  await follow((patience) => expect(pane.getByRole("status")).toContainText(installed, patience));
});
