"""Fills an installation, so that there is something behind the ids that schemathesis tries. Prints nothing; returns the ids by resource."""

CORP = {
    "name": "青云科技",
    "corp_id": "ww5ample0000000001",
    "contacts_secret": "sample-contacts-secret-qingyun-00000001",
    "app": {"agent_id": 1000002, "secret": "sample-app-secret-qingyun-menjin-00000001"},
}


def seed(admin):
    """One of everything that can be made, and what a sync brings."""
    source = admin.post("data-sources", CORP)["id"]
    run = admin.synced(source)
    assert run["state"] in ("succeeded", "incomplete"), run
    admin.post(f"data-sources/{source}/callbacks", {"owner": "app"})
    portal = admin.post("clients", {"name": "Wiki", "redirect_uris": ["https://wiki.corp.example/callback"]})
    person = admin.post("users", {"username": "local.person", "display_name": "Local Person"})["id"]
    admin.post(f"users/{person}/password-link")
    admin.post("verification-files", {"name": "WW_verify_contract0001.txt", "content": "contract0001"})
    admin.post("initial-access-tokens", {"name": "seeded"})
    kept = {"data-sources": [source], "sync-runs": [run["id"]], "clients": [portal["id"], portal["client_id"]], "users": [person]}
    for resource in ("auth-sources", "wecom-apps", "members", "departments", "tags", "audit-events", "users", "initial-access-tokens"):
        known = [item.get("id") for item in admin.get(resource + "?limit=5")["items"]]
        kept[resource] = [*kept.get(resource, []), *filter(None, known)]
    return kept
