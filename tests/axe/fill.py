"""An installation with something on every page: a company, portals, people who signed in, were refused and left, runs, doubts, an owner."""

import http.server
import importlib
import re
import threading

from console import PASSWORD, one_time_code
from seed import CORP, OTHER, calls_of, trusts

# A company that the simulator makes up, and its own app.
MOVING = {"corp_id": "wwgenerated0000001", "agent_id": 1000002, "app_secret": "generated-app-secret-000000000000000000001"}


def filled(base, token, wecom, mails):
    """Ids by what they are of."""
    c = calls_of(base, token, wecom)
    api = c.api
    # Who has this name is not imported: a conflict.
    api("POST", "users", {"username": "zhaoliu", "display_name": "Zhao of old"})
    for corp in (CORP, OTHER):
        trusts(c, base, corp["corp_id"])
    source = api("POST", "data-sources", CORP)["id"]
    other = api("POST", "data-sources", OTHER)["id"]
    c.sync(source)
    c.sync(other)
    c.wecom("PATCH", f"corps/{OTHER['corp_id']}/members/LiHua", {"name": "欧阳华"})
    c.sync(other)
    wiki = c.portal("wiki", name="Wiki", metadata={"backchannel_logout_uri": listener()})
    grafana = c.portal("grafana", name="Grafana")
    people = {}
    for userid in ("lihua", "zhangsan", "dandu", "biaoqian"):
        people[userid] = c.signs_in(c.Person(CORP["corp_id"], userid), "wiki")["sub"]
    c.refused(c.Person(CORP["corp_id"], "chenyu"), "wiki", "GT-")
    department = api("GET", "departments?limit=1")["items"][0]["id"]
    api("PATCH", f"clients/{wiki['id']}", {"allowed_departments": [department], "allowed_users": [people["lihua"]]})
    groups = [api("POST", "groups", {"name": name, "description": "Whoever writes"})["id"] for name in ("wiki-editors", "值班")]
    for group in groups:
        api("POST", f"groups/{group}/users", {"users": [people["lihua"], people["zhangsan"]]})
    api("PATCH", f"clients/{grafana['id']}", {"allowed_users": [people["zhangsan"]], "allowed_groups": [groups[1]]})
    api("PATCH", f"users/{people['biaoqian']}", {"status": "disabled"})
    c.wecom("DELETE", f"corps/{CORP['corp_id']}/members/dandu")
    c.sync(source)
    c.wecom("PATCH", f"corps/{CORP['corp_id']}/members/sunqi", {"name": "孙淇"})
    c.wecom("POST", f"corps/{CORP['corp_id']}/members", {"userid": "wangxin", "name": "王新", "departments": [{"department": 2}]})
    planned = c.sync(source, "plan")["id"]
    approver(api, source, people["zhangsan"])
    request, decided_request = requests(c, source)
    first = lambda path: api("GET", path)["items"][0]["id"]
    token_id = api("POST", "api-tokens", {"name": "monitoring", "role": "auditor"})["id"]
    api("POST", "initial-access-tokens", {"name": "team"})
    file = api("POST", "verification-files", {"name": "WW_verify_figures00000001.txt", "content": "figures00000001"})["id"]
    channel, subscription = told(api, mails)
    runs = c.items("sync-runs")
    apps = [app["id"] for app in c.items("wecom-apps") if app["corp_id"] == CORP["corp_id"]]
    return {
        "group": groups[0], "named_group": groups[1], "file": file, "registration": first("initial-access-tokens"), "approver": people["zhangsan"],
        "source": source, "app": apps[0], "auth_source": first("auth-sources"), "portal": wiki["id"], "open_portal": wiki["id"],
        "client_id": "wiki", "user": people["lihua"], "owner": people["lihua"], "leaver": people["dandu"], "name": "李华",
        "userid": "lihua", "code": first_code(api), "report": first("offboardings"), "run": runs[-1]["id"], "small_run": runs[1]["id"],
        "request": request, "decided_request": decided_request, "planned_run": planned, "finding": first("identity-findings"), "token": token_id, "department": department,
        "small_department": department, "month_ago": "2026-01-01", "week_ago": "2027-01-01",
        "callback": api("POST", f"data-sources/{source}/callbacks", {"owner": "contacts"})["id"],
        "notice_channel": channel, "notice_subscription": subscription,
        **installed(),
        **moving(c, base),
    }


def installed():
    """A service provider's app, and a company that installed it, under IDs of its own."""
    suites = providers()
    installation = suites.in_browser(OTHER["corp_id"])
    return {"suite": suites.suite()["id"], "installation": installation["id"], "installed": installation["data_source_id"]}


def providers():
    """`tests/seeds/suites.py` for this installation."""
    return importlib.reload(importlib.import_module("suites"))


def moving(c, base):
    """Another company that installed the app, and whose move to an app of its own is rehearsed; who is whom is open for one of its members."""
    suites = providers()
    c.wecom("POST", "generate", {"members": 24, "departments": 4})
    trusts(c, base, MOVING["corp_id"])
    suites.ADMINS[MOVING["corp_id"]], suites.NAMES[MOVING["corp_id"]] = ("user000001", "user000002"), "生成科技"
    source = suites.in_browser(MOVING["corp_id"])["data_source_id"]
    moves = f"data-sources/{source}/moves"
    move = c.api("POST", moves, MOVING)["id"]
    c.api("POST", f"{moves}/{move}/pair", {})
    c.watch(c.api("POST", f"{moves}/{move}/rehearse", {})["rehearsal"]["run_id"])
    return {"moving": source, "move": move}


def moved(c, ids):
    """The company goes over, and somebody joins it whom the service provider's app does not know."""
    move = f"data-sources/{ids['moving']}/moves/{ids['move']}"
    assert c.api("POST", f"{move}/change", {"accept": True})["state"] == "done", "it has not moved"
    c.watch(c.items(f"sync-runs?data_source={ids['moving']}&mode=apply")[0]["id"])
    joiner = {"userid": "joiner", "name": "新来的", "departments": [{"department": 1}]}
    c.wecom("POST", f"corps/{MOVING['corp_id']}/members", joiner)
    c.sync(ids["moving"])


def told(api, mails):
    """A channel to this mail server, a subscription by it, and a test message that nobody accepted; ids of the first two."""
    mail = {"kind": "email", "name": "Mail", "host": "127.0.0.1", "port": mails.port, "security": "none", "sender": "menjin@corp.example"}
    channel = api("POST", "notice-channels", mail)["id"]
    wanted = {"channel_id": channel, "address": "ops@corp.example", "topics": ["access_requested", "alert"], "digest": "hourly"}
    subscription = api("POST", "notice-subscriptions", {**wanted, "quiet_from": 1320, "quiet_to": 420})["id"]
    api("POST", f"notice-channels/{channel}/test", {"address": "nobody@corp.example"})
    return channel, subscription


def approver(api, source, user):
    """Zhang San answers access requests of this data source, and is told of each by a card."""
    api("PATCH", f"data-sources/{source}", {"approvers": [user]})
    channel = api("POST", "notice-channels", {"kind": "wecom", "name": "WeCom", "data_source_id": source})["id"]
    api("POST", "notice-subscriptions", {"channel_id": channel, "address": "zhangsan", "topics": ["access_requested"]})


def requests(c, source):
    """Ids of an access request that waits and of one that was refused: of who is a conflict, and so not imported."""
    c.api("PATCH", f"data-sources/{source}", {"access_requests": True})
    person = c.Person(CORP["corp_id"], "zhaoliu")
    made = []
    for reason in ("<b>Who reads this?</b>", "For the handbook"):
        page = c.refused(person, "wiki", "GT-110")
        own = person.open(page.link("/access-request/"))
        confirm = re.search(r'name="confirm" value="([^"]+)"', own.body).group(1)
        person.request(own.url, {"confirm": confirm, "reason": reason})
        made.append(c.items("access-requests?state=open")[0]["id"])
        if len(made) == 1:
            c.api("POST", f"access-requests/{made[0]}/refuse", {"reason": "Ask HR first"})
    return made[1], made[0]


def listener():
    """Address of a portal that hears of logouts for as long as this program runs."""

    class Hears(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hears)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/logout"


def first_code(api):
    return next(one["reference"] for one in api("GET", "refusals?limit=50")["items"] if one["reference"])


def becomes_owner(browser, base, link, looked):
    """Opens the link of the first owner and ends signed in at the console; `looked(name)` is called on each page on the way."""
    browser.open(link)
    looked("welcome")
    browser.type("#username", "the.owner")
    browser.click(browser.find("form button"))
    browser.find("#again")
    looked("choose a password")
    browser.type("#password", PASSWORD)
    browser.type("#again", PASSWORD)
    browser.click(browser.find("form button"))
    browser.click(browser.find("a.button[href^='/console']"))
    browser.find("#username")
    looked("login")
    signs_in(browser, "the.owner", looked)


def signs_in(browser, username, looked=lambda _: None):
    """From the login page to the console, setting up one-time codes on the way."""
    browser.type("#username", username)
    browser.type("#password", PASSWORD)
    browser.click(browser.find("form.fields button"))
    browser.find("#code")
    looked("one-time codes")
    secret = re.search(r"secret=([A-Z2-7]+)", browser.source).group(1)
    browser.type("#code", one_time_code(secret))
    browser.click(browser.find("form.fields button"))
    browser.find(".codes")
    looked("recovery codes")
    browser.click(browser.find("a.button"))
    browser.find("#content")
