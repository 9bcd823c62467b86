// Passkeys (WebAuthn): asks the server for the options, the browser for a passkey, and sends the answer as an ordinary form. Where there is no
// script, or the browser has no passkeys, the forms stay hidden. Where the server refuses the options the form is sent as it is: the page that
// answers says why.
"use strict";
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toText = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const known = (list) => list?.map((credential) => ({ ...credential, id: toBytes(credential.id) }));

async function ask(kind, options) {
  options.challenge = toBytes(options.challenge);
  if (kind === "get") {
    options.allowCredentials = known(options.allowCredentials);
    return navigator.credentials.get({ publicKey: options });
  }
  options.user.id = toBytes(options.user.id);
  options.excludeCredentials = known(options.excludeCredentials);
  return navigator.credentials.create({ publicKey: options });
}

function written(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: toText(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = toText(response[name]);
  }
  // Whether it can be found without a username; nothing else of these matters here.
  const { credProps } = credential.getClientExtensionResults();
  const told = credProps ? { credProps: { rk: credProps.rk ?? null } } : {};
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: parts, clientExtensionResults: told });
}

function fault(form, error) {
  const words = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" };
  return form.dataset[words[error?.name] ?? "failed"];
}

const can = window.isSecureContext && "PublicKeyCredential" in window && navigator.credentials;
for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!can) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [button, said] = [form.querySelector("button"), form.querySelector("[role=alert]")];
    const tell = (text) => {
      said.textContent = text;
      said.hidden = false;
      button.disabled = false;
    };
    button.disabled = true;
    said.hidden = true;
    let answer;
    try {
      answer = await fetch(form.dataset.begin, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { accept: "application/json" } });
    } catch {
      return tell(form.dataset.unreachable);
    }
    if (answer.ok) {
      try {
        form.elements.credential.value = written(await ask(form.dataset.passkey, await answer.json()));
      } catch (error) {
        return tell(fault(form, error));
      }
    }
    button.disabled = false;
    form.submit();
  });
}
for (const hint of document.querySelectorAll("[data-without-passkeys]")) hint.hidden = Boolean(can);
