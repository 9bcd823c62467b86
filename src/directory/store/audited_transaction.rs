//! Audited transaction: a change of configuration, committed with its audit event. Shared by all rooms whose resources admins edit.

use uuid::Uuid;

use crate::{
    audit::{self, Kind, Record, difference::Difference},
    directory::session_end::SessionEnd,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    store::{Database, writer::Transaction},
};

/// A transaction with its moment and its actor. It can only be committed together with the audit event that tells of it; dropped, it is
/// rolled back. Inside, only [`Change::transaction`] may be used: on SQLite it is the one connection that writes.
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

    /// Who makes the change.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// A new primary key.
    pub fn id(&self) -> Uuid {
        self.entropy.id(self.now)
    }

    /// Moment and reason for ending sessions in this change.
    pub const fn end<'a>(&'a self, reason: &'a str) -> SessionEnd<'a> {
        SessionEnd {
            entropy: &self.entropy,
            now: self.now,
            reason,
        }
    }

    /// The moment of the change.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The source of ids.
    pub const fn entropy(&self) -> &Entropy {
        &self.entropy
    }

    /// The transaction in which its statements run.
    pub const fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// Commits with an audit event: `action` in the past tense, the names of the fields that were given, and their values before and after.
    ///
    /// # Errors
    /// As [`Change::commit`].
    pub async fn commit_difference(
        self,
        subject: String,
        (action, fields): (&str, &[&str]),
        difference: Difference,
    ) -> Result<()> {
        self.commit_with(subject, difference.detail(action, fields)).await
    }

    /// Tells, in an audit event of its own, of what the change does to another resource besides.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn tell(&self, subject: String, action: &str, difference: Difference) -> Result<()> {
        let record = self.configured(subject, difference.detail(action, &[]));
        audit::store::insert_in_transaction(&self.transaction, &self.entropy, self.now, record).await?;
        Ok(())
    }

    fn configured(&self, subject: String, detail: serde_json::Value) -> Record {
        Record {
            kind: Kind::Configured,
            actor: self.actor.clone(),
            subject,
            reference: None,
            number: None,
            detail,
        }
    }

    /// Commits with an audit event of what has no values to tell: `action` in the past tense, and the names of the fields.
    ///
    /// # Errors
    /// When the database does not take it; nothing has changed then.
    pub async fn commit(self, subject: String, action: &str, fields: &[&str]) -> Result<()> {
        let detail = serde_json::json!({ "action": action, "fields": fields });
        self.commit_with(subject, detail).await
    }

    /// Commits with an audit event of this detail, which never holds a secret.
    ///
    /// # Errors
    /// As [`Change::commit`].
    pub async fn commit_with(self, subject: String, detail: serde_json::Value) -> Result<()> {
        let record = self.configured(subject, detail);
        self.commit_as(record).await
    }

    /// Commits with this audit event, of what is no change of a resource.
    ///
    /// # Errors
    /// As [`Change::commit`].
    pub async fn commit_as(self, record: Record) -> Result<()> {
        audit::store::insert_in_transaction(&self.transaction, &self.entropy, self.now, record).await?;
        self.transaction.commit().await?;
        Ok(())
    }

    /// Commits what only follows from something that is in the audit log already.
    ///
    /// # Errors
    /// When the database does not take it; nothing has changed then.
    pub async fn commit_recorded(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }
}
