//! The credential of a suite, opened: the one place that knows how old a ticket may be.

use entity::wecom_suite::{Entity, Model};
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    crypto::seal::Sealer,
    directory::suite::model::{PROVIDER_SECRET, SECRET, TICKET, is_ticket_valid},
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
    wecom::model::{ProviderCredential, SuiteCredential},
};

/// The credential of a suite; `None` when there is no such suite. Without a ticket where none arrived within its life.
///
/// # Errors
/// When the database does not answer, or a secret does not open.
pub async fn credential(
    database: &Database,
    sealer: &Sealer,
    now: Timestamp,
    id: Uuid,
) -> Result<Option<SuiteCredential>> {
    let row = Entity::find_by_id(id).one(database.reader()).await?;
    row.map(|row| open(sealer, now, &row)).transpose()
}

/// The credential of a row that was read already.
///
/// # Errors
/// When a secret does not open.
pub fn open(sealer: &Sealer, now: Timestamp, row: &Model) -> Result<SuiteCredential> {
    let ticket_at = row.ticket_at.map(Timestamp::from_millis);
    let ticket = row.ticket_sealed.as_ref().zip(ticket_at);
    let ticket = ticket.filter(|(_, told_at)| is_ticket_valid(*told_at, now));
    let ticket = ticket.map(|(sealed, _)| sealer.open_text(TICKET, sealed)).transpose()?;
    let provider = match (&row.provider_corp_id, &row.provider_secret_sealed) {
        (Some(corp_id), Some(sealed)) => Some(ProviderCredential {
            corp_id: corp_id.clone(),
            secret: sealer.open_text(PROVIDER_SECRET, sealed)?,
        }),
        _ => None,
    };
    Ok(SuiteCredential {
        suite_id: row.suite_id.clone(),
        secret: sealer.open_text(SECRET, &row.secret_sealed)?,
        ticket,
        provider,
    })
}

/// As [`open`]; `None` without a ticket that serves, since nothing can be asked then.
///
/// # Errors
/// When a secret does not open.
pub(in crate::directory::suite) fn ticketed(
    sealer: &Sealer,
    now: Timestamp,
    row: &Model,
) -> Result<Option<SuiteCredential>> {
    Ok(Some(open(sealer, now, row)?).filter(|credential| credential.ticket.is_some()))
}
