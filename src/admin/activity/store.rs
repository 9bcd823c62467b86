//! Queries of activity: events of a span of time, which an index finds, counted by day in the database.

use std::collections::BTreeMap;

use entity::audit_event;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, sea_query::Expr};

use super::model::{DAY, Days};
use crate::{
    admin::refusals::{model::RefusalFilter, store as refusals},
    audit::Kind,
    store::Database,
};

type Column = audit_event::Column;

/// One line of a count.
#[derive(FromQueryResult)]
struct Line {
    day: i64,
    many: i64,
}

pub(super) async fn signed_in(database: &Database, days: Days) -> Result<BTreeMap<i64, u64>, DbErr> {
    let wanted = Condition::all()
        .add(Column::At.gte(days.since()))
        .add(Column::Kind.eq(Kind::SignedIn.word()));
    count(database, days, (wanted, "COUNT(*)".to_owned())).await
}

pub(super) async fn refused(database: &Database, days: Days) -> Result<BTreeMap<i64, u64>, DbErr> {
    let filter = RefusalFilter {
        since: Some(days.since()),
        ..RefusalFilter::default()
    };
    let wanted = refusals::wanted(database, &filter).add(Column::Number.is_not_null());
    count(database, days, (wanted, refusals::repeated(database))).await
}

async fn count(
    database: &Database,
    days: Days,
    (wanted, many): (Condition, String),
) -> Result<BTreeMap<i64, u64>, DbErr> {
    let day = || Expr::cust(format!("(audit_event.at + {}) / {DAY}", days.ahead));
    let lines: Vec<Line> = audit_event::Entity::find()
        .select_only()
        .column_as(day(), "day")
        .column_as(Expr::cust(many), "many")
        .filter(wanted)
        .group_by(day())
        .into_model::<Line>()
        .all(database.reader())
        .await?;
    let counts = lines
        .into_iter()
        .map(|line| (line.day, u64::try_from(line.many).unwrap_or_default()));
    Ok(counts.collect())
}
