//! The app of a corp that installed a suite: of each suite and corp there is one, whatever AgentId it has, and installing it again, or deleting it,
//! changes its row.

use entity::{data_source, wecom_app};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use crate::directory::store::audited_transaction::Change;

type Column = wecom_app::Column;

/// The app of a data source.
pub(in crate::directory) async fn of_source<C: ConnectionTrait>(tx: &C, source: Uuid) -> Result<Option<Uuid>, DbErr> {
    let app: Option<Option<Uuid>> = data_source::Entity::find_by_id(source)
        .select_only()
        .column(data_source::Column::AppId)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(app.flatten())
}

fn is((suite, corp_id): (Uuid, &str)) -> Condition {
    Condition::all()
        .add(Column::Suite.eq(suite))
        .add(Column::CorpId.eq(corp_id))
}

/// Gives the app of a suite in a corp its new permanent code, sealed; it is read anew.
pub(in crate::directory) async fn renew(change: &Change, app: (Uuid, &str), sealed: &str) -> Result<(), DbErr> {
    wecom_app::Entity::update_many()
        .col_expr(Column::SecretSealed, Expr::value(sealed))
        .col_expr(Column::NextReadAt, Expr::value(None::<i64>))
        .col_expr(Column::UpdatedAt, Expr::value(change.millis()))
        .filter(is(app))
        .exec(change.transaction())
        .await
        .map(|_| ())
}

/// Notes the AgentId that the app of a suite in a corp has by now.
pub(in crate::directory) async fn number(change: &Change, app: (Uuid, &str), agent_id: i64) -> Result<(), DbErr> {
    wecom_app::Entity::update_many()
        .col_expr(Column::AgentId, Expr::value(agent_id))
        .filter(is(app))
        .filter(Column::AgentId.ne(agent_id))
        .exec(change.transaction())
        .await
        .map(|_| ())
}

/// Closes the app of a suite in a corp that deleted it: `nothing`, the empty secret, sealed, takes the place of the permanent code.
pub(in crate::directory) async fn close(change: &Change, app: (Uuid, &str), nothing: &str) -> Result<(), DbErr> {
    wecom_app::Entity::update_many()
        .col_expr(Column::Closed, Expr::value(true))
        .col_expr(Column::SecretSealed, Expr::value(nothing))
        // Never again by itself.
        .col_expr(Column::NextReadAt, Expr::value(i64::MAX))
        .col_expr(Column::UpdatedAt, Expr::value(change.millis()))
        .filter(is(app))
        .exec(change.transaction())
        .await
        .map(|_| ())
}

/// The app of a suite in a corp as it is now.
#[derive(Clone, Copy, Debug)]
pub(in crate::directory) struct InstalledApp<'a> {
    /// Corp ID, as the suite knows it.
    pub corp_id: &'a str,
    /// AgentId.
    pub agent_id: i64,
    /// Row id of the suite.
    pub suite: Uuid,
    /// The permanent code, sealed.
    pub sealed: &'a str,
}

/// Adds an app, or brings the one that is there up to date; its row id. `None`: an app with this AgentId was entered here by hand.
pub(in crate::directory) async fn save(change: &Change, app: &InstalledApp<'_>) -> Result<Option<Uuid>, DbErr> {
    let which = (app.suite, app.corp_id);
    let known: Option<Uuid> = wecom_app::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(is(which))
        .into_tuple()
        .one(change.transaction())
        .await?;
    if let Some(id) = known {
        number(change, which, app.agent_id).await?;
        renew(change, which, app.sealed).await?;
        wecom_app::Entity::update_many()
            .col_expr(Column::Closed, Expr::value(false))
            .filter(Column::Id.eq(id))
            .exec(change.transaction())
            .await?;
        return Ok(Some(id));
    }
    let taken = wecom_app::Entity::find()
        .filter(Column::CorpId.eq(app.corp_id))
        .filter(Column::AgentId.eq(app.agent_id))
        .count(change.transaction())
        .await?;
    if taken > 0 {
        return Ok(None);
    }
    let id = change.id();
    let row = wecom_app::ActiveModel {
        id: Set(id),
        corp_id: Set(app.corp_id.to_owned()),
        agent_id: Set(app.agent_id),
        name: Set(String::new()),
        suite: Set(Some(app.suite)),
        secret_sealed: Set(app.sealed.to_owned()),
        closed: Set(false),
        created_at: Set(change.millis()),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    wecom_app::Entity::insert(row)
        .exec_without_returning(change.transaction())
        .await?;
    Ok(Some(id))
}
