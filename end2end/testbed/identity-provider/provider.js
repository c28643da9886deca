// A real OpenID Connect provider for tests: the certified library `oidc-provider`, with people from a file.
//
// node provider.js SETTINGS, a JSON file { port, client: { id, secret, paths, signedOut }, people }; `people` names
// another JSON file { login: { subject, name, groups } }, which is read anew for every answer: a test changes groups by
// writing it. Whoever types a login is that person; there are no passwords to forget.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import Provider, { interactionPolicy } from "oidc-provider";

const SCOPES = "openid profile email groups";

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const issuer = `http://127.0.0.1:${settings.port}`;

function people() {
  return JSON.parse(readFileSync(settings.people, "utf8"));
}

/** Keys of this provider alone: a token of another one must not pass for one of ours. */
function key() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomBytes(8).toString("hex"), use: "sig", alg: "RS256" };
}

/** A native application would have to be agreed to each time; ours is one for the sake of its port alone. */
const policy = interactionPolicy.base();
policy.get("consent").checks.remove("native_client_prompt");

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: settings.client.id,
      client_secret: settings.client.secret,
      // Of native applications on the loopback interface any port is taken (RFC 8252 7.3): the portal's is not known yet.
      application_type: "native",
      redirect_uris: settings.client.paths.map((path) => `http://127.0.0.1${path}`),
      post_logout_redirect_uris: [`http://127.0.0.1${settings.client.signedOut}`],
    },
  ],
  jwks: { keys: [key()] },
  cookies: { keys: [randomBytes(16).toString("hex")] },
  scopes: SCOPES.split(" "),
  claims: { openid: ["sub"], profile: ["preferred_username", "name"], email: ["email"], groups: ["groups"] },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: true, logoutSource: askToSignOut, postLogoutSuccessSource: signedOut },
  },
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, Session: 3600 },
  interactions: { policy, url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, subject) => {
    const person = Object.values(people()).find((one) => one.subject === subject);
    return person && { accountId: subject, claims: () => claims(person) };
  },
  // The company vouches for this application: nobody is asked what it may know.
  async loadExistingGrant(ctx) {
    const { client, session } = ctx.oidc;
    const known = session.grantIdFor(client.clientId);
    if (known) {
      return provider.Grant.find(known);
    }
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(SCOPES);
    await grant.save();
    return grant;
  },
});

function claims({ subject, name, groups }) {
  return { sub: subject, preferred_username: name, name, groups };
}

/** Who somebody says to be, or that they would rather not. */
async function interact(request, response) {
  if (request.method === "GET") {
    return page(
      response,
      "Sign in to your company",
      `<form method="post"><p><label>Login <input name="login" autocomplete="username"></label></p>
       <p><button>Continue</button> <button name="cancel" value="1">Cancel</button></p></form>`,
    );
  }
  let body = "";
  for await (const part of request) {
    body += part;
  }
  const form = new URLSearchParams(body);
  const person = people()[form.get("login")];
  const result =
    form.has("cancel") || !person
      ? { error: "access_denied", error_description: "<script>nobody</script>" }
      : { login: { accountId: person.subject } };
  await provider.interactionFinished(request, response, result);
}

function page(response, title, content) {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(html(title, content));
}

function html(title, content) {
  return `<!doctype html><html lang="en"><title>${title}</title><link rel="icon" href="data:,"><h1>${title}</h1>${content}</html>`;
}

function askToSignOut(ctx, form) {
  ctx.body = html(
    "Sign out of your company",
    `${form}<p><button form="op.logoutForm" name="logout" value="yes">Yes, sign out</button></p>`,
  );
}

function signedOut(ctx) {
  ctx.body = html("You are signed out of your company", "");
}

const answer = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith("/interaction/")) {
    return answer(request, response);
  }
  interact(request, response).catch((error) => {
    response.writeHead(400, { "content-type": "text/plain" });
    response.end(`${error}`);
  });
}).listen(settings.port, "127.0.0.1", () => console.log(`listening at ${issuer}`));
