"""002: the workbench of a corp with a self-built app, and other apps beside it."""

from calls import WECOM, Person, api, authorize, call, check, clear, items, numbers, portal, refused, signs_in, sync, watch, wecom
from seed_001 import AGENT, CORP, HOST, SECRET
from steps import step, wecom_step
from suites import deleted, in_browser, installation

OTHER_AGENT, OTHER_SECRET = 1000001, "sample-app-secret-qingyun-old-0000000001"
WORKBENCH = "seeds-002"
made = {}


def scope(agent, **lines):
    wecom("PUT", f"corps/{CORP}/apps/{agent}/scope", lines)


def auth_source_of(agent):
    return next(source for source in items("auth-sources") if source["agent_id"] == agent)


@step("002", "注意", "Moves a corp from a service provider's app: contacts are overwritten, that sign-in ends, everybody keeps their account")
def moves():
    clear()
    wecom("PATCH", f"corps/{CORP}/apps/{AGENT}", {"web_callback_domain": HOST, "oauth_domain": HOST})
    source = in_browser(CORP)["data_source_id"]
    own = next(one for one in items("auth-sources") if one["data_source_id"] == source)
    portal(WORKBENCH, auth_sources=[own["id"]])
    entered = {"corp_id": CORP, "agent_id": AGENT, "app_secret": SECRET}
    move = f"data-sources/{source}/moves/{api('POST', f'data-sources/{source}/moves', entered, 201)['id']}"
    paired = api("POST", f"{move}/pair", {})
    check(paired["proven_by"] and paired["pairs"]["converted"] > 5, paired)
    pair = next(one for one in items(f"{move}/pairs") if one["new_userid"] == "lihua")
    user = next(one for one in items("users") if one["username"] == pair["old_userid"])
    check(not user["display_name"], user)
    watch(api("POST", f"{move}/rehearse", {}, 202)["rehearsal"]["run_id"])
    check(api("GET", move)["ready"], "it is rehearsed")
    check(next(one for one in items("users") if one["id"] == user["id"]) == user, "a rehearsal changes nothing")
    check(api("POST", f"{move}/change", {"accept": True})["state"] == "done", "it is done")
    # The imported contacts are overwritten, nobody signs in through the other app, and who they are stays.
    watch(items(f"sync-runs?data_source={source}&mode=apply")[0]["id"])
    check(api("GET", f"users/{user['id']}")["display_name"] == "李华", "the contacts are the new app's")
    check(auth_source_of(AGENT)["id"] == own["id"], "the same way in, by the own app")
    check(signs_in(Person(CORP, "lihua"), WORKBENCH)["sub"] == user["id"], "李华 is who they were")
    deleted(CORP)
    check(installation(CORP)["status"] == "cancelled", installation(CORP))
    check(signs_in(Person(CORP, "lihua"), WORKBENCH)["sub"] == user["id"], "nobody goes with the other app")


@step("002", "步骤2", "Enters the corp and its self-built app in the integration")
def integrate():
    clear()
    wecom("PATCH", f"corps/{CORP}/apps/{AGENT}", {"web_callback_domain": HOST, "oauth_domain": HOST})
    app = {"agent_id": AGENT, "secret": SECRET}
    # Whoever was imported before, by another integration, is overwritten and stays who they were.
    body = {"name": "青云科技", "corp_id": CORP, "app": app, "duplicate_rule": "overwrite"}
    created = api("POST", "data-sources", body, 201)
    made["source"] = created["id"]
    check(created["app"]["agent_id"] == AGENT and created["app"]["secret_set"], created)
    check(created["auth_sources"], "its way of signing in comes with it")


@step("002", "步骤3", "Reads by the app's visible scope: members, departments, tags")
def by_scope():
    scope(AGENT, users=["dandu"], parties=[4], tags=[1])
    sync(made["source"])
    held = {member["userid"] for member in items(f"members?data_source={made['source']}") if member["state"] == "present"}
    check({"dandu", "biaoqian", "lihua", "wangwu"} <= held, sorted(held))
    check(not held & {"waibu01", "sunqi", "weichen"}, sorted(held))


@step("002", "步骤4", "Synchronises the contacts")
def synchronise():
    scope(AGENT, users=["dandu", "weichen"], parties=[2, 3, 7, 8, 9], tags=[1])
    plan = sync(made["source"], "plan")
    check(plan["state"] == "planned" and plan["counts"]["created"] > 5, plan)
    done = sync(made["source"])
    check(done["state"] == "succeeded" and done["counts"]["created"] == plan["counts"]["created"], done)
    names = {user["username"] for user in items("users")}
    check({"zhangsan", "sunqi", "weichen"} <= names, sorted(names))


@step("002", "步骤5", "Ticks for the workbench which auth sources may sign in")
def tick():
    portal(WORKBENCH, auth_sources=[])
    made["auth_source"] = auth_source_of(AGENT)["id"]
    refused(Person(CORP, "lihua"), WORKBENCH, "SI-105")
    ticked = api("PATCH", f"clients/{WORKBENCH}", {"auth_sources": [made["auth_source"]]})
    check(ticked["auth_sources"] == [made["auth_source"]], ticked)
    # At once: nothing is cached.
    check(signs_in(Person(CORP, "lihua"), WORKBENCH)["preferred_username"] == "lihua", "李华 signs in")


@step("002", "步骤6", "Is opened inside WeCom and signs in without a page")
def inside_wecom():
    person = Person(CORP, "zhangsan", in_wecom=True)
    end = person.open(authorize(WORKBENCH), scan=False)
    check(isinstance(end, str) and "code=" in end, getattr(end, "body", end))


@wecom_step("002", "其他应用 1", "Makes another self-built app")
def other_app():
    scope(OTHER_AGENT, parties=[1])
    wecom("PATCH", f"corps/{CORP}/apps/{OTHER_AGENT}", {"web_callback_domain": HOST, "oauth_domain": HOST})


@step("002", "其他应用 2–3", "Takes the other app in; says who of its visible scope lies outside the integration's")
def take_other_app():
    body = {"name": "老门户", "corp_id": CORP, "agent_id": OTHER_AGENT, "app_secret": OTHER_SECRET}
    created = api("POST", "auth-sources", body, 201)
    sync(made["source"])
    path = f"auth-sources/{created['id']}"
    check("DI-208" in numbers(api("GET", path)), "its scope is wider")
    app = next(app for app in items("wecom-apps") if app["agent_id"] == OTHER_AGENT)
    outside = api("GET", f"wecom-apps/{app['id']}/outside-integration-scope")
    lines = [line["wecom_id"] for line in outside["lines"]]
    check(lines == [1], outside)
    scope(OTHER_AGENT, parties=[4])
    sync(made["source"])
    check("DI-208" not in numbers(api("GET", path)), "its scope lies inside")
    portal("seeds-002-other", auth_sources=[created["id"]])
    check(signs_in(Person(CORP, "lihua"), "seeds-002-other")["preferred_username"] == "lihua", "李华 signs in")


@step("002", "FAQ 1", "Says that the trusted domain is another than the one of the redirect URI, and when it is right")
def trusted_domain():
    wecom("PATCH", f"corps/{CORP}/apps/{AGENT}", {"oauth_domain": "elsewhere.example"})
    stopped = Person(CORP, "lihua", in_wecom=True).open(authorize(WORKBENCH), scan=False)
    check(not isinstance(stopped, str) and stopped.url.startswith(WECOM), "WeCom shows its own error")
    sync(made["source"])
    shown = api("GET", f"auth-sources/{made['auth_source']}")
    found = [problem for problem in shown["problems"] if problem["number"] == "DI-207"]
    check(found and HOST in found[0]["detail"] and found[0]["remedy"], shown)
    wecom("PATCH", f"corps/{CORP}/apps/{AGENT}", {"oauth_domain": HOST})
    sync(made["source"])
    check("DI-207" not in numbers(api("GET", f"auth-sources/{made['auth_source']}")), "it is right")


@step("002", "FAQ 2", "Says that somebody is not authorised, and lets an admin authorise them")
def authorise():
    user = next(user for user in items("users") if user["username"] == "wangwu")
    api("PATCH", f"users/{user['id']}", {"status": "disabled"})
    refused(Person(CORP, "wangwu"), WORKBENCH, "GT-111")
    status, why = call("GET", f"access-checks?client_id={WORKBENCH}&user_id={user['id']}")
    check(status == 200 and len(why["people"]) == 1 and not why["people"][0]["admitted"], why)
    check(any(way["would_let_in"] for way in why["people"][0]["ways"]), why)
    api("PATCH", f"users/{user['id']}", {"status": "active"})
    check(signs_in(Person(CORP, "wangwu"), WORKBENCH)["sub"] == user["id"], "王五 signs in as who they were")
