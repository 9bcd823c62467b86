//! What each check saw, for whoever asks why: ids, words and dates as small JSON, and nothing secret. Pure.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::facts::{CachedScope, Facts, Identity, Live, Standing};
use crate::directory::identity::verdict::Verdict;

/// A check and what it saw, as the audit log keeps it of a refusal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SeenCheck {
    /// Name of the check.
    pub check: &'static str,
    /// Whether it passed.
    pub passed: bool,
    /// The facts it saw, by name; their shape depends on the check.
    pub saw: Value,
}

/// Entries of a list that are told; of longer ones the number is told besides.
const MOST_LISTED: usize = 20;

impl Live {
    /// Its word in answers and traces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Visible { .. } => "visible",
            Self::NotVisible => "not_visible",
            Self::OtherIds => "other_ids",
            Self::Unreachable => "unreachable",
            Self::OverBudget => "over_budget",
            Self::NotAsked => "not_asked",
        }
    }
}

impl CachedScope {
    /// Its word in answers and traces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Outside => "outside",
            Self::Uncertain => "uncertain",
            Self::Unknown => "never_read",
        }
    }
}

impl Standing {
    /// Its word in answers and traces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Outside => "ended_by_wecom",
            Self::Disabled => "disabled",
        }
    }
}

fn listed<T: serde::Serialize>(items: &[T]) -> Value {
    json!({ "count": items.len(), "first": items.iter().take(MOST_LISTED).collect::<Vec<_>>() })
}

pub(super) fn session(facts: &Facts) -> Value {
    json!({ "session": facts.session.as_ref().map(|session| json!({ "id": session.id, "alive": session.alive })) })
}

pub(super) fn portal(facts: &Facts) -> Value {
    json!({ "client_id": facts.portal.client_id, "enabled": facts.portal.enabled })
}

pub(super) fn auth_source(facts: &Facts) -> Value {
    let source = facts.auth_source.as_ref();
    json!({ "auth_source": source.map(|source| json!({ "id": source.id, "enabled": source.enabled })) })
}

pub(super) fn accepted(facts: &Facts) -> Value {
    json!({
        "auth_source": facts.auth_source.as_ref().map(|source| source.id),
        "accepted": facts.portal.auth_sources.as_deref().map_or_else(|| json!("all"), listed),
    })
}

pub(super) fn corps(facts: &Facts) -> Value {
    json!({
        "auth_source_corp_id": facts.auth_source.as_ref().map(|source| &source.corp_id),
        "data_source_corp_id": facts.data_source.as_ref().map(|source| &source.corp_id),
    })
}

pub(super) fn logins(facts: &Facts) -> Value {
    let source = facts.data_source.as_ref().map(|source| {
        json!({ "id": source.id, "enabled": source.enabled, "wecom": source.login_wecom, "password": source.login_password })
    });
    json!({ "data_source": source, "local_passwords": facts.local_passwords })
}

pub(super) fn identity(facts: &Facts) -> Value {
    match &facts.identity {
        Identity::Member { userid } => json!({ "who": "member", "userid": userid }),
        Identity::Local { user } => json!({ "who": "local_user", "user_id": user }),
        Identity::LinkedCorp => json!({ "who": "member_of_a_linked_corp" }),
        Identity::OtherCorp { corp_id } => json!({ "who": "member_of_another_corp", "corp_id": corp_id }),
        Identity::Outsider => json!({ "who": "outsider" }),
    }
}

pub(super) fn confirmation(facts: &Facts) -> Value {
    let confirmed = facts.member.as_ref().filter(|member| member.checked_at.millis() > 0);
    json!({
        "wecom": facts.live.word(),
        "confirmed_at": confirmed.map(|member| member.checked_at.millis()),
        "membership_max_age": facts.portal.membership_max_age.as_secs(),
        "membership_grace": facts.portal.membership_grace.as_secs(),
    })
}

pub(super) fn scope(facts: &Facts) -> Value {
    json!({ "wecom": facts.live.word(), "app_id": facts.app, "scope_read_last": facts.cached_scope.word() })
}

pub(super) fn status(facts: &Facts) -> Value {
    let live = match facts.live {
        Live::Visible { status } => status,
        _ => None,
    };
    json!({
        "wecom": facts.live.word(),
        "wecom_status": live,
        "status_read_last": facts.member.as_ref().and_then(|member| member.status),
    })
}

pub(super) fn verdict(facts: &Facts) -> Value {
    let word = match facts.verdict {
        Verdict::SomebodyElse => "somebody_else",
        Verdict::Doubtful => "doubtful",
        Verdict::SamePerson => "same_person",
    };
    json!({
        "verdict": word,
        "in_doubt": facts.member.as_ref().is_some_and(|member| member.doubted),
        "doubtful_waits": facts.data_source.as_ref().map(|source| source.doubtful_waits),
    })
}

pub(super) fn import(facts: &Facts) -> Value {
    let member = facts.member.as_ref();
    json!({
        "member": member.map(|member| json!({ "id": member.id, "present": member.present })),
        "user_id": facts.person.as_ref().map(|person| person.id),
    })
}

pub(super) fn access(facts: &Facts) -> Value {
    let until = facts.person.as_ref().and_then(|person| person.access_until);
    json!({ "access_until": until.map(|until| until.millis()), "now": facts.now.millis() })
}

pub(super) fn standing(facts: &Facts) -> Value {
    json!({
        "user_id": facts.person.as_ref().map(|person| person.id),
        "standing": facts.person.as_ref().map(|person| person.standing.word()),
        "wecom": facts.live.word(),
    })
}

pub(super) fn allowed(facts: &Facts) -> Value {
    let departments = facts.member.as_ref().map(|member| member.departments.as_slice());
    let user = facts.person.as_ref().map(|person| person.id);
    json!({
        "allowed_departments": listed(&facts.portal.departments),
        "allowed_groups": listed(&facts.portal.groups),
        "allowed_users": listed(&facts.portal.users),
        "departments": listed(departments.unwrap_or_default()),
        "groups": listed(&facts.groups),
        "user_id": user,
        "named": user.is_some_and(|user| facts.portal.users.contains(&user)),
    })
}
