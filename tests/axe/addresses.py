"""Addresses of every page of the console, and of its lists as people use them: what tests/axe looks at and benches/console measures."""

import glob
import os
import re

# Addresses by the route that answers them; `{}` names are ids of the seed. Downloads and streams are no pages.
PAGES = {
    "": ["/console"],
    "/assistant": ["/console/assistant"],
    "/assistant/new": ["/console/assistant/new"],
    "/assistant/{source}/app": ["/console/assistant/{source}/app"],
    "/assistant/{source}/finish": ["/console/assistant/{source}/finish"],
    "/assistant/{source}/{step}": ["/console/assistant/{source}/contacts", "/console/assistant/{source}/external-contacts"],
    "/audit": [
        "/console/audit", "/console/audit?kind=refused", "/console/audit?kind=configured", "/console/audit?user={user}",
        "/console/audit?client_id={client_id}", "/console/audit?number=GT-104", "/console/audit?actor=token:apply",
        "/console/audit?number=SI-205", "/console/audit?sort=at", "/console/audit?kind=exported", "/console/audit?actor={name}", "/console/audit?client_id=no-such-portal", "/console/audit?reference={code}", "/console/audit?since={month_ago}&until={week_ago}&zone=8",
    ],
    "/installations": ["/console/installations", "/console/installations?status=cancelled", "/console/installations?q=青云&sort=corp_name"],
    "/installations/new": ["/console/installations/new"],
    "/moves/{source}": ["/console/moves/{source}"],
    "/leaving": ["/console/leaving", "/console/leaving?reason=departed", "/console/leaving?reason=admin", "/console/leaving?user_id={user}", "/console/leaving?portals=failed", "/console/leaving?q={name}", "/console/leaving?since={month_ago}&zone=8"],
    "/leaving/{id}": ["/console/leaving/{report}"],
    "/people": [
        "/console/people", "/console/people?status=disabled", "/console/people?console_role=owner", "/console/people?data_source={source}",
        "/console/people?sort=username", "/console/people?sort=-username", "/console/people?sort=updated_at",
        "/console/people?sort=-updated_at", "/console/people?sort=-created_at", "/console/people?q={name}", "/console/people?q=zz9qx",
        "/console/people?q={name}&sort=username&status=active",
        "/console/people?status=active&data_source={source}&lacks=email,phone_number", "/console/people?client={client_id}&lacks=email",
        "/console/people?group={group}", "/console/people?department={department}", "/console/people?department={small_department}&sort=username",
        "/console/people?signed_in=never", "/console/people?signed_in=within-30d", "/console/people?signed_in=before-90d&sort=username",
        "/console/people?sort=last_sign_in_at", "/console/people?sort=-last_sign_in_at", "/console/people?signed_in=never&q={name}",
    ],
    "/people/groups": ["/console/people/groups", "/console/people/groups?q=wiki", "/console/people/groups?q=zz9qx"],
    "/people/groups/new": ["/console/people/groups/new"],
    "/people/groups/{id}": ["/console/people/groups/{group}"],
    "/people/groups/{id}/add": ["/console/people/groups/{group}/add", "/console/people/groups/{group}/add?q={name}"],
    "/people/groups/{id}/delete": ["/console/people/groups/{group}/delete", "/console/people/groups/{named_group}/delete"],
    "/people/groups/{id}/remove": ["/console/people/groups/{group}/remove?user={user}"],
    "/people/groups/{id}/edit": ["/console/people/groups/{group}/edit"],
    "/people/members": [
        "/console/people/members", "/console/people/members?state=departed", "/console/people/members?outcome=conflict",
        "/console/people/members?outcome=removed", "/console/people/members?department={department}",
        "/console/people/members?department={small_department}", "/console/people/members?sort=userid",
        "/console/people/members?sort=-userid", "/console/people/members?q={name}", "/console/people/members?q=zz9qx", "/console/people/members?q=张&state=present",
        "/console/people/members?data_source={source}&q={userid}",
    ],
    "/people/members/import": ["/console/people/members/import?data_source={source}", "/console/people/members/import?data_source={source}&q={name}"],
    "/people/{id}": ["/console/people/{user}", "/console/people/{owner}"],
    "/people/{id}/disable": ["/console/people/{user}/disable"],
    "/people/{id}/edit": ["/console/people/{user}/edit"],
    "/people/{id}/history": ["/console/people/{user}/history"],
    "/people/{id}/role": ["/console/people/{user}/role"],
    "/people/{id}/sessions": ["/console/people/{user}/sessions"],
    "/people/{id}/sign-out": ["/console/people/{user}/sign-out"],
    "/people/{id}/ways-in": ["/console/people/{user}/ways-in"],
    "/portals": ["/console/portals", "/console/portals?q=wiki", "/console/portals?enabled=false", "/console/portals?sort=-name"],
    "/portals/new": ["/console/portals/new"],
    "/portals/new/{recipe}": ["/console/portals/new/grafana"],
    "/portals/{id}": ["/console/portals/{portal}", "/console/portals/{open_portal}"],
    "/portals/{id}/access": [
        "/console/portals/{portal}/access", "/console/portals/{open_portal}/access", "/console/portals/{portal}/access?q={name}", "/console/portals/{open_portal}/access?q=张",
        "/console/portals/{portal}/access?admitted=true", "/console/portals/{portal}/access?admitted=false",
        "/console/portals/{portal}/access?sort=username", "/console/portals/{portal}/access?sort=-userid", "/console/portals/{open_portal}/access?sort=username&q=张",
    ],
    "/portals/{id}/allowed": ["/console/portals/{portal}/allowed", "/console/portals/{portal}/allowed?person={name}&department=华东"],
    "/portals/{id}/claims": ["/console/portals/{portal}/claims", "/console/portals/{portal}/claims?user={user}"],
    "/portals/{id}/delete": ["/console/portals/{portal}/delete"],
    "/portals/{id}/edit": ["/console/portals/{portal}/edit"],
    "/portals/{id}/logouts": ["/console/portals/{portal}/logouts", "/console/portals/{portal}/logouts?state=failed"],
    "/portals/{id}/secret": ["/console/portals/{portal}/secret"],
    "/portals/{id}/sessions": ["/console/portals/{portal}/sessions"],
    "/portals/{id}/sessions/end": ["/console/portals/{portal}/sessions/end"],
    "/portals/{id}/setup": ["/console/portals/{portal}/setup"],
    "/refusals": [
        "/console/refusals", "/console/refusals?number=GT-104", "/console/refusals?client_id={client_id}",
        "/console/refusals?person={userid}", "/console/refusals?sort=at", "/console/refusals?user_id={user}", "/console/refusals?since={month_ago}&zone=8", "/console/refusals?number=SI-205",
    ],
    "/refusals/{reference}": ["/console/refusals/{code}", "/console/refusals/ZZZZ-ZZZZ"],
    "/requests": ["/console/requests", "/console/requests?state=any", "/console/requests?state=refused&sort=userid"],
    "/requests/settings/{source}": ["/console/requests/settings/{source}"],
    "/requests/settings/{source}/approvers/{user}": ["/console/requests/settings/{source}/approvers/{approver}"],
    "/requests/{id}/groups": ["/console/requests/{request}/groups"],
    "/requests/{id}": ["/console/requests/{request}", "/console/requests/{decided_request}"],
    "/search": [],
    "/sessions": ["/console/sessions"],
    "/settings": ["/console/settings", "/console/settings?role=owner"],
    "/settings": ["/console/settings", "/console/settings?q={name}&role=owner"],
    "/settings/branding": ["/console/settings/branding"],
    "/settings/branding/companies/{source}": ["/console/settings/branding/companies/{source}"],
    "/settings/configuration": ["/console/settings/configuration"],
    "/settings/doctor": ["/console/settings/doctor"],
    "/settings/keys": ["/console/settings/keys"],
    "/settings/keys/rotate": ["/console/settings/keys/rotate"],
    "/settings/notices": ["/console/settings/notices", "/console/settings/notices?state=failed"],
    "/settings/notices/channels/new": [
        "/console/settings/notices/channels/new?kind=email", "/console/settings/notices/channels/new?kind=wecom",
        "/console/settings/notices/channels/new?kind=webhook",
    ],
    "/settings/notices/channels/{id}": ["/console/settings/notices/channels/{notice_channel}"],
    "/settings/notices/personal": ["/console/settings/notices/personal"],
    "/settings/notices/subscriptions/new": ["/console/settings/notices/subscriptions/new"],
    "/settings/notices/subscriptions/{id}": ["/console/settings/notices/subscriptions/{notice_subscription}"],
    "/settings/operators/{user}/remove": ["/console/settings/operators/{owner}/remove"],
    "/settings/registration": ["/console/settings/registration"],
    "/settings/registration/{token}/revoke": ["/console/settings/registration/{registration}/revoke"],
    "/settings/tokens": ["/console/settings/tokens", "/console/settings/tokens?role=sync&state=valid"],
    "/settings/tokens": ["/console/settings/tokens", "/console/settings/tokens?q=a&role=auditor&state=valid"],
    "/settings/tokens/{token}/revoke": ["/console/settings/tokens/{token}/revoke"],
    "/setup": ["/console/setup"],
    "/setup/new": ["/console/setup/new"],
    "/setup/{source}/app": ["/console/setup/{source}/app"],
    "/setup/{source}/auth-source": ["/console/setup/{source}/auth-source"],
    "/setup/{source}/callbacks": ["/console/setup/{source}/callbacks"],
    "/setup/{source}/corp": ["/console/setup/{source}/corp"],
    "/setup/{source}/domain": ["/console/setup/{source}/domain"],
    "/setup/{source}/people": ["/console/setup/{source}/people"],
    "/setup/{source}/portal": ["/console/setup/{source}/portal"],
    "/setup/{source}/scan": ["/console/setup/{source}/scan"],
    "/suites": ["/console/suites", "/console/suites?sort=-name"],
    "/suites/new": ["/console/suites/new"],
    "/suites/{id}": ["/console/suites/{suite}"],
    "/suites/{id}/delete": ["/console/suites/{suite}/delete"],
    "/suites/{id}/edit": ["/console/suites/{suite}/edit"],
    "/suites/{id}/keys": ["/console/suites/{suite}/keys"],
    "/sync": ["/console/sync", "/console/sync?state=incomplete", "/console/sync?mode=plan", "/console/sync?cause=manual"],
    "/sync/start": ["/console/sync/start?data_source={source}"],
    "/sync/conflicts": ["/console/sync/conflicts"],
    "/sync/identities": ["/console/sync/identities", "/console/sync/identities?state=somebody_else"],
    "/sync/identities/{finding}": ["/console/sync/identities/{finding}"],
    "/sync/{run}": [
        "/console/sync/{run}", "/console/sync/{small_run}", "/console/sync/{planned_run}", "/console/sync/{run}?outcome=updated",
        "/console/sync/{run}?userid={userid}", "/console/sync/{run}?sort=userid", "/console/sync/{run}?sort=-userid", "/console/sync/{run}?userid=zhangwei*", "/console/sync/{run}?subject=department",
    ],
    "/sync/{run}/confirm": ["/console/sync/{planned_run}/confirm"],
    "/sync/{run}/undo": ["/console/sync/{small_run}/undo"],
    "/wecom": ["/console/wecom"],
    "/wecom/apps/{id}": ["/console/wecom/apps/{app}"],
    "/wecom/auth-sources/new": ["/console/wecom/auth-sources/new"],
    "/wecom/auth-sources/{id}": ["/console/wecom/auth-sources/{auth_source}"],
    "/wecom/files": ["/console/wecom/files"],
    "/wecom/files/{id}/delete": ["/console/wecom/files/{file}/delete"],
    "/wecom/new": ["/console/wecom/new"],
    "/wecom/{id}": ["/console/wecom/{source}"],
    "/wecom/{id}/callbacks/{callback}": ["/console/wecom/{source}/callbacks/{callback}"],
    "/wecom/{id}/delete": ["/console/wecom/{source}/delete"],
    "/wecom/{id}/edit": ["/console/wecom/{source}/edit"],
    "/wecom/{id}/external-contacts": [
        "/console/wecom/{source}/external-contacts", "/console/wecom/{source}/external-contacts?change=add_external_contact",
    ],
}
# Pages of things that only tests/axe makes.
RARE = {
    "/installations/{id}": "/console/installations/{installation}",
    "/installations/{id}/disconnect": "/console/installations/{installation}/disconnect",
    "/installations/{id}/scope": "/console/installations/{installation}/scope",
    "/moves/{source}/{move}/change": "/console/moves/{moving}/{move}/change",
    "/moves/{source}/{move}/pairs": "/console/moves/{moving}/{move}/pairs",
    "/names/{source}": "/console/names/{installed}",
    "/portals/{id}/trials/{trial}": "/console/portals/{portal}/trials/{trial}",
}
# Pages of a move that has been made.
MOVED = {
    "/moves/{source}/{move}/finish": "/console/moves/{moving}/{move}/finish",
    "/moves/{source}/{move}/joined": "/console/moves/{moving}/{move}/joined",
    "/moves/{source}/{move}/undo": "/console/moves/{moving}/{move}/undo",
}
# What is downloaded, streamed, polled or a fragment, and what only leads on.
NO_PAGES = {
    "/assistant/{source}", "/assistant/{source}/{step}/live",
    "/audit/export.csv", "/audit/export.jsonl", "/installations.csv",
    "/installations/return", "/installations/scanned", "/installations/{id}/live", "/installations/invited/{suite}/{id}/live",
    "/leaving.csv", "/leaving/{id}/export",
    "/names/return", "/names/{source}/signature",
    "/people.csv", "/people/groups.csv", "/people/members.csv",
    "/portals.csv", "/portals/{id}/access.csv", "/portals/{id}/logouts.csv", "/portals/{id}/trials",
    "/refusals.csv", "/requests.csv", "/search/found",
    "/settings/branding/preview/{page}", "/settings/notices.csv", "/settings/operators.csv", "/settings/tokens.csv",
    "/setup/{source}", "/setup/{source}/callbacks/live", "/setup/{source}/domain/live",
    "/suites/{id}/live",
    "/sync.csv", "/sync/conflicts.csv", "/sync/identities.csv", "/sync/{run}/events", "/sync/{run}/rows.csv",
    "/wecom/{id}/external-contacts.csv",
}
# Pages that are met on the way (main.py: `invites`; proofs.py: `again`).
ON_THE_WAY = {"/again/{id}", "/installations/invited/{suite}/{id}"}
# What people type into the search box; each is a request of its own.
SEARCHES = (
    "w", "li", "wan", "王", "王伟", "{name}", "欧阳", "{userid}", "zhangwei", "wiki", "青云", "zz9qx", "没有这个人", "{user}", "{portal}",
    "{small_run}", "{report}", "{code}", "zhang@qingyun", "00000000-0000-0000-0000-000000000000",
)


def routes(sources):
    """The routes of pages, as the sources name them."""
    found = set()
    for path in glob.glob(os.path.join(sources, "**", "*.rs"), recursive=True):
        with open(path, encoding="utf-8") as file:
            found |= set(re.findall(r'route\(\s*"([^"]*)",\s*web::get\(\)', file.read()))
    return found


def unmeasured(sources):
    """Routes that nothing here asks for, and what is named here and is no route, or stands twice."""
    named = [*PAGES, *RARE, *MOVED, *NO_PAGES, *ON_THE_WAY]
    known = routes(sources)
    return sorted(known - set(named)) + sorted(path for path in set(named) if path not in known or named.count(path) > 1)
