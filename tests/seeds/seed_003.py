"""003: members of a corp become users of an account, one by one."""

import re

from calls import MENJIN, Person, api, check, clear, items, portal, refused, signs_in, sync, wecom
from seed_001 import AGENT, CORP, HOST, SECRET
from steps import step, wecom_step
from suites import in_browser, named, names_on, sees_names

made = {}

@step("003", "1", "Connects a corp by installing the app")
def connect():
    clear()
    bound = in_browser(CORP)
    check(bound["status"] == "bound" and bound["members"] > 10, bound)
    made["installation"] = bound


@wecom_step("003", "2", "Changes the authorised scope in WeCom")
def change_scope():
    wecom("PUT", f"corps/{CORP}/apps/{AGENT}/scope", {"users": ["dandu", "weichen"], "parties": [2, 3, 7, 8, 9], "tags": [1]})


@step("003", "3", "Shows the authorised scope once the admin has scanned")
def shows_scope():
    bound = made["installation"]
    portal("seeds-003-suite")
    admin = made["admin"] = Person(CORP, "lihua")
    api("PATCH", f"users/{signs_in(admin, 'seeds-003-suite')['sub']}", {"console_role": "admin"})
    scope = f"{MENJIN}/console/installations/{bound['id']}/scope"
    before = admin.open(scope)
    check("/scan" in before.body and "<ww-open-data" not in before.body and 'class="tree"' not in before.body, before.body)
    after = sees_names(admin, bound["data_source_id"], before)
    check(after.url == scope and 'class="tree"' in after.body, after.body)
    check("departmentName" in after.body and "userName" in after.body, after.body)


@step("003", "4 步骤1", "Shows names of members to choose from once the admin has scanned")
def shows_names():
    source = made["installation"]["data_source_id"]
    api("PATCH", f"data-sources/{source}", {"import": "chosen"})
    page = made["admin"].open(f"{MENJIN}/console/people/members?data_source={source}")
    names = names_on(page)
    check(len(names) > 5 and "李华" not in page.body, page.body)
    shown = [named(made["admin"], source, page.url, openid) for openid in names]
    check("李华" in shown and None not in shown, shown)
    check(named(Person(CORP, "zhaoliu"), source, page.url, names[0], made["admin"]) is None, "not without a sign-in by WeCom")


@step("003", "4 步骤2", "Imports chosen members, named by their member IDs, or as an admin renames them")
def import_chosen():
    clear()
    wecom("PATCH", f"corps/{CORP}/apps/{AGENT}", {"web_callback_domain": HOST, "oauth_domain": HOST})
    app = {"agent_id": AGENT, "secret": SECRET}
    source = api("POST", "data-sources", {"name": "青云科技", "corp_id": CORP, "app": app, "import": "chosen"}, 201)
    sync(source["id"])
    check(not items("users"), "nobody was chosen yet")
    listed = items(f"members?data_source={source['id']}&outcome=not_chosen")
    members = {member["userid"]: member["id"] for member in listed}
    first = api("POST", f"members/{members['zhaoliu']}/import")
    user = api("GET", f"users/{first['user_id']}")
    check(user["username"] == "zhaoliu", user)
    api("POST", f"members/{members['sunqi']}/import", {"username": "sun.qi"})
    renamed = api("PATCH", f"users/{user['id']}", {"username": "zhao.liu"})
    check(renamed["username"] == "zhao.liu" and renamed["id"] == user["id"], renamed)
    sync(source["id"])
    names = sorted(user["username"] for user in items("users"))
    check(names == ["sun.qi", "zhao.liu"], names)
    portal("seeds-003")
    check(signs_in(Person(CORP, "zhaoliu"), "seeds-003")["sub"] == user["id"], "赵六 signs in")
    page = refused(Person(CORP, "yanxi"), "seeds-003", "GT-110")
    check(not page.link("/access-request/"), "nobody asks where the company does not allow it")



def asks(person):
    """The person is refused at the portal and asks to be let in; the page that follows."""
    page = refused(person, "seeds-003", "GT-110")
    own = person.open(page.link("/access-request/"))
    confirm = re.search(r'name="confirm" value="([^"]+)"', own.body).group(1)
    status, location, body = person.request(own.url, {"confirm": confirm, "reason": "入职"})
    check(status == 303, body)
    return person.open(location)


@step("003", "5 步骤1", "Lets somebody who is not imported apply; the flow shows their member ID")
def apply():
    source = items("data-sources")[0]["id"]
    api("PATCH", f"data-sources/{source}", {"access_requests": True})
    made["person"] = Person(CORP, "yanxi")
    page = asks(made["person"])
    check("waiting for a decision" in page.body and "yanxi" in page.body, page.body)
    asked = items("access-requests?state=open")
    check(len(asked) == 1 and asked[0]["userid"] == "yanxi" and asked[0]["reason"] == "入职", asked)
    made["request"] = asked[0]["id"]


@step("003", "5 步骤2", "Tells the admin of the application, with a link that works for 24 hours")
def tells():
    told = [notice for notice in items("notices") if notice["subject"] == f"access_request:{made['request']}"]
    check(len(told) == 1 and told[0]["topic"] == "access_requested", told)
    asked = api("GET", f"access-requests/{made['request']}")
    check(asked["link_expires_at"] - asked["created_at"] == 24 * 3600 * 1000, asked)


@step("003", "5 步骤3", "Lets the admin approve: the member is a user at once and comes in")
def approve():
    done = api("POST", f"access-requests/{made['request']}/approve", {"portals": ["seeds-003"]}, 200)
    check(done["state"] == "approved" and done["username"] == "yanxi", done)
    check(signs_in(made["person"], "seeds-003")["sub"] == done["user_id"], "严希 signs in")
