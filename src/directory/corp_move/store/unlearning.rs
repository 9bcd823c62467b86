//! What one app told, and is not to stay once the company is connected by the other.

use entity::{corp_move_pair, department, identity_finding, member, sync_row, sync_run};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, UpdateMany,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use uuid::Uuid;

use crate::directory::{
    corp_move::model::{CorpMove, How},
    installation::store::removal,
    store::Change,
};

/// Members of one statement.
const BATCH: usize = 500;

/// Forgets what the company's own app told since the change: names and whatever else a suite does not tell. What admins entered stays.
pub(super) async fn of_own_app(change: &Change, one: &CorpMove) -> Result<(), DbErr> {
    type Of = member::Column;
    let tx = change.transaction();
    let mut members = member::Entity::update_many();
    for column in [
        Of::Name,
        Of::Alias,
        Of::Position,
        Of::Email,
        Of::Mobile,
        Of::Avatar,
        Of::Gender,
    ] {
        members = members.col_expr(column, Expr::value(None::<String>));
    }
    members.filter(Of::DataSourceId.eq(one.source)).exec(tx).await?;
    removal::empty_all(tx, one.source).await?;
    // A suite names none; as a sync calls those whose name it does not learn.
    department::Entity::update_many()
        .col_expr(department::Column::Name, Expr::cust("'D' || wecom_id"))
        .filter(department::Column::DataSourceId.eq(one.source))
        .exec(tx)
        .await?;
    let since = one.changed.as_ref().map_or(0, |(_, at)| *at);
    identity_finding::Entity::delete_many()
        .filter(identity_finding::Column::DataSourceId.eq(one.source))
        .filter(identity_finding::Column::OpenedAt.gte(since))
        .exec(tx)
        .await?;
    notes(tx, one.source, sync_run::Column::StartedAt.gte(since)).await
}

/// Forgets what these runs of a data source noted.
async fn notes<C: ConnectionTrait>(tx: &C, source: Uuid, which: SimpleExpr) -> Result<(), DbErr> {
    let runs = sync_run::Entity::find()
        .select_only()
        .column(sync_run::Column::Id)
        .filter(sync_run::Column::DataSourceId.eq(source))
        .filter(which);
    sync_row::Entity::delete_many()
        .filter(sync_row::Column::RunId.in_subquery(runs.into_query()))
        .exec(tx)
        .await
        .map(drop)
}

/// Forgets the ids by which the suite knew people, those of whoever left or is not paired included. To be called before the pairs are forgotten.
pub(super) async fn of_suite(change: &Change, (source, id, changed_at): (Uuid, Uuid, i64)) -> Result<(), DbErr> {
    type Of = member::Column;
    let tx = change.transaction();
    let paired = corp_move_pair::Entity::find()
        .select_only()
        .column(corp_move_pair::Column::MemberId)
        .filter(corp_move_pair::Column::MoveId.eq(id))
        .filter(corp_move_pair::Column::NewKey.is_not_null())
        .filter(corp_move_pair::Column::How.ne(How::GaveUp.word()));
    // Where the provider's own id is another one, the userid is the company's.
    let told = Condition::any()
        .add(Of::OpenUserid.is_null())
        .add(Expr::col(Of::OpenUserid).eq(Expr::col(Of::Userid)));
    let theirs: Vec<Uuid> = member::Entity::find()
        .select_only()
        .column(Of::Id)
        .filter(Of::DataSourceId.eq(source))
        .filter(Of::CreatedAt.lt(changed_at))
        .filter(Of::Id.not_in_subquery(paired.into_query()))
        .filter(told)
        .into_tuple()
        .all(tx)
        .await?;
    for members in theirs.chunks(BATCH) {
        for member in members {
            // Nobody's userid in WeCom: whoever is still here is gone for the next look.
            nameless(*member).exec(tx).await?;
        }
        sync_row::Entity::delete_many()
            .filter(sync_row::Column::SubjectId.is_in(members.iter().copied()))
            .exec(tx)
            .await?;
    }
    member::Entity::update_many()
        .col_expr(Of::OpenUserid, Expr::value(None::<String>))
        .filter(Of::DataSourceId.eq(source))
        .filter(Of::OpenUserid.is_not_null())
        .exec(tx)
        .await?;
    identity_finding::Entity::delete_many()
        .filter(identity_finding::Column::DataSourceId.eq(source))
        .filter(identity_finding::Column::OpenedAt.lt(changed_at))
        .filter(identity_finding::Column::State.ne("open"))
        .exec(tx)
        .await?;
    notes(tx, source, sync_run::Column::StartedAt.lt(changed_at)).await
}

/// A member whose userid is our own id of them.
fn nameless(id: Uuid) -> UpdateMany<member::Entity> {
    member::Entity::update_many()
        .col_expr(member::Column::Userid, Expr::value(id.to_string()))
        .col_expr(member::Column::UseridKey, Expr::value(id.to_string()))
        .filter(member::Column::Id.eq(id))
}
