// A webhook is made where the configuration's settings are, its secret is shown once, and a push by it is looked at.

import { createHmac } from "node:crypto";

import { configMap, documents, namespace } from "../fixtures/manifests.ts";
import { accessible, expect, test } from "../fixtures/story.ts";

test("a webhook is made, tells of a push by its secret alone, and is removed", async ({
  page,
  given,
  unique,
  follow,
  request,
  scripts,
}) => {
  const place = unique("hook");
  // No poll comes in between.
  const { path, repository } = await given(
    place,
    { "one.yaml": documents(namespace(place), configMap("one", place)) },
    { git_poll_interval: "1h" },
  );
  await page.goto(path);
  const state = page.getByRole("region", { name: place }).getByRole("status").first();
  await follow((patience) => expect(state).toContainText("2 objects", patience));
  await page.goto(`${path}?tab=settings`);
  const webhook = page.getByRole("region", { name: "Webhook" });
  await expect(webhook.getByText("There is none.")).toBeVisible();
  await webhook.getByRole("button", { name: "Make webhook" }).click();
  const secret = (await webhook.getByRole("region", { name: "Secret", exact: true }).textContent())?.trim() ?? "";
  const address = (await webhook.getByRole("region", { name: "Address of the webhook" }).textContent())?.trim() ?? "";
  expect(secret.length).toBeGreaterThan(30);
  await accessible(page, scripts);

  const revision = await repository.commit({ "two.yaml": configMap("two", place) });
  const body = JSON.stringify({ ref: "refs/heads/main", repository: { clone_url: repository.url } });
  const push = async (key: string) => {
    const signature = createHmac("sha256", key).update(body).digest("hex");
    const headers = { "content-type": "application/json", "x-github-event": "push", "x-hub-signature-256": `sha256=${signature}` };
    return (await request.post(address, { data: body, headers })).status();
  };
  expect(await push("guessed")).toBe(401);
  expect(await push(secret)).toBe(202);

  await page.goto(`${path}?tab=settings`);
  await expect(webhook.getByRole("button", { name: "Make a new secret" })).toBeVisible();
  await expect(webhook.getByRole("region", { name: "Secret", exact: true })).toHaveCount(0);
  await expect(page.getByText(secret)).toHaveCount(0);
  await expect(webhook.getByText("never")).toHaveCount(0);
  await webhook.getByText("What to set at the host").click();
  await expect(webhook.getByText("X-Hub-Signature-256")).toBeVisible();
  await accessible(page, scripts);
  await follow((patience) => expect(state).toContainText(`Revision ${revision.slice(0, 7)} of main, 3 objects`, patience));

  await webhook.getByRole("button", { name: "Remove webhook" }).click();
  await expect(webhook.getByText("There is none.")).toBeVisible();
  expect(await push(secret)).toBe(401);
});
