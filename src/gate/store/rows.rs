//! Rows as facts, for whoever gathers them: one visit at a time, or many people at once.

use std::time::Duration;

use entity::{auth_source, client, data_source, member, users};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::{
    directory::{
        freshness::checked_at,
        identity::{
            evidence::{Traits, encrypted},
            verdict::Verdict,
        },
        offboarding::model::EndReason,
        user::store::standard_claims_of,
    },
    gate::facts::{
        AuthMethod, AuthSource, CachedScope, DataSource, Facts, Identity, Live, Member, Person, Portal, Session,
        Standing,
    },
    kernel::clock::Timestamp,
};

/// The person of a visit, as far as the database knows them.
pub(super) struct Principal {
    pub(super) way: AuthMethod,
    pub(super) identity: Identity,
    pub(super) member: Option<member::Model>,
    pub(super) person: Option<Person>,
}

/// What facts are made of.
pub(super) struct Parts {
    pub(super) now: Timestamp,
    pub(super) local_passwords: bool,
    pub(super) portal: Portal,
    pub(super) auth_source: Option<AuthSource>,
    pub(super) app: Option<Uuid>,
    pub(super) data_source: Option<DataSource>,
    pub(super) principal: Principal,
    /// Our id and WeCom's id of each department of the member and of all above it.
    pub(super) lineage: Vec<(Uuid, i64)>,
    /// Groups of the user: those of the portal at least.
    pub(super) groups: Vec<Uuid>,
    pub(super) cached_scope: CachedScope,
    pub(super) session: Option<Session>,
}

/// The facts, before WeCom is asked.
pub(super) fn compose(parts: Parts) -> Facts {
    let Principal {
        way,
        identity,
        member,
        person,
    } = parts.principal;
    let source = parts.data_source.as_ref();
    let confirmed = |row: &member::Model| {
        let own = source.filter(|source| source.id == row.data_source_id);
        let everybody = own.and_then(|source| source.members_confirmed_at);
        checked_at(row.checked_at, row.state == "present", everybody)
    };
    let member = member.map(|row| Member {
        checked_at: Timestamp::from_millis(confirmed(&row)),
        id: row.id,
        traits: Traits {
            name: row.name,
            mobile: row.mobile,
            emails: row.email.into_iter().collect(),
            departments: row.departments.0,
            open_userid: row.open_userid,
            encrypted_userid: encrypted(&row.userid),
        },
        userid: row.userid,
        present: row.state == "present",
        status: row.status,
        doubted: row.doubt.is_some(),
        departments: parts.lineage.iter().map(|department| department.0).collect(),
    });
    let mut groups = parts.groups;
    groups.retain(|group| parts.portal.groups.contains(group));
    groups.sort_unstable();
    Facts {
        now: parts.now,
        portal: parts.portal,
        way,
        local_passwords: parts.local_passwords,
        auth_source: parts.auth_source,
        app: parts.app,
        data_source: parts.data_source,
        identity,
        member,
        person,
        groups,
        cached_scope: parts.cached_scope,
        live: Live::NotAsked,
        verdict: Verdict::SamePerson,
        session: parts.session,
    }
}

pub(super) fn portal(row: client::Model) -> Portal {
    Portal {
        id: row.id,
        client_id: row.client_id,
        enabled: row.enabled,
        auth_sources: row.auth_sources.map(|list| ids(&list.0)),
        departments: ids(&row.allowed_departments.0),
        groups: ids(&row.allowed_groups.0),
        users: ids(&row.allowed_users.0),
        membership_max_age: seconds(row.membership_max_age),
        membership_grace: seconds(row.membership_grace),
    }
}

/// `suite`: of its app.
pub(super) fn auth_source(row: auth_source::Model, suite: Option<Uuid>) -> AuthSource {
    AuthSource {
        id: row.id,
        enabled: row.enabled,
        corp_key: data_source::corp_key(&row.corp_id, suite),
        corp_id: row.corp_id,
    }
}

impl From<data_source::Model> for DataSource {
    fn from(row: data_source::Model) -> Self {
        Self {
            id: row.id,
            corp_id: row.corp_id,
            corp_key: row.corp_key,
            app: row.app_id,
            enabled: row.enabled,
            login_wecom: row.login_wecom,
            login_password: row.login_password,
            doubtful_waits: row.doubtful_identity != "continue",
            members_confirmed_at: row.members_confirmed_at,
        }
    }
}

impl TryFrom<users::Model> for Person {
    type Error = DbErr;

    fn try_from(row: users::Model) -> Result<Self, DbErr> {
        Ok(Self {
            standing: standing(&row),
            access_until: row.access_until.map(Timestamp::from_millis),
            standard_claims: standard_claims_of(&row)?,
            id: row.id,
            username: row.username,
            display_name: row.display_name,
            email: row.email,
            email_verified: row.email_verified,
            phone_number: row.phone_number,
            phone_verified: row.phone_verified,
            picture: row.picture,
            locale: row.locale,
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

fn standing(row: &users::Model) -> Standing {
    let cause = row.disabled_reason.as_deref().and_then(EndReason::of);
    match cause {
        _ if row.status == "active" => Standing::Active,
        Some(cause) if cause.is_taken_back() => Standing::Outside,
        _ => Standing::Disabled,
    }
}

fn seconds(value: i64) -> Duration {
    Duration::from_secs(u64::try_from(value).unwrap_or(0))
}

/// The ids in a JSON list; an entry that is no id is left out, so it matches nothing.
fn ids(list: &[String]) -> Vec<Uuid> {
    list.iter().filter_map(|id| id.parse().ok()).collect()
}
