"""004: the manager of what a corp has authorised."""

from calls import WECOM, Person, api, call, check, clear, curl, items, portal, signs_in, sync, wecom
from seed_001 import AGENT, CONTACTS, CORP, HOST, SECRET
from steps import step
from suites import on_phone, scanned

# 客户联系: its place among the callbacks, its secret, and a customer.
HELPER, CUSTOMERS, CUSTOMER = {"app": 2000003}, "sample-customer-secret-qingyun-000000001", "wmSampleCustomer00000000001"


@step("004", "安装应用", "Installs the app by a scan, and shows that it is")
def install():
    clear()
    invited, installed = on_phone(CORP)
    check(installed["installed_at"] and installed["agent_id"], installed)
    bound = scanned(CORP, "lihua", invited)
    source = api("GET", f"data-sources/{bound['data_source_id']}")
    check(source["app"]["agent_id"] == installed["agent_id"], source)


@step("004", "通讯录授权", "Takes the contacts secret, makes URL, Token and EncodingAESKey, and shows that WeCom verified them")
def contacts():
    clear()
    wecom("PATCH", f"corps/{CORP}/apps/{AGENT}", {"web_callback_domain": HOST, "oauth_domain": HOST})
    app = {"agent_id": AGENT, "secret": SECRET}
    source = api("POST", "data-sources", {"name": "青云科技", "corp_id": CORP, "app": app}, 201)
    path = f"data-sources/{source['id']}"
    status, refusal = call("PATCH", path, {"contacts_secret": SECRET})
    check((status, refusal["number"]) == (422, "DI-240"), refusal)
    check(api("PATCH", path, {"contacts_secret": CONTACTS})["contacts_secret_set"], "it is kept")
    issued = api("POST", f"{path}/callbacks", {"owner": "contacts"}, 201)
    check(1 <= len(issued["token"]) <= 32 and len(issued["encoding_aes_key"]) == 43, "as WeCom's console takes them")
    shown = api("GET", f"{path}/callbacks")["items"][0]
    check(shown["verified_at"] is None and issued["token"] not in str(shown), shown)
    entered = {"corp": CORP, "owner": "contacts", "url": issued["url"], "token": issued["token"]}
    wecom("POST", "callbacks", {**entered, "aes_key": issued["encoding_aes_key"]})
    check(api("GET", f"{path}/callbacks")["items"][0]["verified_at"], "WeCom's question was answered")
    # What it is for: somebody who leaves is out.
    sync(source["id"])
    portal("seeds-004")
    person = signs_in(Person(CORP, "yangfan"), "seeds-004")
    wecom("POST", f"corps/{CORP}/actions", {"action": {"remove": {"userid": "yangfan"}}})
    for _ in range(200):
        user = api("GET", f"users/{person['sub']}")
        if user["status"] == "disabled":
            break
    check(user["status"] == "disabled", user)
    check(api("GET", f"{path}/callbacks")["items"][0]["last_event_at"], "the event is shown")
    back = {"userid": "yangfan", "name": "杨帆", "departments": [{"department": 3}], "status": 1}
    wecom("POST", f"corps/{CORP}/members", back)


@step("004", "外部联系人授权", "Takes the customer secret, makes URL, Token and EncodingAESKey, and receives events")
def external_contacts():
    clear()
    app = {"agent_id": AGENT, "secret": SECRET}
    source = api("POST", "data-sources", {"name": "青云科技", "corp_id": CORP, "app": app}, 201)
    path = f"data-sources/{source['id']}"
    status, refusal = call("PATCH", path, {"customer_secret": CONTACTS})
    check((status, refusal["number"]) == (422, "DI-248"), refusal)
    kept = api("PATCH", path, {"customer_secret": CUSTOMERS})
    check(kept["customer_secret_set"] and CUSTOMERS not in str(kept), "it is kept and never shown")
    issued = api("POST", f"{path}/callbacks", {"owner": "external_contacts"}, 201)
    entered = {"corp": CORP, "owner": HELPER, "url": issued["url"], "token": issued["token"]}
    wecom("POST", "callbacks", {**entered, "aes_key": issued["encoding_aes_key"]})
    check(api("GET", f"{path}/callbacks")["items"][0]["verified_at"], "WeCom's question was answered")
    before = len(items("users"))
    about = {"userid": "chuwei", "external_userid": CUSTOMER}
    told = [{"external_contact": {"change": change, **about}} for change in ("add_external_contact", "del_follow_user")]
    told += [{"external_chat": {"change": "create", "chat_id": "wrChat1"}}, {"external_tag": {"change": "create", "id": "etTag1"}}]
    for event in told:
        wecom("POST", "events", {"corp": CORP, "owner": HELPER, "event": event})
    counts = {count["change"]: count["total"] for count in api("GET", f"{path}/external-contact-counts")["items"]}
    check(counts == {"add_external_contact": 1, "del_follow_user": 1, "chat_create": 1, "tag_create": 1}, counts)
    found = items(f"{path}/external-contact-events?external_userid={CUSTOMER}")
    check(len(found) == 2 and found[0]["userid"] == "chuwei", found)
    check(len(items("users")) == before, "customers never become users")
