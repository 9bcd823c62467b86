//! Whether somebody was told of a matter, and when.

use std::collections::HashMap;

use entity::{notice, notice_delivery};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef};

use super::alerts::HAD;
use crate::{kernel::clock::Timestamp, notices::model::Topic, store::Database};

fn to_notice() -> RelationDef {
    notice_delivery::Entity::belongs_to(notice::Entity)
        .from(notice_delivery::Column::NoticeId)
        .to(notice::Column::Id)
        .into()
}

/// Whether somebody at this address was told, or is to be, of a matter by a notice of this topic that was made after this moment; letter case does not tell addresses apart.
///
/// # Errors
/// When the database does not answer.
pub async fn is_told<C: ConnectionTrait>(
    connection: &C,
    (topic, subject): (Topic, &str),
    address: &str,
    since: Timestamp,
) -> Result<bool, DbErr> {
    let addresses: Vec<Option<String>> = notice_delivery::Entity::find()
        .select_only()
        .column(notice_delivery::Column::Address)
        .join(JoinType::InnerJoin, to_notice())
        .filter(notice::Column::Subject.eq(subject))
        .filter(notice::Column::Topic.eq(topic.word()))
        .filter(notice::Column::CreatedAt.gt(since.millis()))
        .filter(notice_delivery::Column::State.is_in(HAD))
        .into_tuple()
        .all(connection)
        .await?;
    let mut addresses = addresses.iter().flatten();
    Ok(addresses.any(|one| one.eq_ignore_ascii_case(address)))
}

/// Of these matters those whose notices of this topic reached somebody, each with when the last of them was accepted by the other side.
///
/// # Errors
/// When the database does not answer.
pub async fn last_told(db: &Database, topic: Topic, subjects: &[String]) -> Result<HashMap<String, Timestamp>, DbErr> {
    if subjects.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, Option<i64>)> = notice_delivery::Entity::find()
        .select_only()
        .column(notice::Column::Subject)
        .column_as(notice_delivery::Column::DeliveredAt.max(), "last_at")
        .join(JoinType::InnerJoin, to_notice())
        .filter(notice::Column::Subject.is_in(subjects.iter().map(String::as_str)))
        .filter(notice::Column::Topic.eq(topic.word()))
        .group_by(notice::Column::Subject)
        .into_tuple()
        .all(db.reader())
        .await?;
    let told = rows.into_iter();
    Ok(told
        .filter_map(|(subject, at)| Some((subject, Timestamp::from_millis(at?))))
        .collect())
}
