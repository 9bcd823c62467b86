"""Looks at every page in Chromium: axe, widths, dark, keyboard; counts clicks; and does the main tasks without script. See ./run."""

import argparse
import os
import re
import secrets
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
for beside in ("contract", "interop"):
    sys.path.insert(0, os.path.join(HERE, "..", beside))

import servers  # noqa: E402
import clicks  # noqa: E402
import fill  # noqa: E402
import pictures  # noqa: E402
import without_script  # noqa: E402
from addresses import PAGES, unmeasured  # noqa: E402
from checks import Checks  # noqa: E402
from chromium import Browser  # noqa: E402

# Pages for employees and developers; `{}` names are ids.
EMPLOYEES = ("/", "/account", "/device", "/nowhere", "/api/v1/docs", "/api/v1/docs/users")
# Pages that say that there is nothing.
MISSING = ("/nowhere", "/console/nowhere", "/console/refusals/ZZZZ-ZZZZ")
# Forms of the console that are sent empty, so that their faults are seen.
EMPTY = ("/console/portals/new/web", "/console/wecom/new", "/console/wecom/auth-sources/new", "/console/wecom/files")
# What an auditor sees otherwise.
AUDITORS = ("/console", "/console/people", "/console/people/{user}", "/console/portals/{portal}", "/console/sync", "/console/wecom/{source}",
            "/console/settings")
LANGUAGES = ("zh-CN", "en")


def console_pages(ids):
    """One address of each page."""
    pages = [paths[0].format(**ids) for paths in PAGES.values() if paths]
    pages += ["/console/search?q=" + urllib.parse.quote(text) for text in (ids["name"], "nobody-has-this-name")]
    pages += ["/console/refusals/ZZZZ-ZZZZ", f"/console/people/{ids['leaver']}", f"/console/sync/{ids['planned_run']}", "/console/nowhere"]
    return pages


class Walk:
    def __init__(self, browser, base, ids, axe):
        self.browser, self.base, self.ids = browser, base, ids
        self.checks = Checks(browser, axe)

    def pages(self, paths, lang, keyboard, who=""):
        for path in paths:
            sign = "&" if "?" in path else "?"
            self.browser.open(f"{self.base}{path}{sign}ui_locales={lang}")
            self.is_there(path)
            self.checks.page(f"{who}{path} {lang}", keyboard)

    def is_there(self, path):
        """It is the page that was asked for, not a failure and not a login page; the wizard may lead to another step of its own."""
        told = urllib.parse.urlsplit(self.browser.url).path
        asked = urllib.parse.unquote(urllib.parse.urlsplit(path).path)
        status = self.browser.script("return performance.getEntriesByType('navigation')[0].responseStatus")
        led = path.startswith("/console/setup") and told.startswith("/console/setup")
        if urllib.parse.unquote(told) != asked and not led or status != (404 if asked in MISSING else 200):
            self.checks.say(f"{path}: {status} at {told}")

    def empty_forms(self, lang):
        for path in EMPTY:
            self.browser.open(f"{self.base}{path}?ui_locales={lang}")
            self.browser.script("document.querySelector('main form.fields, main form[method=post]').submit()")
            self.browser.find("main")
            self.checks.page(f"{path} sent empty {lang}")


def link_of_the_first_owner(folder):
    with open(os.path.join(folder, "menjin.log"), encoding="utf-8", errors="replace") as log:
        return re.search(r"http\S+/console/welcome/\S+", log.read()).group(0)


def login_pages(walk, c):
    """What somebody sees who is not signed in: the login page, and a refusal."""
    for lang in LANGUAGES:
        walk.browser.open(c.authorize("wiki") + f"&ui_locales={lang}")
        walk.checks.page(f"login {lang}")


def auditor(base, api, axe, ids):
    """A second browser, of somebody who may look only."""
    user = api("POST", "users", {"username": "an.auditor", "console_role": "auditor"})["id"]
    link = api("POST", f"users/{user}/password-link")["url"]
    with Browser("--lang=zh-CN") as browser:
        walk = Walk(browser, base, ids, axe)
        browser.open(link)
        browser.type("#password", fill.PASSWORD)
        browser.type("#again", fill.PASSWORD)
        browser.click(browser.find("form button"))
        browser.click(browser.find("a.button[href^='/console']"))
        fill.signs_in(browser, "an.auditor")
        walk.pages([path.format(**ids) for path in AUDITORS], "zh-CN", False, "auditor: ")
        return walk.checks


def timed(what, begun):
    print(f"{what}: {time.monotonic() - begun:.0f} s", flush=True)


def looked_at(base, wecom, token, folder, axe, folder_of_pictures):
    """Everything; what was found."""
    begun = time.monotonic()
    link = link_of_the_first_owner(folder)
    ids = fill.filled(base, token, wecom)
    c = fill.calls_of(base, token, wecom)
    timed("filled", begun)
    if folder_of_pictures:
        take_pictures(base, c, link, ids, folder_of_pictures)
        return []
    with Browser("--lang=zh-CN") as browser:
        walk = Walk(browser, base, ids, axe)
        login_pages(walk, c)
        fill.becomes_owner(browser, base, link, walk.checks.page)
        ids["owner"] = c.api("GET", "users?q=the.owner")["items"][0]["id"]
        for question, count in clicks.asked(browser, base):
            print(f"  {question}: {count} clicks", flush=True)
        for lang in LANGUAGES:
            # Layout and keyboard are the same in both, but for the length of words.
            walk.pages(console_pages(ids), lang, lang == "zh-CN")
            walk.pages(EMPLOYEES, lang, lang == "zh-CN")
        walk.empty_forms("zh-CN")
        timed(f"{walk.checks.pages} pages", begun)
        cookie = next(one for one in browser.request("GET", browser.session + "/cookie") if one["name"] == "menjin_session")
    found = walk.checks.found + auditor(base, c.api, axe, ids).found
    with Browser("--lang=zh-CN", script=False) as browser:
        browser.open(base + "/")
        browser.post("/cookie", cookie={"name": cookie["name"], "value": cookie["value"], "path": "/"})
        without_script.tasks(browser, base, ids)
    timed("all", begun)
    return found


def take_pictures(base, c, link, ids, folder):
    with Browser("--lang=zh-CN", "--hide-scrollbars") as browser:
        pictures.login(browser, pictures.leads_home(c, "wiki", "https://wiki.qingyun.example/callback"), folder)
        fill.becomes_owner(browser, base, link, lambda _: None)
        pictures.taken(browser, base, ids, folder)
    with pictures.demo(servers.BINARIES) as link, Browser("--lang=zh-CN", "--hide-scrollbars") as browser:
        base = link.split("/console/")[0]
        fill.becomes_owner(browser, base, link, lambda _: None)
        pictures.overview(browser, base, folder)


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
    with servers.pairing("sqlite", token) as (base, wecom, folder):
        found = looked_at(base, wecom, token, folder, axe, known.pictures)
    if found:
        raise SystemExit(f"{len(found)} findings; see above")
    print("no findings", flush=True)


if __name__ == "__main__":
    main()
