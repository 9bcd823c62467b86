"""Takes the pictures of docs/console.md and docs/console.zh-CN.md."""

import os

LANGUAGES = {"en": "", "zh-CN": ".zh-CN"}
WIDTH, HEIGHT = 1180, 760


def taken(browser, base, ids, folder):
    """As the owner who is signed in."""
    pages = {
        "overview": "/console",
        "person": f"/console/people/{ids['user']}",
        "run": f"/console/sync/{ids['planned_run']}",
        "leaving": f"/console/leaving/{ids['report']}",
    }
    browser.width(WIDTH, HEIGHT)
    for lang, suffix in LANGUAGES.items():
        for name, path in pages.items():
            browser.open(f"{base}{path}?ui_locales={lang}")
            browser.picture(os.path.join(folder, f"console-{name}{suffix}.png"))


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
