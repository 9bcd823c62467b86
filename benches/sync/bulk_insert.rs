//! Inserts the rows of members and users that a first sync has written into an empty database of the same kind, and nothing else.

use std::time::Duration;

use entity::{data_source, member, users};
use menjin::store::Database;
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ActiveModelTrait, DatabaseConnection, EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder, TransactionTrait,
};

use crate::{
    backends::{Backend, Storage, storage},
    now,
};

/// Rows per statement and transaction.
const BATCH: usize = 1_000;

/// Rows that are there, and an empty database for them.
pub struct Rows {
    users: Vec<users::ActiveModel>,
    members: Vec<member::ActiveModel>,
    to: Database,
    /// Removed with it.
    _storage: Storage,
}

/// Reads what Menjin has there.
pub async fn prepare(settings: &[(String, String)], backend: Backend) -> Rows {
    let from = Database::connect_unlocked(url(settings), 2).await.unwrap();
    let sources = data_source::Entity::find().all(from.reader()).await.unwrap();
    let members = rows::<member::Entity>(&from, member::Column::Id).await;
    let users = rows::<users::Entity>(&from, users::Column::Id).await;
    let empty = storage(backend).unwrap();
    let to = Database::connect_unlocked(url(&empty.settings), 2).await.unwrap();
    let connection = to.writer().connection();
    Migrator::up(connection, None).await.unwrap();
    // What the rows refer to, but for apps, which nothing here needs.
    for mut source in sources {
        source.app_id = None;
        data_source::Entity::insert(source.into_active_model())
            .exec_without_returning(connection)
            .await
            .unwrap();
    }
    let users = users.into_iter().map(|row| row.into_active_model().reset_all());
    let members = members.into_iter().map(|row| row.into_active_model().reset_all());
    Rows {
        users: users.collect(),
        members: members.collect(),
        to,
        _storage: empty,
    }
}

impl Rows {
    /// How long it takes to insert them.
    pub async fn insert(self) -> Duration {
        let connection = self.to.writer().connection();
        let started = now();
        insert::<users::Entity, _>(connection, self.users).await;
        insert::<member::Entity, _>(connection, self.members).await;
        let elapsed = started.elapsed();
        let inserted = member::Entity::find().count(connection).await.unwrap();
        assert!(inserted > 0);
        elapsed
    }
}

async fn rows<E: EntityTrait>(database: &Database, id: E::Column) -> Vec<E::Model> {
    E::find().order_by_asc(id).all(database.reader()).await.unwrap()
}

async fn insert<E, A>(connection: &DatabaseConnection, rows: Vec<A>)
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E> + Send,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let batch: Vec<A> = rows.by_ref().take(BATCH).collect();
        let tx = connection.begin().await.unwrap();
        E::insert_many(batch).exec_without_returning(&tx).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn url(settings: &[(String, String)]) -> &str {
    let found = settings.iter().find(|(key, _)| key == "MENJIN__DATABASE__URL");
    found.map(|(_, value)| value.as_str()).unwrap()
}
