// A page is fetched again once its live stream stands, and whenever that was cut: nothing is taken from under the hand.

import type { Page } from "@playwright/test";

import { alive, expect, test } from "../fixtures/story.ts";

test("what is opened and typed stays while a page is fetched again", async ({ page, cluster, given, unique, scripts }) => {
  const { name } = await given(unique("typed"), {});
  let fetched = await late(page, "get_cluster");
  await page.goto(cluster);
  await alive(page, scripts);
  const section = page.getByRole("region", { name: "Kubeconfig", exact: true });
  const words = section.getByRole("textbox", { name: "Kubeconfig", exact: true });
  await section.getByText("Replace the kubeconfig").first().click();
  await words.fill("kind: [unclosed");
  await fetched();
  await expect(words).toHaveValue("kind: [unclosed");
  await expect(section.getByRole("button", { name: "Replace kubeconfig" })).toBeVisible();

  for (const [path, call] of [
    ["/clusters", "list_clusters"],
    [`/configurations?filter=${name}`, "list_configurations"],
  ] as const) {
    fetched = await late(page, call);
    await page.goto(path);
    await alive(page, scripts);
    const filter = page.getByRole("searchbox");
    await filter.fill("typed meanwhile");
    await fetched();
    await expect(filter, path).toHaveValue("typed meanwhile");
    await expect(filter, path).toBeFocused();
  }
});

/** Lets the stream stand only when the story says so; then waits until what is shown has been fetched again. */
async function late(page: Page, call: string): Promise<() => Promise<void>> {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  await page.unroute("**/live*");
  await page.route("**/live*", async (route) => {
    await opened;
    await route.continue();
  });
  return async () => {
    const answered = page.waitForResponse((response) => response.url().includes(call));
    open();
    await (await answered).finished();
    // What came is shown within a frame or two; a sign that it was cannot be waited for when nothing is to change.
    await page.waitForTimeout(500);
  };
}
