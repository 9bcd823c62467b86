//! What a batch of members rests on, read and locked in its transaction: whatever changed since the plan was made is left alone.

use std::collections::{HashMap, HashSet};

use entity::{member, users as user};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType};
use uuid::Uuid;

use super::{Stored, journal, users};
use crate::directory::sync::{
    plan::model::{MemberChange, RowVersion, UserChange},
    run_context::Job,
    snapshot::key,
};

/// How much to check before writing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Precheck {
    /// The rows to be changed.
    Versions,
    /// Names and userids that are taken, as well.
    VersionsAndNames,
}

/// State of the rows concerned at the moment of writing.
pub struct WriteContext {
    /// Members who are there, by id.
    pub members: HashMap<Uuid, member::Model>,
    keys: HashSet<String>,
    names: HashSet<String>,
    /// Users who may be touched, by id.
    pub users: HashMap<Uuid, user::Model>,
    edited: HashSet<Uuid>,
    /// Users to be linked who are a member's by now.
    linked: HashSet<Uuid>,
}

impl WriteContext {
    /// Reads and locks what these changes concern.
    pub async fn look<C: ConnectionTrait>(
        tx: &C,
        job: &Job<'_>,
        batch: &[MemberChange],
        look: Precheck,
    ) -> Stored<Self> {
        let held = batch
            .iter()
            .flat_map(|change| [change.held, change.supersedes])
            .flatten();
        let new = batch
            .iter()
            .filter(|change| change.held.is_none() && change.supersedes.is_none());
        let mut keys: Vec<String> = new.map(|change| change.key.clone()).collect();
        let mut names = Vec::new();
        let mut user_ids = Vec::new();
        let (mut profiles, mut links) = (Vec::new(), Vec::new());
        let mut lock = LockType::NoKeyUpdate;
        for change in batch {
            match &change.user {
                UserChange::Create { username, .. } => names.push(key(username)),
                UserChange::Write {
                    id,
                    profile,
                    link,
                    enable,
                } => {
                    user_ids.push(*id);
                    if *link || *enable {
                        // Credentials are deleted and sessions end: none must be on its way.
                        lock = LockType::Update;
                    }
                    profiles.extend(profile.as_deref().map(|profile| (*id, profile)));
                    links.extend(link.then_some(*id));
                }
                UserChange::Keep => {}
            }
        }
        if look == Precheck::Versions {
            keys.clear();
            names.clear();
        }
        let members = journal::members_of(tx, held.map(|held| held.id).collect(), LockType::NoKeyUpdate).await?;
        let users = users::touchable(tx, job, user_ids, lock).await?;
        Ok(Self {
            members,
            keys: taken_keys(tx, job, keys).await?,
            names: users::taken(tx, names).await?,
            edited: users::edited(&users, profiles)?,
            // Asked once their rows are locked: an admin may have linked one since the plan was made.
            linked: users::linked(tx, links).await?,
            users,
        })
    }

    /// Whether a change may still be written as it was planned.
    pub fn allows(&self, change: &MemberChange) -> bool {
        let unchanged = |held: &RowVersion| {
            self.members
                .get(&held.id)
                .is_some_and(|row| row.updated_at == held.version)
        };
        let user = match &change.user {
            UserChange::Keep => true,
            UserChange::Create { username, .. } => !self.names.contains(&key(username)),
            UserChange::Write { id, link, .. } => {
                let linked = *link && self.linked.contains(id);
                self.users.contains_key(id) && !self.edited.contains(id) && !linked
            }
        };
        user && change.held.as_ref().is_none_or(unchanged)
            && change.supersedes.as_ref().is_none_or(unchanged)
            && !self.keys.contains(&change.key)
    }
}

async fn taken_keys<C: ConnectionTrait>(tx: &C, job: &Job<'_>, keys: Vec<String>) -> Stored<HashSet<String>> {
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<String> = member::Entity::find()
        .select_only()
        .column(member::Column::UseridKey)
        .filter(member::Column::DataSourceId.eq(job.data_source_id))
        .filter(member::Column::UseridKey.is_in(keys))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(found.into_iter().collect())
}
