// Search as one types. Without script the box leads to the page of results, and the filters of a list are sent by their button.
"use strict";

// Calls `ask` once nobody has typed for a moment, and not while an input method still composes a word.
const onceTyped = (field, ask) => {
  let timer = 0;
  const later = (event) => {
    clearTimeout(timer);
    if (!event.isComposing) {
      timer = setTimeout(ask, 120);
    }
  };
  field.addEventListener("input", later);
  field.addEventListener("compositionend", later);
};

// Asks for the newest address alone, or for nothing any more: an older request is aborted, and answers nothing. A redirect leads to a sign-in: it is
// not followed.
const newest = () => {
  let asked = new AbortController();
  return async (address) => {
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    if (!address) {
      return null;
    }
    try {
      const answer = await fetch(address, { redirect: "manual", signal });
      const text = answer.ok ? await answer.text() : null;
      return signal.aborted ? null : text;
    } catch {
      return null;
    }
  };
};

// What stands somewhere else is told to whoever does not see it.
const teller = (beside) => {
  const said = document.createElement("span");
  said.className = "unseen";
  said.setAttribute("role", "status");
  beside.append(said);
  return said;
};

// The one box for everything: a combobox with its list (ARIA Authoring Practices), the focus stays in the box.
const box = document.getElementById("search");
if (box) {
  const list = document.createElement("div");
  list.className = "found";
  list.id = "search-found";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.form.dataset.found);
  box.after(list);
  const said = teller(box.form);
  box.type = "text";
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", list.id], ["aria-autocomplete", "list"]]) {
    box.setAttribute(name, value);
  }
  const ask = newest();
  const options = () => [...list.querySelectorAll("[role=option]")];
  const marked = () => list.querySelector("[aria-selected=true]");
  const mark = (option) => {
    options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
    if (option) {
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      box.removeAttribute("aria-activedescendant");
    }
  };
  const show = (open) => {
    list.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
    mark(null);
  };
  onceTyped(box, async () => {
    const text = box.value.trim();
    if (!text) {
      await ask("");
      return show(false);
    }
    const found = await ask(`/console/search/found?q=${encodeURIComponent(text)}`);
    if (found === null) {
      return;
    }
    list.innerHTML = found;
    options().forEach((option, at) => {
      option.id = `found-${at}`;
    });
    show(document.activeElement === box);
    said.textContent = `${box.form.dataset.found}: ${list.querySelectorAll("[role=group] [role=option]").length}`;
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) {
      return;
    }
    const all = options();
    const at = all.indexOf(marked());
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? all.length - 1 : at - 1 }[event.key];
    if (to !== undefined) {
      // Beyond either end lies the box itself.
      mark(all[to] || null);
    } else if (event.key === "Enter" && at >= 0) {
      all[at].click();
    } else if (event.key === "Escape") {
      show(false);
    } else {
      return;
    }
    event.preventDefault();
  });
  // A press on the list must not take the focus from the box before it is a click.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  box.addEventListener("blur", () => show(false));
}

// A list that is filtered as one types: what stands behind the form is replaced, and the address says what is filtered. A page on which WeCom shows
// names may load a script that this one may not: it is opened as a whole, by the button.
for (const form of document.querySelectorAll("form[data-live]")) {
  const field = form.querySelector("input[type=search]");
  const said = teller(form);
  const ask = newest();
  const shownByWeCom = "ww-open-data, .shown-names";
  onceTyped(field, async () => {
    const filled = [...new FormData(form)].filter(([, value]) => value !== "");
    const address = `${form.getAttribute("action")}?${new URLSearchParams(filled)}`;
    const text = document.querySelector(shownByWeCom) ? null : await ask(address);
    const page = text && new DOMParser().parseFromString(text, "text/html");
    const fresh = page && !page.querySelector(shownByWeCom) && page.querySelector("form[data-live]");
    if (!fresh) {
      return;
    }
    const behind = (shown) => {
      const all = [...shown.parentNode.childNodes];
      return all.slice(all.indexOf(shown) + 1);
    };
    behind(form).forEach((node) => node.remove());
    form.after(...behind(fresh));
    const [old, come] = [form, fresh].map((shown) => shown.querySelector("a[data-export]"));
    if (old && come) {
      old.href = come.href;
    }
    history.replaceState(null, "", address);
    document.dispatchEvent(new CustomEvent("shown", { detail: form.parentNode }));
    said.textContent = `${document.querySelector("form.search").dataset.found}: ${form.parentNode.querySelectorAll("table.list > tbody > tr").length}`;
  });
}
