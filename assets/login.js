// Shows WeCom's login panel on the login page: the iframe that @wecom/jssdk's createWWLoginPanel makes, at the address this page was given.
// Without this script the page has a link to WeCom's own page, and keeps it.
"use strict";
for (const panel of document.querySelectorAll("[data-panel]")) {
  // Nobody scans the screen of the phone in their hand.
  if (!matchMedia("(min-width: 480px)").matches) continue;
  const frame = document.createElement("iframe");
  frame.title = panel.dataset.title;
  // Named, because the frame begins at an address of ours.
  frame.allow = `local-network-access ${panel.dataset.origin}`;
  frame.referrerPolicy = "origin";
  frame.src = panel.dataset.panel;
  const send = (message) => frame.contentWindow.postMessage(JSON.stringify(message), panel.dataset.origin);
  frame.addEventListener("load", () => send({ type: "ww-iframe-handle:init" }));
  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== panel.dataset.origin) return;
    let message;
    try { message = JSON.parse(event.data); } catch { return; }
    // WeCom sends the browser back by itself; what it tells besides is only acknowledged.
    if (message?.type === "ww-iframe-handle:call" && message.uid) {
      send({ type: "ww-iframe-handle:response", uid: message.uid, kind: "resolve" });
    }
  });
  panel.append(frame);
  document.documentElement.classList.add("with-panel");
}
for (const link of document.querySelectorAll("a[data-here]")) {
  if (matchMedia("(min-width: 480px)").matches) link.href = link.dataset.here;
}
