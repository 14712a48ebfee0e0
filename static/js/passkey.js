// Passkeys: form[data-passkey] with a hidden input "credential" and a button [data-passkey-go].
// data-passkey says what happens: "create" and "get" take their options from the JSON element that data-options names,
// "fetch" asks the form's own address for them. Without a script, or where the browser has no passkeys, the button stays
// hidden and [data-passkey-missing] is shown. A box named "passwordless" makes a passkey that signs in alone.

const can = "credentials" in navigator && "PublicKeyCredential" in window;

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  let plain = "";
  for (const byte of new Uint8Array(buffer)) plain += String.fromCharCode(byte);
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function parsed(options) {
  const key = structuredClone(options.publicKey);
  key.challenge = bytes(key.challenge);
  if (key.user) key.user.id = bytes(key.user.id);
  for (const list of [key.allowCredentials, key.excludeCredentials]) {
    for (const one of list ?? []) one.id = bytes(one.id);
  }
  return key;
}

function said(credential) {
  const { response } = credential;
  const words = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) words[name] = text(response[name]);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: words,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function options(form) {
  if (form.dataset.passkey !== "fetch") {
    const given = JSON.parse(document.getElementById(form.dataset.options).textContent);
    return given.creation_options ?? given.request_options;
  }
  const answer = await fetch(form.dataset.from ?? form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).request_options;
}

async function ask(form) {
  const publicKey = parsed(await options(form));
  if (form.dataset.passkey !== "create") return said(await navigator.credentials.get({ publicKey }));
  const alone = form.elements.passwordless?.checked ?? false;
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    ...(alone ? { userVerification: "required" } : {}),
  };
  return said(await navigator.credentials.create({ publicKey }));
}

export function prepare(root) {
  for (const form of root.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("[data-passkey-go]");
    const missing = form.querySelector("[data-passkey-missing]");
    if (!can) {
      if (missing) missing.hidden = false;
      continue;
    }
    button.hidden = false;
    let answered = false;
    form.addEventListener("submit", async (event) => {
      if (answered) {
        // The second time it is sent on, by the browser or by session.js.
        answered = false;
        return;
      }
      event.preventDefault();
      button.disabled = true;
      try {
        form.elements.credential.value = JSON.stringify(await ask(form));
        answered = true;
        form.requestSubmit();
      } catch {
        const failed = form.querySelector("[data-passkey-failed]");
        if (failed) failed.hidden = false;
      } finally {
        button.disabled = false;
      }
    });
  }
}

prepare(document);
