//! The gate's table of checks, in the order in which a person should be told of them. Pure.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    facts::{AuthMethod, Facts, Identity, Live, Standing},
    failure::GateFailure,
    membership::{ids_known, in_visible_scope, is_local, membership_confirmed, within_grace},
    seen,
};
use crate::directory::{identity::verdict::Verdict, offboarding::model::STATUS_ACTIVE as ACTIVE};

/// One named check.
pub struct Check {
    /// Name in traces and in "who can sign in".
    pub name: &'static str,
    /// The refusal of a failing check.
    pub refusal: GateFailure,
    /// Whose word it rests on.
    pub decided_by: DecidedBy,
    /// The facts it sees, as small JSON without secrets.
    pub saw: fn(&Facts) -> Value,
    /// True: passed.
    pub passes: fn(&Facts) -> bool,
}

/// Whose word a check rests on: `menjin`: what is set and stored here; `wecom`: what WeCom answers at the moment of the visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DecidedBy {
    /// What is set and stored here.
    Menjin,
    /// What WeCom answers at the moment of the visit.
    WeCom,
}

/// Name of the first check that WeCom's live answer decides.
const MEMBERSHIP_CONFIRMED: &str = "membership_confirmed";

/// All checks. The first that fails is the reason given; the rest are still evaluated for the admin's trace.
pub const CHECKS: &[Check] = &[
    Check {
        name: "session_alive",
        refusal: GateFailure::SessionEnded,
        decided_by: DecidedBy::Menjin,
        saw: seen::session,
        passes: session_alive,
    },
    Check {
        name: "portal_enabled",
        refusal: GateFailure::PortalDisabled,
        decided_by: DecidedBy::Menjin,
        saw: seen::portal,
        passes: |facts| facts.portal.enabled,
    },
    Check {
        name: "auth_source_enabled",
        refusal: GateFailure::AuthSourceDisabled,
        decided_by: DecidedBy::Menjin,
        saw: seen::auth_source,
        passes: auth_source_enabled,
    },
    Check {
        name: "portal_accepts_auth_source",
        refusal: GateFailure::AuthSourceNotAllowed,
        decided_by: DecidedBy::Menjin,
        saw: seen::accepted,
        passes: portal_accepts,
    },
    Check {
        name: "corp_id_matches",
        refusal: GateFailure::CorpMismatch,
        decided_by: DecidedBy::Menjin,
        saw: seen::corps,
        passes: corp_id_matches,
    },
    Check {
        name: "wecom_login_on",
        refusal: GateFailure::WeComLoginOff,
        decided_by: DecidedBy::Menjin,
        saw: seen::logins,
        passes: wecom_login_on,
    },
    Check {
        name: "password_login_on",
        refusal: GateFailure::PasswordOff,
        decided_by: DecidedBy::Menjin,
        saw: seen::logins,
        passes: password_login_on,
    },
    Check {
        name: "is_a_member",
        refusal: GateFailure::NotAMember,
        decided_by: DecidedBy::Menjin,
        saw: seen::identity,
        passes: |f| f.identity != Identity::Outsider,
    },
    Check {
        name: "of_this_corp",
        refusal: GateFailure::LinkedCorp,
        decided_by: DecidedBy::Menjin,
        saw: seen::identity,
        passes: |f| f.identity != Identity::LinkedCorp,
    },
    Check {
        name: "of_connected_corp",
        refusal: GateFailure::OtherCorp,
        decided_by: DecidedBy::Menjin,
        saw: seen::identity,
        passes: |f| !matches!(f.identity, Identity::OtherCorp { .. }),
    },
    Check {
        name: MEMBERSHIP_CONFIRMED,
        refusal: GateFailure::NotConfirmed,
        decided_by: DecidedBy::WeCom,
        saw: seen::confirmation,
        passes: membership_confirmed,
    },
    Check {
        name: "within_grace",
        refusal: GateFailure::GraceOver,
        decided_by: DecidedBy::WeCom,
        saw: seen::confirmation,
        passes: within_grace,
    },
    Check {
        name: "ids_known",
        refusal: GateFailure::OtherIds,
        decided_by: DecidedBy::WeCom,
        saw: seen::confirmation,
        passes: ids_known,
    },
    Check {
        name: "in_visible_scope",
        refusal: GateFailure::OutOfScope,
        decided_by: DecidedBy::WeCom,
        saw: seen::scope,
        passes: in_visible_scope,
    },
    Check {
        name: "status_known",
        refusal: GateFailure::StatusUnknown,
        decided_by: DecidedBy::WeCom,
        saw: seen::status,
        passes: |facts| member_status(facts) != MemberStatus::Unknown,
    },
    Check {
        name: "status_active",
        refusal: GateFailure::NotActive,
        decided_by: DecidedBy::WeCom,
        saw: seen::status,
        passes: |facts| member_status(facts) != MemberStatus::Inactive,
    },
    Check {
        name: "userid_not_reused",
        refusal: GateFailure::UseridReused,
        decided_by: DecidedBy::WeCom,
        saw: seen::verdict,
        passes: |facts| facts.verdict != Verdict::SomebodyElse,
    },
    Check {
        name: "identity_certain",
        refusal: GateFailure::IdentityDoubtful,
        decided_by: DecidedBy::Menjin,
        saw: seen::verdict,
        passes: identity_certain,
    },
    Check {
        name: "imported",
        refusal: GateFailure::NotImported,
        decided_by: DecidedBy::Menjin,
        saw: seen::import,
        passes: imported,
    },
    Check {
        name: "within_access",
        refusal: GateFailure::AccessEnded,
        decided_by: DecidedBy::Menjin,
        saw: seen::access,
        passes: |facts| {
            facts
                .person
                .as_ref()
                .is_none_or(|person| person.is_within_access(facts.now))
        },
    },
    Check {
        name: "user_active",
        refusal: GateFailure::UserDisabled,
        decided_by: DecidedBy::Menjin,
        saw: seen::standing,
        passes: user_active,
    },
    Check {
        name: "portal_allows_person",
        refusal: GateFailure::PortalNotAllowed,
        decided_by: DecidedBy::Menjin,
        saw: seen::allowed,
        passes: portal_allows_person,
    },
];

/// Each check's name with whether it passed.
pub type Chain = Vec<(&'static str, bool)>;

/// Runs all checks: the whole chain, and the first refusal if any check failed.
pub fn judge(facts: &Facts) -> (Chain, Option<GateFailure>) {
    let chain: Chain = CHECKS.iter().map(|check| (check.name, (check.passes)(facts))).collect();
    let refusal = CHECKS
        .iter()
        .zip(&chain)
        .find(|(_, (_, passed))| !passed)
        .map(|(check, _)| check.refusal);
    (chain, refusal)
}

/// Whether a check that comes before those that WeCom's answer decides refuses already, so that there is nothing to ask WeCom.
pub fn refuses_unasked(facts: &Facts) -> bool {
    let mut before = CHECKS.iter().take_while(|check| check.name != MEMBERSHIP_CONFIRMED);
    before.any(|check| !(check.passes)(facts))
}

fn session_alive(facts: &Facts) -> bool {
    facts.session.as_ref().is_none_or(|session| session.alive)
}

/// Whether the auth source is enabled; a password uses no auth source, everything else must.
fn auth_source_enabled(facts: &Facts) -> bool {
    facts.way == AuthMethod::Password || facts.auth_source.as_ref().is_some_and(|source| source.enabled)
}

/// Whether the portal accepts the auth source. A portal that names its auth sources accepts exactly those, so no passwords.
fn portal_accepts(facts: &Facts) -> bool {
    match (&facts.portal.auth_sources, &facts.auth_source) {
        (None, _) => true,
        (Some(accepted), Some(source)) => accepted.contains(&source.id),
        (Some(_), None) => false,
    }
}

/// Exact comparison: corp IDs are opaque, and one corp's in two modes are two. With a password there is no corp ID to compare: the data source is the person's own.
fn corp_id_matches(facts: &Facts) -> bool {
    if facts.way == AuthMethod::Password {
        return true;
    }
    match (&facts.auth_source, &facts.data_source) {
        (Some(auth_source), Some(directory)) => auth_source.corp_key == directory.corp_key,
        _ => false,
    }
}

fn wecom_login_on(facts: &Facts) -> bool {
    facts.way != AuthMethod::WeCom
        || facts
            .data_source
            .as_ref()
            .is_some_and(|source| source.enabled && source.login_wecom)
}

/// Whether passwords are allowed: by the person's data source; for local users by the configuration. A user left over by a removed data
/// source has neither.
fn password_login_on(facts: &Facts) -> bool {
    match (facts.way, &facts.identity, &facts.data_source) {
        (AuthMethod::WeCom, _, _) => true,
        (AuthMethod::Password, Identity::Local { .. }, _) => facts.local_passwords,
        (AuthMethod::Password, _, Some(source)) => source.enabled && source.login_password,
        (AuthMethod::Password, _, None) => false,
    }
}

/// What WeCom's status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MemberStatus {
    Active,
    /// Disabled, not activated, or left.
    Inactive,
    /// Nothing that the reference knows, so nothing a person may be told as their own state.
    Unknown,
}

fn member_status(facts: &Facts) -> MemberStatus {
    let of = |status: Option<i32>| match status {
        Some(ACTIVE) => MemberStatus::Active,
        Some(2 | 4 | 5) => MemberStatus::Inactive,
        _ => MemberStatus::Unknown,
    };
    match (facts.live, &facts.member) {
        // `user/get` always returns the status (reference 3.4); where it is absent the member does not count as active.
        (Live::Visible { status }, _) => of(status),
        (Live::NotVisible, _) => MemberStatus::Active,
        _ if is_local(facts) => MemberStatus::Active,
        (_, Some(member)) => of(member.status.or(Some(1))),
        (_, None) => MemberStatus::Inactive,
    }
}

/// Whether it is certain who the member is, or the data source lets people go on while it is not.
fn identity_certain(facts: &Facts) -> bool {
    let doubted = facts.member.as_ref().is_some_and(|member| member.doubted);
    !doubted || facts.data_source.as_ref().is_some_and(|source| !source.doubtful_waits)
}

/// Whether WeCom's live answer may be stored as a confirmation: it is about the person we hold.
pub fn confirms(facts: &Facts) -> bool {
    facts.verdict != Verdict::SomebodyElse && identity_certain(facts)
}

/// Whether the member has a user. A departed member does not count, even if WeCom shows that userid again: it may be somebody else's by
/// now. The next sync decides whether they came back.
fn imported(facts: &Facts) -> bool {
    facts.person.is_some() && (is_local(facts) || facts.member.as_ref().is_some_and(|member| member.present))
}

fn user_active(facts: &Facts) -> bool {
    facts.person.as_ref().is_none_or(|person| match person.standing {
        Standing::Active => true,
        // What WeCom ended, WeCom gives back: it shows the member as active right now.
        Standing::Outside => facts.live == Live::Visible { status: Some(ACTIVE) },
        Standing::Disabled => false,
    })
}

fn portal_allows_person(facts: &Facts) -> bool {
    let portal = &facts.portal;
    if portal.departments.is_empty() && portal.groups.is_empty() && portal.users.is_empty() {
        return true;
    }
    let by_user = facts
        .person
        .as_ref()
        .is_some_and(|person| portal.users.contains(&person.id));
    let by_department = facts.member.as_ref().is_some_and(|member| {
        member
            .departments
            .iter()
            .any(|department| portal.departments.contains(department))
    });
    let by_group = facts.groups.iter().any(|group| portal.groups.contains(group));
    by_user || by_group || by_department
}
