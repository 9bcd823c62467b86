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
