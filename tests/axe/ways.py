"""The ways of a sign-in as people go them in a browser: each page on them is looked at, in both languages."""

import re
import urllib.parse
import urllib.request

from chromium import ELEMENT
from console import PASSWORD, one_time_code

LANGUAGES = ("zh-CN", "en")


class Ways:
    """Somebody with a browser, who is not signed in."""

    def __init__(self, browser, checks, c, ids):
        self.browser, self.checks, self.c, self.ids = browser, checks, c, ids

    def look(self, name, lang):
        self.checks.page(f"{name} {lang}")

    def in_both(self, name, lang_of):
        """The page that is open, and the same by its own switch of language."""
        self.look(name, lang_of)
        other = self.browser.all("p.switch a")
        if other:
            self.browser.click(other[0])
            self.browser.find("main")
            self.look(name, "en" if lang_of == "zh-CN" else "zh-CN")

    def signs_out(self):
        self.browser.chrome("Network.clearBrowserCookies")

    def scans(self, url, userid):
        """Opens a login page, goes to WeCom's page and confirms on the phone; the browser comes back."""
        self.browser.open(url)
        journey = re.search(r"/signin/[^/?#]+", self.browser.url).group(0)
        self.browser.open(f"{self.c.MENJIN}{journey}/go/{self.ids['auth_source']}")
        link = self.browser.script("return arguments[0].href", {ELEMENT: self.browser.find("a[href*='/phone/']")})
        form = urllib.parse.urlencode({"as": "member", "userid": userid}).encode()
        urllib.request.urlopen(link, form, timeout=20).read()
        self.browser.reach(self.c.MENJIN)

    def authorize(self, client, lang="zh-CN"):
        return self.c.authorize(client) + f"&ui_locales={lang}"


def gone(browser, checks, c, ids):
    """All ways."""
    ways = Ways(browser, checks, c, ids)
    for way in (login, refused, asks, consents_and_signs_out, mailed_links, code, trial):
        ways.signs_out()
        way(ways)


def login(ways):
    for lang in LANGUAGES:
        ways.browser.open(ways.authorize("wiki", lang))
        ways.look("login", lang)


def refused(ways):
    ways.scans(ways.authorize("wiki"), "chenyu")
    ways.in_both("refused", "zh-CN")


def asks(ways):
    """Somebody who was not imported, and whose request waits."""
    ways.scans(ways.authorize("wiki"), "zhaoliu")
    ways.look("refused, may ask", "zh-CN")
    ways.browser.click(ways.browser.find("a[href*='/access-request/']"))
    ways.browser.find("form[action*='/access-request/']")
    ways.in_both("access request", "zh-CN")


def consents_and_signs_out(ways):
    ways.c.portal("asking", name="Asking", metadata={"consent": "ask"})
    ways.scans(ways.authorize("asking"), "lihua")
    ways.browser.find("form")
    ways.in_both("consent", "zh-CN")
    for lang in LANGUAGES:
        ways.browser.open(f"{ways.c.MENJIN}/account?ui_locales={lang}")
        ways.look("signed in: /account", lang)
    ways.browser.open(f"{ways.c.MENJIN}/oauth2/logout?ui_locales=zh-CN")
    ways.look("sign-out", "zh-CN")
    ways.browser.click(ways.browser.find("main form button"))
    ways.browser.find("main")
    ways.look("signed out", "zh-CN")


def mailed_links(ways):
    """A password and an authenticator app, by the links that people are sent."""
    api = ways.c.api
    user = api("POST", "users", {"username": "by.mail", "display_name": "By Mail"})["id"]
    browser = ways.browser
    browser.open(api("POST", f"users/{user}/password-link")["url"])
    ways.in_both("link to a password", "zh-CN")
    browser.type("#password", "short")
    browser.type("#again", "short")
    browser.click(browser.find("form button"))
    browser.find("#wrong")
    ways.look("a password that is too short", "en")
    browser.type("#password", PASSWORD)
    browser.type("#again", PASSWORD)
    browser.click(browser.find("form button"))
    browser.find("main")
    ways.look("password chosen", "en")
    browser.open(api("POST", f"users/{user}/totp-link")["url"])
    ways.in_both("link to an authenticator app", "zh-CN")
    secret = re.search(r"secret=([A-Z2-7]+)", browser.source).group(1)
    browser.type("#code", one_time_code(secret))
    browser.click(browser.find("form.fields button"))
    browser.find(".codes")
    ways.look("recovery codes by link", "en")
    # A link works once.
    browser.open(api("POST", f"users/{user}/password-link")["url"].rsplit("/", 1)[0] + "/nobody")
    ways.look("a link that is over", "zh-CN")


def code(ways):
    """Password, and the code that is asked for then; a wrong one of each."""
    browser = ways.browser
    browser.open(f"{ways.c.MENJIN}/console?ui_locales=zh-CN")
    browser.type("#username", "by.mail")
    browser.type("#password", "not the password")
    browser.click(browser.find("form.fields button"))
    browser.find("#wrong")
    ways.look("a wrong password", "zh-CN")
    browser.type("#password", PASSWORD)
    browser.click(browser.find("form.fields button"))
    browser.find("#code")
    ways.in_both("code", "zh-CN")
    browser.type("#code", "000000")
    browser.click(browser.find("form.fields button"))
    browser.find("#wrong")
    ways.look("a wrong code", "en")


def trial(ways):
    """A trial of a sign-in, to its end."""
    made = ways.c.api("POST", f"clients/{ways.ids['portal']}/trials")
    ways.ids["trial"] = made["id"]
    ways.browser.open(made["url"])
    ways.look("login of a trial", "zh-CN")
    ways.scans(made["url"], "lihua")
    ways.in_both("end of a trial", "zh-CN")
