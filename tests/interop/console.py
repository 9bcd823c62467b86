"""The owner of the demo's console, without script: from the demo's first page to a portal that is registered by a recipe. And what a first owner needs."""

import base64
import hashlib
import hmac
import html
import re
import struct
import time
import urllib.parse

from person import Person

PASSWORD = "a long enough pass phrase 2026"


def one_time_code(secret, at=None):
    """What an authenticator app shows (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = int((time.time() if at is None else at) // 30)
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place:place + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


class Owner:
    """Whoever opens the console from the demo's first page."""

    def __init__(self, link):
        self.person = Person(scans=False)
        page = self.read(link)
        self.base = "{0.scheme}://{0.netloc}".format(urllib.parse.urlparse(page.url))
        assert page.url.startswith(f"{self.base}/console"), f"{page.url}:\n{page.body}"

    def read(self, url):
        return self.person.open(url, "nowhere:")

    def send(self, page, part, **fields):
        """Sends the form of a page whose address has this part, filled in like this; the page that follows."""
        form = next((form for form in page.forms if part in form["action"]), None)
        assert form, f"no form {part} at {page.url}:\n{page.body}"
        return self.person.open(form["action"], "nowhere:", {**form["fields"], **fields})

    def registers(self, recipe, address=None):
        """Registers a portal by a recipe; the settings it shows, by where they belong."""
        page = self.read(f"{self.base}/console/portals/new/{recipe}")
        page = self.send(page, f"/new/{recipe}", **({"address": address} if address else {}))
        shown = re.findall(r'<p class="copy-label">(.*?)</p><div class="copyable"><pre><code>(.*?)</code>', page.body, re.DOTALL)
        assert shown, page.body
        return {html.unescape(place): html.unescape(text) for place, text in shown}
