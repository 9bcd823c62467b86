"""Fills an installation, so that there is something behind the ids that schemathesis tries. Prints nothing; returns the ids."""

import importlib
import os
import sys

CORP = {
    "name": "青云科技",
    "corp_id": "ww5ample0000000001",
    "contacts_secret": "sample-contacts-secret-qingyun-00000001",
    "app": {"agent_id": 1000002, "secret": "sample-app-secret-qingyun-menjin-00000001"},
}
# With its app alone, which is not given what tells people apart for certain.
OTHER = {
    "name": "白石设计",
    "corp_id": "ww5ample0000000002",
    "app": {"agent_id": 1000002, "secret": "sample-app-secret-baishi-menjin-000000001"},
}
# Lists whose items, five at most, are what is tried on.
LISTED = (
    "auth-sources",
    "wecom-apps",
    "members",
    "departments",
    "tags",
    "users",
    "conflicts",
    "access-requests",
    "identity-findings",
    "sessions",
    "grants",
    "offboardings",
    "logout-deliveries",
    "notices",
)
# How many there are of each thing that can be deleted, besides those that are kept.
SPARE = 4


def seed(admin, base, token, wecom):
    """One of everything that can be made, and what comes of syncs and sign-ins.

    Answers what is `kept`, ids by resource; what is `spare`, ids by resource that may be deleted; and `inner`, values of other parameters."""
    # Who has this name is not imported: a conflict.
    admin.post("users", {"username": "zhaoliu", "display_name": "Zhao of old"})
    person = admin.post("users", {"username": "local.person", "display_name": "Local Person"})["id"]
    admin.post(f"users/{person}/password-link")
    source = admin.post("data-sources", CORP)["id"]
    run = admin.synced(source)
    assert run["state"] in ("succeeded", "incomplete"), run
    planned = admin.synced(source, "plan")
    portal = admin.post("clients", {"name": "Wiki", "redirect_uris": ["https://wiki.corp.example/callback"]})
    kept = {
        "data-sources": [source],
        # The one that can be undone changed little; without the first nobody would be left.
        "sync-runs": [planned["id"]],
        "clients": [portal["id"], portal["client_id"]],
        "users": [person],
        "operators": [operator(admin, "kept")],
        "callbacks": [source],
    }
    inner = {
        "callback": [admin.post(f"data-sources/{source}/callbacks", {"owner": "app"})["id"]],
        "reference": visits(admin, base, token, wecom),
        "client": ["visited"],
        "user": [person],
    }
    kept["sync-runs"].append(renamed(admin, source))
    doubt(admin)
    told(admin, kept)
    spare = spares(admin)
    kept["groups"] = [spare["groups"].pop()]
    admin.post(f"groups/{kept['groups'][0]}/users", {"users": [person]})
    wanted = {"channel_id": kept["notice-channels"][0], "topics": ["alert"]}
    spare["notice-subscriptions"] = [admin.post("notice-subscriptions", wanted)["id"] for _ in range(SPARE)]
    spare["callbacks"] = [admin.post(f"data-sources/{source}/callbacks", {"owner": "contacts"})["id"]]
    for resource in ("api-tokens", "verification-files", "initial-access-tokens", "suites"):
        kept[resource] = [spare[resource].pop()]
    for resource in LISTED:
        known = [item["id"] for item in admin.get(resource + "?limit=5")["items"]]
        if resource in ("sessions", "grants"):
            spare[resource] = [known.pop()]
        kept[resource] = [*kept.get(resource, []), *known]
    return {"kept": kept, "spare": spare, "inner": inner}


def calls_of(base, token, wecom):
    """`tests/seeds/calls.py` for this pairing: it reads where everything is when it is imported."""
    os.environ.update(MENJIN=base, TOKEN=token, WECOM=wecom)
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "seeds"))
    return importlib.reload(importlib.import_module("calls"))


def trusts(calls, base, corp):
    """WeCom trusts our domain for the app of this corp."""
    host = base.split("://", 1)[1]
    calls.wecom("PATCH", f"corps/{corp}/apps/1000002", {"web_callback_domain": host, "oauth_domain": host})


def told(admin, kept):
    """Channels and subscriptions; the test messages are notices. Nobody listens there."""
    hook = {"kind": "webhook", "url": "http://127.0.0.1:9/"}
    kept["notice-channels"], kept["notice-subscriptions"] = [], []
    for number in range(2):
        channel = admin.post("notice-channels", {**hook, "name": f"hook {number}"})["id"]
        wanted = {"channel_id": channel, "topics": ["alert"]}
        kept["notice-channels"].append(channel)
        kept["notice-subscriptions"].append(admin.post("notice-subscriptions", wanted)["id"])
        admin.post(f"notice-channels/{channel}/test", {})


def operator(admin, name):
    user = admin.post("users", {"username": f"operator.{name}"})["id"]
    admin.call("PUT", f"operators/{user}", {"role": "auditor"})
    return user


def spares(admin):
    """Things that may be deleted."""
    made = {}

    def make(resource, body):
        made.setdefault(resource, []).append(admin.post(resource, body)["id"])

    for number in range(SPARE):
        make("api-tokens", {"name": f"spare {number}", "role": "auditor"})
        make("notice-channels", {"kind": "webhook", "name": f"spare {number}", "url": "http://127.0.0.1:9/"})
        make("initial-access-tokens", {"name": f"spare {number}"})
        make("verification-files", {"name": f"WW_verify_contract000{number}.txt", "content": f"contract000{number}"})
        make("suites", {"name": f"Spare {number}", "suite_id": f"wwsparesuite{number}", "secret": "spare-secret-spare-secret"})
        make("clients", {"name": f"Spare {number}", "redirect_uris": ["https://spare.corp.example/callback"]})
        make("users", {"username": f"spare.{number}"})
        make("groups", {"name": f"spare {number}"})
        corp = {"corp_id": f"wwspare000000000{number}", "save_anyway": True}
        make("data-sources", {"name": f"Spare {number}", "login_methods": [], **corp})
        make("auth-sources", {"name": f"Spare {number}", "agent_id": 1, "app_secret": "spare-secret-spare-secret", **corp})
        made.setdefault("operators", []).append(operator(admin, f"spare.{number}"))
    return made


def visits(admin, base, token, wecom):
    """People sign in to a portal, one is refused, one is signed out, and one leaves; the codes that were shown."""
    calls = calls_of(base, token, wecom)
    corp = CORP["corp_id"]
    trusts(calls, base, corp)
    logout = {"backchannel_logout_uri": "https://visited.corp.example/logout"}
    calls.portal("visited", metadata=logout)
    people = {}
    for userid in ("lihua", "zhangsan", "dandu", "biaoqian"):
        people[userid] = calls.signs_in(calls.Person(corp, userid), "visited")["sub"]
    calls.refused(calls.Person(corp, "chenyu"), "visited", "GT-")
    admin.call("DELETE", f"users/{people['dandu']}/sessions")
    admin.call("PATCH", f"users/{people['biaoqian']}", {"status": "disabled"})
    return [item["reference"] for item in admin.get("refusals?limit=5")["items"] if item["reference"]]


def renamed(admin, source):
    """A sync by which one person has another name; its run."""
    calls = importlib.import_module("calls")
    calls.wecom("PATCH", f"corps/{CORP['corp_id']}/members/sunqi", {"name": "孙淇"})
    return admin.synced(source)["id"]


def doubt(admin):
    """Somebody has another name, and nothing says whether they are another person."""
    calls = importlib.import_module("calls")
    source = admin.post("data-sources", OTHER)["id"]
    admin.synced(source)
    calls.wecom("PATCH", f"corps/{OTHER['corp_id']}/members/LiHua", {"name": "欧阳华"})
    admin.synced(source)
