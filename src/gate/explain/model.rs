//! What is asked (who, at which portal, what if) and whom it is about, as plain values. Pure.

use std::{collections::BTreeSet, time::Duration};

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    gate::facts::{AuthSource, Facts, Portal},
    kernel::{
        failure::Failure,
        sorting::{Kind, Sort, SortWords},
    },
};

/// How the list of everybody at a portal can be sorted; who has no userid, or no username, stands behind all who have one, both ways.
pub const SORTS: SortWords = SortWords::new(
    &[
        ("created_at", Kind::Id),
        ("userid", Kind::Text),
        ("username", Kind::Text),
    ],
    Sort::up("created_at", Kind::Id),
);

/// How the list of one person's portals can be sorted.
pub const DOOR_SORTS: SortWords = SortWords::new(
    &[("created_at", Kind::Id), ("name", Kind::Text)],
    Sort::up("created_at", Kind::Id),
);

/// One person.
#[derive(Clone, Debug)]
pub enum Who {
    /// A user, with the members they are.
    User(Uuid),
    /// A member, imported or not.
    Member(Uuid),
    /// Whoever has this userid there, even where the mirror knows nobody of that name.
    Userid {
        /// Row id of the data source.
        data_source: Uuid,
        /// In any letter case.
        userid: String,
    },
}

/// At which portal, and what if.
#[derive(Clone, Debug)]
pub struct Question {
    /// Row id of the portal.
    pub portal: Uuid,
    /// What is imagined; `None`: nothing.
    pub what_if: Option<WhatIf>,
}

/// Settings that are imagined; `None` leaves one as it is.
#[derive(Clone, Debug, Default)]
pub struct WhatIf {
    /// The portal's allowed departments.
    pub departments: Option<Vec<Uuid>>,
    /// The portal's allowed groups.
    pub groups: Option<Vec<Uuid>>,
    /// The portal's allowed users.
    pub users: Option<Vec<Uuid>>,
    /// The portal's accepted auth sources; the inner `None`: all.
    pub auth_sources: Option<Option<Vec<Uuid>>>,
    /// The portal's maximum age of a membership.
    pub membership_max_age: Option<Duration>,
    /// The portal's grace while WeCom does not answer.
    pub membership_grace: Option<Duration>,
    /// The visible scope of one app.
    pub scope: Option<ScopeChange>,
    /// WeCom does not answer. Whoever has a session counts then as well, as a way of their own.
    pub wecom_down: bool,
}

/// The lines of an app's visible scope, as they would be picked in WeCom.
#[derive(Clone, Debug)]
pub struct ScopeChange {
    /// Row id of the WeCom app.
    pub app: Uuid,
    /// WeCom's department ids.
    pub departments: BTreeSet<i64>,
    /// userids.
    pub users: BTreeSet<String>,
    /// WeCom's tag ids.
    pub tags: BTreeSet<i64>,
}

impl WhatIf {
    /// Whether anything is imagined.
    pub const fn is_any(&self) -> bool {
        self.departments.is_some()
            || self.groups.is_some()
            || self.users.is_some()
            || self.auth_sources.is_some()
            || self.membership_max_age.is_some()
            || self.membership_grace.is_some()
            || self.scope.is_some()
            || self.wecom_down
    }

    /// Whether what is imagined is what WeCom answers.
    pub const fn is_of_wecom(&self) -> bool {
        self.scope.is_some() || self.wecom_down
    }

    /// The portal as it would be.
    pub fn of_portal(&self, mut portal: Portal) -> Portal {
        if let Some(departments) = &self.departments {
            portal.departments.clone_from(departments);
        }
        if let Some(groups) = &self.groups {
            portal.groups.clone_from(groups);
        }
        if let Some(users) = &self.users {
            portal.users.clone_from(users);
        }
        if let Some(auth_sources) = &self.auth_sources {
            portal.auth_sources.clone_from(auth_sources);
        }
        portal.membership_max_age = self.membership_max_age.unwrap_or(portal.membership_max_age);
        portal.membership_grace = self.membership_grace.unwrap_or(portal.membership_grace);
        portal
    }
}

/// Whether WeCom was asked for an explanation.
#[derive(Clone, Debug)]
pub enum Asked {
    /// Nobody wanted that, or a visit would not ask either.
    No,
    /// It was.
    Yes,
    /// It was to be, and was not: what was read last is taken for its answer.
    NotNow(Failure),
    /// In vain, for a reason that an admin must mend: a sign-in fails of it as well.
    Failed(Failure),
}

impl Asked {
    /// Why there is no answer.
    pub const fn failure(&self) -> Option<&Failure> {
        match self {
            Self::No | Self::Yes => None,
            Self::NotNow(failure) | Self::Failed(failure) => Some(failure),
        }
    }
}

/// A way of coming in.
#[derive(Clone, Debug)]
pub enum Way {
    /// A scan, or the sign-in inside WeCom, through an auth source.
    Scan(Named),
    /// A password.
    Password,
    /// A session that was opened by a scan through an auth source.
    Session(Named),
}

/// An auth source with its name.
#[derive(Clone, Debug)]
pub struct Named {
    /// What the gate knows of it.
    pub auth_source: AuthSource,
    /// As the login page shows it.
    pub name: String,
}

/// Somebody, as an admin knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AccessPerson)]
pub struct Shown {
    /// Row id of the user; null: not imported.
    pub user_id: Option<Uuid>,
    /// Username; null: not imported.
    pub username: Option<String>,
    /// Display name; null: none.
    pub display_name: Option<String>,
    /// Row id of the member; null: a user of no corp, or one whom the mirror does not know.
    pub member_id: Option<Uuid>,
    /// Row id of their data source; null: none.
    pub data_source_id: Option<Uuid>,
    /// Their userid, as WeCom writes it; null: no member.
    pub userid: Option<String>,
    /// Their name, as WeCom gave it; null: none.
    pub name: Option<String>,
}

/// A person with the facts of each way they have.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Who it is.
    pub person: Shown,
    /// Their ways, in the order of the auth sources, a password last; WeCom has not been asked.
    pub ways: Vec<(Way, Facts)>,
}
