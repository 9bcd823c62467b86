"""Takes the pictures of docs/console.md and docs/console.zh-CN.md."""

import contextlib
import os
import re
import subprocess
import tempfile
import time
import urllib.parse

LANGUAGES = {"en": "", "zh-CN": ".zh-CN"}
WIDTH, HEIGHT = 1180, 760


def taken(browser, base, ids, folder):
    """As the owner who is signed in."""
    pages = {
        "person": f"/console/people/{ids['user']}",
        "run": f"/console/sync/{ids['planned_run']}",
        "leaving": f"/console/leaving/{ids['report']}",
    }
    shown(browser, base, pages, folder)


def overview(browser, base, folder):
    """As the owner of the demo's console, which has fourteen days behind it."""
    shown(browser, base, {"overview": "/console"}, folder)


def shown(browser, base, pages, folder):
    browser.width(WIDTH, HEIGHT)
    for lang, suffix in LANGUAGES.items():
        for name, path in pages.items():
            browser.open(f"{base}{path}?ui_locales={lang}")
            browser.picture(os.path.join(folder, f"console-{name}{suffix}.png"))


@contextlib.contextmanager
def demo(binaries):
    """The demo; the link of its console's first owner."""
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "demo.log")
        with open(output, "wb") as log:
            process = subprocess.Popen([f"{binaries}/menjin", "demo", "--port", "0"], stdout=log, stderr=log, cwd=folder)
        try:
            for _ in range(600):
                with open(output, encoding="utf-8") as log:
                    link = re.search(r"http\S+/console/welcome/\S+", log.read())
                if link:
                    break
                assert process.poll() is None, "the demo ended"
                time.sleep(0.5)
            yield link.group(0)
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
