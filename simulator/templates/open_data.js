// A stand-in for WeCom's script: names stand in frames of this origin, so that the page around them cannot read them.
(function () {
  var origin = new URL(document.currentScript.src).origin;
  var page = location.href.split("#")[0];
  var signed = null;
  var ready = false;

  function asked(config) {
    return new URLSearchParams({
      corpid: config.corpid, agentid: config.agentid, timestamp: config.timestamp,
      noncestr: config.nonceStr, signature: config.signature, url: page
    });
  }

  function judge(query) {
    return fetch(origin + "/open-data/config?" + query)
      .then(function (answer) { return answer.json(); })
      .then(function (answer) {
        if (answer.errcode !== 0) { throw { errCode: answer.errcode, errMsg: "agentConfig:fail" }; }
      });
  }

  function ask(config) {
    var query = asked(config);
    return judge(query).then(function () {
      signed = query;
      show();
    });
  }

  function show() {
    document.querySelectorAll("ww-open-data").forEach(function (element) { element.render(); });
  }

  customElements.define("ww-open-data", class extends HTMLElement {
    static get observedAttributes() { return ["type", "openid"]; }
    constructor() {
      super();
      this.inside = null;
    }
    connectedCallback() { this.render(); }
    attributeChangedCallback() { this.drawn = false; this.render(); }
    render() {
      if (!signed || !ready || this.drawn || !this.isConnected) { return; }
      this.drawn = true;
      var root = this.root || (this.root = this.attachShadow({ mode: "closed" }));
      var frame = document.createElement("iframe");
      var query = new URLSearchParams(signed);
      query.set("type", this.getAttribute("type") || "");
      query.set("id", this.getAttribute("openid") || "");
      frame.src = origin + "/open-data/frame?" + query;
      frame.title = "";
      frame.style.cssText = "border: 0; width: 0; height: 0; vertical-align: middle";
      root.replaceChildren(frame);
      this.inside = frame;
    }
  });

  addEventListener("message", function (event) {
    if (event.origin !== origin || !event.data || event.data.from !== "ww-open-data") { return; }
    document.querySelectorAll("ww-open-data").forEach(function (element) {
      var frame = element.inside;
      if (!frame || frame.contentWindow !== event.source) { return; }
      frame.style.width = event.data.width + "px";
      frame.style.height = event.data.height + "px";
      element.dataset.state = event.data.errCode ? "error" : "shown";
      if (event.data.errCode) {
        element.dispatchEvent(new CustomEvent("error", { detail: { errCode: event.data.errCode } }));
      }
    });
  });

  window.wx = window.wx || {};
  window.wx.agentConfig = function (config) {
    ready = true;
    ask(config).then(function () { if (config.success) { config.success({ errMsg: "agentConfig:ok" }); } })
      .catch(function (error) { if (config.fail) { config.fail(error); } });
  };

  var registered = null;
  window.ww = window.ww || {};
  window.ww.register = function (options) { registered = options; };
  window.ww.initOpenData = function () {
    ready = true;
    function of(signature) {
      return {
        corpid: registered.corpId, agentid: registered.agentId,
        timestamp: signature.timestamp, nonceStr: signature.nonceStr, signature: signature.signature
      };
    }
    return Promise.resolve(registered.getConfigSignature(page)).then(function (signature) {
      var query = asked(of(signature));
      query.set("ticket", "corp");
      return judge(query);
    }).then(function () {
      return registered.getAgentConfigSignature(page);
    }).then(function (signature) {
      return ask(of(signature));
    });
  };
})();
