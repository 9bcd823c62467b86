//! Queries of API tokens.

use entity::api_token;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::model::{BOOTSTRAP, BOOTSTRAP_ID, Identity, NewToken, TokenFilter, TokenState, TokenView};
use crate::{
    admin::{failure::AdminFailure, role::Role},
    directory::store::Change,
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    store::{
        Database,
        database::{is_unique_violation, unreadable},
        keyset,
    },
};

pub(super) async fn identify(database: &Database, digest: &str, now: Timestamp) -> Result<Option<Identity>> {
    let row = api_token::Entity::find()
        .filter(api_token::Column::Digest.eq(digest))
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(unexpired(now.millis()))
        .one(database.reader())
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Identity {
        id: row.id,
        role: role(&row)?,
        name: row.name,
    }))
}

fn unexpired(now: i64) -> Condition {
    Condition::any()
        .add(api_token::Column::ExpiresAt.is_null())
        .add(api_token::Column::ExpiresAt.gt(now))
}

fn role(row: &api_token::Model) -> Result<Role, DbErr> {
    Role::of(&row.role).ok_or_else(|| unreadable("api_token.role"))
}

fn bootstrap(change: &Change, digest: String) -> api_token::ActiveModel {
    api_token::ActiveModel {
        id: Set(BOOTSTRAP_ID),
        name: Set(BOOTSTRAP.to_owned()),
        digest: Set(digest),
        role: Set(Role::Admin.word().to_owned()),
        created_at: Set(change.millis()),
        expires_at: Set(None),
        revoked_at: Set(None),
    }
}

/// Inserts the first token where there is none, and announces it just before the commit: a start that is killed in between leaves an announced
/// token that is not valid, and the next start makes another. Race: replicas that start together all see an empty table; the fixed primary
/// key lets one insert win.
pub(super) async fn insert_first(change: Change, digest: String, announce: &(dyn Fn() + Sync)) -> Result<()> {
    if api_token::Entity::find().count(change.transaction()).await? > 0 {
        return Ok(());
    }
    let row = bootstrap(&change, digest);
    let nobody_else = OnConflict::column(api_token::Column::Id).do_nothing().to_owned();
    let inserted = api_token::Entity::insert(row)
        .on_conflict(nobody_else)
        .exec_without_returning(change.transaction())
        .await?;
    if inserted == 0 {
        return Ok(());
    }
    announce();
    change.commit(subject(BOOTSTRAP_ID), "created", &[]).await
}

/// Makes the operator's token valid at every start, also when it was revoked or another one was printed before.
pub(super) async fn upsert_first(change: Change, digest: String) -> Result<()> {
    let known = api_token::Entity::find_by_id(BOOTSTRAP_ID)
        .one(change.transaction())
        .await?;
    if known.is_some_and(|row| row.digest == digest && row.revoked_at.is_none()) {
        return Ok(());
    }
    let replace = OnConflict::column(api_token::Column::Id)
        .update_columns([
            api_token::Column::Digest,
            api_token::Column::Role,
            api_token::Column::RevokedAt,
        ])
        .to_owned();
    api_token::Entity::insert(bootstrap(&change, digest))
        .on_conflict(replace)
        .exec_without_returning(change.transaction())
        .await
        .map_err(taken)?;
    change.commit(subject(BOOTSTRAP_ID), "set_by_operator", &[]).await
}

fn taken(error: DbErr) -> Failure {
    if is_unique_violation(&error) {
        AdminFailure::OperatorToken.failure().cause(error)
    } else {
        error.into()
    }
}

fn subject(id: Uuid) -> String {
    format!("api_token:{id}")
}

pub(super) async fn create(change: Change, input: NewToken, digest: String) -> Result<TokenView> {
    let row = api_token::Model {
        id: change.id(),
        name: input.name,
        digest,
        role: input.role.word().to_owned(),
        created_at: change.millis(),
        expires_at: input.expires_at,
        revoked_at: None,
    };
    api_token::Entity::insert(api_token::ActiveModel::from(row.clone()))
        .exec_without_returning(change.transaction())
        .await?;
    change.commit(subject(row.id), "created", &[]).await?;
    Ok(view(row)?)
}

/// Revokes a token. Race: two admins revoke each other's token. On PostgreSQL all admin tokens that never expire are locked, in one order,
/// before they are counted.
pub(super) async fn revoke(change: Change, id: Uuid) -> Result<()> {
    let lasting = api_token::Entity::find()
        .filter(api_token::Column::Role.eq(Role::Admin.word()))
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.is_null())
        .lock_exclusive()
        .all(change.transaction())
        .await?;
    if lasting.len() == 1 && lasting.iter().any(|row| row.id == id) {
        return Err(AdminFailure::LastAdmin.into());
    }
    let row = api_token::Entity::find_by_id(id).one(change.transaction()).await?;
    row.ok_or(AdminFailure::NotFound)?;
    let revoked = api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(change.millis()))
        .filter(api_token::Column::Id.eq(id))
        .filter(api_token::Column::RevokedAt.is_null())
        .exec(change.transaction())
        .await?;
    if revoked.rows_affected == 0 {
        return Ok(());
    }
    change.commit(subject(id), "revoked", &[]).await
}

pub(super) async fn find(database: &Database, id: Uuid) -> Result<Option<TokenView>> {
    let row = api_token::Entity::find_by_id(id).one(database.reader()).await?;
    Ok(row.map(view).transpose()?)
}

pub(super) async fn list(
    database: &Database,
    filter: &TokenFilter,
    page: &SortedPage,
    now: Timestamp,
) -> Result<SortedListing<TokenView>> {
    use api_token::Column;
    let in_state = filter.state.map(|state| match state {
        TokenState::Valid => Condition::all()
            .add(Column::RevokedAt.is_null())
            .add(unexpired(now.millis())),
        TokenState::Expired => Condition::all()
            .add(Column::RevokedAt.is_null())
            .add(Column::ExpiresAt.lte(now.millis())),
        TokenState::Revoked => Condition::all().add(Column::RevokedAt.is_not_null()),
    });
    let wanted = Condition::all()
        .add_option(filter.role.as_ref().map(|role| Column::Role.eq(role)))
        .add_option(in_state);
    let by = match page.sort.by {
        "name" => Column::Name,
        _ => Column::CreatedAt,
    };
    let select = api_token::Entity::find().filter(wanted);
    let rows = keyset::sorted(database.reader(), select, (Column::Id, by), page).await?;
    let cut = page.cut(rows, |row, by| Position {
        value: match by {
            "name" => SortValue::Text(row.name.clone()),
            _ => SortValue::Number(row.created_at),
        },
        id: row.id,
    });
    Ok(SortedListing {
        items: cut.items.into_iter().map(view).collect::<Result<_, _>>()?,
        next_cursor: cut.next_cursor,
    })
}

fn view(row: api_token::Model) -> Result<TokenView, DbErr> {
    Ok(TokenView {
        role: role(&row)?,
        id: row.id,
        name: row.name,
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    })
}
