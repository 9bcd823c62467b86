"""A mail server that keeps what it is given, so that the links of mails can be opened."""

import email
import email.policy
import re
import socketserver
import threading
import time

# Seconds within which a mail must come.
PATIENCE = 20


class Conversation(socketserver.StreamRequestHandler):
    """SMTP (RFC 5321) as far as a client needs it that sends without encryption; nobody@ has no mailbox."""

    def handle(self):
        self.say("220 mails")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say("354 go on")
                self.keep()
            unknown = verb == b"RCPT" and b"<nobody@" in line
            self.say("221 bye" if verb == b"QUIT" else "550 5.1.1 no such mailbox" if unknown else "250 mails")
            if verb == b"QUIT":
                return

    def say(self, reply):
        self.wfile.write(reply.encode() + b"\r\n")

    def keep(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            # RFC 5321 §4.5.2.
            lines.append(line.removeprefix(b"."))
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.server.texts.append(mail.get_body(("plain",)).get_content())


class Mails:
    """Listens on 127.0.0.1 for as long as this program runs."""

    def __init__(self):
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self.server.daemon_threads = True
        self.server.texts = []
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def link(self, address):
        """The first link in a mail that begins like this; each is handed out once."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for text in self.server.texts:
                if found := re.search(re.escape(address) + r"\S+", text):
                    self.server.texts.remove(text)
                    return found.group(0)
            time.sleep(0.05)
        raise AssertionError(f"no mail has a link to {address}: {self.server.texts}")
