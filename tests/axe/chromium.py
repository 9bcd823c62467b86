"""Chromium under remote control, by the WebDriver protocol and what Chrome adds to it."""

import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
TAB = "\ue004"
# Seconds within which a page must show what is waited for.
PATIENCE = 20


class NotFound(Exception):
    pass


class Stale(RuntimeError):
    """An element of a page that another has replaced."""


class Browser:
    """One browser with a profile of its own; also a context manager."""

    def __init__(self, *arguments, script=True):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        self.at = f"http://127.0.0.1:{port}"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.driver = subprocess.Popen(["/usr/bin/chromedriver", f"--port={port}"], **quiet)
        self.profile = tempfile.mkdtemp(prefix="menjin-axe-")
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,900",
                   f"--user-data-dir={self.profile}", *arguments]
        if not script:
            options.append("--blink-settings=scriptEnabled=false")
        capabilities = {"alwaysMatch": {"goog:chromeOptions": {"args": options, "binary": "/usr/bin/chromium"}}}
        for _ in range(100):
            try:
                made = self.request("POST", "/session", {"capabilities": capabilities})
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        else:
            raise SystemExit("chromedriver did not start")
        self.session = f"/session/{made['sessionId']}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.request("DELETE", self.session)
        except OSError:
            pass
        self.driver.terminate()
        self.driver.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def request(self, method, path, body=None):
        data = None if method != "POST" else json.dumps({} if body is None else body).encode()
        request = urllib.request.Request(self.at + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.loads(answer.read())["value"]
        except urllib.error.HTTPError as error:
            told = json.loads(error.read())["value"]
            if told["error"] == "no such element":
                raise NotFound(told["message"]) from error
            if told["error"] == "stale element reference":
                raise Stale(told["message"]) from error
            raise RuntimeError(told["message"]) from error

    def post(self, path, **body):
        return self.request("POST", self.session + path, body)

    def open(self, url):
        self.post("/url", url=url)

    @property
    def url(self):
        return self.request("GET", self.session + "/url")

    @property
    def source(self):
        return self.request("GET", self.session + "/source")

    def script(self, script, *arguments):
        return self.post("/execute/sync", script=script, args=list(arguments))

    def promised(self, script, *arguments):
        """Runs a script whose last argument is called with what it found; again, where its page gave way to another meanwhile."""
        try:
            return self.post("/execute/async", script=script, args=list(arguments))
        except RuntimeError as error:
            if "timeout" not in str(error):
                raise
            return self.post("/execute/async", script=script, args=list(arguments))

    def all(self, css):
        return [found[ELEMENT] for found in self.post("/elements", using="css selector", value=css)]

    def find(self, css, using="css selector"):
        """The first element, which must come within a while."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.post("/element", using=using, value=css)[ELEMENT]
            except NotFound:
                if time.monotonic() > until:
                    raise NotFound(f"{css} is not at {self.url}: {self.source[:3000]}") from None
                time.sleep(0.05)

    def reach(self, part):
        """Waits until the address has this part: a click does not wait for the page that it leads to."""
        until = time.monotonic() + PATIENCE
        while part not in self.url:
            if time.monotonic() > until:
                raise NotFound(f"{part} is not in {self.url}")
            time.sleep(0.05)

    def href(self, css):
        """Where a link leads; also where no script runs."""
        return self.request("GET", f"{self.session}/element/{self.find(css)}/property/href")

    def link(self, text):
        return self.find(text, "link text")

    def click(self, element):
        """Clicks what a person sees; what is covered or hidden fails."""
        self.post(f"/element/{element}/click")

    def away(self, css):
        """Waits until nothing is like this any more, since a click does not wait for the page that it leads to."""
        until = time.monotonic() + PATIENCE
        while self.all(css):
            if time.monotonic() > until:
                raise NotFound(f"{css} stays at {self.url}")
            time.sleep(0.05)

    def type(self, css, text):
        element = self.find(css)
        self.post(f"/element/{element}/clear")
        self.post(f"/element/{element}/value", text=text)

    def choose(self, css, value):
        self.click(self.find(f'{css} option[value="{value}"]'))

    def text(self, css):
        """What the first such element says; where the page gives way to another meanwhile, that one's."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.request("GET", f"{self.session}/element/{self.find(css)}/text")
            except Stale:
                if time.monotonic() > until:
                    raise

    def inside(self, frame, css):
        """Waits until this is in the frame, and comes back."""
        self.post("/frame", id={ELEMENT: frame})
        self.find(css)
        self.post("/frame/parent")

    def shown(self, element):
        return self.request("GET", f"{self.session}/element/{element}/displayed")

    def tabs(self, many):
        """Presses the Tab key so many times."""
        keys = [{"type": kind, "value": TAB} for _ in range(many) for kind in ("keyDown", "keyUp")]
        self.post("/actions", actions=[{"type": "key", "id": "keyboard", "actions": keys}])

    def chrome(self, command, **parameters):
        return self.post("/goog/cdp/execute", cmd=command, params=parameters)

    def width(self, width, height=900):
        self.chrome("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def dark(self, dark):
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.chrome("Emulation.setEmulatedMedia", media="screen", features=[scheme])

    def picture(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shot = self.request("GET", self.session + "/screenshot")
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot))
