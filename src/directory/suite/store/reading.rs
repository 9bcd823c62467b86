//! Queries that only read suites.

use entity::wecom_suite::{Column, Entity, Model};
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    crypto::digest::entity_tag,
    directory::{
        failure::DirectoryFailure,
        suite::model::{Accepted, Failing, Suite},
    },
    kernel::{
        clock::Timestamp,
        entity_tag::EntityTag,
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    store::{Database, keyset},
};

/// The row of a suite, for who opens its secrets; `None`: there is none.
pub(in crate::directory::suite) async fn find(database: &Database, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(database.reader()).await?)
}

/// As [`find`].
///
/// # Errors
/// `DI-102` when there is none.
pub(in crate::directory::suite) async fn existing(database: &Database, id: Uuid) -> Result<Model> {
    let found = find(database, id).await?;
    found.ok_or_else(|| DirectoryFailure::NotFound.into())
}

/// One page of suites.
pub(in crate::directory::suite) async fn list(database: &Database, page: &SortedPage) -> Result<SortedListing<Suite>> {
    let by = match page.sort.by {
        "name" => Column::Name,
        _ => Column::UpdatedAt,
    };
    let rows: Vec<Model> = keyset::sorted(database.reader(), Entity::find(), (Column::Id, by), page).await?;
    let cut = page.cut(rows, |row, by| Position {
        value: match by {
            "name" => SortValue::Text(row.name.clone()),
            "updated_at" => SortValue::Number(row.updated_at),
            _ => SortValue::Id,
        },
        id: row.id,
    });
    Ok(cut.map(suite))
}

/// All suites; there are few.
pub(in crate::directory::suite) async fn all(database: &Database) -> Result<Vec<Suite>> {
    let rows = Entity::find().all(database.reader()).await?;
    Ok(rows.into_iter().map(suite).collect())
}

/// The entity tag of a suite: it changes with whatever can be edited, the secrets included, and with nothing else.
pub(in crate::directory::suite) fn tag_of(row: &Model) -> EntityTag {
    let Model {
        id: _,
        name,
        description,
        suite_id,
        secret_sealed,
        token_sealed,
        aes_key_sealed,
        provider_corp_id,
        provider_secret_sealed,
        ticket_sealed: _,
        ticket_at: _,
        ticket_told_at: _,
        command_verified_at: _,
        data_verified_at: _,
        last_push_at: _,
        last_event_at: _,
        checked_at: _,
        check_failure: _,
        check_detail: _,
        check_failing_since: _,
        provider_failure: _,
        provider_detail: _,
        provider_failing_since: _,
        created_at: _,
        updated_at: _,
    } = row;
    let sealed = (secret_sealed, token_sealed, aes_key_sealed, provider_secret_sealed);
    entity_tag(&(name, description, suite_id, provider_corp_id, sealed))
}

/// A suite as other files know it.
pub(in crate::directory::suite) fn suite(row: Model) -> Suite {
    let moment = |millis: Option<i64>| millis.map(Timestamp::from_millis);
    let accepted = |verified, received| Accepted {
        verified_at: moment(verified),
        received_at: moment(received),
    };
    Suite {
        etag: tag_of(&row),
        provider_secret_set: row.provider_secret_sealed.is_some(),
        ticket_at: moment(row.ticket_at),
        command: accepted(row.command_verified_at, row.last_push_at),
        data: accepted(row.data_verified_at, row.last_event_at),
        checked_at: moment(row.checked_at),
        failing: row.check_failure.map(|number| Failing {
            number,
            detail: row.check_detail.unwrap_or_default(),
            since: moment(row.check_failing_since),
        }),
        provider_failing: row.provider_failure.map(|number| Failing {
            number,
            detail: row.provider_detail.unwrap_or_default(),
            since: moment(row.provider_failing_since),
        }),
        id: row.id,
        name: row.name,
        description: row.description,
        suite_id: row.suite_id,
        secret_sealed: row.secret_sealed,
        provider_corp_id: row.provider_corp_id,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
