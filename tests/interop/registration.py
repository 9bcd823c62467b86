"""Registers the portal of one run over the admin API; prints its credentials as JSON."""

import json
import os
import sys
import urllib.request

REDIRECT = "http://127.0.0.1:9/callback"


def register(client_id, **extra):
    body = {
        "client_id": client_id,
        "name": client_id,
        "redirect_uris": [REDIRECT],
        "post_logout_redirect_uris": ["http://127.0.0.1:9/bye"],
        **extra,
    }
    request = urllib.request.Request(
        os.environ["ISSUER"] + "/api/v1/clients",
        json.dumps(body).encode(),
        {"Authorization": "Bearer " + os.environ["ADMIN_TOKEN"], "Content-Type": "application/json"},
    )
    return json.load(urllib.request.urlopen(request))


if __name__ == "__main__":
    print(json.dumps(register(sys.argv[1], **json.loads(sys.argv[2]))))
