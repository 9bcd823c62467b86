//! Queries of notices.

use std::time::Duration;

use entity::credential_notice;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::model::{Happened, Notice};
use crate::{
    kernel::{clock::Timestamp, entropy::Entropy},
    signin::{password::one_time_link_model::Purpose, store::Store},
};

/// How long a notice is kept.
const KEPT: Duration = Duration::from_secs(180 * 24 * 3600);
/// Most notices shown.
const MOST_SHOWN: u64 = 20;

/// Adds a notice, in the transaction of what it tells of; the person's old ones go.
pub(in crate::signin) async fn insert(
    connection: &impl ConnectionTrait,
    entropy: &Entropy,
    user: Uuid,
    notice: Notice,
) -> Result<(), DbErr> {
    let old = notice
        .at
        .millis()
        .saturating_sub(i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX));
    credential_notice::Entity::delete_many()
        .filter(credential_notice::Column::UserId.eq(user))
        .filter(credential_notice::Column::At.lt(old))
        .exec(connection)
        .await?;
    let row = credential_notice::ActiveModel {
        id: Set(entropy.id(notice.at)),
        user_id: Set(user),
        kind: Set(notice.happened.word().to_owned()),
        made_by: Set(notice.made_by),
        address: Set(notice.address),
        at: Set(notice.at.millis()),
        seen_at: Set(None),
    };
    credential_notice::Entity::insert(row)
        .exec_without_returning(connection)
        .await
        .map(|_| ())
}

/// Who made the newest link of this purpose.
pub(in crate::signin) async fn maker(
    connection: &impl ConnectionTrait,
    user: Uuid,
    purpose: Purpose,
) -> Result<String, DbErr> {
    let newest = credential_notice::Entity::find()
        .filter(credential_notice::Column::UserId.eq(user))
        .filter(credential_notice::Column::Kind.eq(Happened::Made(purpose).word()))
        .order_by_desc(credential_notice::Column::Id)
        .one(connection)
        .await?;
    Ok(newest.map_or_else(|| "unknown".to_owned(), |row| row.made_by))
}

/// When a link of this purpose was used last; `None`: never, or longer ago than notices are kept.
pub(in crate::signin) async fn used_at(
    connection: &impl ConnectionTrait,
    user: Uuid,
    purpose: Purpose,
) -> Result<Option<i64>, DbErr> {
    let newest = credential_notice::Entity::find()
        .filter(credential_notice::Column::UserId.eq(user))
        .filter(credential_notice::Column::Kind.eq(Happened::Used(purpose).word()))
        .order_by_desc(credential_notice::Column::Id)
        .one(connection)
        .await?;
    Ok(newest.map(|row| row.at))
}

impl Store {
    /// A person's notices with their row ids, the newest first; only those they were not shown after a scan, where `unseen` is set.
    pub(super) async fn notices(&self, user: Uuid, unseen: bool) -> Result<Vec<(Uuid, Notice)>, DbErr> {
        let mut select = credential_notice::Entity::find().filter(credential_notice::Column::UserId.eq(user));
        if unseen {
            select = select.filter(credential_notice::Column::SeenAt.is_null());
        }
        let newest = select.order_by_desc(credential_notice::Column::Id).limit(MOST_SHOWN);
        let rows = newest.all(self.database().reader()).await?;
        let notice = |row: credential_notice::Model| {
            let notice = Notice {
                happened: Happened::of(&row.kind)?,
                made_by: row.made_by,
                address: row.address,
                at: Timestamp::from_millis(row.at),
            };
            Some((row.id, notice))
        };
        Ok(rows.into_iter().filter_map(notice).collect())
    }

    /// Marks these notices as seen.
    pub(super) async fn mark_notices_seen(&self, ids: &[Uuid], now: Timestamp) -> Result<(), DbErr> {
        credential_notice::Entity::update_many()
            .col_expr(credential_notice::Column::SeenAt, Expr::value(now.millis()))
            .filter(credential_notice::Column::Id.is_in(ids.iter().copied()))
            .filter(credential_notice::Column::SeenAt.is_null())
            .exec(self.database().writer())
            .await
            .map(|_| ())
    }
}
