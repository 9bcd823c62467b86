//! Queries of passkeys.

use std::net::IpAddr;

use entity::{passkey, session, totp, users};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ceremony::{Accepted, NewCredential},
    model::{MOST, PasskeyView},
};
use crate::{
    audit::difference::Difference,
    directory::{DirectoryFailure, store::Change, user::Editor},
    kernel::{clock::Timestamp, failure::Result},
    signin::{
        failure::{PasskeyFailure, SignInFailure},
        notices::{
            model::{Happened, Notice},
            store as notices,
        },
        password::store::touchable,
        store::{Store, stamp},
    },
};

/// A passkey as a sign-in needs it.
pub(super) struct Held {
    pub id: Uuid,
    pub user: Uuid,
    pub credential: Value,
}

/// Who adds, renames or removes their own, and from where.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnHand {
    pub user: Uuid,
    pub address: Option<IpAddr>,
}

fn view(row: passkey::Model) -> PasskeyView {
    PasskeyView {
        id: row.id,
        name: row.name,
        host: row.party,
        backed_up: row.backed_up,
        created_at: Timestamp::from_millis(row.created_at),
        last_used_at: row.last_used_at.map(Timestamp::from_millis),
    }
}

fn own(user: Uuid, id: Uuid) -> Condition {
    Condition::all()
        .add(passkey::Column::Id.eq(id))
        .add(passkey::Column::UserId.eq(user))
}

fn of_party(user: Uuid, party: &str) -> Condition {
    Condition::all()
        .add(passkey::Column::UserId.eq(user))
        .add(passkey::Column::Party.eq(party))
}

/// What must hold still when a passkey is written, behind the lock of its user's row.
pub(super) enum Still {
    /// This session was not ended.
    Session(Uuid),
    /// The password has this stamp, and there is no second factor yet.
    NewPassword(String),
}

/// Whether it does.
async fn holds(change: &Change, user: &users::Model, still: &Still, party: &str) -> Result<bool, DbErr> {
    let tx = change.transaction();
    match still {
        Still::Session(id) => {
            let living = session::Entity::find_by_id(*id).filter(session::Column::EndedAt.is_null());
            Ok(living.count(tx).await? > 0)
        }
        Still::NewPassword(proven) => {
            let codes = totp::Entity::find_by_id(user.id).count(tx).await?;
            let passkeys = passkey::Entity::find()
                .filter(of_party(user.id, party))
                .count(tx)
                .await?;
            Ok(codes == 0 && passkeys == 0 && stamp(user.password_hash.as_deref()) == *proven)
        }
    }
}

impl Store {
    /// Whether anybody has a passkey: else no page offers to sign in by one.
    pub(super) async fn somebody_has_a_passkey(&self, party: &str) -> Result<bool, DbErr> {
        let first = passkey::Entity::find()
            .select_only()
            .column(passkey::Column::Id)
            .filter(passkey::Column::Party.eq(party))
            .limit(1);
        let first: Option<Uuid> = first.into_tuple().one(self.database().reader()).await?;
        Ok(first.is_some())
    }

    /// Whether the user has a passkey that works at this host.
    pub(in crate::signin) async fn has_passkeys(&self, user: Uuid, party: &str) -> Result<bool, DbErr> {
        let of_user = passkey::Entity::find().filter(of_party(user, party));
        Ok(of_user.count(self.database().reader()).await? > 0)
    }

    /// The passkeys of a user, the oldest first.
    pub(super) async fn passkeys(&self, user: Uuid) -> Result<Vec<PasskeyView>, DbErr> {
        let of_user = passkey::Entity::find().filter(passkey::Column::UserId.eq(user));
        let rows = of_user
            .order_by_asc(passkey::Column::Id)
            .all(self.database().reader())
            .await?;
        Ok(rows.into_iter().map(view).collect())
    }

    /// The same for somebody else's eyes.
    pub(super) async fn passkeys_of(&self, user: Uuid) -> Result<Vec<PasskeyView>> {
        if users::Entity::find_by_id(user).count(self.database().reader()).await? == 0 {
            return Err(DirectoryFailure::NotFound.into());
        }
        Ok(self.passkeys(user).await?)
    }

    /// The credential ids of a user at this host.
    pub(super) async fn credential_ids(&self, user: Uuid, party: &str) -> Result<Vec<String>, DbErr> {
        passkey::Entity::find()
            .select_only()
            .column(passkey::Column::CredentialId)
            .filter(of_party(user, party))
            .into_tuple()
            .all(self.database().reader())
            .await
    }

    /// The passkey with this credential id.
    pub(super) async fn passkey(&self, credential_id: &str) -> Result<Option<Held>, DbErr> {
        let row = passkey::Entity::find()
            .filter(passkey::Column::CredentialId.eq(credential_id))
            .one(self.database().reader())
            .await?;
        Ok(row.map(|row| Held {
            id: row.id,
            user: row.user_id,
            credential: row.credential,
        }))
    }

    /// Writes what an accepted answer said. False when the passkey was removed meanwhile, or another answer with this counter or a later one came
    /// first: one conditional statement decides.
    pub(super) async fn use_passkey(&self, id: Uuid, accepted: Accepted, now: Timestamp) -> Result<bool, DbErr> {
        let mut later = Condition::any().add(passkey::Column::Counter.lt(accepted.counter));
        if accepted.counter == 0 {
            later = later.add(passkey::Column::Counter.eq(0));
        }
        let used = passkey::Entity::update_many()
            .col_expr(passkey::Column::Credential, Expr::value(accepted.credential))
            .col_expr(passkey::Column::Counter, Expr::value(accepted.counter))
            .col_expr(passkey::Column::BackedUp, Expr::value(accepted.backed_up))
            .col_expr(passkey::Column::LastUsedAt, Expr::value(now.millis()))
            .filter(passkey::Column::Id.eq(id))
            .filter(later)
            .exec(self.database().writer())
            .await?;
        Ok(used.rows_affected == 1)
    }

    /// Adds a passkey, with a notice to its owner.
    ///
    /// # Errors
    /// `SI-224` when there are ten at this host, `SI-225` when somebody has this credential, `SI-101` when the user was disabled, or what was proven no longer holds.
    pub(super) async fn add_passkey(
        &self,
        change: Change,
        (hand, still): (OwnHand, Still),
        (new, name): (NewCredential, String),
    ) -> Result<()> {
        let active = users::Entity::find_by_id(hand.user)
            .filter(users::Column::Status.eq("active"))
            .lock_exclusive()
            .one(change.transaction())
            .await?;
        let holds = match &active {
            Some(user) => holds(&change, user, &still, &new.party).await?,
            None => false,
        };
        if !holds {
            return Err(SignInFailure::JourneyUnknown.into());
        }
        // Those of an address that the installation had before take nobody's place.
        let of_user = passkey::Entity::find().filter(of_party(hand.user, &new.party));
        if of_user.count(change.transaction()).await? >= MOST {
            return Err(PasskeyFailure::TooMany.into());
        }
        let id = change.id();
        let row = passkey::ActiveModel {
            id: Set(id),
            user_id: Set(hand.user),
            party: Set(new.party),
            credential_id: Set(new.id),
            credential: Set(new.credential),
            counter: Set(new.counter),
            backed_up: Set(new.backed_up),
            name: Set(name.clone()),
            created_at: Set(change.millis()),
            last_used_at: Set(None),
        };
        let untouched = OnConflict::column(passkey::Column::CredentialId)
            .do_nothing()
            .to_owned();
        let insert = passkey::Entity::insert(row).on_conflict(untouched);
        if insert.exec_without_returning(change.transaction()).await? == 0 {
            return Err(PasskeyFailure::KnownAlready.into());
        }
        self.tell(&change, (hand.user, Happened::PasskeyAdded), hand.address)
            .await?;
        let added = Difference::created(&json!({ "name": name })).also("passkey", id.to_string());
        let added = added.also("address", json!(hand.address));
        change
            .commit_difference(format!("user:{}", hand.user), ("passkey added", &[]), added)
            .await
    }

    /// Renames one's own passkey.
    ///
    /// # Errors
    /// `SI-227`.
    pub(super) async fn rename_passkey(&self, change: Change, user: Uuid, (id, name): (Uuid, String)) -> Result<()> {
        let row = passkey::Entity::find().filter(own(user, id)).lock_exclusive();
        let row = row.one(change.transaction()).await?;
        let before = row.ok_or_else(|| PasskeyFailure::Unknown.failure())?.name;
        passkey::Entity::update_many()
            .col_expr(passkey::Column::Name, Expr::value(name.as_str()))
            .filter(own(user, id))
            .exec(change.transaction())
            .await?;
        let renamed = Difference::between(&json!({ "name": before }), &json!({ "name": name }));
        let renamed = renamed.also("passkey", id.to_string());
        change
            .commit_difference(format!("user:{user}"), ("passkey renamed", &["name"]), renamed)
            .await
    }

    /// Removes one's own passkey.
    ///
    /// # Errors
    /// `SI-227`.
    pub(super) async fn remove_own_passkey(&self, change: Change, hand: OwnHand, id: Uuid) -> Result<()> {
        lock(&change, hand.user).await?;
        let name = remove(&change, hand.user, id).await?;
        self.tell(&change, (hand.user, Happened::PasskeyRemoved), hand.address)
            .await?;
        let removed = removed(&name, id).also("address", json!(hand.address));
        change
            .commit_difference(format!("user:{}", hand.user), ("passkey removed", &[]), removed)
            .await
    }

    /// Removes somebody else's passkey.
    ///
    /// # Errors
    /// `DI-102` and `DI-107` as for everything by which that user signs in; `SI-227`.
    pub(super) async fn remove_passkey(
        &self,
        change: Change,
        editor: Editor<'_>,
        (user, id): (Uuid, Uuid),
    ) -> Result<()> {
        touchable(&change, editor, user).await?;
        let name = remove(&change, user, id).await?;
        self.tell(&change, (user, Happened::PasskeyTaken), None).await?;
        change
            .commit_difference(format!("user:{user}"), ("passkey removed", &[]), removed(&name, id))
            .await
    }

    async fn tell(&self, change: &Change, (user, happened): (Uuid, Happened), address: Option<IpAddr>) -> Result<()> {
        let notice = Notice {
            happened,
            made_by: change.actor().to_owned(),
            address: address.map(|address| address.to_string()),
            at: change.now(),
        };
        notices::tell(change.transaction(), self.post(change.entropy()), user, notice).await
    }
}

fn removed(name: &str, id: Uuid) -> Difference {
    Difference::deleted(&json!({ "name": name })).also("passkey", id.to_string())
}

/// Locks the user's row: a sign-in by the passkey writes its session behind the same lock, and finds it gone, or is found.
async fn lock(change: &Change, user: Uuid) -> Result<(), DbErr> {
    users::Entity::find_by_id(user)
        .lock_exclusive()
        .one(change.transaction())
        .await
        .map(|_| ())
}

/// Removes a passkey; returns its name.
async fn remove(change: &Change, user: Uuid, id: Uuid) -> Result<String> {
    let row = passkey::Entity::find().filter(own(user, id));
    let row = row.one(change.transaction()).await?;
    let row = row.ok_or_else(|| PasskeyFailure::Unknown.failure())?;
    passkey::Entity::delete_by_id(id).exec(change.transaction()).await?;
    Ok(row.name)
}
