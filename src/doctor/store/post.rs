//! Queries of who is told of notices.

use std::collections::BTreeSet;

use entity::{member, notice_subscription, users};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, Func},
};
use uuid::Uuid;

use crate::{kernel::failure::Result, store::Database};

/// Addresses and member IDs of subscriptions that are those of people whose access ended, and of nobody who has access.
pub async fn told_after_leaving(database: &Database) -> Result<BTreeSet<String>> {
    let reader = database.reader();
    let addresses: Vec<String> = notice_subscription::Entity::find()
        .select_only()
        .column(notice_subscription::Column::Address)
        .distinct()
        .filter(notice_subscription::Column::Address.is_not_null())
        .into_tuple()
        .all(reader)
        .await?;
    let addresses: BTreeSet<String> = addresses.iter().map(|address| address.to_lowercase()).collect();
    let members: Vec<(String, Option<Uuid>)> = member::Entity::find()
        .select_only()
        .columns([member::Column::Userid, member::Column::UserId])
        .filter(Expr::expr(Func::lower(Expr::col(member::Column::Userid))).is_in(addresses.iter().cloned()))
        .filter(member::Column::UserId.is_not_null())
        .into_tuple()
        .all(reader)
        .await?;
    let people: Vec<(Uuid, Option<String>, String)> = users::Entity::find()
        .select_only()
        .columns([users::Column::Id, users::Column::Email, users::Column::Status])
        .filter(
            Expr::expr(Func::lower(Expr::col(users::Column::Email)))
                .is_in(addresses.iter().cloned())
                .or(users::Column::Id.is_in(members.iter().filter_map(|(_, user)| *user))),
        )
        .into_tuple()
        .all(reader)
        .await?;
    let (mut gone, mut here) = (BTreeSet::new(), BTreeSet::new());
    for (id, email, status) in people {
        let own = members.iter().filter(|(_, user)| *user == Some(id));
        let own = own.map(|(userid, _)| userid.to_lowercase());
        let own = own.chain(email.map(|email| email.to_lowercase()));
        match status == "active" {
            true => here.extend(own),
            false => gone.extend(own),
        }
    }
    gone.retain(|address| addresses.contains(address) && !here.contains(address));
    Ok(gone)
}
