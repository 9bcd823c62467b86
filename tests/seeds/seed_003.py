"""003: members of a corp become users of an account, one by one."""

from calls import Person, api, check, clear, items, portal, refused, signs_in, sync, wecom
from seed_001 import AGENT, CORP, HOST, SECRET
from steps import missing, step, wecom_step

SUITE = "third-party (suite) apps"
NAMES = "names by WeCom's display component"
REQUESTS = "access requests"
made = {}

missing("003", "1", "Connects a corp by installing the app", SUITE)


@wecom_step("003", "2", "Changes the authorised scope in WeCom")
def change_scope():
    wecom("PUT", f"corps/{CORP}/apps/{AGENT}/scope", {"users": ["dandu", "weichen"], "parties": [2, 3, 7, 8, 9], "tags": [1]})


missing("003", "3", "Shows the authorised scope once the admin has scanned", NAMES)
missing("003", "4 步骤1", "Shows names of members to choose from once the admin has scanned", NAMES)


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
    check(not page.forms, f"there is a form on the page of a refusal: {REQUESTS} may be there")


missing("003", "5 步骤1", "Lets somebody who is not imported apply", REQUESTS)
missing("003", "5 步骤2", "Tells the admin of the application", "notices")
missing("003", "5 步骤3", "Lets the admin approve", REQUESTS)
