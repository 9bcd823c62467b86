"""Passkeys of one's own, and the console where a proof of who it is grew old: sign in again, and send what was kept."""

import base64
import contextlib
import hashlib
import os
import sqlite3
import time

LANGUAGES = ("zh-CN", "en")
# Milliseconds after which a proof counts for nothing that asks for one.
OLD = 20 * 60 * 1000


def authenticator(browser):
    """Plugs in one that its owner unlocks (Web Authentication Level 3 §12)."""
    browser.post(
        "/webauthn/authenticator", protocol="ctap2", transport="internal", hasResidentKey=True, hasUserVerification=True,
        isUserVerified=True, isUserConsenting=True,
    )


def passkeys(walk):
    """The page of one's own passkeys: without one, after one is made, and that one's."""
    browser, page = walk.browser, "/account/passkeys"
    authenticator(browser)
    walk.pages([page], "zh-CN")
    browser.open(walk.address(page, "en"))
    browser.type("#name", "A phone whose name is as long as names may be, all 64 letters !!")
    browser.click(browser.find("form[data-passkey] button"))
    browser.find("ul.rows a")
    for lang in LANGUAGES:
        walk.pages([page], lang)
        one = browser.href("ul.rows a").removeprefix(walk.base).partition("?")[0]
        walk.pages([one], lang)


def again(walk, api, folder):
    """A form that is sent when the proof of its sender is old: the login page, by the passkey, and the page that asks whether to send it."""
    browser = walk.browser
    for lang in LANGUAGES:
        browser.open(walk.address("/console/settings/tokens", lang))
        browser.type("form.fields input[name='name']", "made with an old proof")
        ages(walk, api, folder)
        browser.click(browser.find("form.fields button[type='submit']"))
        browser.find("form.passkey button")
        walk.checks.page(f"login, to prove who it is {lang}")
        browser.click(browser.find("form.passkey button"))
        browser.reach("/console/again/")
        walk.checks.page(f"what was kept is sent {lang}")
    ages(walk, api, folder)
    walk.pages(["/account/passkeys"], "en")
    browser.open(walk.address("/console/settings/keys/rotate", "zh-CN"))
    browser.click(browser.find("form.passkey button"))
    browser.reach("/console/settings/keys/rotate")


def ages(walk, api, folder):
    """The proof that the session of this browser was given is old at once."""
    browser, owner = walk.browser, f"users/{walk.ids['owner']}"
    cookie = next(one["value"] for one in browser.request("GET", browser.session + "/cookie") if one["name"] == "menjin_session")
    digest = base64.urlsafe_b64encode(hashlib.sha256(cookie.encode()).digest()).decode().rstrip("=")
    with contextlib.closing(sqlite3.connect(os.path.join(folder, "menjin.db"), timeout=20)) as database, database:
        changed = database.execute("UPDATE session SET auth_time = ? WHERE digest = ?", (int(time.time() * 1000) - OLD, digest))
        assert changed.rowcount == 1, "the session is not found"
    # Something about its person changes, so that it is read again.
    api("PATCH", owner, {"display_name": f"The owner {time.monotonic_ns()}"})
    api("PATCH", owner, {"display_name": "The owner"})
