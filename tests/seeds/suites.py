"""A service provider's app in WeCom and in Menjin, companies that install it by both ways, and names of their members."""

import html
import json
import re
import urllib.parse

from calls import MENJIN, WECOM, Page, Person, api, check, curl, items, until, wecom

PROVIDER, SUITE = "wwpr0vider00000001", "wwsu1te00000000001"
SECRET = "sample-suite-secret-yunmen-0000000000001"
# Who agrees and what they choose, by company: 青云科技 and 白石设计.
ADMINS = {"ww5ample0000000001": ("zhangsan", "dandu"), "ww5ample0000000002": ("baishi", "moyan")}


def suite():
    """The app, entered and with a ticket; its row."""
    known = [one for one in items("suites") if one["suite_id"] == SUITE]
    if known:
        wecom("POST", f"suites/{SUITE}/pushes", {"push": "suite_ticket"})
        return known[0]
    provider = {"corpid": PROVIDER, "name": "云门服务", "secret": "sample-provider-secret-yunmen-0000000001"}
    wecom("PUT", "providers", provider)
    keys = {"token": "SampleSuiteToken1", "aes_key": "SampleSuiteKey1SampleSuiteKey1SampleSuite1A"}
    wecom("PUT", "suites", {"suite_id": SUITE, "name": "云门助手", "secret": SECRET, "provider": PROVIDER, **keys})
    entered = {"name": "云门助手", "suite_id": SUITE, "secret": SECRET, "provider_corp_id": PROVIDER}
    made = api("POST", "suites", entered, 201)
    url = next(one["url"] for one in made["callbacks"] if one["callback"] == "command")
    saved = {"which": "command", "url": url, "token": made["token"], "aes_key": made["encoding_aes_key"]}
    wecom("POST", f"suites/{SUITE}/callbacks", saved)
    wecom("POST", f"suites/{SUITE}/pushes", {"push": "suite_ticket"})
    return made


def invite(way):
    app = suite()
    return api("POST", f"suites/{app['id']}/invitations", {"way": way, "import": "all"}, 201)


# The corp IDs by which the provider knows companies: of one that deleted the app no name is left.
KNOWN = {}


def installation(corp):
    """What Menjin shows of a company that installed the app."""
    for one in items("installations"):
        if one["corp_id"] == KNOWN.get(corp) or one["corp_name"] == NAMES[corp]:
            KNOWN[corp] = one["corp_id"]
            return one
    return None


NAMES = {"ww5ample0000000001": "青云科技", "ww5ample0000000002": "白石设计"}


def deleted(corp):
    """The company has not installed the app, whether it had or not."""
    suite()
    curl("DELETE", f"{WECOM}/_sim/corps/{corp}/installs/{SUITE}", {}, [])
    before = installation(corp)
    if before and before["status"] in ("bound", "unbound", "moved"):
        until(lambda: installation(corp)["status"] == "cancelled", "it is disconnected")


def parameters(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlparse(url).query))


def in_browser(corp):
    """Installs in the browser, which connects at once; the installation, once its people were read."""
    deleted(corp)
    invited = invite("browser")
    by, member = ADMINS[corp]
    given = parameters(invited["install_url"])
    form = {name: given[name] for name in ("suite_id", "pre_auth_code", "redirect_uri", "state")}
    form |= {"corp": corp, "by": by, "party-2": "on", f"user-{member}": "on", "answer": "agree"}
    browser = Person(corp, by)
    browser.request(invited["install_url"])
    _, back, body = browser.request(f"{WECOM}/3rdapp/install", form)
    check(back, body)
    came = parameters(back)
    done = api("POST", "installations/returned", {"state": came["state"], "auth_code": came["auth_code"]})
    check(done["stage"] == "connected", done)
    return until(lambda: (found := installation(corp)) and found["members"] and found, "its people are read")


def on_phone(corp):
    """Installs on the phone; the invitation, and the installation as Menjin shows it by itself."""
    deleted(corp)
    invited = invite("phone")
    by, member = ADMINS[corp]
    scope = {"users": [member], "parties": [2], "tags": []}
    wecom("POST", f"corps/{corp}/installs", {"suite_id": SUITE, "by": by, "scope": scope})
    waits = until(lambda: (found := installation(corp)) and found["status"] == "unbound" and found, "it waits to be bound")
    return invited, waits


def scanned(corp, userid, invited):
    """A member scans, and the installation is bound."""
    path = f"suites/{invited['suite_id']}/invitations/{invited['id']}/scan"
    browser, url = Person(corp, userid), api("POST", path, {}, None)["login_url"]
    for _ in range(5):
        _, location, body = browser.request(url)
        phone = Page(url, 200, body).link("/phone/")
        if phone or not location:
            break
        url = location
    check(phone, body)
    Person(corp, userid).request(phone, {"corp": corp, "userid": userid})
    ticket = urllib.parse.urlparse(phone).path.rsplit("/", 1)[-1]
    _, back, body = browser.request(f"{WECOM}/wwlogin/sso/wait?ticket={ticket}")
    check(back, body)
    came = parameters(back)
    done = api("POST", "installations/scanned", {"state": came["state"], "code": came["code"]})
    check(done["stage"] == "connected", done)
    return until(lambda: (found := installation(corp)) and found["members"] and found, "its people are read")


def sees_names(admin, source, page):
    """The admin scans with WeCom of the company, as this page asks; the page after that."""
    confirm = re.search(r'name="confirm" value="([^"]+)"', page.body).group(1)
    back = re.search(r'name="back" value="([^"]+)"', page.body).group(1)
    form = {"confirm": confirm, "back": html.unescape(back)}
    status, _, body = admin.request(f"{MENJIN}/console/names/{source}/scan", form)
    check(status == 200, body)
    login = html.unescape(re.search(r'content="0;url=([^"]+)"', body).group(1))
    return admin.open(login)


def names_on(page):
    """The members whose names WeCom's component is to show on a page."""
    return re.findall(r'<ww-open-data type="userName" openid="([^"]+)"', page.body)


def named(viewer, source, url, openid, signer=None):
    """What the component shows this viewer for a member: the page is signed, and the name stands in a frame. `None`: no name."""
    query = urllib.parse.urlencode({"url": url})
    status, _, body = (signer or viewer).request(f"{MENJIN}/console/names/{source}/signature?{query}")
    check(status == 200, body)
    signed = json.loads(body)
    frame = {"corpid": signed["corp_id"], "agentid": signed["agent_id"], "timestamp": signed["timestamp"],
             "noncestr": signed["nonce"], "signature": signed["signature"], "url": url, "type": "userName", "id": openid}
    status, _, body = viewer.request(f"{WECOM}/open-data/frame?{urllib.parse.urlencode(frame)}")
    return re.search(r'id="name">([^<]*)<', body).group(1) if status == 200 else None
