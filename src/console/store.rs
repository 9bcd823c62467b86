//! Queries of the console: the role of a user, and whether anybody owns it.

use entity::{passkey, users};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Query};
use uuid::Uuid;

use crate::{
    directory::user::input::{ConsoleRole, Status},
    kernel::clock::Timestamp,
    store::Database,
};

/// The word of a user's console role; `None`: they have none, or do not exist.
pub(super) async fn role(database: &Database, user: Uuid) -> Result<Option<String>, DbErr> {
    let role: Option<Option<String>> = users::Entity::find_by_id(user)
        .select_only()
        .column(users::Column::ConsoleRole)
        .into_tuple()
        .one(database.reader())
        .await?;
    Ok(role.flatten())
}

/// Whether somebody owns the console who can sign in: with a password, a passkey that works here, or by WeCom. Who was made an owner and never chose a
/// password does not count, nor who is disabled or past the date of their access.
pub(super) async fn has_owner(database: &Database, now: Timestamp, passkey_host: Option<&str>) -> Result<bool, DbErr> {
    let with_passkey = passkey_host.map(|host| {
        let users = Query::select()
            .column(passkey::Column::UserId)
            .from(passkey::Entity)
            .and_where(passkey::Column::Party.eq(host))
            .to_owned();
        users::Column::Id.in_subquery(users)
    });
    let can_sign_in = Condition::any()
        .add(users::Column::PasswordHash.is_not_null())
        .add(users::Column::DataSourceId.is_not_null())
        .add_option(with_passkey);
    let until = users::Column::AccessUntil;
    let goes_on = Condition::any().add(until.is_null()).add(until.gt(now.millis()));
    let owners = users::Entity::find()
        .filter(users::Column::ConsoleRole.eq(ConsoleRole::HIGHEST.word()))
        .filter(users::Column::Status.eq(Status::Active.word()))
        .filter(goes_on)
        .filter(can_sign_in)
        .count(database.reader());
    Ok(owners.await? > 0)
}
