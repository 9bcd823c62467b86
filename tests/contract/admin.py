"""Calls of the admin API for what a run needs beforehand."""

import time

import requests

# A sync of the simulated corp takes a second or two.
LONGEST_SYNC = 60


class Admin:
    def __init__(self, base, token):
        self.api = base + "/api/v1/"
        self.http = requests.Session()
        self.http.headers["Authorization"] = "Bearer " + token

    def call(self, method, path, body=None):
        answer = self.http.request(method, self.api + path, json=body, timeout=60)
        if answer.status_code >= 400:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None):
        return self.call("POST", path, {} if body is None else body)

    def synced(self, data_source, mode="apply"):
        """Syncs a data source; returns the run once it is over."""
        run = self.post(f"data-sources/{data_source}/sync", {"mode": mode})["id"]
        until = time.monotonic() + LONGEST_SYNC
        while time.monotonic() < until:
            told = self.get(f"sync-runs/{run}")
            if told["state"] not in ("queued", "running"):
                return told
            time.sleep(0.1)
        raise SystemExit(f"the sync {run} is not over after {LONGEST_SYNC} seconds")
