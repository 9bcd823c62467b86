// Names of members are shown by WeCom's own script, in frames that this page cannot read: all that happens here is that the page is signed for it.
"use strict";

const names = document.querySelector("[data-names]");
const page = location.href.split("#")[0];
// The component refuses the signature: unknown ticket, or one of another kind (40093, 42012).
const REFUSED = [40093, 42012];
// It does not know who looks, or not any more (43016, 90307).
const UNKNOWN_VIEWER = [43016, 90307];

const tell = (kind, number) => {
  const note = names.querySelector(`[data-names-${kind}]`);
  note.hidden = false;
  names.querySelector("[data-names-fine]").hidden = true;
  const place = note.querySelector("[data-number]");
  if (place && number) {
    place.textContent = number;
  }
};

// By which ticket of each kind a page was signed last.
const last = {};

const sign = async (ticket, refused) => {
  const asked = new URLSearchParams({ url: page, ticket });
  if (refused && last[ticket]) {
    asked.set("refused", last[ticket]);
  }
  // A redirect leads to a sign-in, and in WeCom on to WeCom itself: it is not followed.
  const answer = await fetch(`${names.dataset.names}?${asked}`, { redirect: "manual" });
  if (answer.ok) {
    const signed = await answer.json();
    last[ticket] = signed.ticket;
    return signed;
  }
  const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".code span");
  throw { number: told ? told.textContent : "" };
};

// `refused`: the component refused what was signed before. It does not say by which of the two tickets.
const show = async (refused) => {
  const signed = await sign("app", refused);
  const { corp_id: corp, agent_id: agent, timestamp, nonce: nonceStr, signature } = signed;
  const parts = (of) => ({ timestamp: of.timestamp, nonceStr: of.nonce, signature: of.signature });
  if (window.ww && window.ww.register && window.ww.initOpenData) {
    window.ww.register({
      corpId: corp, agentId: agent, jsApiList: [],
      getConfigSignature: async () => parts(await sign("corp", refused)),
      getAgentConfigSignature: () => parts(signed),
    });
    return window.ww.initOpenData();
  }
  if (window.wx && window.wx.agentConfig) {
    return new Promise((success, fail) => {
      window.wx.agentConfig({ corpid: corp, agentid: agent, timestamp, nonceStr, signature, jsApiList: [], success, fail });
    });
  }
  throw { number: "" };
};

const begin = async () => {
  for (const element of document.querySelectorAll("ww-open-data")) {
    element.addEventListener("error", (event) => {
      // Whom WeCom does not name, or not any more, stays an id.
      if (UNKNOWN_VIEWER.includes(event.detail && event.detail.errCode)) {
        tell("again");
      }
    });
  }
  try {
    await show(false);
  } catch (error) {
    if (!REFUSED.includes(error.errCode)) {
      throw error;
    }
    await show(true);
  }
};

begin().catch((error) => tell("failed", error && (error.number || error.errCode)));
