// What script adds to pages that work without it: `/` reaches the search box, blocks can be copied, times are in the viewer's zone,
// Ctrl or Command with Enter sends a form, fields are tried the moment they are complete, and what is waited for is asked for by itself.
"use strict";

const texts = document.documentElement.lang.startsWith("zh")
  ? { copy: "复制", copied: "已复制" }
  : { copy: "Copy", copied: "Copied" };

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, textarea, select");
  if (event.key === "/" && !field && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.getElementById("search").focus();
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field && field.form) {
    event.preventDefault();
    // The button that a plain Enter presses, with its name and value: the server is told what was meant.
    const button = [...field.form.elements].find((element) => element.type === "submit");
    if (!button || !button.disabled) {
      field.form.requestSubmit(button);
    }
  }
});

// Blocks that can be copied, and times in the viewer's zone: of the page, and of what comes later.
const exact = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });
const dress = (shown) => {
  for (const block of navigator.clipboard ? shown.querySelectorAll(".copyable") : []) {
    if (block.querySelector(".copy")) {
      continue;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = texts.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("code").textContent);
      button.textContent = texts.copied;
    });
    block.append(button);
  }
  for (const time of shown.querySelectorAll("time[datetime]")) {
    time.title = exact.format(new Date(time.dateTime));
    const said = time.querySelector(".unseen");
    if (said) {
      said.textContent = ` (${time.title})`;
    }
    if (time.dataset.exact !== undefined) {
      time.textContent = time.title;
    }
  }
};
dress(document);

// A click anywhere in a row opens what its first cell leads to; not while somebody selects text.
const rows = "table.list > tbody > tr:has(> th > a[href])";
document.body.classList.add("rows");
document.addEventListener("click", (event) => {
  const row = event.target.closest(rows);
  const own = event.target.closest("a, button, input, select, textarea, label, summary, ww-open-data");
  if (row && !own && event.button === 0 && getSelection().isCollapsed) {
    row.querySelector("th > a[href]").click();
  }
});
document.addEventListener("shown", (event) => dress(event.detail));

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const zone = String(-new Date().getTimezoneOffset());
for (const field of document.querySelectorAll("[data-zone]")) {
  field.value = zone;
}
// Days of charts begin at the viewer's midnight, from the next page on.
const secure = location.protocol === "https:";
document.cookie = `${secure ? "__Host-" : ""}menjin_zone=${zone}; path=/; max-age=31536000; samesite=lax${secure ? "; secure" : ""}`;

// A sync run that is under way: its progress as the API tells it, and the whole page anew at its end.
const watched = document.querySelector("[data-events]");
if (watched) {
  const show = (name, text) => {
    watched.querySelector(name).textContent = text;
  };
  const events = new EventSource(watched.dataset.events);
  events.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    const phase = watched.querySelector("[data-phase]");
    phase.textContent = phase.dataset[told.phase] || phase.textContent;
    show("[data-done]", told.done || 0);
    show("[data-todo]", told.todo || 0);
    const bar = watched.querySelector("progress");
    bar.max = told.todo || 1;
    bar.value = told.done || 0;
  });
  events.addEventListener("finished", () => {
    events.close();
    location.reload();
  });
}

// A form whose fields are tried without being saved: when one was filled in and left, what is complete is sent, and what was seen stands at
// the fields it is about.
for (const form of document.querySelectorAll("form[data-check]")) {
  const note = form.querySelector("[data-checking]");
  // What stands at the fields is seen; whoever does not see hears it here.
  const said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");
  form.append(said);
  let sent = "";
  let sending = false;
  // What appears while a button is pressed would move it from under the finger; the form is judged when it is sent anyway.
  form.querySelector("button[type=submit]").addEventListener("pointerdown", () => {
    sending = true;
    setTimeout(() => {
      sending = false;
    }, 1000);
  });
  form.addEventListener("change", async () => {
    const fields = new URLSearchParams(new FormData(form)).toString();
    if (sending || fields === sent) {
      return;
    }
    sent = fields;
    note.hidden = false;
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(fields) });
      if (sending || !answer.ok || fields !== sent) {
        return;
      }
      const told = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const old of form.querySelectorAll(".at-fault, .at-fine")) {
        old.remove();
      }
      for (const field of form.querySelectorAll("[aria-invalid]")) {
        field.removeAttribute("aria-invalid");
      }
      const verdicts = [...told.querySelectorAll(".at-fault, .at-fine")];
      said.textContent = verdicts.map((verdict) => verdict.textContent.trim()).join(" ");
      for (const verdict of told.querySelectorAll("[data-at]")) {
        const field = document.getElementById(verdict.dataset.at);
        if (field) {
          const behind = document.getElementById(`${field.id}-hint`) || field;
          field.toggleAttribute("aria-invalid", false);
          if (verdict.querySelector(".at-fault")) {
            field.setAttribute("aria-invalid", "true");
            field.setAttribute("aria-describedby", `${field.id}-fault`);
          }
          behind.after(...verdict.children);
        }
      }
    } catch {
      // Without an answer nothing is said: the form is judged when it is sent.
    } finally {
      note.hidden = fields === sent;
    }
  });
}

// What is waited for is asked for every two seconds, while somebody looks at the page; `take` says whether more will come. Where it leads to a
// sign-in, may not be seen any more, or is gone, nobody asks again.
const poll = (address, take) => {
  const later = () => setTimeout(ask, 2000);
  const ask = async () => {
    if (document.hidden) {
      document.addEventListener("visibilitychange", ask, { once: true });
      return;
    }
    // A redirect leads to a sign-in, and in WeCom on to WeCom itself: it is not followed.
    const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
    if (answer && (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status))) {
      return;
    }
    if (!answer || !answer.ok || take(await answer.text())) {
      later();
    }
  };
  later();
};

// What arrives.
const polled = document.querySelector("[data-poll]");
if (polled) {
  let shown = "";
  poll(polled.dataset.poll, (text) => {
    if (text !== shown) {
      shown = text;
      polled.innerHTML = text;
      dress(polled);
    }
    return true;
  });
}

// A trial of a sign-in that is under way: what has come of it.
const trial = document.querySelector(".trial[data-again]");
if (trial) {
  poll(trial.dataset.again, (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.querySelector(".trial");
    if (!fresh) {
      return true;
    }
    dress(fresh);
    if (fresh.dataset.again !== undefined) {
      // The line that is read aloud stays the same element, or nobody would hear of it; and what somebody opened stays open while nothing came.
      const [status, told] = [trial, fresh].map((shown) => shown.querySelector("[role=status]"));
      const behind = (shown, line) => [...shown.childNodes].slice([...shown.childNodes].indexOf(line) + 1);
      const text = (nodes) => nodes.map((node) => node.textContent).join("");
      const [old, come] = [behind(trial, status), behind(fresh, told)];
      if (text(come) !== text(old)) {
        old.forEach((node) => node.remove());
        status.after(...come);
      }
      if (told.textContent !== status.textContent) {
        status.replaceChildren(...told.childNodes);
      }
      return true;
    }
    // Names are shown by a page that may load WeCom's script, which this one may not.
    if (page.querySelector("ww-open-data, .shown-names")) {
      location.replace(trial.dataset.again);
      return false;
    }
    // Over: the address is of no use any more, and the checks turn green one after the other.
    fresh.classList.add("fresh");
    const once = document.querySelector(".once");
    if (once) {
      once.remove();
    }
    history.replaceState(null, "", trial.dataset.again);
    trial.replaceWith(fresh);
    const button = page.querySelector("form.try");
    if (button) {
      fresh.after(button);
    }
    if (trial.dataset.then) {
      // What stands around it follows from it; the checks have turned one after the other by then.
      setTimeout(() => location.replace(trial.dataset.then), 3000);
    }
    return false;
  });
}

// The pages beside the form of a branding, as it is typed.
const brand = document.getElementById("brand");
if (brand) {
  let waits;
  const fields = [...brand.elements].filter((field) => field.id.startsWith("b-"));
  brand.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(() => {
      for (const shown of document.querySelectorAll("[data-preview]")) {
        // A new frame, because one that is sent elsewhere leaves a step in the browser's history.
        const fresh = shown.cloneNode();
        const address = new URL(shown.src);
        for (const field of fields) address.searchParams.set(field.name, field.value);
        fresh.src = address;
        shown.replaceWith(fresh);
      }
    }, 250);
  });
}
