//! Queries of notices: what happened to somebody's account stands on their page, and is told them by post where a channel stands.

use std::time::Duration;

use entity::{credential_notice, users};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::model::{Happened, Notice};
use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    notices::{self, NewNotice, To},
    signin::{password::one_time_link_model::Purpose, store::Store},
    web::context,
};

/// How long a notice is kept.
const KEPT: Duration = Duration::from_secs(180 * 24 * 3600);
/// Most notices shown.
const MOST_SHOWN: u64 = 20;

/// What it takes to tell somebody by post.
#[derive(Clone, Copy)]
pub(in crate::signin) struct Post<'a> {
    pub(in crate::signin) sealer: &'a Sealer,
    pub(in crate::signin) entropy: &'a Entropy,
}

/// Tells a person what happened, on their page and by post, in the transaction of what it tells of; their old notices go.
pub(in crate::signin) async fn tell<C: ConnectionTrait>(
    connection: &C,
    post: Post<'_>,
    user: Uuid,
    notice: Notice,
) -> Result<()> {
    tell_by_post(connection, post, user, &notice).await?;
    Ok(insert(connection, post.entropy, user, notice).await?)
}

/// The same for whom a mail tells it already: on their page and by WeCom.
pub(in crate::signin) async fn tell_beside_mail<C: ConnectionTrait>(
    connection: &C,
    post: Post<'_>,
    user: Uuid,
    notice: Notice,
) -> Result<()> {
    send(connection, post, (user, notice.at), |username| NewNotice {
        to: To::UserByWecom { id: user },
        ..notice.message((user, username), None)
    })
    .await?;
    Ok(insert(connection, post.entropy, user, notice).await?)
}

/// Tells them by post alone.
pub(in crate::signin) async fn tell_by_post<C: ConnectionTrait>(
    connection: &C,
    post: Post<'_>,
    user: Uuid,
    notice: &Notice,
) -> Result<()> {
    let browser = context::noted_browser();
    send(connection, post, (user, notice.at), |username| {
        notice.message((user, username), browser)
    })
    .await
}

/// Puts what this person is told into the outbox.
pub(in crate::signin) async fn send<C: ConnectionTrait>(
    connection: &C,
    post: Post<'_>,
    (user, now): (Uuid, Timestamp),
    message: impl FnOnce(&str) -> NewNotice + Send,
) -> Result<()> {
    let username: Option<String> = users::Entity::find_by_id(user)
        .select_only()
        .column(users::Column::Username)
        .into_tuple()
        .one(connection)
        .await?;
    if let Some(username) = username {
        notices::enqueue(connection, post.sealer, post.entropy, now, &message(&username)).await?;
    }
    Ok(())
}

/// Puts a notice on a person's page; their old ones go.
pub(in crate::signin) async fn insert<C: ConnectionTrait>(
    connection: &C,
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

/// Who made the newest link, by the notice that it was made.
pub(in crate::signin) async fn maker(
    connection: &impl ConnectionTrait,
    user: Uuid,
    made: Happened,
) -> Result<String, DbErr> {
    let newest = credential_notice::Entity::find()
        .filter(credential_notice::Column::UserId.eq(user))
        .filter(credential_notice::Column::Kind.eq(made.word()))
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
        .filter(credential_notice::Column::Kind.eq(Happened::used(purpose).word()))
        .order_by_desc(credential_notice::Column::Id)
        .one(connection)
        .await?;
    Ok(newest.map(|row| row.at))
}

impl Store {
    /// What it takes to tell somebody by post.
    pub(in crate::signin) const fn post<'a>(&'a self, entropy: &'a Entropy) -> Post<'a> {
        Post {
            sealer: self.sealer(),
            entropy,
        }
    }

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
