"""The recipes of the console against the software they are for: a portal is registered by its recipe at the console, the settings that the
console shows are put into its configuration as they are, and somebody signs in there. docs/portals.md says what was found.

    recipes.py LINK [NAME…]   LINK: the link of the first owner. Without names every recipe whose program is installed; the others are named.

Programs are taken from the path, or from where an environment variable says: APACHE (with mod_auth_openidc), OAUTH2_PROXY, KUBELOGIN,
JUPYTERHUB, PGADMIN_PYTHON and SUPERSET_PYTHON (a python that has the package), SPA_NODE_MODULES (a folder with npm's oidc-client-ts)."""

import base64
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from console import Owner
from person import Person
from registration import call

# Whom the phone is.
USERID = "zhangsan"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def program(variable, name):
    return shutil.which(os.environ.get(variable, name))


@contextlib.contextmanager
def running(command, address, **options):
    """Runs a portal until the block ends; yields once something answers at its address."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
        try:
            if not answers(process, address):
                raise AssertionError(f"{command[0]} does not answer")
            yield process
        except BaseException:
            log.seek(0)
            print(log.read().decode("utf-8", "replace")[-4000:], flush=True)
            raise
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answers(process, address):
    port = urllib.parse.urlparse(address).port
    for _ in range(600):
        if process.poll() is not None:
            return False
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def sign_out_everywhere():
    """As an admin does it: every session of the person ends, and the portals that can hear it are told."""
    user = next(one for one in call("GET", f"users?q={USERID}")["items"] if one["username"] == USERID)
    call("DELETE", f"users/{user['id']}/sessions")


def eventually(holds, what):
    for _ in range(100):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(what)


def apache(owner, folder):
    """The signed-in name stands in REMOTE_USER; a sign-out at Menjin ends the session here (back-channel logout)."""
    command = program("APACHE", "/usr/sbin/apache2")
    modules = "/usr/lib/apache2/modules"
    if not command or not os.path.exists(f"{modules}/mod_auth_openidc.so"):
        return None
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = owner.registers("apache", address)["httpd.conf"]
    own = ["mpm_event", "authn_core", "authz_core", "authz_user", "headers", "dir", "auth_openidc"]
    lines = [f"LoadModule {name}_module {modules}/mod_{name}.so" for name in own]
    lines += [f"Listen 127.0.0.1:{port}", "ServerName 127.0.0.1", f"PidFile {folder}/pid", "ErrorLog /dev/stderr", "LogLevel warn"]
    lines += [f"DocumentRoot {folder}", 'Header always set Signed-In "expr=%{REMOTE_USER}"', "User www-data", "Group www-data"]
    write(folder, "index.html", "in")
    path = write(folder, "httpd.conf", "\n".join(lines) + "\n" + settings)
    version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libapache2-mod-auth-openidc"], capture_output=True, text=True, check=False)
    with running([command, "-d", folder, "-f", path, "-DFOREGROUND"], address):
        person = Person(userid=USERID)
        page = person.open(address + "/", "nowhere:")
        assert page.body == "in", page.body
        name = lambda: person.opener.open(address + "/").headers["Signed-In"]
        assert name() == USERID, name()

        def is_out():
            status, location, _ = person.request(address + "/")
            return status == 302 and location.startswith(os.environ["ISSUER"])

        assert not is_out()
        sign_out_everywhere()
        eventually(is_out, "a session here outlived the sign-out at Menjin")
    return version.stdout


def oauth2_proxy(owner, folder):
    """The program behind it gets the name; a sign-out here ends the session at Menjin (backend_logout_url)."""
    command = program("OAUTH2_PROXY", "oauth2-proxy")
    if not command:
        return None
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = owner.registers("oauth2-proxy", address)["oauth2-proxy.cfg"]
    # Plain http on loopback, and a page of its own behind it.
    own = f'http_address = "127.0.0.1:{port}"\nupstreams = ["static://202"]\ncookie_secure = false\nset_xauthrequest = true\n'
    path = write(folder, "oauth2-proxy.cfg", own + settings)
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
    with running([command, "--config", path], address):
        person = Person(userid=USERID)
        page = person.open(f"{address}/oauth2/start?rd=/in", address + "/in")
        assert page == address + "/in", page
        answer = person.opener.open(f"{address}/oauth2/auth")
        told = answer.headers["X-Auth-Request-Preferred-Username"], answer.headers["X-Auth-Request-Groups"]
        assert answer.status == 202 and told[0] == USERID, dict(answer.headers)
        assert told[1], told
        person.request(f"{address}/oauth2/sign_out")
        status, _, body = person.request(f"{address}/oauth2/auth")
        assert status == 401, status
        person.scans = False
        page = person.open(f"{address}/oauth2/start?rd=/in", address + "/in")
        assert not isinstance(page, str), "the session at Menjin outlived the sign-out here"
    return version.strip()





def kubernetes(owner, folder):
    """kubectl gets an ID token that names the person and their groups, as the API server reads them."""
    command = program("KUBELOGIN", "kubelogin")
    if not command:
        return None
    shown = owner.registers("kubernetes")
    settings = next(text for text in shown.values() if "get-token" in text)
    words = re.findall(r"--exec-arg=(\S+)", settings)
    words = words[words.index("get-token"):]
    asked = [command, *words, "--skip-open-browser", f"--token-cache-dir={folder}"]
    process = subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = next(line for line in process.stderr if "http://localhost" in line)
        Person(userid=USERID).open(re.search(r"http://localhost\S*", line).group(0), "nowhere:")
        told, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    body = json.loads(told)["status"]["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    flags = next(text for text in shown.values() if "--oidc-issuer-url=" in text and "get-token" not in text)
    flag = dict(re.findall(r"--oidc-([\w-]+)=(\S*)", flags))
    assert claims["iss"] == flag["issuer-url"] and claims["aud"] in (flag["client-id"], [flag["client-id"]]), claims
    assert claims[flag["username-claim"]] == USERID and claims[flag["groups-claim"]], claims
    version = subprocess.run([command, "version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
    return version.stdout.strip()



def jupyterhub(owner, folder):
    """The hub knows the person by their username, with their groups; signing out here ends the session at Menjin."""
    command = program("JUPYTERHUB", "jupyterhub")
    if not command or not shutil.which("configurable-http-proxy"):
        return None
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = owner.registers("jupyterhub", address)["jupyterhub_config.py"]
    own = [
        f'c.JupyterHub.bind_url = "{address}"',
        f"c.JupyterHub.hub_port = {free_port()}",
        f'c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{free_port()}"',
        'c.JupyterHub.default_url = "/hub/home"',
        'c.JupyterHub.spawner_class = "simple"',
    ]
    path = write(folder, "jupyterhub_config.py", "\n".join(own) + "\n" + settings)
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    with running([command, "-f", path], address, cwd=folder):
        person = Person(userid=USERID)
        eventually(lambda: person.request(f"{address}/hub/health")[0] == 200, "the hub does not come up")
        page = person.open(f"{address}/hub/oauth_login?next=/hub/home", "nowhere:")
        assert page.url.startswith(f"{address}/hub/home"), page.url
        known = json.load(person.opener.open(f"{address}/hub/api/user"))
        assert known["name"] == USERID and known["groups"], known
        person.scans = False
        # Without an ID token to prove it Menjin asks first, and leads back afterwards.
        page = person.open(f"{address}/hub/logout", "nowhere:")
        page = person.press(page, "", "nowhere:")
        assert page.url.startswith(address), page.url
        page = person.open(f"{address}/hub/oauth_login?next=/hub/home", "nowhere:")
        assert page.url.startswith(os.environ["ISSUER"]), "the session at Menjin outlived the sign-out here"
    return version



def pgadmin(owner, folder):
    """pgAdmin makes an account of the username; signing out there ends the session at Menjin."""
    python = program("PGADMIN_PYTHON", "pgadmin-python")
    if not python:
        return None
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = owner.registers("pgadmin", address)["config_local.py"]
    own = f'SERVER_MODE = True\nDATA_DIR = "{folder}/data"\nLOG_FILE = "{folder}/log"\nDEFAULT_SERVER_PORT = {port}\nUPGRADE_CHECK_ENABLED = False\n'
    write(folder, "config_local.py", own + settings)
    find = "import importlib.util as u; print(list(u.find_spec('pgadmin4').submodule_search_locations)[0])"
    home = subprocess.run([python, "-c", find], capture_output=True, text=True, check=True).stdout.strip()
    environment = {**os.environ, "PYTHONPATH": folder, "PGADMIN_SETUP_EMAIL": "admin@corp.example", "PGADMIN_SETUP_PASSWORD": "a long enough pass phrase"}
    with running([python, f"{home}/pgAdmin4.py"], address, env=environment, cwd=folder):
        person = Person(userid=USERID)
        page = person.open(f"{address}/login", "nowhere:")
        # Its page is made by script; this is what its button sends.
        token = re.search(r'"csrfToken": "([^"]+)"', page.body).group(1)
        page = person.open(f"{address}/authenticate/login", "nowhere:", {"csrf_token": token, "oauth2_button": "menjin", "next": ""})
        assert page.url.startswith(f"{address}/browser/"), page.url
        known = person.request(f"{address}/user_management/current_user.js")[2]
        assert USERID in known, known
        person.scans = False
        page = person.open(f"{address}/oauth2/logout", "nowhere:")
        assert page.url.startswith(address), page.url
        page = person.open(f"{address}/login", "nowhere:")
        token = re.search(r'"csrfToken": "([^"]+)"', page.body).group(1)
        page = person.open(f"{address}/authenticate/login", "nowhere:", {"csrf_token": token, "oauth2_button": "menjin", "next": ""})
        assert page.url.startswith(os.environ["ISSUER"]), "the session at Menjin outlived the sign-out here"
    version = subprocess.run([python, "-m", "pip", "show", "pgadmin4"], capture_output=True, text=True, check=True).stdout
    return re.search(r"Version: (\S+)", version).group(1)



def superset(owner, folder):
    """Superset makes an account of the username, by a security manager of the recipe."""
    python = program("SUPERSET_PYTHON", "superset-python")
    if not python:
        return None
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = owner.registers("superset", address)["superset_config.py"]
    own = f'SECRET_KEY = "{os.urandom(32).hex()}"\nSQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"\n'
    path = write(folder, "superset_config.py", own + settings)
    environment = {**os.environ, "SUPERSET_CONFIG_PATH": path, "FLASK_APP": "superset.app:create_app()", "SUPERSET_HOME": folder}
    command = [os.path.join(os.path.dirname(python), "superset")]
    for step in ("db upgrade", "init"):
        done = subprocess.run([*command, *step.split()], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"superset {step}: {done.stderr[-3000:]}"
    with running([*command, "run", "-p", str(port)], address, env=environment, cwd=folder):
        person = Person(userid=USERID)
        page = person.open(f"{address}/login/menjin?next=/", address + "/superset/welcome/")
        known = json.load(person.opener.open(f"{address}/api/v1/me/"))["result"]
        assert known["username"] == USERID and known["first_name"], known
    version = subprocess.run([python, "-m", "pip", "show", "apache-superset"], capture_output=True, text=True, check=True).stdout
    return re.search(r"Version: (\S+)", version).group(1)



def web(owner, folder):
    """The values of the generic recipe are all that a library needs."""
    try:
        from authlib import __version__
        from authlib.integrations.requests_client import OAuth2Session
    except ImportError:
        return None
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain HTTP on loopback
    settings = owner.registers("web", "http://127.0.0.1:9")["OpenID Connect"]
    told = dict(line.split("=", 1) for line in settings.splitlines())
    found = json.load(urllib.request.urlopen(told["discovery"]))
    session = OAuth2Session(
        told["client_id"], told["client_secret"], scope=told["scope"], redirect_uri=told["redirect_uri"],
        token_endpoint_auth_method=told["token_endpoint_auth_method"], code_challenge_method=told["code_challenge_method"],
    )
    verifier = "recipes-" * 8
    url, state = session.create_authorization_url(found["authorization_endpoint"], code_verifier=verifier)
    back = Person(userid=USERID).open(url, told["redirect_uri"])
    assert isinstance(back, str), back.body
    session.fetch_token(found["token_endpoint"], authorization_response=back, code_verifier=verifier, state=state)
    known = session.get(found["userinfo_endpoint"]).json()
    assert known["preferred_username"] == USERID, known
    return f"Authlib {__version__}"


def cli(owner, folder):
    """The two commands as they stand, and somebody who approves in between."""
    if not shutil.which("curl"):
        return None
    first, second = owner.registers("cli")["curl"].split("\n# Then")
    run = lambda script: json.loads(subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout)
    begun = run(first)
    person = Person(userid=USERID)
    person.press(person.open(begun["verification_uri_complete"], "nowhere:"), "decision=allow", "nowhere:")
    time.sleep(begun["interval"])
    got = run("# Then" + second.replace("DEVICE_CODE", begun["device_code"]))
    assert got.get("id_token") and got.get("access_token"), got
    return subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split(" (")[0]



PAGE = """<!doctype html><title>SPA</title><p id="who"></p>
<script type="importmap">{"imports": {"oidc-client-ts": "/oidc-client-ts.js", "jwt-decode": "/jwt-decode.js"}}</script>
<script type="module">
import { users } from "/users.js";
const shown = document.getElementById("who");
try {
  const user = location.search.includes("code=") ? await users.signinCallback() : await users.getUser();
  if (user) shown.textContent = `in: ${user.profile.sub} ${(await (await fetch((await users.metadataService.getUserInfoEndpoint()), {
    headers: { Authorization: `Bearer ${user.access_token}` } })).json()).preferred_username}`;
  else await users.signinRedirect();
} catch (error) { shown.textContent = `failed: ${error}`; }
</script>"""


def spa(owner, folder):
    """In real Chromium, with the package as it is and nothing on the server but files: also what browsers ask of us across origins."""
    packages = os.environ.get("SPA_NODE_MODULES", "")
    if not os.path.exists(f"{packages}/oidc-client-ts") or not os.path.exists("/usr/bin/chromedriver"):
        return None
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "axe"))
    from chromium import ELEMENT, Browser, NotFound

    port = free_port()
    address = f"http://127.0.0.1:{port}"
    write(folder, "users.js", owner.registers("spa", address)["oidc-client-ts"])
    write(folder, "index.html", PAGE)
    shutil.copy(f"{packages}/oidc-client-ts/dist/esm/oidc-client-ts.js", f"{folder}/oidc-client-ts.js")
    shutil.copy(f"{packages}/jwt-decode/build/esm/index.js", f"{folder}/jwt-decode.js")
    with running([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)], address, cwd=folder), Browser("--lang=en") as browser:
        browser.open(address + "/")
        if not browser.all("[data-panel] iframe"):
            browser.click(browser.link("青云科技"))
        browser.post("/frame", id={ELEMENT: browser.find("[data-panel] iframe")})
        link = browser.find("a[href*='/phone/']")
        phone = browser.request("GET", f"{browser.session}/element/{link}/property/href")
        Person().request(phone, {"as": "member", "userid": USERID})
        browser.post("/frame", id=None)
        for _ in range(200):
            with contextlib.suppress(NotFound, RuntimeError):
                if browser.url.startswith(address) and browser.text("#who"):
                    break
            time.sleep(0.1)
        told = browser.text("#who")
        assert told.startswith("in: ") and told.endswith(" " + USERID), told
    with open(f"{packages}/oidc-client-ts/package.json", encoding="utf-8") as file:
        return "oidc-client-ts " + json.load(file)["version"]


RECIPES = {
    "apache": apache, "oauth2-proxy": oauth2_proxy, "kubernetes": kubernetes, "superset": superset, "pgadmin": pgadmin,
    "jupyterhub": jupyterhub, "spa": spa, "web": web, "cli": cli,
}
# Those that are tried at each run of CI, where a missing program is a failure.
ALWAYS = ("apache", "web", "cli")


def main(link, *names):
    owner = Owner(link)
    for name in names or RECIPES:
        with tempfile.TemporaryDirectory() as folder:
            # Apache serves as another user.
            os.chmod(folder, 0o755)
            version = RECIPES[name](owner, folder)
        assert version is not None or name not in ALWAYS or os.environ.get("CI") != "true", f"{name}: the program is not here"
        print(f"Recipe {name}: {'signed in at ' + version if version is not None else 'not tried, its program is not here'}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
