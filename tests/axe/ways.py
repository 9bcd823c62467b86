"""The ways of a sign-in as people go them in a browser: each page on them is looked at, in both languages."""

import json
import re
import urllib.parse
import urllib.request

from console import PASSWORD, one_time_code
from seed import CORP

LANGUAGES = ("zh-CN", "en")


def confirms(phone, userid):
    """Somebody presses the button on the phone that a QR code leads to."""
    form = urllib.parse.urlencode({"as": "member", "userid": userid}).encode()
    urllib.request.urlopen(phone, form, timeout=20).read()


class Ways:
    """Somebody with a browser, who is not signed in."""

    def __init__(self, browser, checks, c, ids, mails=None):
        self.browser, self.checks, self.c, self.ids, self.mails = browser, checks, c, ids, mails
        self.corp = CORP["corp_id"]

    def look(self, name, lang):
        self.checks.page(f"{name} {lang}")

    def in_both(self, name, lang_of):
        """The page that is open, and the same by its own switch of language."""
        self.look(name, lang_of)
        other = self.browser.all("p.switch a")
        if other:
            before = self.browser.script("return document.documentElement.lang")
            self.browser.click(other[0])
            self.browser.find(f"html:not([lang='{before}']) main")
            self.look(name, "en" if lang_of == "zh-CN" else "zh-CN")

    def signs_out(self):
        self.browser.chrome("Network.clearBrowserCookies")

    def scans(self, url, userid):
        """Opens a login page, goes to WeCom's page and confirms on the phone; the browser comes back."""
        self.browser.open(url)
        journey = re.search(r"/signin/[^/?#]+", self.browser.url).group(0)
        self.browser.open(f"{self.c.MENJIN}{journey}/go/{self.ids['auth_source']}")
        confirms(self.browser.href("a[href*='/phone/']"), userid)
        self.browser.reach(self.c.MENJIN)

    def authorize(self, client, lang="zh-CN"):
        return self.c.authorize(client) + f"&ui_locales={lang}"


def gone(browser, checks, c, ids, mails):
    """All ways."""
    ways = Ways(browser, checks, c, ids, mails)
    for way in (
        login, refused, failed, asks, approves, consents_and_signs_out, another_browser, lets_a_device_in, mailed_links, code, forgotten, notice, verifies, trial,
    ):
        ways.signs_out()
        way(ways)


def login(ways):
    for lang in LANGUAGES:
        ways.browser.open(ways.authorize("wiki", lang))
        ways.look("login", lang)


def refused(ways):
    ways.scans(ways.authorize("wiki"), "chenyu")
    ways.in_both("refused", "zh-CN")


def failed(ways):
    """What else somebody may read instead of getting in: each in one language, by turns."""
    ways.c.api("POST", "clients", {"client_id": "disabled", "name": "Off", "auth_method": "none", "redirect_uris": [ways.c.PORTAL], "enabled": False})
    known = ways.authorize("wiki")
    for number, (name, address) in enumerate((
        ("an application that is not known", known.replace("client_id=wiki", "client_id=nobody")),
        ("a wrong return address", known.replace(urllib.parse.quote_plus(ways.c.PORTAL), "https%3A%2F%2Felsewhere.example")),
        ("an application that is off", ways.authorize("disabled")),
        ("a sign-in that is over", f"{ways.c.MENJIN}/wecom/callback?code=x&state={'0' * 32}"),
        ("a sign-out that cannot be verified", f"{ways.c.MENJIN}/oauth2/logout?id_token_hint=e30"),
        ("an unknown code of a device", f"{ways.c.MENJIN}/device?user_code=BCDF-GHJK"),
    )):
        lang = LANGUAGES[number % 2]
        ways.browser.open(re.sub(r"&ui_locales=[^&]*", "", address) + f"&ui_locales={lang}")
        ways.browser.find("[role='alert']")
        ways.look(name, lang)
    ways.scans(ways.authorize("wiki", "en"), "biaoqian")
    ways.look("disabled here", "en")


def approves(ways):
    """The links that an approver is sent inside WeCom: before signing in, with the question, and of a request that is decided."""
    told = lambda: [message for message in ways.c.wecom("GET", f"messages?corp={ways.corp}&userid=zhangsan") if "/access-requests/" in json.dumps(message)]
    messages = ways.c.until(lambda: told() if len(told()) > 1 else None, "an approver is told")
    links = [message["content"]["url"].partition("#")[0] for message in messages]
    ways.browser.open(f"{links[-1]}?ui_locales=zh-CN")
    ways.in_both("an approver's link", "zh-CN")
    ways.scans(ways.browser.href("a[href*='/enter']"), "zhangsan")
    ways.browser.find("form[action*='/refuse']")
    ways.in_both("an approver's question", "en")
    ways.browser.open(f"{links[0]}?ui_locales=zh-CN")
    ways.browser.find("[role='status']")
    ways.in_both("an approver's link, decided", "zh-CN")


def another_browser(ways):
    """A sign-in that the WeCom client began, and that goes on in another browser."""
    # With one company to choose from, the client goes straight on.
    ways.c.portal("inside", name="Inside", auth_sources=[ways.ids["auth_source"]])
    person, url = ways.c.Person(ways.corp, "lihua", in_wecom=True), ways.authorize("inside")
    while "/wecom/callback" not in url:
        url = person.request(url)[1]
    ways.browser.open(url)
    ways.browser.find("form[action*='/signin/confirm/']")
    ways.in_both("is this you", "zh-CN")


def lets_a_device_in(ways):
    api, menjin = ways.c.api, ways.c.MENJIN
    grants = ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"]
    api("POST", "clients", {
        "client_id": "tv", "name": "TV", "auth_method": "none", "redirect_uris": [ways.c.PORTAL], "metadata": {"grant_types": grants},
    })
    # The question of that portal stays open; the session is what is needed.
    ways.scans(ways.authorize("asking"), "lihua")
    for answer in ("allow", "decline"):
        form = urllib.parse.urlencode({"client_id": "tv", "scope": "openid profile"}).encode()
        with urllib.request.urlopen(f"{menjin}/oauth2/device_authorization", form, timeout=20) as issued:
            code = json.load(issued)["user_code"]
        ways.browser.open(f"{menjin}/device?user_code={code}&ui_locales=zh-CN")
        if answer == "allow":
            ways.browser.find("button[value='allow']")
            ways.in_both("a device asks", "zh-CN")
        ways.browser.click(ways.browser.find(f"button[value='{answer}']"))
        ways.browser.away("button[value]")
        ways.browser.find(".ways")
        ways.look(f"a device, {answer}", "en" if answer == "allow" else "zh-CN")


def forgotten(ways):
    """A link to a new password, asked for."""
    browser = ways.browser
    browser.open(f"{ways.c.MENJIN}/console?ui_locales=zh-CN")
    asks = browser.all("a[href*='/forgotten']")
    if not asks:
        browser.open(ways.authorize("wiki"))
        asks = browser.all("a[href*='/forgotten']")
    browser.click(asks[0])
    browser.find("#who")
    ways.in_both("a forgotten password", "zh-CN")
    browser.type("#who", "by.mail")
    browser.click(browser.find("form.fields button"))
    browser.find("[role='status']")
    ways.look("a forgotten password, asked", "en")
    browser.open(ways.mails.link(f"{ways.c.MENJIN}/password/"))
    browser.find("#again")
    ways.in_both("a mailed link to a password", "en")
    browser.type("#password", PASSWORD + "!")
    browser.type("#again", PASSWORD + "!")
    browser.click(browser.find("form.fields button"))
    browser.find(".ways a")
    ways.look("a forgotten password, replaced", "zh-CN")


def notice(ways):
    """What somebody is told of their account at the next sign-in: others gave them a password."""
    api = ways.c.api
    link = api("POST", f"users/{ways.ids['user']}/password-link")["url"]
    form = urllib.parse.urlencode({"password": PASSWORD, "again": PASSWORD}).encode()
    urllib.request.urlopen(link, form, timeout=20).read()
    ways.scans(ways.authorize("wiki"), "lihua")
    ways.browser.find(".rows")
    ways.look("a notice", "zh-CN")


def verifies(ways):
    """One's own address, by the link that is mailed there; the link works once."""
    browser = ways.browser
    # The question of that portal stays open; the session is what is needed.
    ways.scans(ways.authorize("asking"), "lihua")
    browser.open(f"{ways.c.MENJIN}/account/email?ui_locales=en")
    ways.look("no address of one's own", "en")
    ways.c.api("PATCH", f"users/{ways.ids['user']}", {"email": "lihua@corp.example"})
    browser.open(f"{ways.c.MENJIN}/account/email?ui_locales=en")
    ways.in_both("one's own address", "en")
    browser.click(browser.find("main form button"))
    browser.find("[role='status']")
    ways.look("one's own address, asked", "zh-CN")
    link = ways.mails.link(f"{ways.c.MENJIN}/email/")
    browser.open(f"{link}?ui_locales=zh-CN")
    ways.in_both("a mailed link to an address", "zh-CN")
    browser.click(browser.find("main form button"))
    browser.away("main form button")
    browser.find(".ways a")
    ways.look("an address is verified", "en")
    browser.open(f"{ways.c.MENJIN}/account/email?ui_locales=zh-CN")
    ways.look("one's own address, verified", "zh-CN")
    browser.open(f"{link}?ui_locales=en")
    browser.find("[role='alert']")
    ways.look("a link to an address that is over", "en")


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
    ways.browser.open(f"{ways.c.MENJIN}/oauth2/logout?client_id=asking&ui_locales=zh-CN")
    ways.in_both("sign-out", "zh-CN")
    ways.browser.click(ways.browser.find("main form button"))
    ways.browser.find("main")
    ways.look("signed out", "en")


def mailed_links(ways):
    """A password and an authenticator app, by the links that people are sent."""
    api = ways.c.api
    user = api("POST", "users", {"username": "by.mail", "display_name": "By Mail", "email": "by.mail@corp.example"})["id"]
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
