"""A corp of 100,000 people with three months of history, written into the database of a Menjin that does not run meanwhile."""

import base64
import hashlib
import json
import random
import secrets
import time
import uuid

from people import POSITIONS, TAGS, People, departments

PEOPLE = 100_000
DEPARTMENTS = 5_000
TAGGED = 200
SESSIONS = 20_000
RUNS = 500
EVENTS = 100_000
LEAVERS = 2_000
CONFLICTS = 1_000
DAY = 86_400_000
SPAN = 90 * DAY
# Refusals by their numbers, the frequent ones first.
NUMBERS = ("GT-104", "GT-107", "GT-103", "GT-109", "GT-105", "SI-101", "SI-104", "GT-101")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Seed:
    """`made`: what was set up over the API before: row ids of `source`, `app`, `auth_source`, and `clients` as (row id, client_id)."""

    def __init__(self, storage, made):
        self.storage = storage
        self.made = made
        self.random = random.Random(20261130)
        self.now = int(time.time() * 1000)
        self.source, self.app, self.auth_source = (uuid.UUID(made[name]) for name in ("source", "app", "auth_source"))
        self.clients = [(uuid.UUID(row), name) for row, name in made["clients"]]
        self.people = []
        self.ids = {}

    def id(self, at):
        """A UUIDv7 of this moment, as rows of ours have."""
        bits = (at << 80) | (7 << 76) | (self.random.getrandbits(12) << 64) | (2 << 62) | self.random.getrandbits(62)
        return uuid.UUID(int=bits)

    def moment(self, span=SPAN):
        return self.now - self.random.randrange(60_000, span)

    def code(self):
        letters = "".join(self.random.choice(ALPHABET) for _ in range(8))
        return f"{letters[:4]}-{letters[4:]}"

    def all(self):
        begun = time.monotonic()
        for step in (self.structure, self.members, self.portals, self.sessions, self.runs, self.events, self.leavers, self.requests, self.owner):
            step()
            print(f"  {step.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
        self.storage.done()
        return self.ids

    def structure(self):
        at = self.now - SPAN
        rows = [(self.id(at), *one) for one in departments(DEPARTMENTS)]
        self.departments = rows
        self.storage.insert("department", (
            {"id": row, "data_source_id": self.source, "wecom_id": number, "parent_wecom_id": parent, "name": name,
             "sort_order": 1000 - number % 100, "path": path, "updated_at": at}
            for row, number, parent, name, path in rows))
        self.tags = [(self.id(at), number + 1, f"{TAGS[number % len(TAGS)]}{number // len(TAGS) + 1}") for number in range(TAGGED)]
        self.storage.insert("tag", (
            {"id": row, "data_source_id": self.source, "wecom_id": number, "name": name, "updated_at": at}
            for row, number, name in self.tags))
        tagged = {(self.random.choice(self.tags)[0], self.random.randrange(2, DEPARTMENTS)) for _ in range(400)}
        self.storage.insert("tag_department", ({"tag_id": tag, "department": number} for tag, number in sorted(tagged, key=str)))
        self.storage.execute("DELETE FROM scope_entry WHERE app_id = ?", self.app)
        self.storage.insert("scope_entry", [{"app_id": self.app, "kind": "department", "value": "1"}])
        never = self.now + 3650 * DAY
        self.storage.execute(
            "UPDATE wecom_app SET scope_fetched_at = ?, read_at = ?, next_read_at = ?, scope_members = ?",
            self.now, self.now, never, PEOPLE)
        self.storage.execute("UPDATE probe SET next_at = ?", never)
        self.storage.execute(
            "UPDATE data_source SET auto_sync_hours = NULL, next_sync_at = NULL, last_synced_at = ?, members_confirmed_at = ?",
            self.now - 600_000, self.now - 600_000)

    def members(self):
        names = People(self.random)
        at = self.now - SPAN
        came = {"edits": 0, "came": [{"origin": {"from": "wecom", "data_source_id": str(self.source)}, "at": at,
                                      "fields": ["display_name", "email", "phone_number", "picture"]}]}
        for number in range(PEOPLE):
            name, userid = names.one()
            within = self.random.sample(range(20, DEPARTMENTS), self.random.choice((1, 1, 1, 2)))
            outcome = "conflict" if number < CONFLICTS else "imported"
            state = "departed" if CONFLICTS <= number < CONFLICTS + LEAVERS else "present"
            user = None if outcome == "conflict" else self.id(at)
            self.people.append((self.id(at), user, userid, name, [self.departments[place][1] for place in within], outcome, state))
        active = lambda state: "active" if state == "present" else "disabled"
        self.storage.insert("users", (
            {"id": user, "username": userid, "username_key": userid, "display_name": name, "email": f"{userid}@qingyun.example",
             "email_verified": False, "phone_number": f"+86138{number:08}", "phone_verified": False,
             "picture": f"https://wework.qpic.cn/wwpic/{number}_abcdefghijklmnop/0", "locale": None, "nickname": None, "gender": "male",
             "profile": {}, "provenance": came, "data_source_id": self.source, "corp_id": "ww5ample0000000001", "console_role": None,
             "status": active(state), "disabled_reason": None if state == "present" else "departed", "access_until": None,
             "password_hash": None, "created_at": at, "updated_at": at + number}
            for number, (_, user, userid, name, _, _, state) in enumerate(self.people) if user))
        # Whose names the conflicts are about.
        self.storage.insert("users", (
            {"id": self.id(at), "username": userid, "username_key": userid, "display_name": name, "email": None, "email_verified": False,
             "phone_number": None, "phone_verified": False, "picture": None, "locale": None, "nickname": None, "gender": None,
             "profile": {}, "provenance": {"edits": 0}, "data_source_id": None, "corp_id": None, "console_role": None, "status": "active",
             "disabled_reason": None, "access_until": None, "password_hash": None, "created_at": at, "updated_at": at}
            for _, user, userid, name, _, _, _ in self.people if not user))
        self.storage.insert("member", (
            {"id": row, "data_source_id": self.source, "userid": userid, "userid_key": userid if state == "present" else f"{userid}#{row}",
             "name": name, "alias": None, "position": POSITIONS[number % len(POSITIONS)], "email": f"{userid}@qingyun.example",
             "mobile": f"138{number:08}", "avatar": f"https://wework.qpic.cn/wwpic/{number}_abcdefghijklmnop/0", "gender": "male",
             "main_department": within[0], "departments": within, "status": 1, "state": state,
             "departed_at": None if state == "present" else at, "checked_at": self.now - 600_000,
             "doubt": "gap" if CONFLICTS + LEAVERS <= number < CONFLICTS + LEAVERS + 100 else None, "user_id": user,
             "import_outcome": outcome, "import_reason": "username_taken" if outcome == "conflict" else None, "created_at": at,
             "updated_at": at}
            for number, (row, user, userid, name, within, outcome, state) in enumerate(self.people)))
        tagged = {(self.random.choice(self.tags)[0], self.random.choice(self.people)[2]) for _ in range(30_000)}
        self.storage.insert("tag_user", ({"tag_id": tag, "userid_key": userid} for tag, userid in sorted(tagged, key=str)))
        traits = lambda name: {"name": name, "status": 1}
        doubtful = self.people[CONFLICTS + LEAVERS:CONFLICTS + LEAVERS + 100]
        self.storage.insert("identity_finding", (
            {"id": self.id(self.moment(DAY)), "data_source_id": self.source, "member_id": row, "user_id": user, "userid": userid,
             "reason": "the name changed", "before": traits(name), "after": traits("另一人"), "state": "open",
             "opened_at": self.now - DAY, "decided_by": None, "decided_at": None}
            for row, user, userid, name, *_ in doubtful))
        self.ids["user"] = str(self.people[50_000][1])
        self.ids["name"], self.ids["userid"] = self.people[50_000][3], self.people[50_000][2]

    def portals(self):
        users = [user for _, user, *_, state in self.people if user and state == "present"]
        for number, (row, _) in enumerate(self.clients):
            within = [str(self.random.choice(self.departments)[0]) for _ in range(number % 8)]
            besides = [str(self.random.choice(users)) for _ in range(number % 5 * 10)]
            self.storage.execute("UPDATE client SET allowed_departments = ?, allowed_users = ? WHERE id = ?", within, besides, row)
        self.ids["portal"] = str(self.clients[7][0])
        self.ids["open_portal"] = str(self.clients[0][0])

    def sessions(self):
        sessions, grants, tokens = [], [], []
        here = [one for one in self.people if one[1] and one[6] == "present"]
        # The person whose pages are looked at is signed in five times.
        people = [self.people[50_000]] * 5 + [self.random.choice(here) for _ in range(SESSIONS - 5)]
        for member, user, *_ in people:
            at = self.moment(6 * 3_600_000)
            session = self.id(at)
            sessions.append({
                "id": session, "digest": secrets.token_urlsafe(32), "user_id": user, "member_id": member,
                "auth_source_id": self.auth_source, "auth_time": at, "amr": ["wecom_scan"], "created_at": at,
                "last_seen_at": self.now - 60_000, "expires_at": at + DAY, "ended_at": None, "end_reason": None})
            for client, _ in self.random.sample(self.clients, 2):
                grant = self.id(at)
                grants.append({
                    "id": grant, "session_id": session, "user_id": user, "client_id": client, "scope": "openid profile email",
                    "terms": {}, "auth_time": at, "created_at": at, "revoked_at": None, "revoke_reason": None})
                tokens.append({
                    "id": self.id(at), "grant_id": grant, "digest": secrets.token_urlsafe(32), "created_at": at,
                    "expires_at": at + 30 * DAY, "consumed_at": None})
        self.storage.insert("session", sessions)
        self.storage.insert("oauth_grant", grants)
        self.storage.insert("refresh_token", tokens)

    def runs(self):
        rows = []
        runs = []
        for number in range(RUNS):
            at = self.now - SPAN + number * (SPAN - DAY // 4) // RUNS
            run = self.id(at)
            large, planned = number == 0, number == RUNS - 1
            many = PEOPLE if large else 40
            outcome = "created" if large else "updated"
            runs.append({
                "id": run, "data_source_id": self.source, "cause": "schedule" if number % 10 else "manual",
                "mode": "plan" if planned else "apply", "state": "planned" if planned else ("incomplete" if number % 50 == 9 else "succeeded"),
                "started_at": at, "finished_at": at + 30_000, "duration_ms": 30_000, "calls": 5_200,
                "counts": {"phase": "finished", "todo": many, "done": many, "fetched": PEOPLE, outcome: many, "departments": DEPARTMENTS,
                           "tags": TAGGED, "unchanged": PEOPLE - many},
                "findings": [], "failure_number": None, "failure_detail": None, "undoes": None})
            changed = self.people if large else [self.random.choice(self.people) for _ in range(many)]
            rows += [{
                "id": self.id(at + 1000 + place // 100), "run_id": run, "userid": userid, "outcome": outcome, "reason": "", "subject": "member",
                "batch": place // 100 + 1, "subject_id": member, "user_id": user,
                "changes": None if large else {"position": {"from": "工程师", "to": "高级工程师"}}, "undone": None}
                for place, (member, user, userid, *_) in enumerate(changed)]
        self.storage.insert("sync_run", runs)
        self.storage.insert("sync_row", rows)
        self.ids["run"], self.ids["small_run"], self.ids["planned_run"] = (str(runs[at]["id"]) for at in (0, 250, RUNS - 1))

    def events(self):
        """The gate's refusals as it writes them, and what else happens all day."""
        events, traces = [], []
        draw = self.random
        kinds = draw.choices(
            ("signed_in", "tokens_issued", "refused", "failed", "client.refused", "signed_out", "configured"),
            weights=(42, 30, 10, 4, 2, 8, 4), k=EVENTS)
        for kind in kinds:
            at = self.moment()
            member, user, userid, name, *_ = draw.choice(self.people)
            _, client = draw.choice(self.clients)
            user = user or self.people[-1][1]
            event = {
                "id": self.id(at), "at": at, "kind": kind, "actor": f"user:{user}", "subject": f"client:{client}", "reference": None,
                "number": None, "detail": {}, "user_id": user, "member_id": None, "client_id": client, "data_source_id": None}
            if kind == "signed_in":
                event |= {"subject": f"session:{self.id(at)}", "client_id": None,
                          "detail": {"amr": ["wecom_scan"], "auth_source": str(self.auth_source)}}
            elif kind == "tokens_issued":
                event["detail"] = {"grant": str(self.id(at)), "session": str(self.id(at)), "scope": "openid profile email"}
            elif kind == "signed_out":
                event |= {"actor": "logout", "subject": f"session:{self.id(at)}", "client_id": None, "detail": {"user_id": str(user)}}
            elif kind == "configured":
                event |= {"actor": "token:apply", "user_id": None, "detail": {
                    "action": "updated", "changed": ["name"], "before": {"name": client}, "after": {"name": client + "2"}}}
            else:
                number = draw.choices(NUMBERS, weights=(30, 20, 15, 12, 9, 6, 5, 3))[0]
                event |= {"reference": self.code(), "number": "OI-108" if kind == "client.refused" else number}
                event["detail"] = {"way": "WeCom", "live": "Present", "path": "/wecom/callback", "checks": [
                    {"check": "portal", "passed": True, "saw": {"client_id": client, "enabled": True}},
                    {"check": "auth_source", "passed": True, "saw": {"name": "青云科技", "enabled": True}},
                    {"check": "member", "passed": True, "saw": {"userid": userid, "name": name}},
                    {"check": "scope", "passed": False, "saw": {"departments": [2, 7], "covered": False}}]}
                if kind == "failed":
                    event |= {"actor": "anonymous", "user_id": None}
                if kind == "client.refused":
                    event |= {"actor": "address:10.2.3.4", "user_id": None}
                if at > self.now - 30 * DAY and kind != "client.refused":
                    traces.append({"reference": event["reference"], "at": at, "number": number, "detail": {
                        "client_id": client, "address": "10.1.2.3", "browser": "Mozilla/5.0", "method": "GET", "path": "/wecom/callback",
                        "steps": [{"step": "begun", "at": at - 9000}, {"step": "callback", "at": at - 200}, {"step": "gate", "at": at - 20}],
                        "wecom_calls": [{"path": "user/get", "duration_ms": 80, "outcome": "answered", "errcode": 0, "hint": None}]}})
                    if kind == "refused":
                        self.ids["code"] = event["reference"]
            events.append(event)
        events.sort(key=lambda event: event["id"].int)
        self.storage.insert("audit_event", events)
        self.storage.insert("failure_trace", traces)

    def requests(self):
        rows = []
        for place, (_, _, userid, *_) in enumerate(self.people[:CONFLICTS]):
            at = self.moment() if place % 5 else self.now - place * 60_000
            over = place % 5 != 0
            rows.append({
                "id": self.id(at), "data_source_id": self.source, "corp_id": "ww5ample0000000001", "userid": userid,
                "userid_key": userid.lower(), "mode": "web", "client_id": self.clients[7][0], "state": "refused" if over else "open",
                "reason": "入职，需要查看手册", "created_at": at, "expires_at": at + 7 * DAY, "decided_at": at + 3_600_000 if over else None,
                "decided_by": "token:apply" if over else None, "decision": {"via": "api"} if over else None, "refusal_reason": None,
                "reason_shown": False, "user_id": None, "link_digest": secrets.token_urlsafe(32), "link_expires_at": at + DAY, "version": 1})
        self.storage.insert("access_request", rows)
        self.ids["request"], self.ids["decided_request"] = str(rows[0]["id"]), str(rows[1]["id"])

    def leavers(self):
        reports, deliveries = [], []
        for place, (member, user, userid, *_) in enumerate(self.people[CONFLICTS:CONFLICTS + LEAVERS]):
            at = self.moment()
            report, session = self.id(at), self.id(at)
            entered = self.random.sample(self.clients, 3)
            reports.append({
                "id": report, "user_id": user, "username": userid, "member_id": member, "data_source_id": self.source, "userid": userid,
                "reason": "departed", "learned_by": "event" if place % 3 else "sync", "evidence": {"errcode": 60111}, "app_id": None,
                "user_disabled": True, "at": at, "readmitted_at": None,
                "sessions": [{"id": str(session), "auth_source_id": str(self.auth_source), "amr": ["wecom_scan"], "created_at": at - DAY}],
                "grants": [{"id": str(self.id(at)), "session_id": str(session), "client_id": str(row), "created_at": at - DAY}
                           for row, _ in entered]})
            for row, _ in entered:
                state = "failed" if self.random.random() < 0.02 else "delivered"
                deliveries.append({
                    "id": self.id(at), "session_id": session, "user_id": user, "client_id": row, "offboarding_id": report,
                    "reason": "departed", "state": state, "attempts": 1 if state == "delivered" else 12, "next_at": at, "deadline": at + DAY,
                    "last_status": 200 if state == "delivered" else 502, "last_error": None, "created_at": at,
                    "delivered_at": at + 700 if state == "delivered" else None})
        self.storage.insert("offboarding", reports)
        self.storage.insert("logout_delivery", deliveries)
        self.ids["report"] = str(max(reports, key=lambda report: report["at"])["id"])

    def owner(self):
        """Somebody with the role of owner, and the cookie of a session in which they are signed in."""
        user, cookie = self.id(self.now), secrets.token_urlsafe(32)
        self.storage.insert("users", [{
            "id": user, "username": "the.owner", "username_key": "the.owner", "display_name": "The owner", "email": None,
            "email_verified": False, "phone_number": None, "phone_verified": False, "picture": None, "locale": None, "nickname": None,
            "gender": None, "profile": {}, "provenance": {"edits": 0}, "data_source_id": None, "corp_id": None, "console_role": "owner",
            "status": "active", "disabled_reason": None, "access_until": None, "password_hash": None, "created_at": self.now,
            "updated_at": self.now}])
        digest = base64.urlsafe_b64encode(hashlib.sha256(cookie.encode()).digest()).decode().rstrip("=")
        self.storage.insert("session", [{
            "id": self.id(self.now), "digest": digest, "user_id": user, "member_id": None, "auth_source_id": None, "auth_time": self.now,
            "amr": ["pwd", "otp", "mfa"], "created_at": self.now, "last_seen_at": self.now, "expires_at": self.now + DAY,
            "ended_at": None, "end_reason": None}])
        self.ids["owner"], self.ids["cookie"] = str(user), cookie


def seeded(storage, made):
    """Writes everything; answers ids that pages are asked for, and the owner's cookie."""
    return Seed(storage, made).all()
