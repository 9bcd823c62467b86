"""The main tasks in a browser that runs no script."""

import ways


def tasks(browser, base, ids):
    """Looks for somebody, filters, disables and enables them, makes a portal, previews a sync."""
    find_somebody(browser, base, ids)
    filter_lists(browser, base)
    disable_and_enable(browser, base, ids)
    make_a_portal(browser, base)
    preview(browser, base)


def find_somebody(browser, base, ids):
    browser.open(base + "/console")
    browser.type("#search", ids["name"] + "\n")
    browser.click(browser.find(f"main a[href='/console/people/{ids['user']}']"))
    browser.reach(f"/console/people/{ids['user']}")
    assert ids["name"] in browser.text("h1")


def filter_lists(browser, base):
    browser.open(base + "/console/people")
    browser.choose("select[name='status']", "disabled")
    browser.click(browser.find("form.filters button"))
    browser.reach("status=disabled")
    assert "biaoqian" in browser.text("main").lower(), browser.text("main")


def disable_and_enable(browser, base, ids):
    page = f"/console/people/{ids['user']}"
    browser.open(base + page)
    browser.click(browser.find(f"a[href='{page}/disable']"))
    browser.click(browser.find("main form button.danger"))
    browser.click(browser.find(f"form[action='{page}/enable'] button"))
    browser.find(f"a[href='{page}/disable']")


def make_a_portal(browser, base):
    browser.open(base + "/console/portals")
    browser.click(browser.find("a[href='/console/portals/new']"))
    browser.click(browser.find("a[href='/console/portals/new/web']"))
    # An empty form is answered with its faults.
    browser.type("input[name='name']", "Made without script")
    browser.type("input[name='address']", "https://made.qingyun.example")
    browser.click(browser.find("form.fields button[type='submit']"))
    browser.find("main .once")
    assert "Made without script" in browser.text("main")


def preview(browser, base):
    browser.open(base + "/console/sync")
    browser.click(browser.find("form button[value='plan']"))
    browser.reach("/console/sync/")


def an_employee(browser, c, ids):
    """Signs in by the link that stands for the panel, is asked for consent, looks at their sign-ins, and ends them."""
    browser.request("DELETE", browser.session + "/cookie")
    browser.open(c.authorize("asking") + "&ui_locales=en")
    browser.open(browser.href(f"a[href*='/go/{ids['auth_source']}']"))
    # The page goes on by itself, every few seconds.
    ways.confirms(browser.href("a[href*='/phone/']"), "lihua")
    browser.reach("/oauth2/consent/")
    browser.find("button[value='allow']")
    browser.open(f"{c.MENJIN}/account?ui_locales=en")
    browser.click(browser.find("form[action*='/end-all'] button"))
    browser.find("a[href='/']")
    assert "signed out" in browser.text("main"), browser.text("main")
