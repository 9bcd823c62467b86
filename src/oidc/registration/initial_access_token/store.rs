//! Queries of initial access tokens.

use entity::initial_access_token as token;
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter,
    sea_query::{self, Expr},
};
use uuid::Uuid;

use super::model::{InitialView, NewInitial};
use crate::{
    audit::difference::Difference,
    directory::store::Change,
    kernel::{
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    oidc::registration::failure::RegistrationFailure,
    store::{Database, keyset},
};

/// Condition of a usable token: neither used up, nor revoked, nor expired.
fn usable(now: i64) -> Condition {
    let unexpired = Condition::any()
        .add(token::Column::ExpiresAt.is_null())
        .add(token::Column::ExpiresAt.gt(now));
    Condition::all()
        .add(token::Column::RevokedAt.is_null())
        .add(sea_query::ExprTrait::lt(
            Expr::col(token::Column::Uses),
            Expr::col(token::Column::MaxUses),
        ))
        .add(unexpired)
}

/// Id and name of the token with this digest, if it can still register something.
pub(in crate::oidc::registration) async fn usable_by_digest(
    database: &Database,
    digest: &str,
    now: i64,
) -> Result<Option<(Uuid, String)>, DbErr> {
    let row = token::Entity::find()
        .filter(token::Column::Digest.eq(digest))
        .filter(usable(now))
        .one(database.reader())
        .await?;
    Ok(row.map(|row| (row.id, row.name)))
}

/// Counts one use of a token; false when it is used up, revoked or expired. Race: any number of registrations may come with the last use of
/// one token; one conditional statement counts, and those that find no row have lost. It is part of the transaction of the registration,
/// so a use is spent only on a client that is really created.
pub(in crate::oidc::registration) async fn consume(change: &Change, id: Uuid) -> Result<bool, DbErr> {
    let counted = token::Entity::update_many()
        .col_expr(
            token::Column::Uses,
            sea_query::ExprTrait::add(Expr::col(token::Column::Uses), 1),
        )
        .filter(token::Column::Id.eq(id))
        .filter(usable(change.millis()))
        .exec(change.transaction())
        .await?;
    Ok(counted.rows_affected == 1)
}

fn subject(id: Uuid) -> String {
    format!("initial_access_token:{id}")
}

pub(super) async fn create(change: Change, input: NewInitial, digest: String) -> Result<InitialView> {
    let row = token::Model {
        id: change.id(),
        name: input.name,
        digest,
        max_uses: input.max_uses,
        uses: 0,
        created_at: change.millis(),
        expires_at: input.expires_at,
        revoked_at: None,
    };
    token::Entity::insert(token::ActiveModel::from(row.clone()))
        .exec_without_returning(change.transaction())
        .await?;
    let view = view(row);
    let created = Difference::created(&serde_json::to_value(&view).unwrap_or_default());
    change
        .commit_difference(subject(view.id), ("created", &[]), created)
        .await?;
    Ok(view)
}

pub(super) async fn revoke(change: Change, id: Uuid) -> Result<()> {
    let row = token::Entity::find_by_id(id).one(change.transaction()).await?;
    let row = row.ok_or(RegistrationFailure::InitialNotFound)?;
    let revoked = token::Entity::update_many()
        .col_expr(token::Column::RevokedAt, Expr::value(change.millis()))
        .filter(token::Column::Id.eq(id))
        .filter(token::Column::RevokedAt.is_null())
        .exec(change.transaction())
        .await?;
    if revoked.rows_affected == 0 {
        return Ok(());
    }
    let name = row.name.clone();
    let before = serde_json::to_value(view(row)).unwrap_or_default();
    let mut after = before.clone();
    if let Some(revoked_at) = after.get_mut("revoked_at") {
        *revoked_at = change.millis().into();
    }
    let difference = Difference::between(&before, &after).also("name", name);
    change
        .commit_difference(subject(id), ("revoked", &[]), difference)
        .await
}

pub(super) async fn find(database: &Database, id: Uuid) -> Result<Option<InitialView>> {
    let row = token::Entity::find_by_id(id).one(database.reader()).await?;
    Ok(row.map(view))
}

pub(super) async fn list(database: &Database, page: &SortedPage) -> Result<SortedListing<InitialView>> {
    let columns = (token::Column::Id, token::Column::Name);
    let rows = keyset::sorted(database.reader(), token::Entity::find(), columns, page).await?;
    let cut = page.cut(rows, |row, by| Position {
        value: match by {
            "name" => SortValue::Text(row.name.clone()),
            _ => SortValue::Id,
        },
        id: row.id,
    });
    Ok(cut.map(view))
}

fn view(row: token::Model) -> InitialView {
    InitialView {
        id: row.id,
        name: row.name,
        max_uses: row.max_uses,
        uses: row.uses,
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    }
}
