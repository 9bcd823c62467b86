"""Notices against stock servers: mails to aiosmtpd over STARTTLS and over TLS from the start, and a webhook verified by the library of Standard Webhooks.

Starts a Menjin of its own (MENJIN names the program), which trusts an authority that is made here."""

import datetime
import email
import email.policy
import http.server
import ipaddress
import json
import logging
import os
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

# What aiosmtpd says of logins over TLS from the start, which it takes for no TLS.
warnings.simplefilter("ignore")
logging.getLogger("mail.log").setLevel(logging.ERROR)

TOKEN = "interop-mail-token-0123456789abcdef0123456789"
USER, PASSWORD = "menjin@corp.example", "correct-horse-battery"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def certificate(name, issuer=None):
    """A certificate and its key: an authority, or what `issuer` signs for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer_name, signer_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
    now = datetime.datetime.now(datetime.timezone.utc)
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(signer_name).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number())
    built = built.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
    built = built.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    if issuer:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return built.sign(signer_key, hashes.SHA256()), key


def pem(of):
    if hasattr(of, "private_bytes"):
        return of.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return of.public_bytes(serialization.Encoding.PEM)


def context(folder, name, issuer):
    own, key = certificate(name, issuer)
    path = os.path.join(folder, f"{name}.pem")
    with open(path, "wb") as file:
        file.write(pem(own) + pem(key))
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(path)
    return made


class Kept:
    """Keeps mails; has no mailbox for nobody@."""

    def __init__(self):
        self.mails = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        secured = session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None
        self.mails.append((secured, envelope))
        return "250 2.0.0 kept"


def login(server, session, envelope, mechanism, data):
    known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


def mail_server(kept, **more):
    server = Controller(kept, hostname="127.0.0.1", port=free_port(), authenticator=login, **more)
    server.start()
    return server


class Api:
    def __init__(self, base):
        self.base = base

    def call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/api/v1/{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=90) as answer:
            return json.loads(answer.read() or b"null")

    def channel(self, **fields):
        return self.call("POST", "notice-channels", fields)

    def tried(self, channel, address="ops@corp.example", language="en"):
        body = {"address": address, "language": language}
        return self.call("POST", f"notice-channels/{channel['id']}/test", body)["deliveries"][0]


def mailbox(name, port, security, **more):
    fields = {"kind": "email", "name": name, "host": "127.0.0.1", "port": port, "security": security}
    return {**fields, "sender": USER, "sender_name": "门禁", "username": USER, "secret": PASSWORD, **more}


def number(delivery):
    return delivery.get("problem", {}).get("number")


def mails(api, folder, authority, stranger):
    kept = Kept()
    secured = context(folder, "mail", authority)
    starttls = mail_server(kept, tls_context=secured, require_starttls=True, auth_required=True)
    tls = mail_server(kept, ssl_context=secured, auth_required=True, auth_require_tls=False)
    foreign = mail_server(kept, ssl_context=context(folder, "foreign", stranger), auth_require_tls=False)
    clear = mail_server(kept, auth_require_tls=False)
    for name, server, security in (("starttls", starttls, "starttls"), ("tls", tls, "tls")):
        channel = api.channel(**mailbox(name, server.port, security))
        delivery = api.tried(channel, language="zh-CN")
        assert delivery["state"] == "delivered", delivery
        was_secured, envelope = kept.mails.pop()
        assert was_secured and envelope.mail_from == USER and envelope.rcpt_tos == ["ops@corp.example"], envelope
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert mail["subject"] == "来自门禁的测试消息", mail["subject"]
        assert mail["from"].addresses[0].display_name == "门禁", mail["from"]
        assert mail["message-id"] == f"<{delivery['id']}@corp.example>", mail["message-id"]
        assert not mail.defects and mail.get_content_type() == "multipart/alternative"
        plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
        assert "渠道可用" in plain and "渠道可用" in html and "<html lang=\"zh-CN\">" in html
        refused = api.tried(channel, address="nobody@corp.example")
        assert (refused["state"], number(refused)) == ("failed", "NO-113"), refused
        wrong = api.channel(**mailbox(f"{name}, wrong password", server.port, security, secret="something-else"))
        assert number(api.tried(wrong)) == "NO-112", api.tried(wrong)
    untrusted = api.channel(**mailbox("foreign", foreign.port, "tls"))
    delivery = api.tried(untrusted)
    assert number(delivery) == "NO-111", delivery
    unable = api.channel(**mailbox("clear", clear.port, "starttls"))
    assert number(api.tried(unable)) == "NO-116", api.tried(unable)
    assert not kept.mails, "what is not trusted got something"
    # On this machine, and only because the channel says so.
    open_channel = api.channel(**mailbox("open", clear.port, "none"))
    assert api.tried(open_channel)["state"] == "delivered" and not kept.mails.pop()[0]
    for server in (starttls, tls, foreign, clear):
        server.stop()


def webhook(api):
    told = []

    class Hears(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            told.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hears)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    channel = api.channel(kind="webhook", name="hook", url=url)
    delivery = api.call("POST", f"notice-channels/{channel['id']}/test", {})["deliveries"][0]
    assert delivery["state"] == "delivered", delivery
    headers, body = told[0]
    receiver = Webhook(channel["secret"])
    assert receiver.verify(body, headers)["type"] == "test"
    old = {**headers, "webhook-timestamp": str(int(time.time()) - 3600)}
    for forged_headers, forged in ((headers, body + b" "), (old, body), ({**headers, "webhook-id": "x"}, body)):
        try:
            receiver.verify(forged, forged_headers)
        except WebhookVerificationError:
            continue
        raise AssertionError("a forged request was accepted")
    server.shutdown()


def main():
    with tempfile.TemporaryDirectory() as folder:
        authority, stranger = certificate("authority"), certificate("stranger")
        ca = os.path.join(folder, "ca.pem")
        with open(ca, "wb") as file:
            file.write(pem(authority[0]))
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        settings = {
            "SERVER__LISTEN": f"127.0.0.1:{port}", "SERVER__PUBLIC_URL": base, "ADMIN__TOKEN": TOKEN, "OUTBOUND__ALLOW": "127.0.0.1",
            "OUTBOUND__CA_FILE": ca, "DATABASE__URL": f"sqlite://{folder}/menjin.db", "SEAL__KEY_FILE": f"{folder}/seal.key",
        }
        environment = {**os.environ, **{f"MENJIN__{name}": value for name, value in settings.items()}}
        with open(os.path.join(folder, "log"), "wb") as log:
            server = subprocess.Popen([os.environ["MENJIN"], "serve"], env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{base}/healthz", timeout=5)
                    break
                except (urllib.error.URLError, OSError):
                    assert server.poll() is None, open(os.path.join(folder, "log"), encoding="utf-8").read()
                    time.sleep(0.1)
            api = Api(base)
            mails(api, folder, authority, stranger)
            webhook(api)
        finally:
            server.terminate()
            server.wait()
    print("notices: aiosmtpd took mails over STARTTLS and TLS, standardwebhooks verified a webhook")


main()
