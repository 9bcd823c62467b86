// What script adds to pages that work without it: `/` reaches the search box, blocks can be copied, times are in the viewer's zone, and
// Ctrl or Command with Enter sends a form.
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
    field.form.requestSubmit();
  }
});

if (navigator.clipboard) {
  for (const block of document.querySelectorAll(".copyable")) {
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
}

const exact = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });
for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = exact.format(new Date(time.dateTime));
}

for (const field of document.querySelectorAll("[data-zone]")) {
  field.value = String(-new Date().getTimezoneOffset());
}

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

// The card of the login page beside the form of its branding, as it is typed.
const preview = document.querySelector("[data-preview]");
const brand = document.getElementById("brand");
if (preview && brand) {
  const zh = preview.dataset.preview.startsWith("zh");
  const value = (own, other) => brand.elements[own].value.trim() || brand.elements[other].value.trim();
  brand.addEventListener("input", () => {
    const name = preview.querySelector("[data-name]");
    name.textContent = (zh ? value("name_zh", "name") : value("name", "name_zh")) || name.dataset.fallback;
    preview.querySelector("[data-contact]").textContent = zh ? value("contact_zh", "contact") : value("contact", "contact_zh");
    const accent = brand.elements.accent.value.trim();
    const right = /^#[0-9a-f]{6}$/i.test(accent);
    preview.style.setProperty("--accent", right ? accent : "");
    if (!right) {
      preview.style.removeProperty("--accent");
    }
  });
}
