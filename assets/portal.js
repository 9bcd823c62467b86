// An open page of a demo portal notices when Menjin ended the session: it asks every two seconds, and reads itself again on a change.
(function () {
  "use strict";
  var body = document.body;
  var home = "/" + body.dataset.portal + "/";
  function again() {
    if (location.pathname === home) { location.reload(); } else { location.replace(home); }
  }
  setInterval(function () {
    if (document.hidden) { return; }
    fetch(home + "state", { cache: "no-store" })
      .then(function (answer) { return answer.ok ? answer.text() : body.dataset.state; })
      .then(function (word) { if (word !== body.dataset.state) { again(); } })
      .catch(function () { /* The demo has ended, or the network is away: ask again later. */ });
  }, 2000);
})();
