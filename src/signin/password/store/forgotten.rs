//! Queries of forgotten passwords: who is meant by what somebody typed, and may be mailed a link.

use entity::{data_source, users};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{CaseStatement, Expr, ExprTrait, Func, SimpleExpr},
};
use uuid::Uuid;

use super::links;
use crate::{
    directory::{
        store::Change,
        user::{
            provenance::{Field, Origin},
            store::provenance_of,
        },
    },
    kernel::{clock::Timestamp, failure::Result},
    notices::language_of,
    signin::{password::one_time_link_model::Purpose, store::Store},
    web::texts::Lang,
};

/// Most people who are meant by one text: whose username it is, and whose address.
const MOST: u64 = 3;

/// Somebody to whom a link to a new password is mailed.
pub(in crate::signin::password) struct Reached {
    pub(in crate::signin::password) user: Uuid,
    pub(in crate::signin::password) username: String,
    pub(in crate::signin::password) email: String,
    /// The language they chose or have; none is known of most.
    pub(in crate::signin::password) lang: Option<Lang>,
}

impl Store {
    /// Who is meant by a username or an address, in lower case, and may choose a new password by mail. `local`: people of no data source sign in by
    /// password.
    pub(in crate::signin::password) async fn meant_by(
        &self,
        typed: &str,
        local: bool,
        now: Timestamp,
    ) -> Result<Vec<Reached>> {
        let meant = Condition::any()
            .add(users::Column::UsernameKey.eq(typed))
            .add(lower_email().eq(typed));
        // Before all who merely have the address: whose name it is, and who proved it.
        let own = Condition::any()
            .add(users::Column::UsernameKey.eq(typed))
            .add(users::Column::EmailProven.eq(typed));
        let own_first: SimpleExpr = CaseStatement::new().case(own, 0).finally(1).into();
        let reader = self.database().reader();
        let rows = users::Entity::find()
            .filter(meant)
            .filter(users::Column::Status.eq("active"))
            .filter(users::Column::PasswordHash.is_not_null())
            .order_by_asc(own_first)
            .order_by_asc(users::Column::Id)
            .limit(MOST)
            .all(reader)
            .await?;
        let mut reached = Vec::new();
        for row in rows {
            reached.extend(reach(reader, row, local, now).await?);
        }
        Ok(reached)
    }
}

/// Where somebody is mailed a link, if they may choose a new password by one: they are active, have no console role, a password that is of use, and an
/// address that is theirs alone and that no template made up. Who has a console role is let in again by an admin: neither a planted address nor whoever
/// runs the mail server shall reach the console.
async fn reach<C: ConnectionTrait>(
    connection: &C,
    row: users::Model,
    local: bool,
    now: Timestamp,
) -> Result<Option<Reached>> {
    let over = row.access_until.is_some_and(|until| until <= now.millis());
    let may = row.status == "active" && !over && row.password_hash.is_some() && row.console_role.is_none();
    let Some(email) = row.email.clone().filter(|_| may) else {
        return Ok(None);
    };
    let reached = takes_passwords(connection, &row, local).await? && is_their_own(connection, &row, &email).await?;
    Ok(reached.then(|| Reached {
        user: row.id,
        lang: language_of(&row),
        username: row.username,
        email,
    }))
}

/// Whether anybody of where they come from signs in by password.
async fn takes_passwords<C: ConnectionTrait>(connection: &C, row: &users::Model, local: bool) -> Result<bool, DbErr> {
    let Some(source) = row.data_source_id else {
        return Ok(row.corp_id.is_none() && local);
    };
    let source = data_source::Entity::find_by_id(source).one(connection).await?;
    Ok(source.is_some_and(|source| source.enabled && source.login_password))
}

/// Whether mail to this address reaches them: they proved it; or no other active user has it, nobody proved it, and it is more than the guess of a template.
async fn is_their_own<C: ConnectionTrait>(connection: &C, row: &users::Model, email: &str) -> Result<bool> {
    let key = email.to_lowercase();
    if row.email_proven.as_ref() == Some(&key) {
        return Ok(true);
    }
    let provenance = provenance_of(row.provenance.clone())?;
    if !row.email_verified && matches!(provenance.origin(Field::Email), Origin::Template) {
        return Ok(false);
    }
    let same = Condition::any()
        .add(lower_email().eq(key.as_str()))
        .add(users::Column::EmailProven.eq(key.as_str()));
    let others = users::Entity::find()
        .filter(same)
        .filter(users::Column::Status.eq("active"))
        .filter(users::Column::Id.ne(row.id));
    Ok(others.count(connection).await? == 0)
}

/// Keeps a link to a new password, for an address to which it is mailed. Somebody may have taken their access away since they were looked up, so their row
/// is locked and judged again; `None`: they get no link any more.
pub(in crate::signin::password) async fn keep(
    change: &Change,
    (user, local): (Uuid, bool),
    kept: (String, Timestamp),
) -> Result<Option<Reached>> {
    let tx = change.transaction();
    let row = users::Entity::find_by_id(user).lock_exclusive().one(tx).await?;
    let to = match row {
        Some(row) => reach(tx, row, local, change.now()).await?,
        None => None,
    };
    if let Some(to) = &to {
        let link = (to.user, Purpose::Forgotten.word(), Some(to.email.clone()));
        links::write(change, link, kept).await?;
    }
    Ok(to)
}

fn lower_email() -> SimpleExpr {
    Expr::expr(Func::lower(Expr::col(users::Column::Email)))
}
