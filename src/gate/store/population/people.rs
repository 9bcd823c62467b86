//! Reads people, members, imported or not, and users who are no member, with all that belongs to them.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{data_source, member, passkey, session, tag_user, user_group_user, users};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    directory::failure::DirectoryFailure,
    gate::{explain::model::Who, store::Store},
    kernel::{clock::Timestamp, failure::Result, sorting::Position},
};

/// Somebody who is listed.
#[derive(Clone, Debug)]
pub(super) enum Head {
    /// A member, imported or not.
    Member(Box<member::Model>),
    /// A user who is no member.
    User(Uuid),
    /// Whoever has this userid there; the mirror knows nobody.
    Unknown { data_source: Uuid, userid: String },
}

impl Head {
    pub(super) fn id(&self) -> Uuid {
        match self {
            Self::Member(row) => row.id,
            Self::User(id) => *id,
            Self::Unknown { .. } => Uuid::nil(),
        }
    }
}

/// People with all that is stored of them.
#[derive(Debug, Default)]
pub(in crate::gate) struct People {
    pub(super) heads: Vec<Head>,
    pub(super) users: HashMap<Uuid, users::Model>,
    /// All members of these users, whoever is listed of them.
    pub(super) members: HashMap<Uuid, Vec<member::Model>>,
    /// Users who have a passkey that works here.
    pub(super) passkeys: HashSet<Uuid>,
    /// Tags (ours) that hold a userid (lower-cased) by itself.
    pub(super) tags: HashMap<String, Vec<Uuid>>,
    /// Groups of each of these users.
    pub(super) groups: HashMap<Uuid, Vec<Uuid>>,
    /// Living sessions, where they count as ways: user, member and auth source.
    pub(super) sessions: HashSet<(Uuid, Uuid, Uuid)>,
    /// Where each of the listed stands in the order of their list; empty where they are no list's.
    pub(in crate::gate) places: Vec<Position>,
    /// Behind which those come that are next; `None`: there are no more.
    pub(in crate::gate) next: Option<Position>,
}

/// A member whose userid is somebody else's now keeps a key that no userid has, and can be reached by no scan.
pub(super) fn has_userid() -> Condition {
    Condition::all().add(member::Column::UseridKey.not_like("%#%"))
}

/// Members who are listed: whoever is present, and who departed and has a user.
pub(super) fn listed() -> Condition {
    let known = member::Column::State
        .eq("present")
        .or(member::Column::UserId.is_not_null());
    has_userid().add(known)
}

impl Store {
    /// One person.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, member or data source, and when the database does not answer.
    pub(in crate::gate) async fn one(&self, who: &Who) -> Result<People> {
        let reader = self.database.reader();
        let heads = match who {
            Who::User(id) => {
                let user = users::Entity::find_by_id(*id).one(reader).await?;
                user.ok_or_else(|| DirectoryFailure::NotFound.failure())?;
                let theirs = member::Entity::find()
                    .filter(member::Column::UserId.eq(*id))
                    .filter(listed());
                let mut heads: Vec<Head> = theirs
                    .all(reader)
                    .await?
                    .into_iter()
                    .map(|row| Head::Member(Box::new(row)))
                    .collect();
                if heads.is_empty() {
                    heads.push(Head::User(*id));
                }
                heads.sort_by_key(Head::id);
                heads
            }
            Who::Member(id) => {
                let row = member::Entity::find_by_id(*id).filter(has_userid()).one(reader).await?;
                vec![Head::Member(Box::new(
                    row.ok_or_else(|| DirectoryFailure::NotFound.failure())?,
                ))]
            }
            Who::Userid { data_source, userid } => vec![self.by_userid(*data_source, userid).await?],
        };
        self.complete(heads, HashMap::new()).await
    }

    async fn by_userid(&self, data_source: Uuid, userid: &str) -> Result<Head> {
        if let Some((row, _)) = self.member_by_userid(data_source, userid).await? {
            return Ok(Head::Member(Box::new(row)));
        }
        let source = data_source::Entity::find_by_id(data_source)
            .one(self.database.reader())
            .await?;
        source.ok_or_else(|| DirectoryFailure::NotFound.failure())?;
        Ok(Head::Unknown {
            data_source,
            userid: userid.to_owned(),
        })
    }

    /// Reads what belongs to these people, set by set.
    pub(super) async fn complete(&self, heads: Vec<Head>, mut users: HashMap<Uuid, users::Model>) -> Result<People> {
        let reader = self.database.reader();
        let mut wanted: BTreeSet<Uuid> = BTreeSet::new();
        let mut keys: BTreeSet<String> = BTreeSet::new();
        for head in &heads {
            match head {
                Head::Member(row) => {
                    wanted.extend(row.user_id);
                    keys.insert(row.userid_key.clone());
                }
                Head::User(id) => {
                    wanted.insert(*id);
                }
                Head::Unknown { .. } => {}
            }
        }
        let missing = wanted.iter().copied().filter(|id| !users.contains_key(id));
        let found = users::Entity::find()
            .filter(users::Column::Id.is_in(missing))
            .all(reader)
            .await?;
        users.extend(found.into_iter().map(|row| (row.id, row)));
        let mut members: HashMap<Uuid, Vec<member::Model>> = HashMap::new();
        let theirs = member::Entity::find().filter(member::Column::UserId.is_in(wanted.iter().copied()));
        for row in theirs.all(reader).await? {
            keys.insert(row.userid_key.clone());
            members.entry(row.user_id.unwrap_or_default()).or_default().push(row);
        }
        let mut tags: HashMap<String, Vec<Uuid>> = HashMap::new();
        let tagged = tag_user::Entity::find().filter(tag_user::Column::UseridKey.is_in(keys));
        for row in tagged.all(reader).await? {
            tags.entry(row.userid_key).or_default().push(row.tag_id);
        }
        let mut groups: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        let theirs = user_group_user::Column::UserId.is_in(wanted.iter().copied());
        for row in user_group_user::Entity::find().filter(theirs).all(reader).await? {
            groups.entry(row.user_id).or_default().push(row.group_id);
        }
        let passkeys = self.with_passkeys(wanted).await?;
        Ok(People {
            heads,
            users,
            members,
            passkeys,
            tags,
            groups,
            sessions: HashSet::new(),
            places: Vec::new(),
            next: None,
        })
    }

    /// Those among these users who have a passkey of the host that this installation has now.
    async fn with_passkeys(&self, wanted: BTreeSet<Uuid>) -> Result<HashSet<Uuid>> {
        let Some(host) = self.passkey_host.as_deref() else {
            return Ok(HashSet::new());
        };
        let found = passkey::Entity::find()
            .select_only()
            .column(passkey::Column::UserId)
            .filter(passkey::Column::UserId.is_in(wanted))
            .filter(passkey::Column::Party.eq(host))
            .into_tuple::<Uuid>()
            .all(self.database.reader())
            .await?;
        Ok(found.into_iter().collect())
    }

    /// The same people with their living sessions, which count as ways then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::gate) async fn with_sessions(&self, mut people: People, now: Timestamp) -> Result<People> {
        let living = session::Entity::find()
            .filter(session::Column::UserId.is_in(people.users.keys().copied()))
            .filter(session::Column::EndedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(now.millis()));
        let living = living.all(self.database.reader()).await?;
        let ways = living
            .into_iter()
            .filter_map(|row| Some((row.user_id, row.member_id?, row.auth_source_id?)));
        people.sessions = ways.collect();
        Ok(people)
    }
}
