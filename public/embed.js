// What a page in a frame of another origin's page says and hears. Nothing is taken from or told to anybody but the one
// parent that the server named, and our own pages.

/** A pane lies over the page and scrolls by itself; less than this in CSS pixels would be a slit. */
const PANE_HEIGHT = 640;

const parentOrigin = document.documentElement.dataset.parent;

// The page that has the frame may give it the height of what is in it.
const main = document.getElementById("main");
if (parentOrigin && main && window.parent !== window) {
  const last = document.querySelector(".framed") ?? main;
  const tell = () => {
    const content = Math.ceil(last.getBoundingClientRect().bottom + window.scrollY);
    const height = document.querySelector(".pane") ? Math.max(content, PANE_HEIGHT) : content;
    window.parent.postMessage({ type: "fairlead:height", height }, parentOrigin);
  };
  new ResizeObserver(tell).observe(main);
  new MutationObserver(tell).observe(main, { childList: true, subtree: true });
  tell();
}

// Signing in: a pop-up asks, and answers with a code that is worth something only together with what is kept here.
const button = document.querySelector("[data-embed-popup]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => void signIn(button));
}

async function signIn(button) {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  // Opened before anything is waited for: later a browser would take it for an advertisement.
  const popup = window.open("", "_blank", "popup,width=520,height=680");
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const address = new URL(button.dataset.embedPopup, location.origin);
  address.searchParams.set("challenge", base64url(new Uint8Array(hash)));
  if (!popup) {
    button.dataset.blocked = "";
    return;
  }
  popup.location.href = address.href;
  window.addEventListener("message", (message) => {
    if (message.origin !== location.origin || message.source !== popup) return;
    if (message.data?.type !== "fairlead:code" || typeof message.data.code !== "string") return;
    const form = document.getElementById("embed-enter");
    form.elements.code.value = message.data.code;
    form.elements.verifier.value = verifier;
    form.submit();
  });
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// In the pop-up: the answer goes to the frame that opened it, and nowhere else.
const code = document.querySelector("[data-embed-code]")?.dataset.embedCode;
if (code && window.opener) {
  window.opener.postMessage({ type: "fairlead:code", code }, location.origin);
  window.close();
}
