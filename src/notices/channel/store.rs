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

/// What is sealed after a change of this row, which is locked: of a webhook address and key are sealed together, and what is not entered stays. `None`: what is
/// sealed stays as it is.
fn resealed(row: &Model, sealer: &Sealer, (input, desired): (&ChannelChange, &Settings)) -> Result<Option<String>> {
    let text = match (desired, &input.url, &input.secret) {
        (Settings::Webhook { .. }, None, None) => None,
        (Settings::Webhook { url }, Some(_), Some(key)) => Some(Hook::text(key, url)),
        (Settings::Webhook { url }, Some(_), None) => Some(Hook::text(&Secret::new(hook(row, sealer)?.key), url)),
        (Settings::Webhook { .. }, None, Some(key)) => Some(Hook::text(key, &hook(row, sealer)?.url)),
        (Settings::Email(_) | Settings::Wecom, ..) => input.secret.clone(),
    };
    text.map(|text| sealer.seal(SECRET, text.expose().as_bytes()))
        .transpose()
}

/// What of a webhook is sealed.
fn hook(row: &Model, sealer: &Sealer) -> Result<Hook> {
    let text = match &row.secret {
        Some(sealed) => Some(sealer.open_text(SECRET, sealed)?),
        None => None,
    };
    let hook = text.as_ref().and_then(Hook::read);
    hook.ok_or_else(|| StoreFailure::Corrupt.failure().cause(SECRET))
}

pub(super) async fn change(
    change: Change,
    sealer: &Sealer,
    (id, input): (Uuid, &ChannelChange),
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
    let secret = resealed(&row, sealer, (input, &desired.settings))?;
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
    let (settings, secret) = match (settings_of(&row)?, &row.secret) {
        (Settings::Webhook { .. }, Some(_)) => {
            let hook = hook(&row, sealer)?;
            (Settings::Webhook { url: hook.url }, Some(Secret::new(hook.key)))
        }
        (settings, Some(sealed)) => (settings, Some(sealer.open_text(SECRET, sealed)?)),
        (settings, None) => (settings, None),
    };
    Ok(Some(OpenedChannel {
        settings,
        secret,
        enabled: row.enabled,
    }))
}
