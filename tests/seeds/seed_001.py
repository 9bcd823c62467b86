"""001: an auth source for a corp, with its data source or later."""

from calls import MENJIN, WECOM, Person, api, authorize, call, check, clear, items, numbers, portal, refused, signs_in, sync, wecom
from steps import step, wecom_step

CORP, AGENT = "ww5ample0000000001", 1000002
CONTACTS, SECRET = "sample-contacts-secret-qingyun-00000001", "sample-app-secret-qingyun-menjin-00000001"
CORP2, AGENT2 = "ww5ample0000000002", 1000002
CONTACTS2, SECRET2 = "sample-contacts-secret-baishi-000000001", "sample-app-secret-baishi-menjin-000000001"
HOST = MENJIN.split("://", 1)[1]
made = {}


def source():
    return api("GET", f"data-sources/{made['source']}")


def change(status=None, **fields):
    return api("PATCH", f"data-sources/{made['source']}", fields, status)


def fields_of(answer):
    """Names of the fields that a refusal is about."""
    return answer["detail"] + str(answer.get("errors", ""))


@step("001", "方法一 2", "Adds a data source of the kind WeCom")
def add():
    clear()
    status, refusal = call("POST", "data-sources", {})
    check(400 <= status < 500 and "corp_id" in fields_of(refusal), refusal)
    created = api("POST", "data-sources", {"name": "青云科技", "corp_id": CORP, "login_methods": []}, 201)
    made["source"] = created["id"]
    check(numbers(created) == ["DI-203"], created)


@step("001", "方法一 3", "Enters description, corp ID and contacts secret")
def fill():
    refusal = change(422, contacts_secret="not-the-secret")
    check(refusal["number"] == "DI-238", refusal)
    check(not source()["contacts_secret_set"], "a refused secret is not kept")
    changed = change(description="从企业微信同步", contacts_secret=CONTACTS)
    check(changed["description"] == "从企业微信同步" and changed["corp_id"] == CORP, changed)
    check(changed["contacts_secret_set"] and CONTACTS not in str(changed), changed)
    check("DI-203" not in numbers(changed), changed)


@step("001", "方法一 4", "Sets the rules: automatic sync of 4, 12 or 24 hours or by hand, overwrite or skip")
def rules():
    for hours in (4, 12, 24):
        changed = change(auto_sync_hours=hours)
        check(changed["auto_sync_hours"] == hours and changed["next_sync_at"], changed)
    check("auto_sync_hours" in fields_of(change(422, auto_sync_hours=5)), "5 hours are refused")
    check(change(auto_sync_hours=None)["next_sync_at"] is None, "by hand only")
    api("POST", "users", {"username": "lihua", "display_name": "made here"}, 201)
    change(duplicate_rule="skip", app={"agent_id": AGENT, "secret": SECRET})
    sync(made["source"])
    mine = next(user for user in items("users") if user["username"] == "lihua")
    check(mine["display_name"] == "made here" and not mine["members"], mine)
    change(duplicate_rule="overwrite")
    sync(made["source"])
    again = api("GET", f"users/{mine['id']}")
    check(again["display_name"] == "李华" and again["members"], again)


@step("001", "方法一 5", "Chooses how its people sign in: password, scan, or both")
def methods():
    for methods in (["password"], ["wecom_qr"], ["password", "wecom_qr"]):
        check(change(login_methods=methods)["login_methods"] == methods, methods)
    check("DI-201" in numbers(source()), "a scan has no auth source yet")


@wecom_step("001", "方法一 6", "Makes a self-built app and sets its visible scope")
def make_app():
    wecom("PUT", f"corps/{CORP}/apps/{AGENT}/scope", {"users": ["dandu"], "parties": [2, 3, 7, 8, 9], "tags": [1]})


@step("001", "方法一 7", "Enters AgentId and secret of the app for the scan")
def enter_app():
    body = {"name": "青云科技", "corp_id": CORP, "agent_id": 1000001, "app_secret": SECRET}
    refusal = api("POST", "auth-sources", body, 422)
    check(refusal["number"] == "DI-239", refusal)
    created = api("POST", "auth-sources", {**body, "agent_id": AGENT, "data_source_id": made["source"]}, 201)
    made["auth_source"] = created["id"]
    check(created["app_secret_set"] and SECRET not in str(created), created)
    check("DI-201" not in numbers(source()), source())


@step("001", "方法一 8", "Shows the callback domain to be copied, and is done")
def callback_domain():
    check(source()["callback_domain"] == HOST, source())
    check(api("GET", f"auth-sources/{made['auth_source']}")["callback_domain"] == HOST, HOST)


@wecom_step("001", "方法一 9–11", "Enters the callback domain; then a scan signs in, and nobody outside the visible scope")
def enter_domain():
    portal("seeds-001")
    other = "elsewhere.example"
    wecom("PATCH", f"corps/{CORP}/apps/{AGENT}", {"web_callback_domain": other, "oauth_domain": other})
    stopped = Person(CORP, "lihua").open(authorize("seeds-001"))
    check(not isinstance(stopped, str) and stopped.url.startswith(WECOM), "another domain is WeCom's own error")
    wecom("PATCH", f"corps/{CORP}/apps/{AGENT}", {"web_callback_domain": HOST, "oauth_domain": HOST})
    check(signs_in(Person(CORP, "lihua"), "seeds-001")["preferred_username"] == "lihua", "李华 signs in")
    refused(Person(CORP, "waibu01"), "seeds-001", "GT-108")


@step("001", "方法二 2", "Adds an auth source of the kind WeCom scan to a data source that has none")
def add_later():
    body = {"name": "白石设计", "corp_id": CORP2, "contacts_secret": CONTACTS2}
    made["second"] = api("POST", "data-sources", body, 201)["id"]
    check("DI-201" in numbers(api("GET", f"data-sources/{made['second']}")), "it says what is missing")
    status, refusal = call("POST", "auth-sources", {})
    check(400 <= status < 500, refusal)
    for field in ("name", "corp_id", "agent_id"):
        check(field in fields_of(refusal), refusal)


@step("001", "方法二 3", "Takes the corp ID, which must be the data source's; where it differs, both sides say so")
def corp_id():
    body = {"name": "白石设计", "corp_id": CORP, "agent_id": AGENT, "data_source_id": made["second"]}
    other = api("POST", "auth-sources", body, 201)
    check("GT-104" in numbers(other), other)
    check("GT-104" in numbers(api("GET", f"data-sources/{made['second']}")), "the data source says so too")
    api("DELETE", f"auth-sources/{other['id']}")


@wecom_step("001", "方法二 4", "Makes a self-built app and sets its visible scope")
def make_second_app():
    wecom("PUT", f"corps/{CORP2}/apps/{AGENT2}/scope", {"parties": [1]})


@step("001", "方法二 5", "Enters AgentId and secret of the app")
def enter_second_app():
    body = {"name": "白石设计", "corp_id": CORP2, "agent_id": AGENT2, "app_secret": "not-the-secret"}
    refusal = api("POST", "auth-sources", body, 422)
    check(refusal["number"] == "DI-237", refusal)
    created = api("POST", "auth-sources", {**body, "app_secret": SECRET2}, 201)
    made["second_auth_source"] = created["id"]
    check(created["data_source"]["id"] == made["second"] and "GT-104" not in numbers(created), created)
    check("DI-201" not in numbers(api("GET", f"data-sources/{made['second']}")), "nothing is missing")


@step("001", "方法二 6", "Shows the callback domain to be copied")
def second_callback_domain():
    shown = api("GET", f"auth-sources/{made['second_auth_source']}")
    check(shown["callback_domain"] == HOST, shown)


@wecom_step("001", "方法二 7–9", "Enters the callback domain; then its people sign in")
def enter_second_domain():
    wecom("PATCH", f"corps/{CORP2}/apps/{AGENT2}", {"web_callback_domain": HOST, "oauth_domain": HOST})
    api("PATCH", f"data-sources/{made['second']}", {"app": {"agent_id": AGENT2}})
    sync(made["second"])
    only = {"auth_sources": [made["second_auth_source"]]}
    portal("seeds-001-2", **only)
    check(signs_in(Person(CORP2, "moyan"), "seeds-001-2")["preferred_username"] == "moyan", "莫妍 signs in")
