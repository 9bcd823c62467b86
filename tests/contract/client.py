"""A session with the client that was generated from Menjin's OpenAPI document: connects a corp, registers a portal, syncs, reads the people.

Each call goes through a generated function and comes back as a generated model; whatever is not as documented raises.
"""

import os
import time

from menjin_client import AuthenticatedClient
from menjin_client.api.auth_sources import create_auth_source
from menjin_client.api.clients import create_client, list_clients, read_client, rotate_client_secret
from menjin_client.api.data_sources import create_data_source, read_data_source, start_sync
from menjin_client.api.sync_runs import read_sync_run
from menjin_client.api.users import list_users
from menjin_client.models import NewAuthSource, NewClient, NewDataSource, Problem

# The second corp of the simulated WeCom (simulator/scenarios/sample.toml).
CORP = "ww5ample0000000002"
CONTACTS_SECRET = "sample-contacts-secret-baishi-000000001"
AGENT, APP_SECRET = 1000002, "sample-app-secret-baishi-menjin-000000001"
LONGEST_SYNC = 60

menjin = AuthenticatedClient(os.environ["ISSUER"], os.environ["API_TOKEN"], raise_on_unexpected_status=True)


def done(call, *where, status=200, **what):
    """The model that a call came back with; a problem, or another status, ends the session."""
    answer = call.sync_detailed(*where, client=menjin, **what)
    assert not isinstance(answer.parsed, Problem), answer.parsed
    assert answer.status_code == status, answer
    return answer.parsed


def finished(run):
    until = time.monotonic() + LONGEST_SYNC
    while time.monotonic() < until:
        told = done(read_sync_run, run.id)
        if told.state not in ("queued", "running"):
            return told
        time.sleep(0.1)
    raise AssertionError(f"the sync {run.id} is not over after {LONGEST_SYNC} seconds")


# The corp, whose people sign in by an app of its own.
corp = NewDataSource(name="白石设计", corp_id=CORP, contacts_secret=CONTACTS_SECRET)
source = done(create_data_source, body=corp, status=201)
app = NewAuthSource(name="白石设计", corp_id=CORP, agent_id=AGENT, app_secret=APP_SECRET)
auth_source = done(create_auth_source, body=app, status=201)
assert auth_source.corp_id == source.corp_id

# A portal for them.
wiki = NewClient(name="Wiki", redirect_uris=["https://wiki.corp.example/oauth/callback"])
portal = done(create_client, body=wiki, status=201)
assert portal.client_secret

# The people.
run = finished(done(start_sync, source.id, status=202))
assert run.state in ("succeeded", "incomplete"), run
assert done(read_data_source, source.id).last_sync.id == run.id
people, cursor = [], {}
while True:
    page = done(list_users, limit=2, **cursor)
    people += page.items
    if page.next_cursor is None:
        break
    cursor = {"cursor": page.next_cursor}
assert len(people) >= 3 and len({one.id for one in people}) == len(people), people

# What is kept of the portal, and a new secret for it.
known = done(read_client, portal.client_id)
assert known.id == portal.id and portal.id in [one.id for one in done(list_clients).items]
assert done(rotate_client_secret, portal.id).client_secret != portal.client_secret

# A failure is a documented problem, not an exception of the client's.
refused = create_data_source.sync_detailed(client=menjin, body=NewDataSource(name="", corp_id="?"))
assert refused.status_code == 422 and isinstance(refused.parsed, Problem), refused
assert refused.parsed.number.startswith("DI-"), refused.parsed

print(f"generated client: {len(people)} people of {source.name}, portal {known.client_id}")
