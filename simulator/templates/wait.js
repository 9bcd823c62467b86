// The login page follows the phone: it asks what became of its code, and goes on when something did. Without script it reloads.
(function () {
  var ticket = encodeURIComponent(document.currentScript.dataset.ticket);
  function ask() {
    fetch("/wwlogin/sso/state?ticket=" + ticket, { cache: "no-store" })
      .then(function (answer) { return answer.text(); })
      .then(function (word) {
        if (word === "waiting") { ask(); } else { location.replace("/wwlogin/sso/wait?ticket=" + ticket); }
      })
      .catch(function () { setTimeout(ask, 3000); });
  }
  ask();
})();
