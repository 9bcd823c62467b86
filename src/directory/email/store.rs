//! Queries of addresses: settles all of them after a sync, or after an admin changed the settings of a data source.

pub mod proof;

use std::collections::HashMap;

use entity::{data_source, member, users};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Json,
    sea_query::{CaseStatement, Expr, ExprTrait, LockType, SimpleExpr},
};
use uuid::Uuid;

use self::proof::lower_email;
use super::{
    model::{EmailOrigin, EmailSettings},
    settle::{Address, Holder, settle},
};
use crate::{
    directory::user::{
        provenance::{Field, Provenance},
        store::{document, provenance_of},
    },
    store::database::unreadable,
};

/// An address that was changed.
#[derive(Clone, Debug)]
pub struct Settled {
    /// Whose, with the address before.
    pub holder: Holder,
    /// The address after.
    pub address: Address,
    /// Where the user's values come from: the document before and after.
    pub provenance: (Json, Json),
}

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
    let Some(sources) = settings(tx).await? else {
        return Ok(Vec::new());
    };
    let (holders, mut provenances) = holders(tx, Locked::Yes).await?;
    let mut changed: HashMap<Uuid, Address> = settle(&holders, &sources).into_iter().collect();
    let of_holder = |holder: Holder| {
        let address = changed.remove(&holder.id)?;
        let mut provenance = provenances.remove(&holder.id).unwrap_or_default();
        let before = document(&provenance);
        if (&holder.address.email, holder.address.origin) != (&address.email, address.origin) {
            // Only a template gives or takes an address here.
            provenance.fill_email(address.origin.is_some(), now);
        }
        Some(Settled {
            holder,
            address,
            provenance: (before, document(&provenance)),
        })
    };
    let settled: Vec<Settled> = holders.into_iter().filter_map(of_holder).collect();
    write(tx, &settled, now).await?;
    Ok(settled)
}

/// Whether [`settle_all`] would change anything. Locks nothing, so nobody waits for a look that finds everything in line.
///
/// # Errors
/// When the database does not answer.
pub async fn is_unsettled<C: ConnectionTrait>(db: &C) -> Result<bool, DbErr> {
    let Some(sources) = settings(db).await? else {
        return Ok(false);
    };
    let (holders, _) = holders(db, Locked::No).await?;
    Ok(!settle(&holders, &sources).is_empty())
}

/// The settings of all data sources; `None` where nothing can follow from them.
async fn settings<C: ConnectionTrait>(db: &C) -> Result<Option<HashMap<Uuid, EmailSettings>>, DbErr> {
    let rows = data_source::Entity::find().all(db).await?;
    let sources = rows.iter().map(|row| Ok((row.id, settings_of(row)?)));
    let sources: HashMap<Uuid, EmailSettings> = sources.collect::<Result<_, DbErr>>()?;
    let idle = |settings: &EmailSettings| settings.template().is_none() && settings.vouched_domains.is_empty();
    let idle = sources.values().all(idle) && !anything_to_take_back(db).await?;
    Ok((!idle).then_some(sources))
}

async fn anything_to_take_back<C: ConnectionTrait>(tx: &C) -> Result<bool, DbErr> {
    let provenance = Expr::col(users::Column::Provenance).cast_as("text");
    let proven = || Expr::col(users::Column::EmailProven).eq(lower_email());
    let not_proven = Condition::any()
        .add(users::Column::EmailProven.is_null())
        .add(proven().not());
    let vouched = Condition::all()
        .add(users::Column::EmailVerified.eq(true))
        .add(not_proven);
    let missed = Condition::all()
        .add(users::Column::EmailVerified.eq(false))
        .add(proven());
    let settled = Condition::any()
        .add(provenance.like("%\"template\"%"))
        .add(vouched)
        .add(missed);
    let any = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(settled)
        .into_tuple::<Uuid>();
    Ok(any.one(tx).await?.is_some())
}

/// Whether rows are locked, so that nobody edits an address meanwhile; but not against rows that refer to them: sign-ins go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Locked {
    Yes,
    No,
}

/// Everybody who has an address or may be given one, the oldest first.
async fn holders<C: ConnectionTrait>(
    tx: &C,
    locked: Locked,
) -> Result<(Vec<Holder>, HashMap<Uuid, Provenance>), DbErr> {
    type Row = (Uuid, Option<Uuid>, String, Option<String>, Json, bool, Option<String>);
    let mut wanted = users::Entity::find()
        .select_only()
        .columns([
            users::Column::Id,
            users::Column::DataSourceId,
            users::Column::Username,
            users::Column::Email,
            users::Column::Provenance,
            users::Column::EmailVerified,
            users::Column::EmailProven,
        ])
        .filter(
            Condition::any()
                .add(users::Column::DataSourceId.is_not_null())
                .add(users::Column::Email.is_not_null()),
        )
        .order_by_asc(users::Column::Id);
    if locked == Locked::Yes {
        wanted = wanted.lock(LockType::NoKeyUpdate);
    }
    let rows: Vec<Row> = wanted.into_tuple().all(tx).await?;
    let members = members(tx).await?;
    let mut provenances = HashMap::new();
    let mut holders = Vec::with_capacity(rows.len());
    for (id, data_source, username, email, document, verified, proven) in rows {
        let provenance = provenance_of(document)?;
        let member = data_source.and_then(|source| members.get(&(id, source)));
        holders.push(Holder {
            id,
            data_source,
            username,
            userid: member.map(|(userid, _)| userid.clone()),
            given: member.and_then(|(_, email)| email.clone()),
            pinned: provenance.is_pinned(Field::Email),
            proven,
            address: Address {
                email,
                origin: EmailOrigin::of(provenance.origin(Field::Email)),
                verified,
            },
        });
        provenances.insert(id, provenance);
    }
    Ok((holders, provenances))
}

/// Userid and address of members, by user and data source.
type Members = HashMap<(Uuid, Uuid), (String, Option<String>)>;

/// The members who are there.
async fn members<C: ConnectionTrait>(tx: &C) -> Result<Members, DbErr> {
    let rows: Vec<(Uuid, Uuid, String, Option<String>)> = member::Entity::find()
        .select_only()
        .columns([
            member::Column::UserId,
            member::Column::DataSourceId,
            member::Column::Userid,
            member::Column::Email,
        ])
        .filter(member::Column::UserId.is_not_null())
        .filter(member::Column::State.eq("present"))
        .order_by_asc(member::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    let mut members = HashMap::new();
    for (user, source, userid, email) in rows {
        members.entry((user, source)).or_insert((userid, email));
    }
    Ok(members)
}

/// Writes the changed addresses, many to a statement.
async fn write<C: ConnectionTrait>(tx: &C, changed: &[Settled], now: i64) -> Result<(), DbErr> {
    for batch in changed.chunks(BATCH) {
        let ids = batch.iter().map(|settled| settled.holder.id);
        let each = |value: fn(&Settled) -> SimpleExpr| -> SimpleExpr {
            let cases = batch.iter().fold(CaseStatement::new(), |cases, settled| {
                cases.case(users::Column::Id.eq(settled.holder.id), value(settled))
            });
            cases.into()
        };
        users::Entity::update_many()
            .col_expr(
                users::Column::Email,
                each(|settled| Expr::value(settled.address.email.clone())),
            )
            .col_expr(
                users::Column::EmailVerified,
                each(|settled| Expr::value(settled.address.verified)),
            )
            .col_expr(
                users::Column::Provenance,
                each(|settled| Expr::value(settled.provenance.1.clone())),
            )
            .col_expr(users::Column::UpdatedAt, Expr::value(now))
            .filter(users::Column::Id.is_in(ids))
            .exec(tx)
            .await?;
    }
    Ok(())
}
