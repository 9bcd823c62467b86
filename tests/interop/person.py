"""Somebody with a browser and a phone: signs in at the demo's simulated WeCom, clicks through pages, without script.

Used by the Python portal as a class and by the JavaScript portal as a command:
    person.py JAR open URL STOP          follows redirects and signs in where asked; prints where STOP begins, or the last page's address
    person.py JAR press URL BUTTON STOP  opens a page and presses the button with this name=value
"""

import html.parser
import http.cookiejar
import sys
import urllib.error
import urllib.parse
import urllib.request


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
            action = urllib.parse.urljoin(self.url, attributes.get("action") or self.url)
            self.forms.append({"action": action, "fields": {}, "buttons": []})
        elif tag in ("input", "button") and self.forms:
            name, value = attributes.get("name"), attributes.get("value") or ""
            if tag == "button" or attributes.get("type") == "submit":
                self.forms[-1]["buttons"].append((name, value))
            elif name:
                self.forms[-1]["fields"][name] = value

    def link(self, part):
        return next((link for link in self.links if part in link), None)


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Person:
    """One browser with its cookies, and one phone. As whom they act is `userid`, an ordinary employee of the demo's first company.

    Without a phone (`scans`) a login page is where they stop."""

    def __init__(self, jar=None, userid="zhangsan", scans=True):
        self.userid, self.scans = userid, scans
        self.jar = http.cookiejar.LWPCookieJar(jar)
        if jar:
            try:
                self.jar.load(ignore_discard=True)
            except FileNotFoundError:
                pass
        self.opener = urllib.request.build_opener(Stay, urllib.request.HTTPCookieProcessor(self.jar))
        self.opener.addheaders = [("User-Agent", "Mozilla/5.0 interop"), ("Accept-Language", "en"), ("Accept", "text/html")]

    def request(self, url, form=None):
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            answer = self.opener.open(urllib.request.Request(url, data), timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        body = answer.read().decode("utf-8", "replace")
        if self.jar.filename:
            self.jar.save(ignore_discard=True)
        location = answer.headers.get("Location")
        return answer.status, urllib.parse.urljoin(url, location) if location else None, body

    def open(self, url, stop, form=None):
        """Where the browser ends: an address that begins with `stop`, or a page."""
        for _ in range(20):
            if url.startswith(stop):
                return url
            status, location, body = self.request(url, form)
            form = None
            if location:
                url = location
                continue
            page = Page(url, status, body)
            assert status < 400, f"{url}: {status}\n{body}"
            door = page.link("/go/")
            phone = page.link("/phone/")
            if phone and self.scans:
                url = self.scan(page, phone)
            elif door and self.scans:
                url = door
            else:
                return page
        raise AssertionError(f"too many redirects, last {url}")

    def scan(self, page, phone):
        """The phone acts on the QR page; the browser is sent on."""
        ticket = urllib.parse.urlparse(phone).path.rsplit("/", 1)[-1]
        origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlparse(page.url))
        Person(userid=self.userid).request(f"{origin}/phone/{ticket}", {"as": "member", "userid": self.userid})
        return f"{origin}/wwlogin/sso/wait?ticket={ticket}"

    def press(self, page, button, stop):
        """Sends the form that has this button, as a browser would."""
        name, _, value = button.partition("=")
        for form in page.forms:
            for seen in form["buttons"]:
                if seen == (name, value) or (not button and len(page.forms) == 1):
                    fields = dict(form["fields"])
                    if seen[0]:
                        fields[seen[0]] = seen[1]
                    return self.open(form["action"], stop, fields)
        raise AssertionError(f"no button {button} on {page.url}:\n{page.body}")


def main(jar, verb, url, *rest):
    person = Person(jar)
    if verb == "press":
        button, stop = rest
        end = person.press(person.open(url, stop), button, stop)
    else:
        end = person.open(url, rest[0])
    print(end if isinstance(end, str) else end.url)


if __name__ == "__main__":
    main(*sys.argv[1:])
