// Shows WeCom's login panel on the login page, by WeCom's own script (@wecom/jssdk, `createWWLoginPanel`).
// Without scripts the page has a link to WeCom's own page, and keeps it where a panel cannot be shown: that link leads to whatever says why.
"use strict";
// What a panel leads to is kept for ten minutes: it is begun anew before. A page that was left open does not go on with that for ever.
const AGAIN = 8 * 60 * 1000;
const AT_MOST = 15 * 60 * 1000;
const WIDE = "(min-width: 480px)";
for (const place of document.querySelectorAll("[data-panel]")) {
  // Nobody scans the screen of the phone in their hand.
  if (!matchMedia(WIDE).matches) continue;
  let panel;
  const show = async () => {
    const answer = await fetch(place.dataset.panel, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const params = await answer.json();
    // A new frame, because one that is sent elsewhere leaves a step in the browser's history.
    panel?.unmount();
    panel = ww.createWWLoginPanel({ el: place, params });
    panel.el.title = place.dataset.title;
  };
  const leave = () => {
    clearInterval(again);
    panel?.unmount();
    panel = undefined;
    document.documentElement.classList.remove("with-panel");
  };
  const again = setInterval(() => show().catch(leave), AGAIN);
  setTimeout(leave, AT_MOST);
  document.documentElement.classList.add("with-panel");
  show().catch(leave);
}
for (const link of document.querySelectorAll("a[data-here]")) {
  if (matchMedia(WIDE).matches) link.href = link.dataset.here;
}
