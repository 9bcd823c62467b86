//! Queries of the signing keys.

use entity::signing_key;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;

use crate::{
    audit::{self, Record},
    kernel::{clock::Timestamp, entropy::Entropy},
    store::{About, Database},
};

/// Serialises changes on PostgreSQL by an advisory lock, under a number that nothing else locks by.
const TURN_ON_POSTGRES: &str = "SELECT pg_advisory_xact_lock(7201501)";
/// The same on SQLite against other processes: a statement that writes nothing takes the write lock before anything is read.
const TURN_ON_SQLITE: &str = "DELETE FROM signing_key WHERE kid = ''";

/// Queries of the keyring.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub(in crate::oidc) database: Database,
}

/// A stored key.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) kid: String,
    pub(super) alg: String,
    pub(super) private_sealed: String,
    pub(super) public_jwk: Value,
    pub(super) created_at: Timestamp,
    pub(super) activates_at: Timestamp,
}

/// A compare-and-set of the keys: the change, and the keys it was decided on.
pub(super) struct KeySetChange {
    /// Every kid there was when it was decided.
    pub(super) expected_kids: Vec<String>,
    pub(super) add: Vec<Row>,
    pub(super) remove: Vec<String>,
}

impl Store {
    pub(super) const fn new(database: Database) -> Self {
        Self { database }
    }

    /// The version of what everybody reads; none where it is not counted.
    pub(super) async fn version(&self) -> Result<Option<u64>, DbErr> {
        self.database.version(About::Everybody).await
    }

    /// All keys in the order in which they sign, so that every replica sees the same order.
    pub(super) async fn all(&self) -> Result<Vec<Row>, DbErr> {
        let rows = signing_key::Entity::find()
            .order_by_asc(signing_key::Column::ActivatesAt)
            .order_by_asc(signing_key::Column::Kid)
            .all(self.database.reader())
            .await?;
        Ok(rows.into_iter().map(row).collect())
    }

    /// Makes a change, if the keys are still those it was decided on; false when somebody was faster. The race between reading and
    /// writing (replicas whose schedules are due at once, an admin beside them, the command line beside a running server) is closed by
    /// taking the lock before the second read. The change and its audit event are committed together.
    pub(super) async fn exchange(
        &self,
        exchange: KeySetChange,
        record: Record,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<bool, DbErr> {
        let transaction = self.database.begin().await?;
        let turn = match transaction.get_database_backend() {
            DbBackend::Postgres => TURN_ON_POSTGRES,
            _ => TURN_ON_SQLITE,
        };
        transaction.execute_unprepared(turn).await?;
        let there = signing_key::Entity::find().all(&transaction).await?;
        let mut there: Vec<String> = there.into_iter().map(|row| row.kid).collect();
        let mut expected_kids = exchange.expected_kids;
        there.sort_unstable();
        expected_kids.sort_unstable();
        if there != expected_kids {
            transaction.rollback().await?;
            return Ok(false);
        }
        if !exchange.remove.is_empty() {
            signing_key::Entity::delete_many()
                .filter(signing_key::Column::Kid.is_in(exchange.remove))
                .exec(&transaction)
                .await?;
        }
        for row in exchange.add {
            signing_key::Entity::insert(active_model(row))
                .exec_without_returning(&transaction)
                .await?;
        }
        audit::store::insert_in_transaction(&transaction, entropy, now, record).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

fn row(row: signing_key::Model) -> Row {
    Row {
        kid: row.kid,
        alg: row.alg,
        private_sealed: row.private_sealed,
        public_jwk: row.public_jwk,
        created_at: Timestamp::from_millis(row.created_at),
        activates_at: Timestamp::from_millis(row.activates_at),
    }
}

fn active_model(row: Row) -> signing_key::ActiveModel {
    signing_key::ActiveModel {
        kid: Set(row.kid),
        alg: Set(row.alg),
        private_sealed: Set(row.private_sealed),
        public_jwk: Set(row.public_jwk),
        created_at: Set(row.created_at.millis()),
        activates_at: Set(row.activates_at.millis()),
    }
}
