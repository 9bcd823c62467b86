"""Registers the portal of one run over the admin API; prints its credentials as JSON."""

import json
import os
import sys
import urllib.request

REDIRECT = "http://127.0.0.1:9/callback"


def call(method, path, body=None):
    """A call of the admin API: what it answers, `None` for nothing."""
    headers = {"Authorization": "Bearer " + os.environ["ADMIN_TOKEN"], "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{os.environ['ISSUER']}/api/v1/{path}", data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def register(client_id, **extra):
    body = {
        "client_id": client_id,
        "name": client_id,
        "redirect_uris": [REDIRECT],
        "post_logout_redirect_uris": ["http://127.0.0.1:9/bye"],
        **extra,
    }
    return call("POST", "clients", body)


if __name__ == "__main__":
    print(json.dumps(register(sys.argv[1], **json.loads(sys.argv[2]))))
