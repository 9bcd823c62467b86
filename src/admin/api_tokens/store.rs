//! Queries of API tokens.

use entity::{api_token, client, data_source, json::Strings};
use futures_util::FutureExt;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    model::{BOOTSTRAP, BOOTSTRAP_ID, Identity, NewToken, TokenFilter, TokenScope, TokenState, TokenView},
    reach::Reach,
};
use crate::{
    admin::{failure::AdminFailure, role::Role},
    audit::difference::Difference,
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
        named_row::by_id_or_name,
        pattern::contains,
    },
};

/// The caller with this digest, and when the token was last used, milliseconds.
pub(super) async fn identify(
    database: &Database,
    digest: &str,
    now: Timestamp,
) -> Result<Option<(Identity, Option<i64>)>> {
    let row = api_token::Entity::find()
        .filter(api_token::Column::Digest.eq(digest))
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(unexpired(now.millis()))
        .one(database.reader())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let identity = Identity {
        id: row.id,
        role: role(&row)?,
        reach: reach(&row)?,
        actor: format!("token:{}", row.name),
    };
    Ok(Some((identity, row.last_used_at)))
}

/// Writes that a token was used now, unless that was written after `before`. No token is cached, so this may share its `fsync`.
pub(super) async fn touch(database: &Database, id: Uuid, (now, before): (Timestamp, Timestamp)) -> Result<(), DbErr> {
    let write = database.write(move |transaction| {
        async move {
            let stale = Condition::any()
                .add(api_token::Column::LastUsedAt.is_null())
                .add(api_token::Column::LastUsedAt.lte(before.millis()));
            api_token::Entity::update_many()
                .col_expr(api_token::Column::LastUsedAt, Expr::value(now.millis()))
                .filter(api_token::Column::Id.eq(id))
                .filter(stale)
                .exec(transaction)
                .await
                .map(|_| ())
        }
        .boxed()
    });
    write.await
}

fn unexpired(now: i64) -> Condition {
    Condition::any()
        .add(api_token::Column::ExpiresAt.is_null())
        .add(api_token::Column::ExpiresAt.gt(now))
}

fn role(row: &api_token::Model) -> Result<Role, DbErr> {
    Role::of(&row.role).ok_or_else(|| unreadable("api_token.role"))
}

/// Row ids of the scope; `None`: there is none.
fn scope_ids(row: &api_token::Model) -> Result<Option<Vec<Uuid>>, DbErr> {
    let Some(scope) = &row.scope else { return Ok(None) };
    let ids = scope.0.iter().map(|id| id.parse()).collect::<Result<_, _>>();
    ids.map(Some).map_err(|_| unreadable("api_token.scope"))
}

/// A portal token without a scope reaches nothing.
fn reach(row: &api_token::Model) -> Result<Reach, DbErr> {
    Ok(match (role(row)?, scope_ids(row)?) {
        (Role::Portal, ids) => Reach::Only(ids.unwrap_or_default()),
        (_, Some(ids)) => Reach::Only(ids),
        (_, None) => Reach::All,
    })
}

fn scope(row: &api_token::Model) -> Result<Option<TokenScope>, DbErr> {
    let Some(ids) = scope_ids(row)? else { return Ok(None) };
    Ok(Some(match role(row)? {
        Role::Portal => TokenScope {
            clients: Some(ids.iter().map(Uuid::to_string).collect()),
            data_sources: None,
        },
        _ => TokenScope {
            data_sources: Some(ids),
            clients: None,
        },
    }))
}

fn bootstrap(change: &Change, digest: String) -> api_token::ActiveModel {
    api_token::ActiveModel {
        id: Set(BOOTSTRAP_ID),
        name: Set(BOOTSTRAP.to_owned()),
        digest: Set(digest),
        role: Set(Role::Owner.word().to_owned()),
        scope: Set(None),
        prefix: Set(None),
        created_at: Set(change.millis()),
        expires_at: Set(None),
        revoked_at: Set(None),
        last_used_at: Set(None),
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
    let created = Difference::created(&bootstrap_shown());
    change
        .commit_difference(subject(BOOTSTRAP_ID), ("created", &[]), created)
        .await
}

/// Makes the operator's token valid at every start, also when it was revoked or another one was printed before.
pub(super) async fn upsert_first(change: Change, digest: String) -> Result<()> {
    let known = api_token::Entity::find_by_id(BOOTSTRAP_ID)
        .one(change.transaction())
        .await?;
    let replaces = known.is_some();
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
    let set = Difference::created(&bootstrap_shown()).secret("token", replaces, true);
    change
        .commit_difference(subject(BOOTSTRAP_ID), ("set_by_operator", &[]), set)
        .await
}

fn bootstrap_shown() -> Value {
    json!({ "name": BOOTSTRAP, "role": Role::Owner.word() })
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

/// The row ids of a scope; what it names has to be there.
async fn resolved(change: &Change, scope: Option<TokenScope>) -> Result<Option<Strings>> {
    let missing = |field: &str, name: &str| {
        AdminFailure::Invalid
            .failure()
            .detail(format!("{field}: there is no {name}"))
    };
    let (sources, clients) = match scope {
        Some(scope) => (scope.data_sources, scope.clients),
        None => return Ok(None),
    };
    let mut ids: Vec<String> = Vec::new();
    for id in sources.iter().flatten() {
        let found = data_source::Entity::find_by_id(*id).count(change.transaction()).await?;
        if found == 0 {
            return Err(missing("scope.data_sources", &id.to_string()));
        }
        ids.push(id.to_string());
    }
    for name in clients.iter().flatten() {
        let named_by = (client::Column::Id, client::Column::ClientId);
        let found = by_id_or_name(change.transaction(), client::Entity::find(), named_by, name).await?;
        let found = found.map(|client| client.id);
        let id = found.ok_or_else(|| missing("scope.clients", &name.escape_debug().to_string()))?;
        ids.push(id.to_string());
    }
    ids.sort_unstable();
    ids.dedup();
    Ok((sources.is_some() || clients.is_some()).then_some(Strings(ids)))
}

pub(super) async fn create(change: Change, input: NewToken, (digest, prefix): (String, String)) -> Result<TokenView> {
    let row = api_token::Model {
        id: change.id(),
        name: input.name,
        digest,
        role: input.role.word().to_owned(),
        scope: resolved(&change, input.scope).await?,
        prefix: Some(prefix),
        created_at: change.millis(),
        expires_at: input.expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    api_token::Entity::insert(api_token::ActiveModel::from(row.clone()))
        .exec_without_returning(change.transaction())
        .await?;
    let view = view(row)?;
    let created = Difference::created(&serde_json::to_value(&view).unwrap_or_default());
    change
        .commit_difference(subject(view.id), ("created", &[]), created)
        .await?;
    Ok(view)
}

/// Revokes a token. Race: two owners revoke each other's token. On PostgreSQL all owner tokens that never expire are locked, in one order,
/// before they are counted.
pub(super) async fn revoke(change: Change, revoker: Role, id: Uuid) -> Result<()> {
    let lasting = api_token::Entity::find()
        .filter(api_token::Column::Role.eq(Role::Owner.word()))
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.is_null())
        .order_by_asc(api_token::Column::Id)
        .lock_exclusive()
        .all(change.transaction())
        .await?;
    let row = api_token::Entity::find_by_id(id).one(change.transaction()).await?;
    let row = row.ok_or(AdminFailure::NotFound)?;
    if !revoker.may_give(role(&row)?) {
        return Err(AdminFailure::MorePower.into());
    }
    if lasting.len() == 1 && lasting.iter().any(|row| row.id == id) {
        return Err(AdminFailure::LastOwner.into());
    }
    let revoked = api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(change.millis()))
        .filter(api_token::Column::Id.eq(id))
        .filter(api_token::Column::RevokedAt.is_null())
        .exec(change.transaction())
        .await?;
    if revoked.rows_affected == 0 {
        return Ok(());
    }
    let (name, of_role) = (row.name.clone(), row.role.clone());
    let before = json!({ "revoked_at": row.revoked_at });
    let difference = Difference::between(&before, &json!({ "revoked_at": change.millis() }));
    let difference = difference.also("name", name).also("role", of_role);
    change
        .commit_difference(subject(id), ("revoked", &[]), difference)
        .await
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
        .add_option(in_state)
        .add_option(
            filter
                .search
                .as_deref()
                .map(|text| contains(Column::Name.into_expr(), text)),
        );
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
        scope: scope(&row)?,
        id: row.id,
        name: row.name,
        prefix: row.prefix,
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        last_used_at: row.last_used_at,
    })
}
