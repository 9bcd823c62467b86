//! A change of configuration under way, shared by all rooms whose resources admins edit; and the landscape of sources and doors.

use entity::{auth_source, data_source, wecom_app};
use sea_orm::{EntityTrait, QueryOrder};
use uuid::Uuid;

use super::{app::App, door, ending::Ending, landscape::Landscape, source};
use crate::{
    audit::{self, Kind, Record},
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    store::{Database, watched::Transaction},
};

/// One transaction with its moment and its actor. It can only be committed together with the audit event that tells of it; dropped, it
/// is rolled back. Inside, only [`Change::transaction`] may be used: on SQLite it is the one connection that writes.
pub struct Change {
    transaction: Transaction,
    entropy: Entropy,
    now: Timestamp,
    actor: String,
}

impl Change {
    /// Starts a change by `actor` (`token:<name>`, `system`).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(database: &Database, entropy: &Entropy, now: Timestamp, actor: &str) -> Result<Self> {
        Ok(Self {
            transaction: database.begin().await?,
            entropy: entropy.clone(),
            now,
            actor: actor.to_owned(),
        })
    }

    /// The moment of the change, milliseconds.
    pub const fn millis(&self) -> i64 {
        self.now.millis()
    }

    /// A new primary key.
    pub fn id(&self) -> Uuid {
        self.entropy.id(self.now)
    }

    /// An end of sessions at this moment.
    pub const fn ending<'a>(&'a self, reason: &'a str) -> Ending<'a> {
        Ending {
            entropy: &self.entropy,
            now: self.now,
            reason,
        }
    }

    /// Where its statements go.
    pub const fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// Commits with an audit event: `action` in the past tense, and the names (never the values) of the changed fields.
    ///
    /// # Errors
    /// When the database does not take it; nothing has changed then.
    pub async fn commit(self, subject: String, action: &str, fields: &[&str]) -> Result<()> {
        let record = Record {
            kind: Kind::Configured,
            actor: self.actor,
            subject,
            reference: None,
            number: None,
            detail: serde_json::json!({ "action": action, "fields": fields }),
        };
        audit::store::record(&self.transaction, &self.entropy, self.now, record).await?;
        self.transaction.commit().await?;
        Ok(())
    }
}

/// All sources, doors and apps, by id. There are few of them: one per corp and app.
pub(super) async fn landscape(database: &Database) -> Result<Landscape> {
    let reader = database.reader();
    let sources = data_source::Entity::find()
        .order_by_asc(data_source::Column::Id)
        .all(reader)
        .await?;
    let doors = auth_source::Entity::find()
        .order_by_asc(auth_source::Column::Id)
        .all(reader)
        .await?;
    let apps = wecom_app::Entity::find().all(reader).await?;
    Ok(Landscape {
        sources: sources
            .into_iter()
            .map(source::store::from_row)
            .collect::<Result<_, _>>()?,
        doors: doors.into_iter().map(door::store::from_row).collect(),
        apps: apps.into_iter().map(App::from).collect(),
    })
}
