//! Queries of data sources for the sync: their rules, and which are due.

use entity::{data_source, wecom_app};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select,
    sea_query::{Condition, Expr},
};
use uuid::Uuid;

use super::Stored;
use crate::{
    directory::offboarding::model::Reach,
    directory::sync::{
        schedule::Due,
        source::{App, DuplicateRule, Source},
    },
    directory::{
        auth_source,
        data_source::store::{guard_of, read_by_of},
        email, importing,
    },
    kernel::{clock::Timestamp, failure::Result},
    store::{AnyRow, Database, database::unreadable},
};

/// Finds a data source with its integration app.
pub async fn find(db: &Database, id: Uuid) -> Result<Option<Source>> {
    let Some(row) = data_source::Entity::find_by_id(id).one(db.reader()).await? else {
        return Ok(None);
    };
    let app = match row.app_id {
        Some(app_id) => wecom_app::Entity::find_by_id(app_id).one(db.reader()).await?,
        None => None,
    };
    let rule = match row.duplicate_rule.as_str() {
        "overwrite" => DuplicateRule::Overwrite,
        "skip" => DuplicateRule::Skip,
        _ => return Err(unreadable("data_source.duplicate_rule").into()),
    };
    let guard = guard_of(&row)?;
    let read_by = read_by_of(&row)?;
    let import = importing::store::rules_of(&row)?;
    let email = email::store::settings_of(&row)?;
    Ok(Some(Source {
        id: row.id,
        corp_id: row.corp_id,
        corp_key: row.corp_key,
        suite: row.suite,
        enabled: row.enabled,
        read_by,
        rule,
        doubtful_continue: row.doubtful_identity == "continue",
        removal_threshold_percent: u32::try_from(row.removal_threshold_percent).unwrap_or(0),
        guard,
        import,
        vouched_domains: email.vouched_domains,
        email_sources: email.sources,
        undone_run: row.undone_run,
        contacts_secret_sealed: row.contacts_secret_sealed,
        app: app.map(App::from),
        rehearsal: None,
    }))
}

impl From<wecom_app::Model> for App {
    fn from(row: wecom_app::Model) -> Self {
        Self {
            id: row.id,
            corp_id: row.corp_id,
            agent_id: row.agent_id,
            secret_sealed: row.secret_sealed,
            suite: row.suite,
        }
    }
}

/// Whether people of the data source may sign in through other apps than its integration app.
pub async fn has_other_apps(db: &Database, source: &Source) -> Result<bool> {
    let Some(app) = &source.app else { return Ok(false) };
    let of_source = (source.id, source.corp_key.as_str());
    // In a rehearsal people still sign in by the app that is left.
    let app = source
        .rehearsal
        .as_ref()
        .and_then(|rehearsal| rehearsal.leaves)
        .unwrap_or(app.id);
    Ok(auth_source::store::has_other_app(db.reader(), of_source, app).await?)
}

/// How far falling out of the integration app's visible scope reaches.
pub async fn reach_of_scope(db: &Database, source: &Source) -> Result<Reach> {
    Ok(match &source.app {
        Some(app) if has_other_apps(db, source).await? => Reach::App {
            id: app.id,
            passwords: true,
        },
        _ => Reach::Everywhere,
    })
}

fn at_hand(now: Timestamp) -> Select<data_source::Entity> {
    let column = data_source::Column::NextSyncAt;
    let never = Condition::all()
        .add(column.is_null())
        .add(data_source::Column::AutoSyncHours.is_not_null());
    data_source::Entity::find()
        .filter(data_source::Column::Enabled.eq(true))
        .filter(Condition::any().add(never).add(column.lte(now.millis())))
}

/// Whether a data source is due.
pub fn any_due(now: Timestamp) -> AnyRow {
    AnyRow::of(at_hand(now))
}

/// Lists the data sources that are due: by their schedule, or because a run was interrupted.
pub async fn due(db: &Database, now: Timestamp) -> Result<Vec<Due>> {
    let rows = at_hand(now)
        .order_by_asc(data_source::Column::NextSyncAt)
        .all(db.reader())
        .await?;
    let due = rows.into_iter().map(|row| Due {
        data_source_id: row.id,
        at: row.next_sync_at.map(Timestamp::from_millis),
        hours: row.auto_sync_hours.and_then(|hours| u32::try_from(hours).ok()),
    });
    Ok(due.collect())
}

// Turns are written uncounted: nothing that is cached of a data source tells of them.

/// Claims a due sync by moving its date on; false when another replica did. Closes the race of two replicas that found the same sync due:
/// the update holds for the one that still finds the date it read.
pub async fn claim_turn(db: &Database, due: &Due, next: Timestamp) -> Result<bool> {
    let column = data_source::Column::NextSyncAt;
    let unchanged = match due.at {
        Some(at) => column.eq(at.millis()),
        None => column.is_null(),
    };
    let update = data_source::Entity::update_many()
        .col_expr(column, Expr::value(next.millis()))
        .filter(data_source::Column::Id.eq(due.data_source_id))
        .filter(unchanged);
    Ok(db.write_one(&update).await? == 1)
}

/// Sets the turn after one that was claimed until `claimed`; nothing where somebody else set another meanwhile.
pub async fn set_next_turn(db: &Database, id: Uuid, claimed: Timestamp, next: Option<Timestamp>) -> Result<()> {
    let column = data_source::Column::NextSyncAt;
    let update = data_source::Entity::update_many()
        .col_expr(column, Expr::value(next.map(Timestamp::millis)))
        .filter(data_source::Column::Id.eq(id))
        .filter(column.eq(claimed.millis()));
    db.write_one(&update).await?;
    Ok(())
}

/// Has a data source synced at this moment, unless it is due before; also where there is no schedule.
pub async fn resume(db: &Database, id: Uuid, at: Timestamp) -> Result<()> {
    let column = data_source::Column::NextSyncAt;
    let update = data_source::Entity::update_many()
        .col_expr(column, Expr::value(at.millis()))
        .filter(data_source::Column::Id.eq(id))
        .filter(Condition::any().add(column.is_null()).add(column.gt(at.millis())));
    db.write_one(&update).await?;
    Ok(())
}

/// The same where an admin has begun: never the first sync, which they see before what it does.
pub async fn resume_synced(db: &Database, id: Uuid, at: Timestamp) -> Result<()> {
    let row = data_source::Entity::find_by_id(id).one(db.reader()).await?;
    match row.is_some_and(|row| row.last_synced_at.is_some()) {
        true => resume(db, id, at).await,
        false => Ok(()),
    }
}

/// Brings the next scheduled sync forward: where there is a schedule, it comes no later than this.
pub async fn hasten(db: &Database, id: Uuid, at: Timestamp) -> Result<()> {
    let update = data_source::Entity::update_many()
        .col_expr(data_source::Column::NextSyncAt, Expr::value(at.millis()))
        .filter(data_source::Column::Id.eq(id))
        .filter(data_source::Column::AutoSyncHours.is_not_null())
        .filter(data_source::Column::NextSyncAt.gt(at.millis()));
    db.write_one(&update).await?;
    Ok(())
}

/// Records that a complete run was applied.
pub async fn mark_synced<C: ConnectionTrait>(tx: &C, id: Uuid, at: Timestamp) -> Stored<()> {
    data_source::Entity::update_many()
        .col_expr(data_source::Column::LastSyncedAt, Expr::value(at.millis()))
        .filter(data_source::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
