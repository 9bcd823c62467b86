"""Calls of Menjin's API, with curl as an admin would make them, and of the simulated WeCom's control API; and a person with browser and phone."""

import html.parser
import http.cookiejar
import json
import os
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

MENJIN = os.environ["MENJIN"].rstrip("/")
TOKEN = os.environ["TOKEN"]
WECOM = os.environ["WECOM"].rstrip("/")
SHOW = os.environ.get("SEEDS_SHOW") == "1"
# Seconds for which is waited for what comes by itself.
PATIENCE = float(os.environ.get("SEEDS_PATIENCE", "30"))

BROWSER = "Mozilla/5.0 seeds"
CLIENT = "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 wxwork/4.1.3 (MicroMessenger/6.2) WindowsWechat"
# A portal that nobody listens at: what is sent there is looked at, not opened.
PORTAL = "http://127.0.0.1:9/callback"


class Failed(Exception):
    """What a step found to be otherwise than it must be."""


def check(holds, what):
    if not holds:
        raise Failed(what if isinstance(what, str) else json.dumps(what, ensure_ascii=False)[:1500])


def quoted(value):
    """A value as a configuration file of curl takes it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def curl(method, url, body, headers):
    """Status and body of one call."""
    command = ["curl", "-sS", "--max-time", "60", "-X", method, url]
    data = None if body is None else json.dumps(body, ensure_ascii=False)
    given = list(headers) if data is None else [*headers, "Content-Type: application/json"]
    if SHOW:
        shown = command + [part for header in given for part in ("-H", header)] + ([] if data is None else ["-d", data])
        shown = [part.replace(TOKEN, "$TOKEN") for part in shown]
        print("    " + " ".join(f"'{part}'" if " " in part or "{" in part else part for part in shown))
    # Headers and body hold secrets, and everybody on the machine may read the arguments of a program: they go by standard input.
    options = [f"header = {quoted(header)}" for header in given]
    options += [] if data is None else [f"data-raw = {quoted(data)}"]
    command += ["-w", "\n%{http_code}", "-K", "-"]
    done = subprocess.run(command, input="\n".join(options), capture_output=True, text=True, check=False)
    check(done.returncode == 0, f"curl {method} {url}: {done.stderr.strip()}")
    text, _, status = done.stdout.rpartition("\n")
    return int(status), text


def call(method, path, body=None):
    """Status and JSON of one call of the API."""
    status, text = curl(method, f"{MENJIN}/api/v1/{path}", body, [f"Authorization: Bearer {TOKEN}"])
    return status, json.loads(text) if text.startswith(("{", "[")) else {"text": text}


def api(method, path, body=None, status=None):
    """JSON of a call that must succeed, or be answered with this status."""
    got, answer = call(method, path, body)
    wanted = (status,) if status else (200, 201, 202, 204)
    check(got in wanted, f"{method} {path}: {got} {json.dumps(answer, ensure_ascii=False)[:1500]}")
    return answer


def items(path):
    return api("GET", f"{path}{'&' if '?' in path else '?'}limit=200")["items"]


def numbers(resource):
    """Numbers of the problems of a resource."""
    return [problem["number"] for problem in resource["problems"]]


def watch(run):
    """A run to its end. The stream of its events ends with it, so nothing is waited for by the clock."""
    curl("GET", f"{MENJIN}/api/v1/sync-runs/{run}/events", None, [f"Authorization: Bearer {TOKEN}"])
    run = api("GET", f"sync-runs/{run}")
    check(run["state"] in ("succeeded", "planned", "rehearsed"), run)
    return run


def sync(source, mode="apply"):
    """A sync to its end; its run."""
    return watch(api("POST", f"data-sources/{source}/sync", {"mode": mode})["id"])


def until(found, what):
    """What comes by itself, once it is there. Jobs run within seconds, syncs that are due within five; who runs them by hand does it at this line."""
    print(f"  (waits: {what})", flush=True)
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if result := found():
            return result
        time.sleep(0.02)
    raise Failed(f"did not come: {what}")


def wecom(method, path, body=None):
    """What somebody does in WeCom's own console, on the simulator's control API."""
    status, text = curl(method, f"{WECOM}/_sim/{path}", body, [])
    check(status < 300, f"simulator {method} {path}: {status} {text}")
    return json.loads(text) if text.startswith(("{", "[")) else None


def clear():
    """Nothing is set up, and nobody is known."""
    for path in ("clients", "auth-sources", "data-sources", "users"):
        while found := items(path):
            for item in found:
                api("DELETE", f"{path}/{item['id']}")


class Page(html.parser.HTMLParser):
    """Links and forms of a page."""

    def __init__(self, url, status, body):
        super().__init__()
        self.url, self.status, self.body = url, status, body
        self.links, self.forms = [], []
        self.feed(body)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a" and "href" in attributes:
            self.links.append(urllib.parse.urljoin(self.url, attributes["href"]))
        elif tag == "form":
            self.forms.append(urllib.parse.urljoin(self.url, attributes.get("action") or self.url))

    def link(self, part):
        return next((link for link in self.links if part in link), None)


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Person:
    """A member with a browser of their own and a phone; `in_wecom`: the browser is the WeCom client."""

    def __init__(self, corp, userid, in_wecom=False):
        self.corp, self.userid = corp, userid
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), Stay, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        self.opener.addheaders = [
            ("User-Agent", CLIENT if in_wecom else BROWSER),
            ("Accept-Language", "en"),
            ("Accept", "text/html"),
        ]
        if in_wecom:
            self.request(f"{WECOM}/client", {"corp": corp, "userid": userid})

    def request(self, url, form=None):
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            answer = self.opener.open(urllib.request.Request(url, data), timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        body = answer.read().decode("utf-8", "replace")
        location = answer.headers.get("Location")
        return answer.status, urllib.parse.urljoin(url, location) if location else None, body

    def open(self, url, scan=True):
        """Follows redirects and scans where asked: the address at the portal, or the page where it ends."""
        for _ in range(20):
            if url.startswith(PORTAL):
                return url
            status, location, body = self.request(url)
            page = Page(url, status, body)
            phone = page.link("/phone/")
            if location:
                url = location
            elif scan and phone:
                ticket = urllib.parse.urlparse(phone).path.rsplit("/", 1)[-1]
                Person(self.corp, self.userid).request(phone, {"as": "member", "corp": self.corp, "userid": self.userid})
                url = f"{WECOM}/wwlogin/sso/wait?ticket={ticket}"
            elif scan and page.link("/go/"):
                url = page.link("/go/")
            else:
                return page
        raise Failed(f"too many redirects, last {url}")


def portal(client_id, **fields):
    """Registers a public portal."""
    body = {"client_id": client_id, "name": client_id, "auth_method": "none", "redirect_uris": [PORTAL], **fields}
    return api("POST", "clients", body)


# RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def authorize(client_id):
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": PORTAL,
        "scope": "openid profile",
        "state": "seeds",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"{MENJIN}/oauth2/authorize?{urllib.parse.urlencode(query)}"


def signs_in(person, client_id):
    """The person lands in the portal; what userinfo says of them."""
    end = person.open(authorize(client_id))
    check(isinstance(end, str), f"{person.userid} was stopped at {getattr(end, 'url', '')}: {getattr(end, 'body', '')}")
    code = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(end).query)).get("code")
    check(code, end)
    form = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "code": code,
        "redirect_uri": PORTAL,
        "code_verifier": VERIFIER,
    }
    status, _, body = Person("", "").request(f"{MENJIN}/oauth2/token", form)
    check(status == 200, body)
    bearer = f"Authorization: Bearer {json.loads(body)['access_token']}"
    status, body = curl("GET", f"{MENJIN}/oauth2/userinfo", None, [bearer])
    check(status == 200, body)
    return json.loads(body)


def refused(person, client_id, number):
    """The person reads this refusal; the page."""
    end = person.open(authorize(client_id))
    check(not isinstance(end, str), f"{person.userid} was let in")
    check(number in end.body, f"{number} is not on the page:\n{end.body}")
    return end
