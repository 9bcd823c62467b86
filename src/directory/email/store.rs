//! Queries of addresses: settles all of them after a sync, or after an admin changed the settings of a data source.

use std::collections::HashMap;

use entity::{data_source, member, users};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{CaseStatement, Expr, LockType, SimpleExpr},
};
use uuid::Uuid;

use super::{
    model::{EmailOrigin, EmailSettings},
    settle::{Address, Holder, Settled, settle},
};
use crate::store::database::unreadable;

/// Rows per statement.
const BATCH: usize = 200;

/// The settings in a row.
///
/// # Errors
/// When the row cannot be read.
pub fn settings_of(row: &data_source::Model) -> Result<EmailSettings, DbErr> {
    Ok(EmailSettings {
        sources: row.email_sources.0.clone(),
        vouched_domains: serde_json::from_value(row.vouched_email_domains.clone())
            .map_err(|_| unreadable("data_source.vouched_email_domains"))?,
    })
}

/// Brings every user's address and its verification in line with the settings of all data sources, within an open transaction, and returns
/// what changed.
///
/// # Errors
/// When the database does not answer.
pub async fn settle_all<C: ConnectionTrait>(tx: &C, now: i64) -> Result<Vec<Settled>, DbErr> {
    let rows = data_source::Entity::find().all(tx).await?;
    let sources = rows.iter().map(|row| Ok((row.id, settings_of(row)?)));
    let sources: HashMap<Uuid, EmailSettings> = sources.collect::<Result<_, DbErr>>()?;
    let idle = |settings: &EmailSettings| settings.template().is_none() && settings.vouched_domains.is_empty();
    if sources.values().all(idle) && !anything_to_take_back(tx).await? {
        return Ok(Vec::new());
    }
    let holders = holders(tx).await?;
    let changed = settle(&holders, &sources);
    write(tx, &changed, now).await?;
    let mut changed: HashMap<Uuid, Address> = changed.into_iter().collect();
    let settled = holders.into_iter().filter_map(|holder| {
        let address = changed.remove(&holder.id)?;
        Some(Settled { holder, address })
    });
    Ok(settled.collect())
}

async fn anything_to_take_back<C: ConnectionTrait>(tx: &C) -> Result<bool, DbErr> {
    let origin = users::Column::EmailOrigin;
    let settled = Condition::any().add(origin.eq(EmailOrigin::Template.word())).add(
        Condition::all()
            .add(origin.is_not_null())
            .add(users::Column::EmailVerified.eq(true)),
    );
    Ok(users::Entity::find().filter(settled).count(tx).await? > 0)
}

/// Everybody who has an address or may be given one, the oldest first; locked, so that nobody edits one meanwhile, but not against rows that
/// refer to them: sign-ins go on.
async fn holders<C: ConnectionTrait>(tx: &C) -> Result<Vec<Holder>, DbErr> {
    type Row = (Uuid, Option<Uuid>, String, Option<String>, Option<String>, bool);
    let rows: Vec<Row> = users::Entity::find()
        .select_only()
        .columns([
            users::Column::Id,
            users::Column::DataSourceId,
            users::Column::Username,
            users::Column::Email,
            users::Column::EmailOrigin,
            users::Column::EmailVerified,
        ])
        .filter(
            Condition::any()
                .add(users::Column::DataSourceId.is_not_null())
                .add(users::Column::Email.is_not_null()),
        )
        .order_by_asc(users::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .all(tx)
        .await?;
    let members: Vec<(Uuid, Uuid, String)> = member::Entity::find()
        .select_only()
        .columns([
            member::Column::UserId,
            member::Column::DataSourceId,
            member::Column::Userid,
        ])
        .filter(member::Column::UserId.is_not_null())
        .filter(member::Column::State.eq("present"))
        .order_by_asc(member::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    let mut userids: HashMap<(Uuid, Uuid), String> = HashMap::new();
    for (user, source, userid) in members {
        userids.entry((user, source)).or_insert(userid);
    }
    let holder = |(id, data_source, username, email, origin, verified): Row| Holder {
        id,
        data_source,
        username,
        userid: data_source.and_then(|source| userids.get(&(id, source)).cloned()),
        address: Address {
            email,
            origin: origin.as_deref().and_then(EmailOrigin::of),
            verified,
        },
    };
    Ok(rows.into_iter().map(holder).collect())
}

/// Writes the changed addresses, many to a statement.
async fn write<C: ConnectionTrait>(tx: &C, changed: &[(Uuid, Address)], now: i64) -> Result<(), DbErr> {
    for batch in changed.chunks(BATCH) {
        let ids = batch.iter().map(|(id, _)| *id);
        let each = |value: fn(&Address) -> SimpleExpr| -> SimpleExpr {
            let cases = batch.iter().fold(CaseStatement::new(), |cases, (id, address)| {
                cases.case(users::Column::Id.eq(*id), value(address))
            });
            cases.into()
        };
        users::Entity::update_many()
            .col_expr(users::Column::Email, each(|address| Expr::value(address.email.clone())))
            .col_expr(
                users::Column::EmailOrigin,
                each(|address| Expr::value(address.origin.map(EmailOrigin::word))),
            )
            .col_expr(
                users::Column::EmailVerified,
                each(|address| Expr::value(address.verified)),
            )
            .col_expr(users::Column::UpdatedAt, Expr::value(now))
            .filter(users::Column::Id.is_in(ids))
            .exec(tx)
            .await?;
    }
    Ok(())
}
