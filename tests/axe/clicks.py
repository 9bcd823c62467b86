"""Four questions, each answered from the overview by clicking what is seen: how many clicks it takes (docs/console.md)."""

from checks import DESK, PHONE

# The most that any of them may take.
MOST = 4


class Clicks:
    def __init__(self, browser, base, phone):
        self.browser, self.phone = browser, phone
        self.count = 0
        browser.open(base + "/console")

    def __call__(self, where):
        """Clicks what this CSS selector or XPath finds; on a phone the menu is opened first."""
        if self.phone and where.startswith(".menu "):
            self(".menu-button")
        element = self.browser.find(where, "xpath" if where.startswith("//") else "css selector")
        assert self.browser.shown(element), f"{where} is not seen at {self.browser.url}"
        self.browser.click(element)
        self.count += 1

    def sees(self, xpath):
        """Something of the answer, which is no mere mention."""
        assert self.browser.shown(self.browser.find(xpath, "xpath")), f"{xpath} is not seen at {self.browser.url}"

    def reads(self, *texts):
        told = self.browser.text("main")
        for text in texts:
            assert text in told, f"{text!r} is not told at {self.browser.url}: {told[:1500]}"


def why_was_chenyu_refused(click):
    click(".menu a[href='/console/refusals']")
    click("//main//tr[contains(., 'chenyu') or contains(., '陈宇')]//a[starts-with(@href, '/console/refusals/')]")
    click.reads("GT-109")


def who_can_enter_the_wiki(click):
    click(".menu a[href='/console/portals']")
    click("//main//tr[contains(., 'wiki')]//a[starts-with(@href, '/console/portals/')]")
    click("main a[href$='/access']")
    # One who can, and one who cannot, each with the sign of it.
    click.sees("//main//tbody/tr[contains(., 'lihua')]//span[contains(@class, 'state yes')]")
    click.sees("//main//tbody/tr[contains(., 'biaoqian')]//span[contains(@class, 'state no')]")


def is_a_leaver_out_everywhere(click):
    click(".menu a[href='/console/leaving']")
    click("//main//tr[contains(., 'dandu')]//a[starts-with(@href, '/console/leaving/')]")
    # The portal, and that it was told.
    click.sees("//main//tbody/tr[contains(., 'Wiki')]//span[contains(@class, 'state told') or contains(@class, 'state delivered')]")


def what_will_the_next_sync_change(click):
    click(".menu a[href='/console/sync']")
    click("main form button[value='plan']")
    # The page follows the run to its end.
    click.browser.find("a[href$='/confirm']")
    click.reads("wangxin")


# Each with the clicks that docs/console.md says it takes.
QUESTIONS = {
    why_was_chenyu_refused: 2,
    who_can_enter_the_wiki: 3,
    is_a_leaver_out_everywhere: 2,
    what_will_the_next_sync_change: 2,
}


def asked(browser, base, phone=False):
    """Name and clicks of each question; on a phone the menu takes one more."""
    counted = []
    browser.width(PHONE if phone else DESK)
    for question, clicks in QUESTIONS.items():
        click = Clicks(browser, base, phone)
        question(click)
        name = question.__name__.replace("_", " ")
        assert click.count == clicks + phone <= MOST, f"{name}: {click.count} clicks"
        counted.append((name, click.count))
    browser.width(DESK)
    return counted
