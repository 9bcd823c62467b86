//! Queries of notices as records: list, one, send again, sweep.

use entity::{notice, notice_channel, notice_delivery};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, UpdateMany,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{deliveries::kept, digests, outbox::RETRY_PERIOD};
use crate::{
    audit::difference::Difference,
    crypto::seal::Sealer,
    directory::store::Change,
    kernel::{
        clock::Timestamp,
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    notices::{
        delivery::{ChannelKind, State},
        failure::NoticeFailure,
        model::Topic,
        record_view::{DeliveryView, NoticeFilter, NoticeView, problem},
        rendering::title,
    },
    store::{Database, database::unreadable, keyset},
    web::texts::Lang,
};

use notice_delivery::Column;

/// Notices removed by one sweep.
const SWEPT: u64 = 500;

pub(in crate::notices) async fn find(database: &Database, sealer: &Sealer, id: Uuid) -> Result<Option<NoticeView>> {
    let row = notice::Entity::find_by_id(id).one(database.reader()).await?;
    let views = views(database, sealer, row.into_iter().collect()).await?;
    Ok(views.into_iter().next())
}

pub(in crate::notices) async fn list(
    database: &Database,
    sealer: &Sealer,
    filter: &NoticeFilter,
    page: &SortedPage,
) -> Result<SortedListing<NoticeView>> {
    let of_delivery = Condition::all()
        .add_option(filter.state.map(|state| Column::State.eq(state.word())))
        .add_option(filter.channel.map(|channel| Column::ChannelId.eq(channel)));
    let among = (filter.state.is_some() || filter.channel.is_some()).then(|| {
        let wanted = notice_delivery::Entity::find()
            .select_only()
            .column(Column::NoticeId)
            .filter(of_delivery);
        notice::Column::Id.in_subquery(wanted.into_query())
    });
    let wanted = Condition::all()
        .add_option(filter.topic.map(|topic| notice::Column::Topic.eq(topic.word())))
        .add_option(filter.data_source.map(|id| notice::Column::DataSourceId.eq(id)))
        .add_option(
            filter
                .subject
                .as_ref()
                .map(|subject| notice::Column::Subject.eq(subject)),
        )
        .add_option(among);
    let select = notice::Entity::find().filter(wanted);
    let by_id = (notice::Column::Id, notice::Column::Id);
    let rows = keyset::sorted(database.reader(), select, by_id, page).await?;
    let cut = page.cut_by_id(rows, |row| row.id);
    Ok(SortedListing {
        items: views(database, sealer, cut.items).await?,
        next_cursor: cut.next_cursor,
    })
}

async fn views(database: &Database, sealer: &Sealer, rows: Vec<notice::Model>) -> Result<Vec<NoticeView>> {
    let deliveries = notice_delivery::Entity::find()
        .filter(Column::NoticeId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(Column::Id)
        .all(database.reader())
        .await?;
    let channels: Vec<(Uuid, String)> = notice_channel::Entity::find()
        .select_only()
        .column(notice_channel::Column::Id)
        .column(notice_channel::Column::Name)
        .into_tuple()
        .all(database.reader())
        .await?;
    let mut shown = Vec::new();
    for row in rows {
        // One that was sealed under another key is shown without its words.
        let opened = kept(&row, sealer).ok();
        let titled = |lang| opened.as_ref().map(|opened| title(opened, lang)).unwrap_or_default();
        let own = deliveries.iter().filter(|delivery| delivery.notice_id == row.id);
        let own = own.map(|delivery| delivery_view(delivery.clone(), &channels));
        shown.push(NoticeView {
            id: row.id,
            topic: Topic::of(&row.topic).ok_or_else(|| unreadable("notice.topic"))?,
            data_source_id: row.data_source_id,
            title: titled(Lang::En),
            title_zh: titled(Lang::Zh),
            subject: row.subject,
            deliveries: own.collect::<Result<_, _>>()?,
            created_at: row.created_at,
        });
    }
    Ok(shown)
}

fn delivery_view(row: notice_delivery::Model, channels: &[(Uuid, String)]) -> Result<DeliveryView, DbErr> {
    let state = State::of(&row.state).ok_or_else(|| unreadable("notice_delivery.state"))?;
    let named = channels.iter().find(|(id, _)| Some(*id) == row.channel_id);
    Ok(DeliveryView {
        kind: ChannelKind::of(&row.kind).ok_or_else(|| unreadable("notice_delivery.kind"))?,
        problem: problem(state, row.last_error.as_deref()),
        id: row.id,
        channel_id: row.channel_id,
        channel: named.map(|(_, name)| name.clone()),
        address: row.address,
        language: row.language,
        state,
        attempts: row.attempts,
        next_at: matches!(state, State::Pending | State::Held).then_some(row.next_at),
        last_status: row.last_status,
        last_error: row.last_error,
        provider_id: row.provider_id,
        delivered_at: row.delivered_at,
    })
}

/// Makes due at once, with no attempts counted and, but for links, a new deadline: one delivery of a notice, alone even if it was in a digest; or all that failed or were given up.
pub(in crate::notices) async fn resend(change: Change, id: Uuid, delivery: Option<Uuid>) -> Result<()> {
    let found = notice::Entity::find_by_id(id).one(change.transaction()).await?;
    let is_link = Topic::of(&found.ok_or(NoticeFailure::NotFound)?.topic).is_some_and(Topic::is_link);
    if let Some(delivery) = delivery {
        let of_it = notice_delivery::Entity::find_by_id(delivery).filter(Column::NoticeId.eq(id));
        let found = of_it.one(change.transaction()).await?;
        found.ok_or(NoticeFailure::NotFound)?;
    }
    let wanted = match delivery {
        Some(delivery) => Column::Id.eq(delivery),
        None => Column::State.is_in([State::Failed.word(), State::Abandoned.word()]),
    };
    // What is being sent just now is not sent twice.
    let idle = Condition::any()
        .add(Column::Leased.eq(false))
        .add(Column::NextAt.lte(change.millis()));
    if let Some(delivery) = delivery {
        digests::free(change.transaction(), delivery).await?;
    }
    let again = match is_link {
        // Its end is that of its link, which nobody may follow afterwards.
        true => again(change.now()).filter(Column::Deadline.gt(change.millis())),
        false => again(change.now()).col_expr(Column::Deadline, Expr::value(change.now().plus(RETRY_PERIOD).millis())),
    };
    let again = again
        .filter(Column::NoticeId.eq(id))
        .filter(wanted)
        .filter(idle)
        .exec(change.transaction())
        .await?;
    match again.rows_affected {
        0 if is_link => Err(NoticeFailure::LinkOver.into()),
        0 => Err(NoticeFailure::NothingToSend.into()),
        _ => {
            let which = match delivery {
                Some(delivery) => Difference::default().also("delivery_id", delivery.to_string()),
                None => Difference::default(),
            };
            change
                .commit_difference(format!("notice:{id}"), ("resent", &[]), which)
                .await
        }
    }
}

fn again(now: Timestamp) -> UpdateMany<notice_delivery::Entity> {
    notice_delivery::Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Pending.word()))
        .col_expr(Column::Digest, Expr::value(false))
        .col_expr(Column::DigestOf, Expr::value(None::<Uuid>))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::Leased, Expr::value(false))
        .col_expr(Column::NextAt, Expr::value(now.millis()))
}

/// The least id that a row made at this moment could have (UUIDv7), by which the primary key finds what is older.
fn first_id(moment: Timestamp) -> Uuid {
    let millis = u64::try_from(moment.millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// Sweeps notices made before `then` of which nothing is to be sent any more. Reads first, so that the one writer is not held for nothing.
pub(in crate::notices) async fn sweep(database: &Database, then: Timestamp) -> Result<()> {
    let open = notice_delivery::Entity::find()
        .select_only()
        .column(Column::NoticeId)
        .filter(Column::State.is_in([State::Pending.word(), State::Held.word()]));
    let old: Vec<Uuid> = notice::Entity::find()
        .select_only()
        .column(notice::Column::Id)
        .filter(notice::Column::Id.lt(first_id(then)))
        .filter(notice::Column::Id.not_in_subquery(open.into_query()))
        .order_by_asc(notice::Column::Id)
        .limit(SWEPT)
        .into_tuple()
        .all(database.reader())
        .await?;
    if !old.is_empty() {
        notice::Entity::delete_many()
            .filter(notice::Column::Id.is_in(old))
            .exec(database.writer())
            .await?;
    }
    Ok(())
}
