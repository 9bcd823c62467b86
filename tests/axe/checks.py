"""What must hold on every page: no finding of axe in light and dark, nothing wider than the window, and the keyboard reaches everything."""

WIDTHS = (390, 1280, 1600)
DESK, PHONE = WIDTHS[1], WIDTHS[0]
# Dark or light, and how wide: all four come up on each page that is looked at in both languages, two in each, and every pair of language, theme and
# width over the pages.
LOOKS = (((False, DESK), (True, PHONE)), ((True, DESK), (False, PHONE)))
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

AXE = """
const [only, done] = arguments;
axe.run(document, { runOnly: only, resultTypes: ["violations"], iframes: false }).then(
  (found) => done(found.violations.map((one) => `${one.id}: ${one.help}: ` + one.nodes.slice(0, 3).map(
    (node) => node.target.join(" ") + " [" + node.any.concat(node.all, node.none).map((why) => why.message).join("; ") + "]").join(" | "))),
  (error) => done([String(error)]));
"""

WIDE = """
const limit = window.innerWidth;
const page = document.scrollingElement;
if (page.scrollWidth <= limit) return null;
const out = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > limit + 1 && !e.closest(".scroll, pre"));
return `${page.scrollWidth} px: ` + out.slice(0, 3).map((e) => e.tagName + "." + e.className + " " + e.textContent.slice(0, 40)).join(" | ");
"""

# What can be operated and is seen, each marked; of radio buttons of one name one is enough, as Tab goes.
OPERABLE = """
window.reached = new Set();
window.unmarked = new Set();
const name = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.name ? "[" + e.name + "]" : "")
  + " " + (e.textContent || e.value || e.getAttribute("aria-label") || "").trim().slice(0, 40);
const radios = new Set();
window.wanted = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((e) => {
  if (e.disabled || e.type === "hidden" || !e.getClientRects().length || !e.checkVisibility({ visibilityProperty: true })) return false;
  if (e.type === "radio") {
    const key = (e.form && e.form.id) + e.name;
    const group = [...document.getElementsByName(e.name)].filter((other) => other.form === e.form);
    const chosen = group.find((other) => other.checked);
    if (chosen ? chosen !== e : radios.has(e.form)) return false;
    if (!chosen) radios.add(e.form);
  }
  return true;
});
window.nameOf = name;
document.addEventListener("focusin", (event) => {
  const e = event.target;
  window.reached.add(e);
  const style = getComputedStyle(e);
  const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  if (!outline && style.boxShadow === "none") window.unmarked.add(e);
});
document.activeElement.blur();
return window.wanted.length;
"""

REACHED = """
const missed = window.wanted.filter((e) => !window.reached.has(e)).map(window.nameOf);
const unmarked = [...window.unmarked].filter((e) => e !== document.body).map(window.nameOf);
return [missed, unmarked];
"""


class Checks:
    """Collects what is wrong on the pages of one browser."""

    def __init__(self, browser, axe):
        self.browser = browser
        self.found = []
        self.pages = 0
        # How often each page was looked at, from a start of its own.
        self.turns = {}
        browser.chrome("Page.enable")
        browser.chrome("Page.addScriptToEvaluateOnNewDocument", source=axe)

    def say(self, what):
        self.found.append(what)
        print("  " + what, flush=True)

    def page(self, name, keyboard=True):
        """Everything about the page that is open; the language stands last in the name."""
        self.pages += 1
        which, _, _ = name.rpartition(" ")
        turn = self.turns.setdefault(which, len(self.turns))
        self.turns[which] += 1
        for dark, width in LOOKS[turn % 2]:
            self.look(name, dark, width)
        self.browser.dark(False)
        for width in WIDTHS:
            self.fits(name, width)
        self.browser.width(DESK)
        if keyboard:
            self.keyboard(name)

    def quick(self, name, turn):
        """The same page as somebody else sees it: one of the four looks, by turns, whether it fits a phone, and of some what the keyboard reaches."""
        self.pages += 1
        self.look(name, *LOOKS[turn % 2][turn // 2 % 2])
        self.browser.dark(False)
        self.fits(name, PHONE)
        self.browser.width(DESK)
        if turn % 5 == 0:
            self.keyboard(name)

    def look(self, name, dark, width):
        self.browser.width(width)
        self.browser.dark(dark)
        for finding in self.browser.promised(AXE, {"type": "tag", "values": TAGS}):
            self.say(f"{name}: {'dark' if dark else 'light'}, {width} px: {finding}")

    def fits(self, name, width):
        self.browser.width(width)
        wide = self.browser.script(WIDE)
        if wide:
            self.say(f"{name}: at {width} px {wide}")

    def keyboard(self, name):
        # Scrolled tables take the focus, too.
        self.browser.tabs(self.browser.script(OPERABLE) + 12)
        missed, unmarked = self.browser.script(REACHED)
        if missed:
            self.say(f"{name}: the keyboard does not reach {missed[:5]}")
        if unmarked:
            self.say(f"{name}: no mark of the focus on {unmarked[:5]}")
