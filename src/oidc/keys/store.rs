//! Queries of the signing keys.

use entity::signing_key;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;

use crate::{kernel::clock::Timestamp, store::Database};

/// Any number that nothing else locks by: "menjin keys" in spirit.
const LOCK_OF_FIRST_KEYS: &str = "SELECT pg_advisory_xact_lock(7201501)";

/// Queries of the ring.
#[derive(Clone, Debug)]
pub(super) struct Store {
    database: Database,
}

/// A stored key.
pub(super) struct Row {
    pub(super) kid: String,
    pub(super) alg: String,
    pub(super) private_sealed: String,
    pub(super) public_jwk: Value,
    pub(super) active: bool,
}

impl Store {
    pub(super) const fn new(database: Database) -> Self {
        Self { database }
    }

    /// All keys, oldest first, so that every replica sees the same order.
    pub(super) async fn all(&self) -> Result<Vec<Row>, DbErr> {
        let rows = signing_key::Entity::find()
            .order_by_asc(signing_key::Column::CreatedAt)
            .order_by_asc(signing_key::Column::Kid)
            .all(self.database.reader())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Row {
                kid: row.kid,
                alg: row.alg,
                private_sealed: row.private_sealed,
                public_jwk: row.public_jwk,
                active: row.state == "active",
            })
            .collect())
    }

    /// Stores the first active key of its algorithm; false if another replica was faster. The race between looking and storing is
    /// closed by a lock on PostgreSQL; on SQLite all writers of the process share one connection.
    pub(super) async fn add_first(&self, row: Row, now: Timestamp) -> Result<bool, DbErr> {
        let transaction = self.database.begin().await?;
        if transaction.get_database_backend() == DbBackend::Postgres {
            transaction.execute_unprepared(LOCK_OF_FIRST_KEYS).await?;
        }
        let present = signing_key::Entity::find()
            .filter(signing_key::Column::Alg.eq(&row.alg))
            .filter(signing_key::Column::State.eq("active"))
            .one(&transaction)
            .await?;
        if present.is_none() {
            let row = signing_key::ActiveModel {
                kid: Set(row.kid),
                alg: Set(row.alg),
                private_sealed: Set(row.private_sealed),
                public_jwk: Set(row.public_jwk),
                state: Set("active".to_owned()),
                created_at: Set(now.millis()),
                retired_at: Set(None),
            };
            signing_key::Entity::insert(row)
                .exec_without_returning(&transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(present.is_none())
    }
}
