"""Looks at every page in Chromium: axe, widths, dark, keyboard; counts clicks; and does the main tasks without script. See ./run."""

import argparse
import os
import re
import secrets
import sys
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
for beside in ("contract", "interop"):
    sys.path.insert(0, os.path.join(HERE, "..", beside))

import servers  # noqa: E402
import clicks  # noqa: E402
import fill  # noqa: E402
import pictures  # noqa: E402
import proofs  # noqa: E402
import ways  # noqa: E402
import without_script  # noqa: E402
from addresses import MOVED, PAGES, RARE, unmeasured  # noqa: E402
from checks import DESK, PHONE, Checks  # noqa: E402
from chromium import Browser  # noqa: E402
from mails import Mails  # noqa: E402

# Pages for employees and developers; `{}` names are ids.
EMPLOYEES = ("/", "/account", "/device", "/nowhere", "/api/v1/docs", "/api/v1/docs/users")
# Pages that say that there is nothing.
MISSING = ("/nowhere", "/console/nowhere", "/console/refusals/ZZZZ-ZZZZ")
# Forms of the console that are sent empty, so that their faults are seen.
EMPTY = ("/console/portals/new/web", "/console/wecom/new", "/console/wecom/auth-sources/new", "/console/wecom/files")
# Each looks at every page, and is told in a friendly way what is not theirs.
ROLES = ("auditor", "operator", "admin")
# Pages of the demo: its first one, a portal, and the faults.
DEMO = ("/", "/a/", "/faults")
LANGUAGES = ("zh-CN", "en")


def console_pages(ids):
    """One address of each page."""
    pages = [paths[0].format(**ids) for paths in PAGES.values() if paths]
    pages += [path.format(**ids) for path in RARE.values()]
    pages += ["/console/search?q=" + urllib.parse.quote(text) for text in (ids["name"], "nobody-has-this-name")]
    pages += ["/console/refusals/ZZZZ-ZZZZ", f"/console/people/{ids['leaver']}", f"/console/sync/{ids['planned_run']}", "/console/nowhere"]
    # Of two companies of the service provider's app: one that could move, and one that does.
    pages += [f"/console/moves/{ids['installed']}", f"/console/moves/{ids['moving']}", f"/console/moves/{ids['moving']}/{ids['move']}/pairs?how=unpaired"]
    return pages


def moved_pages(ids):
    return [f"/console/moves/{ids['moving']}", *(path.format(**ids) for path in MOVED.values())]


class Walk:
    def __init__(self, browser, base, ids, axe):
        self.browser, self.base, self.ids = browser, base, ids
        self.checks = Checks(browser, axe)
        # Pages that were refused.
        self.refused = set()

    def pages(self, paths, lang):
        for path in paths:
            self.browser.open(self.address(path, lang))
            self.is_there(path)
            self.checks.page(f"{path} {lang}")

    def pages_of(self, role, paths):
        """What somebody of this role sees on each page, in each language by turns: layout and colours are the same as the owner's. Nothing is a dead end."""
        for number, path in enumerate(paths):
            # Every language meets every look; another role looks at the page in another way.
            turn = number + ROLES.index(role) * 3
            lang = LANGUAGES[turn // 4 % 2]
            self.browser.open(self.address(path, lang))
            status = self.is_there(path, forbidden=True)
            self.checks.quick(f"{role}: {path} {lang}", turn)
            if status == 403:
                self.refused.add(path)
                if not self.browser.script("return document.querySelector('main h1') && document.querySelectorAll('main a[href], .menu a[href]').length"):
                    self.checks.say(f"{role}: {path} refuses without a way on")

    def address(self, path, lang):
        return f"{self.base}{path}{'&' if '?' in path else '?'}ui_locales={lang}"

    def is_there(self, path, forbidden=False):
        """It is the page that was asked for, not a failure and not a login page; the wizard may lead to another step of its own."""
        told = urllib.parse.urlsplit(self.browser.url).path
        asked = urllib.parse.unquote(urllib.parse.urlsplit(path).path)
        status = self.browser.script("return performance.getEntriesByType('navigation')[0].responseStatus")
        led = path.startswith("/console/setup") and told.startswith("/console/setup")
        wanted = (404,) if asked in MISSING else (200, 403) if forbidden else (200,)
        if urllib.parse.unquote(told) != asked and not led or status not in wanted:
            self.checks.say(f"{path}: {status} at {told}")
        return status

    def empty_forms(self, lang):
        for path in EMPTY:
            self.browser.open(f"{self.base}{path}?ui_locales={lang}")
            self.browser.script("document.querySelector('main form.fields, main form[method=post]').submit()")
            self.browser.find("main")
            self.checks.page(f"{path} sent empty {lang}")


    def menu_of_a_phone(self, lang):
        """The sheet that the menu is on a phone, open."""
        self.browser.open(f"{self.base}/console?ui_locales={lang}")
        for dark in (False, True):
            self.browser.width(PHONE)
            self.browser.click(self.browser.find(".menu-button"))
            assert self.browser.shown(self.browser.find("#menu a[href='/console/people']")), "the menu does not open"
            self.checks.look(f"the menu, open {lang}", dark, PHONE)
            self.checks.fits(f"the menu, open {lang}", PHONE)
            self.browser.click(self.browser.find("#menu .close"))
        self.browser.dark(False)
        self.browser.width(DESK)

    def invites(self, lang):
        """A company is invited to install the app: the page that waits for it."""
        self.browser.open(f"{self.base}/console/installations/new?ui_locales={lang}")
        self.browser.click(self.browser.find("input[name='way'][value='phone']"))
        self.browser.click(self.browser.find("form.fields button[type='submit']"))
        self.browser.reach("/console/installations/invited/")
        self.browser.find("main h1")
        self.checks.page(f"an invitation {lang}")


def link_of_the_first_owner(folder):
    with open(os.path.join(folder, "menjin.log"), encoding="utf-8", errors="replace") as log:
        return re.search(r"http\S+/console/welcome/\S+", log.read()).group(0)


def people(axe, c, ids, mails):
    """Whoever signs in, or tries to, at a portal."""
    with Browser("--lang=zh-CN") as browser:
        checks = Checks(browser, axe)
        ways.gone(browser, checks, c, ids, mails)
        return checks


def of_role(role, base, api, axe, ids):
    """A browser of somebody who has this role, on every page."""
    user = api("POST", "users", {"username": f"an.{role}", "console_role": role})["id"]
    link = api("POST", f"users/{user}/password-link")["url"]
    with Browser("--lang=zh-CN") as browser:
        walk = Walk(browser, base, ids, axe)
        browser.open(link)
        browser.type("#password", fill.PASSWORD)
        browser.type("#again", fill.PASSWORD)
        browser.click(browser.find("form button"))
        browser.click(browser.find("a.button[href^='/console']"))
        fill.signs_in(browser, f"an.{role}")
        walk.pages_of(role, console_pages(ids) + moved_pages(ids))
        return walk


def demo(axe):
    with pictures.demo(servers.BINARIES, "--no-history") as start, Browser("--lang=zh-CN") as browser:
        walk = Walk(browser, start.rstrip("/"), {}, axe)
        for lang in LANGUAGES:
            walk.pages(DEMO, lang)
            goes_through_the_demo(walk, start, lang)
        return walk.checks


# Who leaves while the demo is looked at, by language.
LEAVERS = {"zh-CN": "lihua", "en": "zhangsan"}


def goes_through_the_demo(walk, start, lang):
    """A scan as a stranger does it, by the pages that a phone opens, to the claims; then the member leaves, and the portal says so."""
    browser, look, userid = walk.browser, walk.checks.page, LEAVERS[lang]
    browser.chrome("Network.clearBrowserCookies")
    browser.open(f"{start}a/login?ui_locales={lang}")
    # Where script runs, a company is a panel on this page; its own page of WeCom is what a stranger's phone would scan.
    journey, _, source = browser.href("a[href*='?source=']").partition("?source=")
    browser.open(f"{journey}/go/{source.partition('&')[0]}")
    phone = browser.href("#open-phone")
    look(f"demo: WeCom's page {lang}")
    browser.open(phone)
    look(f"demo: the phone {lang}")
    browser.click(browser.find(f"button[aria-label='确认 {userid}']"))
    browser.find(".card.centre")
    look(f"demo: the phone, confirmed {lang}")
    wecom, _, ticket = phone.partition("/phone/")
    browser.open(f"{wecom}/wwlogin/sso/wait?ticket={ticket.partition('?')[0]}")
    browser.find("#claims")
    browser.open(f"{start}a/?ui_locales={lang}")
    look(f"demo: the claims {lang}")
    leaves = urllib.parse.urlencode({"corp": fill.CORP["corp_id"], "userid": userid, "action": "leave", "next": "/desk"}).encode()
    urllib.request.urlopen(f"{wecom}/member", leaves, timeout=20).read()
    browser.open(f"{wecom}/desk")
    look(f"demo: WeCom's desk {lang}")
    browser.open(f"{start}a/?ui_locales={lang}")
    browser.find("#told-out")
    look(f"demo: signed out by Menjin {lang}")


def timed(what, begun):
    print(f"{what}: {time.monotonic() - begun:.0f} s", flush=True)


def looked_at(base, wecom, token, folder, axe, folder_of_pictures):
    """Everything; what was found."""
    begun = time.monotonic()
    link = link_of_the_first_owner(folder)
    mails = Mails()
    ids = fill.filled(base, token, wecom, mails)
    c = fill.calls_of(base, token, wecom)
    timed("filled", begun)
    if folder_of_pictures:
        take_pictures(base, c, link, ids, folder_of_pictures)
        return []
    found = people(axe, c, ids, mails).found
    timed("the ways of a sign-in", begun)
    found += demo(axe).found
    timed("the demo", begun)
    with Browser("--lang=zh-CN") as browser:
        walk = Walk(browser, base, ids, axe)
        fill.becomes_owner(browser, base, link, walk.checks.page)
        ids["owner"] = c.api("GET", "users?q=the.owner")["items"][0]["id"]
        for phone in (False, True):
            for question, count in clicks.asked(browser, base, phone):
                print(f"  {question}{' on a phone' if phone else ''}: {count} clicks", flush=True)
        for lang in LANGUAGES:
            walk.pages(console_pages(ids), lang)
            walk.pages(EMPLOYEES, lang)
            walk.menu_of_a_phone(lang)
            walk.invites(lang)
        walk.empty_forms("zh-CN")
        fill.moved(c, ids)
        for lang in LANGUAGES:
            walk.pages(moved_pages(ids), lang)
        proofs.passkeys(walk)
        proofs.again(walk, c.api, folder)
        timed(f"{walk.checks.pages} pages", begun)
        cookie = next(one for one in browser.request("GET", browser.session + "/cookie") if one["name"] == "menjin_session")
        found += walk.checks.found
    for role in ROLES:
        walk = of_role(role, base, c.api, axe, ids)
        found += walk.checks.found
        timed(f"{role}: {walk.checks.pages} pages, {len(walk.refused)} of them refused", begun)
    with Browser("--lang=zh-CN", script=False) as browser:
        browser.open(base + "/")
        browser.post("/cookie", cookie={"name": cookie["name"], "value": cookie["value"], "path": "/"})
        without_script.tasks(browser, base, ids)
        without_script.an_employee(browser, c, ids)
    timed("all", begun)
    return found


def take_pictures(base, c, link, ids, folder):
    with Browser("--lang=zh-CN", "--hide-scrollbars") as browser:
        pictures.login(browser, pictures.leads_home(c, "wiki", "https://wiki.qingyun.example/callback"), folder)
        c.portal("asking", name="报销", metadata={"consent": "ask"})
        begin = pictures.leads_home(c, "asking", "https://expenses.qingyun.example/callback")
        pictures.of_employees(browser, base, (ways.Ways(browser, None, c, ids), begin), folder)
        fill.becomes_owner(browser, base, link, lambda _: None)
        ids["recipe"] = c.api("POST", "clients", {
            "client_id": "dashboards", "name": "Grafana", "redirect_uris": ["https://grafana.qingyun.example/login/generic_oauth"],
            "metadata": {"recipe": "grafana"},
        })["id"]
        pictures.taken(browser, base, ids, folder)
    with pictures.demo(servers.BINARIES) as start, Browser("--lang=zh-CN", "--hide-scrollbars") as browser:
        pictures.of_demo(browser, start, folder)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("axe", help="axe.min.js")
    arguments.add_argument("--pictures", metavar="FOLDER", help="takes the pictures of the documentation, and does nothing else")
    known = arguments.parse_args()
    left_out = unmeasured(os.path.join(HERE, "..", "..", "src", "console", "http"))
    assert not left_out, f"not looked at: {left_out}"
    with open(known.axe, encoding="utf-8") as file:
        axe = file.read()
    token = secrets.token_hex(32)
    # A portal of ours hears of logouts.
    os.environ["MENJIN__OUTBOUND__ALLOW"] = "127.0.0.1"
    # Browsers have passkeys at a host that has a name.
    with servers.pairing("sqlite", token, "localhost") as (base, wecom, folder):
        found = looked_at(base, wecom, token, folder, axe, known.pictures)
    if found:
        raise SystemExit(f"{len(found)} findings; see above")
    print("no findings", flush=True)


if __name__ == "__main__":
    main()
