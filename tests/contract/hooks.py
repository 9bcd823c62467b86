"""Steers schemathesis: puts ids that exist where the document can only say that there is one, and keeps what the run stands on."""

import json
import os
import re
import uuid

import schemathesis

# Ids by resource, as seed.py made them, and the id of the token that the run uses.
KEPT = json.loads(os.environ["KEPT_IDS"])
OWN_TOKEN = os.environ["OWN_TOKEN_ID"]
ALL_KEPT = {one for ids in KEPT.values() for one in ids} | {OWN_TOKEN}


def resource_of(path):
    """`/api/v1/users/{id}/consents` is about `users`."""
    return path.removeprefix("/api/v1/").split("/")[0]


def is_positive(case):
    return case.meta is None or case.meta.generation.mode.is_positive


@schemathesis.hook
def map_case(context, case):
    """Every second call that should be accepted goes to something that exists: an id alone tells nothing of what lies behind it."""
    own_key(case)
    known = KEPT.get(resource_of(case.operation.path))
    if known and "id" in (case.path_parameters or {}) and is_positive(case):
        place = sum(str(case.path_parameters["id"]).encode()) + len(str(case.body)) + len(str(case.query))
        if place % 2 == 0:
            case.path_parameters["id"] = known[place // 2 % len(known)]
    return case


def own_key(case):
    """A key of its own for each request that has one: under a used key another request is refused, whatever else is wrong with it."""
    for name in list(case.headers or {}):
        if name.lower() == "idempotency-key" and re.fullmatch("[!-~]{1,255}", str(case.headers[name])):
            case.headers[name] = str(uuid.uuid4())


@schemathesis.hook
def filter_case(context, case):
    """What everything else is tried on is not removed, and the run does not revoke its own token."""
    is_removal = case.operation.method.upper() == "DELETE" and case.operation.path.count("{") == 1
    named = str((case.path_parameters or {}).get("id"))
    return not (is_removal and named in ALL_KEPT)
