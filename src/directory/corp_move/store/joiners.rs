//! Queries of members who are there and were not when their company moved: the move has no pair of them.

use entity::{corp_move_pair, member};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use crate::{
    directory::corp_move::model::Joiner,
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
    store::{Database, keyset},
};

use corp_move_pair::Column;

/// Members of a data source, with their userids, who are there and were not when it moved.
pub(in crate::directory::corp_move) async fn all(
    db: &Database,
    (source, id): (Uuid, Uuid),
) -> Result<Vec<(Uuid, String)>> {
    let select = joiners((source, id)).select_only();
    let select = select.columns([member::Column::Id, member::Column::Userid]);
    Ok(select.into_tuple().all(db.reader()).await?)
}

fn joiners((source, id): (Uuid, Uuid)) -> Select<member::Entity> {
    let known = corp_move_pair::Entity::find()
        .select_only()
        .column(Column::MemberId)
        .filter(Column::MoveId.eq(id));
    member::Entity::find()
        .filter(member::Column::DataSourceId.eq(source))
        .filter(member::Column::State.eq("present"))
        .filter(member::Column::Id.not_in_subquery(known.into_query()))
}

/// Lists members of a data source who are there and were not when it moved.
pub(in crate::directory::corp_move) async fn list(
    db: &Database,
    of: (Uuid, Uuid),
    page: Page,
) -> Result<Listing<Joiner>> {
    let rows = keyset::oldest_first(db.reader(), joiners(of), member::Column::Id, page).await?;
    let listing = Listing::cut(rows, page, |row| row.id);
    let joiner = |row: member::Model| Joiner {
        member: row.id,
        userid: row.userid,
        name: row.name,
        user: row.user_id,
    };
    Ok(Listing {
        items: listing.items.into_iter().map(joiner).collect(),
        next_cursor: listing.next_cursor,
    })
}

/// How many members of a data source are there and were not when it moved.
pub(in crate::directory::corp_move) async fn count<C: ConnectionTrait>(
    connection: &C,
    (source, id): (Uuid, Uuid),
) -> Result<i64, DbErr> {
    let joined = joiners((source, id)).count(connection).await?;
    Ok(i64::try_from(joined).unwrap_or(i64::MAX))
}
