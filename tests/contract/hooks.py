"""Steers schemathesis: puts ids that exist where the document can only say that there is one, keeps what the run stands on, and notes the
statuses of each operation."""

import atexit
import collections
import json
import os
import re
import uuid

import schemathesis

# What seed.py made, and the id of the token that the run uses.
SEEDED = json.loads(os.environ["SEEDED"])
OWN_TOKEN = os.environ["OWN_TOKEN_ID"]
KEPT, SPARE, INNER = SEEDED["kept"], SEEDED["spare"], SEEDED["inner"]
ALL_KEPT = {one for ids in KEPT.values() for one in ids} | {OWN_TOKEN, *INNER["callback"]}
# Deletions by which something itself is gone.
REMOVALS = ("{id}", "{callback}")

statuses = collections.defaultdict(collections.Counter)


def resource_of(path):
    """`/api/v1/users/{id}/consents` is about `users`, `/api/v1/data-sources/{id}/callbacks` about `callbacks`."""
    return "callbacks" if "/callbacks" in path else path.removeprefix("/api/v1/").split("/")[0]


def is_removal(operation):
    return operation.method.upper() == "DELETE" and operation.path.endswith(REMOVALS)


def last_name(operation):
    return operation.path.rpartition("{")[2].removesuffix("}")


def is_positive(case):
    return case.meta is None or case.meta.generation.mode.is_positive


@schemathesis.hook
def map_case(context, case):
    """Three of four calls that should be accepted go to something that exists: an id alone tells nothing of what lies behind it."""
    own_key(case)
    if not case.path_parameters or not is_positive(case):
        return case
    place = sum(str(case.path_parameters).encode()) + len(str(case.body)) + len(str(case.query))
    if place % 4:
        for name in case.path_parameters:
            known = those(case.operation, name)
            if known:
                case.path_parameters[name] = known[place // 4 % len(known)]
    return case


def those(operation, name):
    """What there is for a parameter of the path."""
    resource = resource_of(operation.path)
    if is_removal(operation) and name == last_name(operation):
        left = SPARE.get(resource)
        return [left.pop()] if left else None
    return KEPT.get(resource) if name == "id" else INNER.get(name)


def own_key(case):
    """A key of its own for each request that has one: under a used key another request is refused, whatever else is wrong with it."""
    for name in list(case.headers or {}):
        if name.lower() == "idempotency-key" and re.fullmatch("[!-~]{1,255}", str(case.headers[name])):
            case.headers[name] = str(uuid.uuid4())


@schemathesis.hook
def filter_case(context, case):
    """What everything else is tried on is not removed, and the run does not revoke its own token."""
    named = str((case.path_parameters or {}).get(last_name(case.operation)))
    return not (is_removal(case.operation) and named in ALL_KEPT)


@schemathesis.hook
def after_call(context, case, response):
    if is_positive(case):
        statuses[case.operation.label][response.status_code] += 1


@atexit.register
def note():
    with open(os.environ["STATUSES"], "w", encoding="utf-8") as file:
        json.dump(statuses, file)
