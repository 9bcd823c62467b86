"""Seeds an installation with a corp of 100,000 people and measures every page of the console; see ./run."""

import argparse
import contextlib
import http.client
import os
import re
import secrets
import shutil
import statistics
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import json

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "..", "tests", folder) for folder in ("contract", "axe")]

import servers  # noqa: E402
from addresses import PAGES, SEARCHES, unmeasured  # noqa: E402
from seed import seeded  # noqa: E402
from storage import Postgres, Sqlite  # noqa: E402

# What is wanted: milliseconds of a page and of a search, KiB of a page.
PAGE, SEARCH, SIZE = 300, 100, 200
PORTALS = "Wiki Grafana GitLab Jenkins Harbor Nextcloud JumpServer Superset Confluence Jira Sentry Kibana Argo Vault Nexus".split()
CORP = {
    "name": "青云科技",
    "corp_id": "ww5ample0000000001",
    "contacts_secret": "sample-contacts-secret-qingyun-00000001",
    "app": {"agent_id": 1000002, "secret": "sample-app-secret-qingyun-menjin-00000001"},
}


class Api:
    def __init__(self, base, token):
        self.base, self.token = base + "/api/v1/", token

    def call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def first(self, path):
        return self.call("GET", path + "?limit=1")["items"][0]["id"]


def set_up(base, token):
    """What cannot be written into the database from outside, because it is sealed."""
    api = Api(base, token)
    source = api.call("POST", "data-sources", CORP)["id"]
    other = {"name": "白石设计", "corp_id": "ww5ample0000000002"}
    api.call("POST", "data-sources", {**other, "app": {"agent_id": 1000002, "secret": "sample-app-secret-baishi-menjin-000000001"}})
    app = next(one["id"] for one in api.call("GET", "wecom-apps?limit=10")["items"] if one["corp_id"] == CORP["corp_id"])
    auth_source = next(
        (one["id"] for one in api.call("GET", "auth-sources?limit=10")["items"] if one["corp_id"] == CORP["corp_id"]), None)
    if auth_source is None:
        body = {"name": CORP["name"], "corp_id": CORP["corp_id"], "agent_id": 1000002, "app_secret": CORP["app"]["secret"]}
        auth_source = api.call("POST", "auth-sources", body)["id"]
    clients = []
    for number in range(30):
        name = PORTALS[number % len(PORTALS)] + ("" if number < len(PORTALS) else " 2")
        uri = f"https://portal{number}.qingyun.example"
        body = {"name": name, "redirect_uris": [uri + "/callback"], "metadata": {"backchannel_logout_uri": uri + "/logout"}}
        made = api.call("POST", "clients", body)
        clients.append((made["id"], made["client_id"]))
    for number in range(20):
        api.call("POST", "api-tokens", {"name": f"script {number}", "role": "auditor"})
    callback = api.call("POST", f"data-sources/{source}/callbacks", {"owner": "contacts"})["id"]
    file = api.call("POST", "verification-files", {"name": "WW_verify_figures00000001.txt", "content": "figures00000001"})["id"]
    token = api.first("api-tokens")
    hook = {"kind": "webhook", "name": "hook", "url": "http://127.0.0.1:9/"}
    channel = api.call("POST", "notice-channels", hook)["id"]
    subscription = api.call("POST", "notice-subscriptions", {"channel_id": channel, "topics": ["alert"]})["id"]
    for _ in range(30):
        api.call("POST", f"notice-channels/{channel}/test", {})
    suite = api.call("POST", "suites", {"name": "门禁通行", "suite_id": "wwsu1te00000000001", "secret": "figures-suite-secret"})["id"]
    return {"file": file, "notice_channel": channel, "notice_subscription": subscription, "suite": suite, "source": source, "app": app, "auth_source": auth_source, "clients": clients, "callback": callback, "token": token}


class Browser:
    """One connection, and the cookie of an owner's session."""

    def __init__(self, base, cookie):
        self.host = base.split("://", 1)[1]
        self.cookie = cookie
        self.connection = http.client.HTTPConnection(self.host, timeout=60)

    def get(self, path):
        """Status, milliseconds until the last byte, and the body."""
        headers = {"Cookie": f"menjin_session={self.cookie}", "Accept-Language": "zh-CN"}
        begun = time.perf_counter()
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        body = answer.read()
        return answer.status, (time.perf_counter() - begun) * 1000, body


def quoted(path, ids):
    """The address with ids filled in; what is not ASCII as a browser sends it."""
    return urllib.parse.quote(path.format(**ids), safe="/?&=:%*-")


def addresses(browser, ids):
    """What is measured: (address, whether it is a search)."""
    pages = [quoted(path, ids) for paths in PAGES.values() for path in paths]
    searches = ["/console/search?q=" + urllib.parse.quote(text.format(**ids)) for text in SEARCHES]
    following = []
    for path in pages:
        status, _, body = browser.get(path)
        if status >= 400:
            print(f"{path}: {status}", flush=True)
        more = re.search(r'href="(/console[^"]*[?&;]cursor=[^"]*)"', body.decode())
        if more:
            following.append(more.group(1).replace("&amp;", "&").replace("&#38;", "&"))
    return [(path, False) for path in pages + following] + [(path, True) for path in searches]


def is_search(path):
    """Lists with a text to look for are searches, too."""
    return re.search(r"[?&](q|person)=", path) is not None


def measured(base, ids, rounds):
    """(address, first ms, median ms, slowest ms, KiB), the slowest first."""
    browser = Browser(base, ids["cookie"])
    rows = []
    for path, _ in addresses(browser, ids):
        times, size = [], 0
        for _ in range(rounds):
            status, took, body = browser.get(path)
            times.append(took)
            size = len(body)
            if status >= 500:
                raise SystemExit(f"{path}: {status} {body.decode()[:2000]}")
        rows.append((path, times[0], statistics.median(times), max(times), size / 1024))
    return sorted(rows, key=lambda row: -row[2])


def told(name, rows, most):
    over = [row for row in rows if row[2] > (SEARCH if is_search(row[0]) else PAGE) or row[4] > SIZE]
    searches = [row for row in rows if is_search(row[0])]
    others = [row for row in rows if not is_search(row[0])]
    middle = lambda rows: statistics.median(row[2] for row in rows)
    print(f"\n{name}: {len(rows)} addresses; pages median {middle(others):.0f} ms, slowest {others[0][2]:.0f} ms; "
          f"searches median {middle(searches):.0f} ms, slowest {searches[0][2]:.0f} ms; largest {max(row[4] for row in rows):.0f} KiB")
    for row in sorted(set(rows[:most]) | set(over), key=lambda row: -row[2]):
        mark = "!" if row in over else " "
        print(f"{mark} {row[2]:7.0f} ms (first {row[1]:.0f}, slowest {row[3]:.0f}) {row[4]:6.0f} KiB  {urllib.parse.unquote(row[0])}", flush=True)
    return over


@contextlib.contextmanager
def installation(name, folder, keep):
    """A Menjin with everything seeded: yields its address and the ids."""
    token = secrets.token_hex(32)
    with contextlib.ExitStack() as stack:
        path = os.path.join(folder, f"{name}.db")
        settings = {"SEAL__KEY": secrets.token_hex(32), "DATABASE__URL": f"sqlite://{path}", "SERVER__WORKERS": "2"}
        if name == "postgres":
            settings |= {"DATABASE__URL": servers.postgres(stack, folder), "EPHEMERAL__KIND": "redis",
                         "EPHEMERAL__URL": servers.redis(stack, folder)}
        with contextlib.ExitStack() as first:
            wecom = servers.simulator(first, folder)
            made = set_up(servers.menjin(first, folder, wecom, token, settings), token)
        storage = Postgres(settings["DATABASE__URL"]) if name == "postgres" else Sqlite(path)
        ids = {**made, **seeded(storage, made)}
        # From here on WeCom is not there: nothing of what was written is corrected by it.
        base = servers.menjin(stack, folder, "http://127.0.0.1:9", token, settings)
        api = Api(base, token)
        ids["client_id"] = made["clients"][7][1]
        ids["finding"] = api.first("identity-findings")
        departments = api.call("GET", "departments?limit=200")["items"]
        ids["department"], ids["small_department"] = departments[0]["id"], departments[150]["id"]
        groups = [api.call("POST", "groups", {"name": name})["id"] for name in ("wiki-editors", "值班")]
        api.call("PATCH", f"clients/{made['clients'][8][0]}", {"allowed_groups": groups[1:]})
        ids["group"], ids["named_group"] = groups
        ids["approver"] = ids["user"]
        api.call("PATCH", f"data-sources/{ids['source']}", {"approvers": [ids["approver"]]})
        api.call("POST", "initial-access-tokens", {"name": "team"})
        ids["registration"] = api.first("initial-access-tokens")
        now = time.time()
        ids["month_ago"], ids["week_ago"] = (time.strftime("%Y-%m-%d", time.gmtime(now - days * 86400)) for days in (30, 7))
        if keep:
            with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
                json.dump({"base": base, "token": token, "settings": settings, **ids}, file)
        yield base, ids


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pairing", choices=("sqlite", "postgres"), action="append")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--most", type=int, default=15, help="so many of the slowest are printed")
    arguments.add_argument("--keep", metavar="FOLDER", help="where the databases are made, and left; the server runs on until it is interrupted")
    known = arguments.parse_args()
    left_out = unmeasured(os.path.join(HERE, "..", "..", "src", "console", "http"))
    if left_out:
        raise SystemExit(f"not measured: {left_out}")
    over = []
    for name in known.pairing or ("sqlite", "postgres"):
        folder = known.keep or tempfile.mkdtemp(prefix="menjin-console-")
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o755)
        try:
            with installation(name, folder, known.keep) as (base, ids):
                over += told(name, measured(base, ids, known.rounds), known.most)
                if known.keep:
                    print(base, "menjin_session=" + ids["cookie"], flush=True)
                    with contextlib.suppress(KeyboardInterrupt):
                        while True:
                            time.sleep(3600)
        finally:
            if not known.keep:
                shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()
