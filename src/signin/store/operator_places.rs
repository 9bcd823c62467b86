//! Queries of where people with a console role were seen.

use entity::{operator_place, users};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    notices::{NewNotice, enqueue},
    signin::operator_place::{Familiarity, Place},
    store::Database,
};

/// Places that are kept of a person; whoever is seen elsewhere pushes out the one that was seen longest ago.
const MOST: usize = 20;

/// Notes that somebody is at this place, and where it is new to them, puts this notice into the outbox in the same transaction. Whoever asks for the same
/// place at the same time, at any replica, waits for the row of the person, so that one notice results.
pub(in crate::signin) async fn note(
    database: &Database,
    (sealer, entropy, now): (&Sealer, &Entropy, Timestamp),
    (user, place): (Uuid, &Place),
    notice: impl FnOnce(String) -> NewNotice + Send,
) -> Result<Familiarity> {
    let transaction = database.begin().await?;
    let username: Option<String> = users::Entity::find_by_id(user)
        .select_only()
        .column(users::Column::Username)
        .lock_exclusive()
        .into_tuple()
        .one(&transaction)
        .await?;
    let Some(username) = username else {
        return Ok(Familiarity::Known);
    };
    let rows = operator_place::Entity::find()
        .filter(operator_place::Column::UserId.eq(user))
        .order_by_desc(operator_place::Column::LastSeenAt)
        .all(&transaction)
        .await?;
    let seen: Vec<Place> = rows.into_iter().map(place_of).collect();
    let familiarity = Familiarity::of(place, &seen);
    let others = seen.iter().filter(|one| *one != place);
    for old in others.skip(MOST - 1) {
        operator_place::Entity::delete_many()
            .filter(row(user, old))
            .exec(&transaction)
            .await?;
    }
    let here = operator_place::ActiveModel {
        user_id: Set(user),
        network: Set(place.network.clone()),
        browser: Set(place.browser.clone()),
        last_seen_at: Set(now.millis()),
    };
    let key = [
        operator_place::Column::UserId,
        operator_place::Column::Network,
        operator_place::Column::Browser,
    ];
    let again = OnConflict::columns(key)
        .value(operator_place::Column::LastSeenAt, Expr::value(now.millis()))
        .to_owned();
    operator_place::Entity::insert(here)
        .on_conflict(again)
        .exec_without_returning(&transaction)
        .await?;
    if familiarity == Familiarity::New {
        enqueue(&transaction, sealer, entropy, now, &notice(username)).await?;
    }
    transaction.commit().await?;
    Ok(familiarity)
}

fn place_of(row: operator_place::Model) -> Place {
    Place {
        network: row.network,
        browser: row.browser,
    }
}

fn row(user: Uuid, place: &Place) -> Condition {
    Condition::all()
        .add(operator_place::Column::UserId.eq(user))
        .add(operator_place::Column::Network.eq(place.network.as_str()))
        .add(operator_place::Column::Browser.eq(place.browser.as_str()))
}
