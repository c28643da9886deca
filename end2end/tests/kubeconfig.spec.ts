// A credential that is withdrawn is replaced where the cluster is, and only by one of the same cluster.

import { accessible, alive, expect, test } from "../fixtures/story.ts";
import { ControlPlane } from "../fixtures/testbed.ts";

test("a kubeconfig is replaced by another of the same cluster, and by none of another one", async ({
  page,
  office,
  unique,
  provoked,
  scripts,
}) => {
  test.setTimeout(150_000);
  const [plane, other] = [await ControlPlane.start(), await ControlPlane.start()];
  try {
    const cluster = await office.connect(plane, unique("pier"));
    await page.goto(cluster);
    await alive(page, scripts);
    const section = page.getByRole("region", { name: "Kubeconfig", exact: true });
    const offer = async (kubeconfig: string) => {
      const open = section.getByRole("textbox", { name: "Kubeconfig", exact: true });
      if (!(await open.isVisible())) {
        await section.getByText("Replace the kubeconfig").first().click();
      }
      await open.fill(kubeconfig);
      await section.getByRole("button", { name: "Replace kubeconfig" }).click();
    };
    provoked.push(/status of 4\d\d/);
    await offer("kind: [unclosed");
    await expect(section.getByRole("alert")).toContainText("This is no kubeconfig");
    await accessible(page, scripts);
    await offer(await other.kubeconfig("elsewhere"));
    await expect(section.getByRole("alert")).toContainText("another cluster");
    await accessible(page, scripts);

    await offer(await plane.kubeconfig("fresh"));
    await expect(section.getByRole("alert")).toHaveCount(0);
    await page.goto("/activity");
    await expect(page.getByText(/kubeconfig/i).first()).toBeVisible();
  } finally {
    await Promise.all([plane.remove(), other.remove()]);
  }
});
