// S-K1: what strangers may write anywhere is shown as words. Every page that links lead to is visited while the browser
// watches for anything that runs, that its policy had to stop, or that leads somewhere by another scheme.

import type { Page } from "@playwright/test";

import { configMap, documents, GOOD, helmRelease, kubeconfig, namespace } from "../fixtures/manifests.ts";
import { Office } from "../fixtures/office.ts";
import { ADMINISTRATOR, startPortal } from "../fixtures/portal.ts";
import { alive, expect, test } from "../fixtures/story.ts";
import { ControlPlane, createRepository, IdentityProvider, type Files } from "../fixtures/testbed.ts";

/** Words that run where they are taken for markup, script, a template or an address. */
const HOSTILE = [
  `"><img src=x onerror=alert(1)>`,
  `</script><script>alert(1)</script>`,
  `'-alert(1)-'`,
  `JaVaScRiPt:alert(1)`,
  `data:text/html,<script>alert(1)</script>`,
  `javascript:confirm(1)`,
  `vbscript:alert(1)`,
  `Label|javascript:alert(1)`,
] as const;
/** Those that may name an object: its name is a part of a path. */
const NAMES = HOSTILE.filter((words) => !words.includes("/"));
const [MARKUP, SCRIPT, QUOTE, ADDRESS, DOCUMENT] = HOSTILE;

/** Browsers take these characters out of an address. Where only one line may stand, nobody can write them. */
const BROKEN = ["java\tscript:alert(1)", "java\nscript:alert(1)"] as const;
const LINES = [...HOSTILE, ...BROKEN] as const;

/** The most hostile name that git takes for a branch: no space, no colon. */
const BRANCH = `"><img/src=x/onerror=alert(1)>`;

/** Where text becomes markup or script without having been declared trusted. */
const UNTRUSTED: readonly string[] = [];

/** Attributes that lead somewhere, or are a document themselves. */
const ADDRESSES = ["href", "xlink:href", "src", "srcset", "srcdoc", "action", "formaction", "data", "ping", "poster", "background"];

/** Pages at most; there are some forty. */
const PAGES_MAX = 120;

/** How long the server may take for a sync, or helm for a release. */
const SERVER_MILLISECONDS = 60_000;

const plane = ControlPlane.shared;

// Of what the cluster has, no page shows labels, annotations, events or images of objects: what is wrong with an image
// or what an event says comes as the message of a condition. Names of configurations, clusters, resource groups and
// operators are never free text (`app/domain/src/name.rs`).
test("nothing that strangers wrote runs, whatever page shows it", async ({ browser, unique }) => {
  test.setTimeout(300_000);
  const company = await IdentityProvider.start("company", SCRIPT);
  await company.person("mallory", [...HOSTILE], `Mallory ${MARKUP}`);
  await company.person("eve", [...HOSTILE], ADDRESS.replace("1", "2"));
  const portal = await startPortal(ADMINISTRATOR, { FAIRLEAD_OIDC: JSON.stringify([company.settings]) });
  const office = await Office.open(portal, ADMINISTRATOR);
  try {
    // From users and identity providers.
    const cluster = await office.connect(plane, "crawled");
    const subscription = (await office.places()).values().next().value ?? "";
    for (const words of HOSTILE) {
      portal.invite(words);
      await office.assign(subscription, words, "Reader");
      await office.assign(subscription, words, "Reader", "company");
    }
    const account = await office.serviceAccount(subscription, `${QUOTE} as an account`);
    const contexts = Object.fromEntries(HOSTILE.map((words) => [JSON.stringify(words), GOOD]));
    const connect = await office.beginConnect(kubeconfig(contexts));

    // From Git and the cluster.
    const name = unique("crawled").slice(0, 23);
    const pane = await fromGit(office, cluster, name);
    await fromCluster(office, pane, name);
    const helm = await fromHelm(office, cluster, unique("notes").slice(0, 23));

    const context = await browser.newContext({
      baseURL: portal.url,
      storageState: await office.session(),
      userAgent: MARKUP,
    });
    const page = await context.newPage();
    const events = watch(page);
    const untrusted = await watchTrust(page);
    const beginning = ["/clusters", pane, helm, connect, account, "/people", "/activity", "/settings"];
    const visited = await crawl(page, beginning);
    expect(visited.size).toBeGreaterThan(30);
    expect(visited.size, "every page is visited").toBeLessThan(PAGES_MAX);
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
    await shows(page, "/people", HOSTILE);
    await shows(page, subscription, HOSTILE);
    await shows(page, connect, HOSTILE);
    await shows(page, pane, [BRANCH, ...LINES]);
    await shows(
      page,
      `${pane}?tab=history`,
      HOSTILE.map((words) => `${words} (${author(words)})`),
    );
    await shows(page, "/configurations", [BRANCH]);
    await shows(page, `${helm}?tab=releases`, LINES);
    await context.close();

    // Who comes from the identity provider sees the same, and an account menu with an own name.
    const theirs = await browser.newContext({ baseURL: portal.url });
    for (const [login, words] of [
      ["mallory", `Mallory ${MARKUP}`],
      ["eve", ADDRESS.replace("1", "2")],
    ] as const) {
      await theirs.clearCookies();
      const page = await theirs.newPage();
      const events = watch(page);
      const untrusted = await watchTrust(page);
      await page.goto("/sign-in");
      await page.getByRole("link", { name: `Sign in with ${SCRIPT}` }).click();
      await page.getByLabel("Login").fill(login);
      await page.getByRole("button", { name: "Continue" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      const visited = await crawl(page, ["/clusters", "/settings"], 10);
      expect([...visited.values()].flat(), "addresses of other schemes").toEqual([]);
      expect(events, "what ran or was stopped").toEqual([]);
      expect([...untrusted].sort(), "text that becomes markup").toEqual(UNTRUSTED);
      expect(await page.content(), "the own name is there").toContain(words.split(/[<>"]/)[0]);
      await page.close();
    }
    await theirs.close();
  } finally {
    await office.close();
    await portal.stop();
    await company.stop();
  }
});

/** Authors, subjects, a branch, files, and objects with names, labels and annotations; gives the path of the pane. */
async function fromGit(office: Office, cluster: string, name: string): Promise<string> {
  const repository = await createRepository(name);
  const marked = `metadata:\n  labels: {kind: words}\n  annotations: {link: ${JSON.stringify(DOCUMENT)}}`;
  const files: Files = {
    [`${MARKUP.replaceAll("/", "")}.yaml`]: documents(configMap(name, "default").replace("metadata:", marked)),
    "unknown.yaml": `apiVersion: example.com/v1\nkind: Anchor\nmetadata: {name: ${JSON.stringify(QUOTE)}}\n`,
    "definition.yaml": definition(name),
    "buoys.yaml": documents(
      ...LINES.map((_, number) => `apiVersion: ${name}.example.com/v1\nkind: Buoy\nmetadata: {name: buoy-${number}, namespace: ${name}}\n`),
    ),
    // What may name a role is nearly everything; what may name a ConfigMap is not, and is refused.
    "roles.yaml": documents(
      ...NAMES.map(
        (words) => `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: ${JSON.stringify(words)}, namespace: ${name}}\nrules: []\n`,
      ),
    ),
    "refused.yaml": documents(
      ...NAMES.map((words) => configMap("x", "default").replace(/name: x\b/, () => `name: ${JSON.stringify(words)}`)),
    ),
  };
  await repository.commit(files, { branch: BRANCH, message: "Begin" });
  const pane = await office.configure(cluster, {
    name,
    repository_url: repository.url,
    operator_namespace: name,
    git_branch: BRANCH,
  });
  await says(office, pane, `refused ${NAMES.length} of`);
  for (const [number, words] of [...HOSTILE, BROKEN[0]].entries()) {
    const commit = await repository.commit(
      { [`note-${number}.md`]: words },
      { branch: BRANCH, message: `${words}\n\n${ADDRESS}`, author: `${author(words)} <stranger@example.com>` },
    );
    await office.sync(pane);
    await says(office, pane, commit);
  }
  return pane;
}

/** An author as hostile as git takes one: without brackets. */
function author(words: string): string {
  return words.replaceAll(/[<>\t]/g, "");
}

/** A kind whose conditions have messages. */
function definition(name: string): string {
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: buoys.${name}.example.com
spec:
  group: ${name}.example.com
  scope: Namespaced
  names: {plural: buoys, singular: buoy, kind: Buoy}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
}

/** Messages of conditions, each of one object. */
async function fromCluster(office: Office, pane: string, name: string) {
  for (const [number, message] of LINES.entries()) {
    const condition = { type: "Ready", status: "False", reason: "Adrift", message, lastTransitionTime: "2026-11-28T00:00:00Z" };
    await plane.report(`/apis/${name}.example.com/v1/namespaces/${name}/buoys/buoy-${number}`, { conditions: [condition] });
  }
  // Nothing else has this one.
  await says(office, pane, BROKEN[1]);
}

/** Notes, values and descriptions of releases, and why one fails; gives the path of the pane. */
async function fromHelm(office: Office, cluster: string, name: string): Promise<string> {
  const repository = await createRepository(name);
  const place = `${name}-app`;
  const chart = { url: repository.url, path: "charts/hostile" };
  const notes = [ADDRESS, ...LINES].join("\n");
  await repository.commit({
    "namespace.yaml": namespace(place),
    "charts/hostile/Chart.yaml": `apiVersion: v2\nname: hostile\nversion: 1.0.0\nappVersion: ${JSON.stringify(ADDRESS)}\ndescription: ${JSON.stringify(MARKUP)}\n`,
    "charts/hostile/values.yaml": "notes: ''\nfault: ''\n",
    "charts/hostile/templates/NOTES.txt": "{{ .Values.notes }}\n",
    "charts/hostile/templates/fault.yaml": "{{ if .Values.fault }}{{ fail .Values.fault }}{{ end }}\n",
    "noted.yaml": helmRelease("noted", place, chart, { notes }),
    "failed.yaml": helmRelease("failed", place, chart, { fault: notes }),
  });
  const pane = await office.configure(cluster, {
    name,
    repository_url: repository.url,
    operator_namespace: name,
    git_branch: "main",
    enable_helm_operator: "true",
  });
  await says(office, pane, "1 of its Helm releases has failed");
  const noted = `${pane}?tab=releases&release=${place}/noted`;
  await says(office, noted, "vbscript:alert(1)");
  return pane;
}

/** Waits until the server puts the words on a page. */
async function says(office: Office, path: string, words: string) {
  const patience = { timeout: SERVER_MILLISECONDS, message: `${path} does not come to say ${words}` };
  await expect.poll(async () => (await office.read(path)).includes(words), patience).toBe(true);
}

/** Each of the words stands on a page, as words. */
async function shows(page: Page, path: string, all: readonly string[]) {
  await page.goto(path);
  await alive(page, true);
  for (const words of all) {
    await expect(page.getByText(words).first(), path).toBeAttached();
  }
}

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

/**
 * What the policies find, also the one that is only reported (Trusted Types): the function or the directive, and the file
 * that called it.
 */
async function watchTrust(page: Page): Promise<Set<string>> {
  const found = new Set<string>();
  await page.exposeFunction("distrust", (sample: string, file: string) => {
    found.add(`${sample.split("|")[0]} in ${file.split("?")[0]?.split("/").pop()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ disposition, effectiveDirective, sample, sourceFile }) => {
      const found = disposition === "report" ? sample : effectiveDirective;
      (window as unknown as { distrust(sample: string, file: string): void }).distrust(found, sourceFile);
    });
  });
  return found;
}

/** Visits every page of ours that is linked; gives the foreign addresses of each, and what would run by itself. */
async function crawl(page: Page, beginning: string[], most = PAGES_MAX): Promise<Map<string, string[]>> {
  const visited = new Map<string, string[]>();
  const waiting = [...beginning];
  while (waiting.length > 0 && visited.size < most) {
    const path = waiting.shift() ?? "";
    if (visited.has(path)) {
      continue;
    }
    await page.goto(path);
    await alive(page, !path.startsWith("/sign-in"));
    const found = await page.locator("*").evaluateAll(
      (elements, addresses) =>
        elements.flatMap((element) =>
          Array.from(element.attributes, ({ name, value }) => ({ name, value })).filter(
            ({ name }) => addresses.includes(name) || name.startsWith("on"),
          ),
        ),
      ADDRESSES,
    );
    // An empty one and a fragment stay on the page.
    const foreign = found.filter(({ name, value }) => name.startsWith("on") || !/^(https?:\/\/|\/(?!\/)|#|$)/.test(value));
    visited.set(
      path,
      foreign.map(({ name, value }) => `${path}: ${name}=${value}`),
    );
    const inside = found.filter(({ value }) => /^\/(?!pkg\/|\/)/.test(value) && !/\.(svg|json|jsonl|js|css)\b/.test(value));
    waiting.push(...inside.map(({ value }) => value.split("#")[0] ?? ""));
  }
  return visited;
}
