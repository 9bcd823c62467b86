// Shows WeCom's login panel on the login page: the iframe that @wecom/jssdk's createWWLoginPanel makes, at the address this page was given.
// Without this script the page has a link to WeCom's own page, and keeps it.
"use strict";
// What a panel leads to is kept for ten minutes: it is begun anew before. A page that was left open does not go on with that for ever.
const AGAIN = 8 * 60 * 1000;
const AT_MOST = 15 * 60 * 1000;
for (const panel of document.querySelectorAll("[data-panel]")) {
  // Nobody scans the screen of the phone in their hand.
  if (!matchMedia("(min-width: 480px)").matches) continue;
  let frame;
  const send = (message) => frame.contentWindow?.postMessage(JSON.stringify(message), panel.dataset.origin);
  const show = () => {
    frame = document.createElement("iframe");
    frame.title = panel.dataset.title;
    // Named, because the frame begins at an address of ours.
    frame.allow = `local-network-access ${panel.dataset.origin}`;
    frame.referrerPolicy = "origin";
    frame.src = panel.dataset.panel;
    frame.addEventListener("load", () => send({ type: "ww-iframe-handle:init" }));
    // A new frame, because one that is sent elsewhere leaves a step in the browser's history.
    panel.replaceChildren(frame);
  };
  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== panel.dataset.origin) return;
    let message;
    try { message = JSON.parse(event.data); } catch { return; }
    // WeCom sends the browser back by itself; what it tells besides is only acknowledged.
    if (message?.type === "ww-iframe-handle:call" && message.uid) {
      send({ type: "ww-iframe-handle:response", uid: message.uid, kind: "resolve" });
    }
  });
  show();
  document.documentElement.classList.add("with-panel");
  const again = setInterval(show, AGAIN);
  setTimeout(() => {
    clearInterval(again);
    panel.remove();
    document.documentElement.classList.remove("with-panel");
  }, AT_MOST);
}
for (const link of document.querySelectorAll("a[data-here]")) {
  if (matchMedia("(min-width: 480px)").matches) link.href = link.dataset.here;
}
