//! Queries of channels.

use entity::{
    data_source,
    notice_channel::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    input::{ChannelChange, Desired},
    settings::{Hook, Mailbox, OpenedChannel, Settings, is_elsewhere},
    view::{ChannelFilter, ChannelView},
};
use crate::{
    audit::difference::Difference,
    crypto::{digest::entity_tag, seal::Sealer},
    directory::store::Change,
    kernel::{
        entity_tag::{EntityTag, IfMatch},
        failure::{Failure, Result},
        secret::Secret,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    notices::{delivery::ChannelKind, failure::NoticeFailure},
    store::{
        Database,
        database::{is_unique_violation, unreadable},
        failure::StoreFailure,
        keyset,
    },
};

/// The column by which secrets are sealed.
pub(in crate::notices) const SECRET: &str = "notice_channel.secret";
/// Most channels.
const MOST: u64 = 100;

fn kind_of(row: &Model) -> Result<ChannelKind, DbErr> {
    ChannelKind::of(&row.kind).ok_or_else(|| unreadable("notice_channel.kind"))
}

fn settings_of(row: &Model) -> Result<Settings, DbErr> {
    Settings::of(kind_of(row)?, &row.settings).ok_or_else(|| unreadable("notice_channel.settings"))
}

/// The entity tag of a channel: it changes with whatever can be edited, the secret included.
fn tag_of(row: &Model) -> EntityTag {
    let Model {
        id: _,
        kind: _,
        name,
        data_source_id,
        settings,
        secret,
        enabled,
        created_at: _,
        updated_at: _,
    } = row;
    entity_tag(&(name, data_source_id, settings, secret, enabled))
}

fn view(row: Model) -> Result<ChannelView, DbErr> {
    let (kind, settings, etag) = (kind_of(&row)?, settings_of(&row)?, tag_of(&row));
    let (mailbox, url) = match settings {
        Settings::Email(mailbox) => (Some(mailbox), None),
        Settings::Wecom => (None, None),
        Settings::Webhook { url } => (None, Some(url)),
    };
    let of = |part: fn(&Mailbox) -> Option<String>| mailbox.as_ref().and_then(part);
    Ok(ChannelView {
        host: of(|mailbox| Some(mailbox.host.clone())),
        port: mailbox.as_ref().map(|mailbox| mailbox.port),
        security: mailbox.as_ref().map(|mailbox| mailbox.security),
        username: of(|mailbox| mailbox.username.clone()),
        sender: of(|mailbox| Some(mailbox.sender.clone())),
        sender_name: of(|mailbox| mailbox.sender_name.clone()),
        etag,
        id: row.id,
        kind,
        name: row.name,
        enabled: row.enabled,
        data_source_id: row.data_source_id,
        url,
        secret_set: row.secret.is_some(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn shown(row: &Model) -> Result<Value, DbErr> {
    Ok(serde_json::to_value(view(row.clone())?).unwrap_or_default())
}

fn subject(id: Uuid) -> String {
    format!("notice_channel:{id}")
}

fn taken(error: DbErr) -> Failure {
    match is_unique_violation(&error) {
        true => NoticeFailure::NameTaken.failure(),
        false => error.into(),
    }
}

async fn must_exist(change: &Change, data_source: Option<Uuid>) -> Result<()> {
    let Some(id) = data_source else { return Ok(()) };
    let found = data_source::Entity::find_by_id(id).count(change.transaction()).await?;
    match found {
        0 => Err(NoticeFailure::Invalid
            .failure()
            .field("data_source_id", "there is no such data source")),
        _ => Ok(()),
    }
}

pub(super) async fn create(
    change: Change,
    (kind, desired): (ChannelKind, Desired),
    secret: Option<String>,
) -> Result<Uuid> {
    must_exist(&change, desired.data_source_id).await?;
    if Entity::find().count(change.transaction()).await? >= MOST {
        return Err(NoticeFailure::Invalid
            .failure()
            .field("body", format_args!("there are {MOST} channels already")));
    }
    let row = Model {
        id: change.id(),
        kind: kind.word().to_owned(),
        name: desired.name,
        data_source_id: desired.data_source_id,
        settings: desired.settings.document(),
        secret,
        enabled: desired.enabled,
        created_at: change.millis(),
        updated_at: change.millis(),
    };
    let new = ActiveModel {
        id: Set(row.id),
        kind: Set(row.kind.clone()),
        name: Set(row.name.clone()),
        data_source_id: Set(row.data_source_id),
        settings: Set(row.settings.clone()),
        secret: Set(row.secret.clone()),
        enabled: Set(row.enabled),
        created_at: Set(row.created_at),
        updated_at: Set(row.updated_at),
    };
    Entity::insert(new)
        .exec_without_returning(change.transaction())
        .await
        .map_err(taken)?;
    let created = Difference::created(&shown(&row)?);
    change
        .commit_difference(subject(row.id), ("created", &[]), created)
        .await?;
    Ok(row.id)
}

async fn locked(change: &Change, id: Uuid, if_match: &IfMatch) -> Result<Model> {
    let row = Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    let row = row.ok_or(NoticeFailure::NotFound)?;
    if_match.judge(&tag_of(&row))?;
    Ok(row)
}

pub(super) async fn change(
    change: Change,
    id: Uuid,
    (input, secret): (&ChannelChange, Option<String>),
    if_match: &IfMatch,
) -> Result<()> {
    let row = locked(&change, id, if_match).await?;
    let (was, was_set) = (shown(&row)?, row.secret.is_some());
    let before = Desired {
        name: row.name.clone(),
        enabled: row.enabled,
        data_source_id: row.data_source_id,
        settings: settings_of(&row)?,
    };
    let desired = input.merged(&before, kind_of(&row)?, was_set)?;
    if input.data_source_id.is_some() {
        must_exist(&change, desired.data_source_id).await?;
    }
    let replaced = secret.is_some();
    let forgotten = !replaced && was_set && is_elsewhere(&before.settings, &desired.settings);
    let mut active = row.into_active_model();
    active.name = Set(desired.name);
    active.enabled = Set(desired.enabled);
    active.data_source_id = Set(desired.data_source_id);
    active.settings = Set(desired.settings.document());
    active.updated_at = Set(change.millis());
    if replaced || forgotten {
        active.secret = Set(secret);
    }
    let row = Entity::update(active).exec(change.transaction()).await.map_err(taken)?;
    let mut difference = Difference::between(&was, &shown(&row)?);
    if input.secret.is_some() {
        difference = difference.secret("secret", was_set, true);
    }
    if input.url.is_some() {
        difference = difference.secret("url", true, true);
    }
    if forgotten {
        difference = difference.secret("secret", true, false);
    }
    change
        .commit_difference(subject(id), ("changed", &input.fields()), difference)
        .await
}

/// Deletes a channel with the subscriptions by it. What is still to be sent by it is given up when it is due.
pub(super) async fn delete(change: Change, id: Uuid, if_match: &IfMatch) -> Result<()> {
    let row = locked(&change, id, if_match).await?;
    let deleted = Difference::deleted(&shown(&row)?);
    Entity::delete_by_id(id).exec(change.transaction()).await?;
    change.commit_difference(subject(id), ("deleted", &[]), deleted).await
}

pub(super) async fn find(database: &Database, id: Uuid) -> Result<Option<ChannelView>> {
    let row = Entity::find_by_id(id).one(database.reader()).await?;
    Ok(row.map(view).transpose()?)
}

pub(super) async fn list(
    database: &Database,
    filter: &ChannelFilter,
    page: &SortedPage,
) -> Result<SortedListing<ChannelView>> {
    let select = match filter.kind {
        Some(kind) => Entity::find().filter(Column::Kind.eq(kind.word())),
        None => Entity::find(),
    };
    let rows = keyset::sorted(database.reader(), select, (Column::Id, Column::Name), page).await?;
    let cut = page.cut(rows, |row, by| Position {
        value: match by {
            "name" => SortValue::Text(row.name.clone()),
            _ => SortValue::Id,
        },
        id: row.id,
    });
    Ok(SortedListing {
        items: cut.items.into_iter().map(view).collect::<Result<_, _>>()?,
        next_cursor: cut.next_cursor,
    })
}

/// A channel, ready to send by; `None`: it is gone.
pub(in crate::notices) async fn opened(
    database: &Database,
    sealer: &Sealer,
    id: Uuid,
) -> Result<Option<OpenedChannel>> {
    let row = Entity::find_by_id(id).one(database.reader()).await?;
    let Some(row) = row else { return Ok(None) };
    let secret = match &row.secret {
        Some(sealed) => Some(sealer.open_text(SECRET, sealed)?),
        None => None,
    };
    let (settings, secret) = match (settings_of(&row)?, secret) {
        (Settings::Webhook { .. }, Some(sealed)) => {
            let hook = Hook::read(&sealed).ok_or_else(|| StoreFailure::Corrupt.failure().cause(SECRET))?;
            (Settings::Webhook { url: hook.url }, Some(Secret::new(hook.key)))
        }
        other => other,
    };
    Ok(Some(OpenedChannel {
        settings,
        secret,
        enabled: row.enabled,
    }))
}
