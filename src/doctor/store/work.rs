//! Queries of what Menjin is to do: syncs, queues, logouts, members to be confirmed.

use std::collections::BTreeMap;

use entity::{client, data_source, logout_delivery, member, notice_delivery, pending_look, sync_run, users};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

use crate::{
    kernel::{clock::Timestamp, failure::Result},
    notices::delivery,
    oidc::logout::State,
    store::Database,
};

/// A data source that is switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Row id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Hours between syncs; `None`: by hand only.
    pub hours: Option<u64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was synced completely last.
    pub synced_at: Option<Timestamp>,
    /// When a run last saw everybody who was here.
    pub confirmed_at: Option<Timestamp>,
    /// Its integration app.
    pub app_id: Option<Uuid>,
    /// Whether a run that applies something waits or is under way.
    pub busy: bool,
    /// The last run that applied something, or was to.
    pub run: Option<Run>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Row id.
    pub id: Uuid,
    /// As in the API.
    pub state: String,
    /// Why it failed, or the first of its findings: reference number and detail.
    pub why: Option<(String, String)>,
    /// Whether the run before it ended no better.
    pub again: bool,
}

/// What was due and is not done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overdue {
    /// Back-channel logouts to be delivered.
    pub logouts: u64,
    /// Of them, those that nobody has tried though they were due.
    pub untried_logouts: u64,
    /// Members to be looked at for events.
    pub looks: u64,
    /// Of them, those that were due.
    pub late_looks: u64,
    /// Notices to be sent.
    pub notices: u64,
    /// Of them, those that nobody has tried though they were due.
    pub untried_notices: u64,
}

/// Where a portal hears of logouts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutAddress {
    /// The portal's row.
    pub id: Uuid,
    /// Its client identifier.
    pub client_id: String,
    /// `backchannel_logout_uri`.
    pub address: String,
}

/// The data sources that are switched on, each with its last run.
pub async fn sources(database: &Database) -> Result<Vec<Source>> {
    let rows = data_source::Entity::find()
        .filter(data_source::Column::Enabled.eq(true))
        .order_by_asc(data_source::Column::Id)
        .all(database.reader())
        .await?;
    let mut sources = Vec::new();
    for row in rows {
        sources.push(Source {
            run: last_run(database, row.id).await?,
            busy: is_busy(database, row.id).await?,
            id: row.id,
            name: row.name,
            hours: row.auto_sync_hours.and_then(|hours| u64::try_from(hours).ok()),
            created_at: Timestamp::from_millis(row.created_at),
            synced_at: row.last_synced_at.map(Timestamp::from_millis),
            confirmed_at: row.members_confirmed_at.map(Timestamp::from_millis),
            app_id: row.app_id,
        });
    }
    Ok(sources)
}

/// States of a run that has not ended.
const UNENDED: [&str; 2] = ["queued", "running"];

/// States of a run that did not see or write everything: one that waits for an admin has written nothing either.
const FAILED: [&str; 3] = ["failed", "incomplete", "paused"];

/// The runs of a data source that applied something, or were to.
fn runs_of(source: Uuid) -> Select<sync_run::Entity> {
    sync_run::Entity::find()
        .filter(sync_run::Column::DataSourceId.eq(source))
        .filter(sync_run::Column::Mode.eq("apply"))
        .filter(sync_run::Column::Cause.ne("undo"))
}

async fn is_busy(database: &Database, source: Uuid) -> Result<bool> {
    let unended = runs_of(source).filter(sync_run::Column::State.is_in(UNENDED));
    Ok(unended.count(database.reader()).await? > 0)
}

async fn last_run(database: &Database, source: Uuid) -> Result<Option<Run>> {
    let rows = runs_of(source)
        .filter(sync_run::Column::State.is_not_in(UNENDED))
        .order_by_desc(sync_run::Column::Id)
        .limit(2)
        .all(database.reader())
        .await?;
    let mut rows = rows.into_iter();
    let (last, before) = (rows.next(), rows.next());
    Ok(last.map(|row| {
        let text = |finding: &serde_json::Value, field: &str| {
            let text = finding.get(field).and_then(|value| value.as_str());
            text.unwrap_or_default().to_owned()
        };
        let first = row.findings.get(0);
        let found = first.map(|finding| (text(finding, "number"), text(finding, "detail")));
        let failed = row
            .failure_number
            .map(|number| (number, row.failure_detail.unwrap_or_default()));
        Run {
            id: row.id,
            state: row.state,
            why: failed.or(found),
            again: before.is_some_and(|before| FAILED.contains(&before.state.as_str())),
        }
    }))
}

/// Counts what was to be done before `then` and was not begun. Logouts for a portal that is being tried again and again wait for that
/// portal, not for us.
pub async fn overdue(database: &Database, then: Timestamp) -> Result<Overdue> {
    let reader = database.reader();
    let pending = || logout_delivery::Entity::find().filter(logout_delivery::Column::State.eq(State::Pending.word()));
    let retried: Vec<Uuid> = pending()
        .select_only()
        .column(logout_delivery::Column::ClientId)
        .distinct()
        .filter(logout_delivery::Column::Attempts.gt(0))
        .into_tuple()
        .all(reader)
        .await?;
    let untried = pending()
        .filter(logout_delivery::Column::NextAt.lte(then.millis()))
        .filter(logout_delivery::Column::ClientId.is_not_in(retried));
    let late = pending_look::Entity::find().filter(pending_look::Column::NextAt.lte(then.millis()));
    let waiting = pending_look::Entity::find().filter(pending_look::Column::LeftAt.is_null());
    let notices =
        || notice_delivery::Entity::find().filter(notice_delivery::Column::State.eq(delivery::State::Pending.word()));
    Ok(Overdue {
        notices: notices().count(reader).await?,
        untried_notices: untried_notices(notices(), reader, then).await?,
        logouts: pending().count(reader).await?,
        untried_logouts: untried.count(reader).await?,
        looks: waiting.count(reader).await?,
        late_looks: late.count(reader).await?,
    })
}

/// Those that were due before `then` and not begun, by channels of which nothing is being tried again and again: such wait for the
/// mail server or whatever else is behind them.
async fn untried_notices(
    pending: Select<notice_delivery::Entity>,
    reader: &impl ConnectionTrait,
    then: Timestamp,
) -> Result<u64> {
    type Column = notice_delivery::Column;
    let retried: Vec<(Option<Uuid>, Option<Uuid>)> = pending
        .clone()
        .select_only()
        .columns([Column::ChannelId, Column::DataSourceId])
        .distinct()
        .filter(Column::Attempts.gt(0))
        .into_tuple()
        .all(reader)
        .await?;
    let channels = retried.iter().filter_map(|(channel, _)| *channel);
    // What is by no channel is sent by the apps of its data source.
    let sources = retried.iter().filter(|(channel, _)| channel.is_none());
    let sources = sources.filter_map(|(_, source)| *source);
    let by_apps = Condition::all()
        .add(Column::ChannelId.is_null())
        .add(Column::DataSourceId.is_in(sources));
    let waits = Condition::any().add(Column::ChannelId.is_in(channels)).add(by_apps);
    let untried = pending
        .filter(Column::Attempts.eq(0))
        .filter(Column::NextAt.lte(then.millis()));
    let (all, waiting) = (untried.clone().count(reader), untried.filter(waits).count(reader));
    Ok(all.await?.saturating_sub(waiting.await?))
}

/// Where portals that are switched on hear of logouts.
pub async fn logout_addresses(database: &Database) -> Result<Vec<LogoutAddress>> {
    let rows = client::Entity::find()
        .filter(client::Column::Enabled.eq(true))
        .order_by_asc(client::Column::ClientId)
        .all(database.reader())
        .await?;
    let address = |row: client::Model| {
        let address = row.metadata.get("backchannel_logout_uri")?.as_str()?.to_owned();
        Some(LogoutAddress {
            id: row.id,
            client_id: row.client_id,
            address,
        })
    };
    Ok(rows.into_iter().filter_map(address).collect())
}

/// The portals that have been waiting since before `then` to be told of a logout, with how many, and since when.
pub async fn late_logouts(database: &Database, then: Timestamp) -> Result<BTreeMap<Uuid, (u64, Timestamp)>> {
    type Column = logout_delivery::Column;
    let late: Vec<(Uuid, i64, i64)> = logout_delivery::Entity::find()
        .select_only()
        .column(Column::ClientId)
        .column_as(Column::Id.count(), "many")
        .column_as(Column::CreatedAt.min(), "first")
        .filter(Column::State.eq(State::Pending.word()))
        .filter(Column::CreatedAt.lt(then.millis()))
        .group_by(Column::ClientId)
        .into_tuple()
        .all(database.reader())
        .await?;
    let late = late.into_iter().map(|(portal, many, first)| {
        let many = u64::try_from(many).unwrap_or(0);
        (portal, (many, Timestamp::from_millis(first)))
    });
    Ok(late.collect())
}

/// The portals whose last logout that was settled since `then` was given up, with how many were.
pub async fn refused_logouts(database: &Database, then: Timestamp) -> Result<BTreeMap<Uuid, u64>> {
    type Column = logout_delivery::Column;
    let settled: Vec<(Uuid, String, i64, i64)> = logout_delivery::Entity::find()
        .select_only()
        .column(Column::ClientId)
        .column(Column::State)
        .column_as(Column::CreatedAt.max(), "last")
        .column_as(Column::Id.count(), "many")
        .filter(Column::State.ne(State::Pending.word()))
        .filter(Column::CreatedAt.gte(then.millis()))
        .group_by(Column::ClientId)
        .group_by(Column::State)
        .into_tuple()
        .all(database.reader())
        .await?;
    let delivered = |portal: Uuid| {
        let good = settled
            .iter()
            .filter(|(one, state, ..)| *one == portal && state == State::Delivered.word());
        good.map(|(_, _, last, _)| *last).max()
    };
    let mut refused: BTreeMap<Uuid, u64> = BTreeMap::new();
    for (portal, state, last, many) in &settled {
        if state != State::Delivered.word() && delivered(*portal).is_none_or(|good| good < *last) {
            let count = refused.entry(*portal).or_default();
            *count = count.saturating_add(u64::try_from(*many).unwrap_or(0));
        }
    }
    Ok(refused)
}

/// Counts the members of this data source who have access and whom WeCom has not confirmed since `then`, neither by themselves nor with
/// everybody, or did not show when it was asked about them last (`directory::freshness`).
pub async fn unconfirmed_members(database: &Database, source: &Source, then: Timestamp) -> Result<u64> {
    let mut unconfirmed = Condition::any().add(member::Column::CheckedAt.eq(0));
    if source.confirmed_at.is_none_or(|everybody| everybody < then) {
        unconfirmed = unconfirmed.add(member::Column::CheckedAt.lt(then.millis()));
    }
    let active = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(users::Column::Status.eq("active"))
        .filter(users::Column::DataSourceId.eq(source.id));
    let wanted = Condition::all()
        .add(member::Column::DataSourceId.eq(source.id))
        .add(member::Column::State.eq("present"))
        .add(unconfirmed)
        .add(member::Column::UserId.in_subquery(active.into_query()));
    Ok(member::Entity::find().filter(wanted).count(database.reader()).await?)
}
