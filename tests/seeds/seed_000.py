"""000: a corp connects by installing a third-party app, and disconnects."""

from calls import api, check, clear, until, wecom
from seed_001 import CORP, CORP2
from steps import step
from suites import SUITE, in_browser, installation, invite, on_phone, scanned


@step("000", "接入 3", "Offers to install by phone or in the browser")
def offers():
    clear()
    check(invite("browser")["install_url"], "WeCom's install page")
    check("/install/" in invite("phone")["qr"], "the app's QR code")


@step("000", "手机端 3", "Binds an installation by phone once a member has scanned")
def by_phone():
    invited, waits = on_phone(CORP2)
    check(waits["way"] == "phone" and waits["data_source_id"] is None and waits["expires_at"], waits)
    bound = scanned(CORP2, "moyan", invited)
    check(bound["status"] == "bound" and bound["members"] > 0 and bound["bound_by"], bound)


@step("000", "浏览器 3", "Shows the corp that installed in the browser, with its authorised people")
def by_browser():
    bound = in_browser(CORP)
    check(bound["way"] == "browser" and bound["status"] == "bound" and bound["installed_at"], bound)
    check(bound["members"] > 10 and bound["bound_by"], bound)


@step("000", "取消 3", "Shows that a corp whose app was deleted is disconnected")
def cancelled():
    source = installation(CORP)["data_source_id"]
    wecom("DELETE", f"corps/{CORP}/installs/{SUITE}", {})
    over = until(lambda: (found := installation(CORP))["status"] == "cancelled" and found, "it is disconnected")
    check(over["cancelled_at"], over)
    off = api("GET", f"data-sources/{source}")
    check((off["enabled"], off["disabled_reason"]) == (False, "installation_cancelled"), off)
    check(installation(CORP2)["status"] == "bound", "the other company stays")
