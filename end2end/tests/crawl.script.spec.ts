// S-K1: what strangers may write anywhere is shown as words. Every page that links lead to is visited while the browser
// watches for anything that runs, that its policy had to stop, or that leads somewhere by another scheme.

import type { Page } from "@playwright/test";

import { configMap, documents } from "../fixtures/manifests.ts";
import { Office } from "../fixtures/office.ts";
import { ADMINISTRATOR } from "../fixtures/portal.ts";
import { alive, expect, test } from "../fixtures/story.ts";
import { ControlPlane, createRepository } from "../fixtures/testbed.ts";

/** Words that run where they are taken for markup, script, a template or an address. */
const HOSTILE = [
  `"><img src=x onerror=alert(1)>`,
  `</script><script>alert(1)</script>`,
  `'-alert(1)-'`,
  `JaVaScRiPt:alert(1)`,
  `data:text/html,<script>alert(1)</script>`,
] as const;
const [MARKUP, SCRIPT, QUOTE, ADDRESS, DOCUMENT] = HOSTILE;

/** Where text becomes markup or script without having been declared trusted. */
const UNTRUSTED: readonly string[] = [];

/** Pages at most; there are some forty. */
const PAGES_MAX = 120;

test("nothing that strangers wrote runs, whatever page shows it", async ({ browser, ownPortal, unique }) => {
  test.setTimeout(180_000);
  const office = await Office.open(ownPortal, ADMINISTRATOR);
  const cluster = await office.connect(ControlPlane.shared, "crawled");
  for (const name of [MARKUP, SCRIPT, ADDRESS]) {
    ownPortal.invite(name);
  }
  const subscription = (await office.places()).values().next().value ?? "";
  await office.assign(subscription, MARKUP, "Reader");
  const account = await office.serviceAccount(subscription, QUOTE);
  const name = unique("crawled").slice(0, 23);
  const repository = await createRepository(name, {});
  await repository.commit(
    {
      [`${MARKUP.replaceAll("/", "")}.yaml`]: documents(
        configMap(name, "default").replace("metadata:", `metadata:\n  annotations: {link: ${JSON.stringify(DOCUMENT)}}`),
      ),
      "refused.yaml": configMap("x", "default").replace(/name: x\b/, `name: ${JSON.stringify(MARKUP)}`),
      "unknown.yaml": `apiVersion: example.com/v1\nkind: Anchor\nmetadata: {name: ${JSON.stringify(QUOTE)}}\n`,
    },
    { message: `${SCRIPT} ${MARKUP}\n\n${ADDRESS}` },
  );
  const pane = await office.configure(cluster, {
    name,
    repository_url: repository.url,
    operator_namespace: name,
    git_branch: "main",
  });
  await expect.poll(async () => await office.read(pane), { timeout: 30_000 }).toContain("refused 1 of");

  const context = await browser.newContext({
    baseURL: ownPortal.url,
    storageState: await office.session(),
    userAgent: MARKUP,
  });
  const page = await context.newPage();
  const events = watch(page);
  const untrusted = await watchTrust(page);
  const visited = await crawl(page, ["/clusters", pane, account, "/people", "/activity", "/settings"]);
  expect(visited.size).toBeGreaterThan(20);
  expect(events, "what ran or was stopped").toEqual([]);
  // Pages that a script makes, and not the server.
  await page.goto("/clusters");
  await alive(page, true);
  for (const name of ["Configurations", "Places", "People", "Activity", "API", "Settings", "Clusters"]) {
    await page.getByRole("link", { name, exact: true }).first().click();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await page.getByRole("link", { name: "crawled" }).first().click();
  await expect(page.getByRole("heading", { name: "crawled" })).toBeVisible();
  expect([...untrusted].sort(), "text that becomes markup").toEqual(UNTRUSTED);
  // It would have been seen.
  await page.evaluate(() => (document.createElement("p").innerHTML = "<b>words</b>"));
  await expect.poll(() => untrusted.size).toBe(UNTRUSTED.length + 1);
  expect([...visited.values()].flat(), "addresses of other schemes").toEqual([]);
  // The words were there to be seen.
  await page.goto("/people");
  await expect(page.getByText(MARKUP).first()).toBeVisible();
  await page.goto(pane);
  await expect(page.getByText(SCRIPT).first()).toBeVisible();
  await context.close();
  await office.close();
});

/** Everything that must not happen, as it happens. */
function watch(page: Page): string[] {
  const events: string[] = [];
  page.on("dialog", (dialog) => {
    events.push(`${page.url()}: a dialog says ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => events.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text()) && !message.text().startsWith("[Report Only]")) {
      events.push(`${page.url()}: ${message.text()}`);
    }
  });
  return events;
}

/** What the policy that is only reported (Trusted Types) finds: the function, and the file that called it. */
async function watchTrust(page: Page): Promise<Set<string>> {
  const found = new Set<string>();
  await page.exposeFunction("distrust", (sample: string, file: string) => {
    found.add(`${sample.split("|")[0]} in ${file.split("?")[0]?.split("/").pop()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ disposition, sample, sourceFile }) => {
      if (disposition === "report") {
        (window as unknown as { distrust(sample: string, file: string): void }).distrust(sample, sourceFile);
      }
    });
  });
  return found;
}

/** Visits every page of ours that is linked; gives the foreign addresses of each. */
async function crawl(page: Page, beginning: string[]): Promise<Map<string, string[]>> {
  const visited = new Map<string, string[]>();
  const waiting = [...beginning];
  while (waiting.length > 0 && visited.size < PAGES_MAX) {
    const path = waiting.shift() ?? "";
    if (visited.has(path)) {
      continue;
    }
    await page.goto(path);
    await alive(page, !path.startsWith("/sign-in"));
    const links = await page.locator("[href], [src], [action]").evaluateAll((elements) =>
      elements.flatMap((element) => ["href", "src", "action"].flatMap((name) => element.getAttribute(name) ?? [])),
    );
    visited.set(
      path,
      links.filter((link) => !/^(https?:\/\/|\/|#|$)/.test(link)),
    );
    const inside = links.filter((link) => /^\/(?!pkg\/|\/)/.test(link) && !/\.(svg|json|jsonl|js|css)\b/.test(link));
    waiting.push(...inside.map((link) => link.split("#")[0] ?? ""));
  }
  return visited;
}
