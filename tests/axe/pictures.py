"""Takes the pictures of docs/console.md and docs/console.zh-CN.md."""

import contextlib
import os
import re
import subprocess
import tempfile
import time
import urllib.parse

LANGUAGES = {"en": "", "zh-CN": ".zh-CN"}
WIDTH, HEIGHT, LOWER = 1180, 760, 660
PHONE = (390, 760)


def taken(browser, base, ids, folder):
    """As the owner who is signed in."""
    pages = {
        "person": f"/console/people/{ids['user']}",
        "run": f"/console/sync/{ids['planned_run']}",
        "leaving": f"/console/leaving/{ids['report']}",
        "access": f"/console/portals/{ids['portal']}/access",
        "trace": f"/console/refusals/{ids['code']}",
        "wecom": f"/console/wecom/{ids['source']}",
        "recipe": f"/console/portals/{ids['recipe']}/setup",
    }
    shown(browser, base, pages, folder)
    wizard = f"/console/setup/{ids['source']}/app"
    shown(browser, base, {"wizard": wizard}, folder, (WIDTH, LOWER))
    shown(browser, base, {"wizard-phone": wizard}, folder, PHONE)


def of_employees(browser, base, visits, folder):
    """A refusal, and one's own sign-ins, as somebody sees them who scans."""
    visitor, begin = visits
    for lang, suffix in LANGUAGES.items():
        visitor.signs_out()
        browser.width(760, 780)
        visitor.scans(f"{begin}&ui_locales={lang}", "chenyu")
        browser.find("[role='alert']")
        browser.picture(os.path.join(folder, f"refusal{suffix}.png"))
        visitor.scans(f"{begin}&ui_locales={lang}", "lihua")
        browser.find("form")
        browser.width(760, 980)
        browser.open(f"{base}/account?ui_locales={lang}")
        browser.picture(os.path.join(folder, f"my-sign-ins{suffix}.png"))
    visitor.signs_out()


def of_demo(browser, start, folder):
    """As the owner of the demo's console, which has fourteen days behind it; light, dark and on a phone, and with a fault that the doctor names."""
    browser.open(start + "console")
    base = browser.script("return location.origin")
    shown(browser, base, {"overview": "/console"}, folder)
    browser.dark(True)
    shown(browser, base, {"dark": "/console/leaving"}, folder)
    browser.dark(False)
    shown(browser, base, {"phone": "/console/requests"}, folder, PHONE)
    searched(browser, base, folder)
    browser.open(start + "faults")
    browser.click(browser.find("#fault-ip"))
    browser.find("main")
    shown(browser, base, {"doctor": "/console/settings/doctor?check=wecom"}, folder, (WIDTH, LOWER))


def searched(browser, base, folder):
    """What the search box finds while somebody types."""
    browser.width(WIDTH, LOWER)
    for lang, suffix in LANGUAGES.items():
        browser.open(f"{base}/console/people?ui_locales={lang}")
        browser.type("#search", "王")
        browser.find(".found [role='group'] a")
        browser.picture(os.path.join(folder, f"console-search{suffix}.png"))


def shown(browser, base, pages, folder, size=(WIDTH, HEIGHT)):
    browser.width(*size)
    for lang, suffix in LANGUAGES.items():
        for name, path in pages.items():
            browser.open(f"{base}{path}{'&' if '?' in path else '?'}ui_locales={lang}")
            browser.picture(os.path.join(folder, f"console-{name}{suffix}.png"))


@contextlib.contextmanager
def demo(binaries, *arguments):
    """The demo; the address of its first page."""
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "demo.log")
        with open(output, "wb") as log:
            command = [f"{binaries}/menjin", "demo", "--port", "0", *arguments]
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            for _ in range(600):
                with open(output, encoding="utf-8") as log:
                    start = re.search(r"Start here +(http\S+)", log.read())
                if start:
                    break
                assert process.poll() is None, "the demo ended"
                time.sleep(0.5)
            yield start.group(1)
        finally:
            process.terminate()
            process.wait(20)


def leads_home(c, client, address):
    """Gives a portal an address as portals have them; where a sign-in there begins."""
    c.api("PATCH", f"clients/{client}", {"redirect_uris": [address]})
    quoted = lambda uri: urllib.parse.quote_plus(uri)
    return c.authorize(client).replace(quoted(c.PORTAL), quoted(address))


def login(browser, url, folder):
    """As somebody who is not signed in: the login page with WeCom's panel."""
    browser.width(760, 900)
    for lang, suffix in LANGUAGES.items():
        browser.open(f"{url}&ui_locales={lang}")
        if not browser.all("[data-panel] iframe"):
            # Of several companies one is picked first.
            browser.click(browser.link("青云科技"))
        panel = browser.find("[data-panel] iframe")
        browser.inside(panel, "img, svg, canvas, a")
        browser.picture(os.path.join(folder, f"login-panel{suffix}.png"))
