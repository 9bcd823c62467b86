//! Sessions with their people: read once for whoever asks, by the cookie that finds the session or at a portal.

use std::sync::Arc;

use entity::{member, session, users};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::store::{About, Cached, Database, ReadCache};

/// A session with its user and the member it was opened for.
#[derive(Clone, Debug)]
pub struct SessionPerson {
    /// The session, ended or not. When it was last seen may be older than what is stored.
    pub session: session::Model,
    /// Whose it is.
    pub user: Option<users::Model>,
    /// The member they signed in as.
    pub member: Option<member::Model>,
}

impl Cached for SessionPerson {
    fn about(&self) -> About {
        About::Person(self.session.user_id)
    }
}

/// Reads sessions with their people. Cheap to clone; clones share the cache.
#[derive(Clone, Debug)]
pub struct SessionPeople {
    database: Database,
    by_session: ReadCache<Uuid, SessionPerson>,
}

impl SessionPeople {
    /// Over this database, with a cache of its own.
    pub fn new(database: Database) -> Self {
        Self {
            database,
            by_session: ReadCache::default(),
        }
    }

    /// That of the session with this row id, from the cache where possible.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, session: Uuid) -> Result<Option<Arc<SessionPerson>>, DbErr> {
        let load = || self.read(session::Column::Id.eq(session));
        self.by_session.get(&self.database, &session, load).await
    }

    /// That of the session whose cookie has this digest, as it stands in the database now; it is cached.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read_by_digest(&self, digest: &str) -> Result<Option<SessionPerson>, DbErr> {
        let moment = self.database.moment().await?;
        let Some(found) = self.read(session::Column::Digest.eq(digest)).await? else {
            return Ok(None);
        };
        let version = moment.map(|moment| moment.version(found.about()));
        // What is returned is what was read: when a session was last seen changes without a counter, and is older in the cache.
        self.by_session.insert(version, found.session.id, found.clone());
        Ok(Some(found))
    }

    async fn read(&self, which: impl sea_orm::sea_query::IntoCondition) -> Result<Option<SessionPerson>, DbErr> {
        let rows = session::Entity::find()
            .filter(which)
            .find_also_related(users::Entity)
            .find_also_related(member::Entity)
            .all(self.database.reader())
            .await?;
        let row = rows.into_iter().next();
        Ok(row.map(|(session, user, member)| SessionPerson { session, user, member }))
    }
}
