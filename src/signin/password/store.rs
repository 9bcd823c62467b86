//! Queries of passwords, one-time codes and one-time links.

use entity::{one_time_link, passkey, recovery_code, totp, users};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::{Value, json};
use std::net::IpAddr;
use uuid::Uuid;

use super::one_time_link_model::{Owner, Purpose};
use crate::{
    audit::{self, difference::Difference},
    directory::{DirectoryFailure, session_end, store::Change, user::Editor},
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    signin::{
        notices::{
            model::{Happened, Notice},
            store as notices,
        },
        store::Store,
    },
};

/// An account as the password check needs it.
pub(in crate::signin) struct Account {
    pub user: Uuid,
    pub username: String,
    pub phc: Option<String>,
    pub console_user: bool,
}

impl From<users::Model> for Account {
    fn from(row: users::Model) -> Self {
        Self {
            user: row.id,
            username: row.username,
            phc: row.password_hash,
            console_user: row.console_role.is_some(),
        }
    }
}

/// One-time codes to be written.
pub(super) struct NewTotp {
    pub user: Uuid,
    pub sealed: String,
    /// Time step of the code that proved the secret: that code does not count again.
    pub step: i64,
    pub recovery: Vec<String>,
    /// Where passkeys work now: without a link, whoever has one there sets no codes up.
    pub party: Option<String>,
}

impl Store {
    pub(super) async fn account(&self, username_key: &str) -> Result<Option<Account>, DbErr> {
        let row = users::Entity::find()
            .filter(users::Column::UsernameKey.eq(username_key))
            .one(self.database().reader())
            .await?;
        Ok(row.map(Account::from))
    }

    pub(in crate::signin) async fn account_of(&self, user: Uuid) -> Result<Option<Account>, DbErr> {
        let row = users::Entity::find_by_id(user).one(self.database().reader()).await?;
        Ok(row.map(Account::from))
    }

    /// The sealed secret and the last time step that was used, if the user has one-time codes.
    pub(in crate::signin) async fn totp(&self, user: Uuid) -> Result<Option<(String, i64)>, DbErr> {
        let row = totp::Entity::find_by_id(user).one(self.database().reader()).await?;
        Ok(row.map(|row| (row.secret_sealed, row.last_step)))
    }

    /// Whether the user has this recovery code, unused.
    pub(super) async fn has_recovery_code(&self, user: Uuid, digest: &str) -> Result<bool, DbErr> {
        let of_user = recovery_code::Entity::find()
            .filter(recovery_code::Column::Digest.eq(digest))
            .filter(recovery_code::Column::UserId.eq(user));
        Ok(of_user.count(self.database().reader()).await? > 0)
    }

    /// Uses up a time step; true for the one caller whose step is later than every one used before.
    pub(super) async fn use_step(&self, user: Uuid, step: i64) -> Result<bool, DbErr> {
        let used = totp::Entity::update_many()
            .col_expr(totp::Column::LastStep, Expr::value(step))
            .filter(totp::Column::UserId.eq(user))
            .filter(totp::Column::LastStep.lt(step))
            .exec(self.database().writer())
            .await?;
        Ok(used.rows_affected == 1)
    }

    /// Uses up a recovery code; true for the one caller who deleted it.
    pub(super) async fn use_recovery_code(&self, user: Uuid, digest: &str) -> Result<bool, DbErr> {
        let used = recovery_code::Entity::delete_many()
            .filter(recovery_code::Column::Digest.eq(digest))
            .filter(recovery_code::Column::UserId.eq(user))
            .exec(self.database().writer())
            .await?;
        Ok(used.rows_affected == 1)
    }

    /// Adds one-time codes. With a link, the link is consumed and existing codes are replaced; without one nothing is replaced. False when
    /// the link is gone, or, without a link, when there are codes or passkeys already.
    pub(super) async fn add_totp(
        &self,
        new: NewTotp,
        link: Option<(&str, Option<IpAddr>)>,
        (entropy, now): (&Entropy, Timestamp),
        mut record: audit::Record,
    ) -> Result<bool, DbErr> {
        let transaction = self.database().begin().await?;
        if let Some((digest, address)) = link {
            if !use_link(&transaction, digest, Purpose::Totp, now.millis()).await? {
                return Ok(false);
            }
            let used = link_used(&transaction, (new.user, Purpose::Totp), (now, address)).await?;
            tell_link(&mut record.detail, &used);
            notices::insert(&transaction, entropy, new.user, used).await?;
            forget_totp(&transaction, new.user).await?;
        } else if let Some(party) = new.party {
            let user = users::Entity::find_by_id(new.user).lock_exclusive();
            user.one(&transaction).await?;
            let passkeys = passkey::Entity::find()
                .filter(passkey::Column::UserId.eq(new.user))
                .filter(passkey::Column::Party.eq(party));
            if passkeys.count(&transaction).await? > 0 {
                return Ok(false);
            }
        }
        let row = totp::ActiveModel {
            user_id: Set(new.user),
            secret_sealed: Set(new.sealed),
            last_step: Set(new.step),
            created_at: Set(now.millis()),
        };
        let untouched = OnConflict::column(totp::Column::UserId).do_nothing().to_owned();
        let added = totp::Entity::insert(row)
            .on_conflict(untouched)
            .exec_without_returning(&transaction)
            .await?;
        if added == 0 {
            return Ok(false);
        }
        let codes = new.recovery.into_iter().map(|digest| recovery_code::ActiveModel {
            digest: Set(digest),
            user_id: Set(new.user),
        });
        recovery_code::Entity::insert_many(codes)
            .exec_without_returning(&transaction)
            .await?;
        audit::store::insert_in_transaction(&transaction, entropy, now, record).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Stores a link, replacing an older one of the same purpose; returns whether the user had a password.
    pub(super) async fn put_link(
        &self,
        change: Change,
        editor: Editor<'_>,
        (user, purpose): (Uuid, Purpose),
        (digest, expires): (String, Timestamp),
    ) -> Result<bool> {
        let account = touchable(&change, editor, user).await?;
        let replaces = one_time_link::Entity::find_by_id((user, purpose.word().to_owned()));
        let replaces = replaces.one(change.transaction()).await?.is_some();
        write_link(&change, (user, purpose), (digest, expires)).await?;
        let (action, field) = match purpose {
            Purpose::Password => ("password link made", "password_link"),
            Purpose::Totp => ("totp link made", "totp_link"),
        };
        let made = Difference::default().secret(field, replaces, true);
        change
            .commit_difference(format!("user:{user}"), (action, &[]), made)
            .await?;
        Ok(account.password_hash.is_some())
    }

    /// Lets somebody in anew, all of it or nothing: every credential and link goes, the sessions end, and there is a link for a new password.
    /// Returns whether the user had a password.
    pub(super) async fn reset_access(
        &self,
        change: Change,
        editor: Editor<'_>,
        user: Uuid,
        link: (String, Timestamp),
    ) -> Result<bool> {
        let before = touchable(&change, editor, user).await?;
        let (had, tx) = (before.password_hash.is_some(), change.transaction());
        let codes = totp::Entity::find_by_id(user).count(tx).await? > 0;
        let of_user = passkey::Entity::find().filter(passkey::Column::UserId.eq(user));
        let passkeys = of_user.count(tx).await?;
        session_end::store::delete_credentials(tx, &[user]).await?;
        session_end::store::end_sessions_and_grants(tx, &[user], &change.end("password")).await?;
        if passkeys > 0 {
            tell(&change, user, Happened::PasskeyTaken).await?;
        }
        write_link(&change, (user, Purpose::Password), link).await?;
        let reset = Difference::default()
            .secret("password", had, false)
            .secret("totp", codes, false)
            .secret("password_link", false, true)
            .also("passkeys", passkeys);
        change
            .commit_difference(format!("user:{user}"), ("access reset", &[]), reset)
            .await?;
        Ok(had)
    }

    pub(super) async fn link_owner(
        &self,
        digest: &str,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<Owner>, DbErr> {
        let link = one_time_link::Entity::find()
            .filter(one_time_link::Column::Digest.eq(digest))
            .filter(one_time_link::Column::Purpose.eq(purpose.word()))
            .filter(one_time_link::Column::ExpiresAt.gt(now.millis()))
            .one(self.database().reader())
            .await?;
        let Some(link) = link else { return Ok(None) };
        let row = users::Entity::find_by_id(link.user_id)
            .one(self.database().reader())
            .await?;
        Ok(row.map(|row| Owner {
            user: row.id,
            username: row.username,
            console_user: row.console_role.is_some(),
        }))
    }

    /// Sets the password; false when the link is gone: deleting it decides which of several callers sets the password.
    pub(super) async fn set_password(
        &self,
        change: Change,
        (user, phc): (Uuid, String),
        (link, address): (&str, Option<IpAddr>),
    ) -> Result<bool> {
        if !use_link(change.transaction(), link, Purpose::Password, change.millis()).await? {
            return Ok(false);
        }
        let before = users::Entity::find_by_id(user).one(change.transaction()).await?;
        let had = before.is_some_and(|row| row.password_hash.is_some());
        write_password(&change, user, Some(phc)).await?;
        let used = link_used(change.transaction(), (user, Purpose::Password), (change.now(), address)).await?;
        let chosen = Difference::default().secret("password", had, true);
        let mut detail = chosen.detail("password chosen", &[]);
        tell_link(&mut detail, &used);
        notices::insert(change.transaction(), change.entropy(), user, used).await?;
        change.commit_with(format!("user:{user}"), detail).await?;
        Ok(true)
    }

    pub(super) async fn remove_password(&self, change: Change, editor: Editor<'_>, user: Uuid) -> Result<()> {
        let before = touchable(&change, editor, user).await?;
        write_password(&change, user, None).await?;
        let removed = Difference::default().secret("password", before.password_hash.is_some(), false);
        change
            .commit_difference(format!("user:{user}"), ("password removed", &[]), removed)
            .await
    }

    pub(super) async fn remove_totp(&self, change: Change, editor: Editor<'_>, user: Uuid) -> Result<()> {
        touchable(&change, editor, user).await?;
        let had = totp::Entity::find_by_id(user)
            .one(change.transaction())
            .await?
            .is_some();
        forget_totp(change.transaction(), user).await?;
        forget_link(change.transaction(), user, Purpose::Totp).await?;
        let removed = Difference::default().secret("totp", had, false);
        change
            .commit_difference(format!("user:{user}"), ("one-time codes removed", &[]), removed)
            .await
    }
}

/// Stores a link, which replaces an older one of the same purpose, and tells its owner.
async fn write_link(
    change: &Change,
    (user, purpose): (Uuid, Purpose),
    (digest, expires): (String, Timestamp),
) -> Result<(), DbErr> {
    let row = one_time_link::ActiveModel {
        user_id: Set(user),
        purpose: Set(purpose.word().to_owned()),
        digest: Set(digest),
        created_at: Set(change.millis()),
        expires_at: Set(expires.millis()),
    };
    let newest_wins = OnConflict::columns([one_time_link::Column::UserId, one_time_link::Column::Purpose])
        .update_columns([
            one_time_link::Column::Digest,
            one_time_link::Column::CreatedAt,
            one_time_link::Column::ExpiresAt,
        ])
        .to_owned();
    one_time_link::Entity::insert(row)
        .on_conflict(newest_wins)
        .exec_without_returning(change.transaction())
        .await?;
    tell(change, user, Happened::Made(purpose)).await
}

/// Tells the owner what the actor of this change did.
async fn tell(change: &Change, user: Uuid, happened: Happened) -> Result<(), DbErr> {
    let notice = Notice {
        happened,
        made_by: change.actor().to_owned(),
        address: None,
        at: change.now(),
    };
    notices::insert(change.transaction(), change.entropy(), user, notice).await
}

/// The notice that a link was used just now.
async fn link_used(
    transaction: &impl ConnectionTrait,
    (user, purpose): (Uuid, Purpose),
    (at, address): (Timestamp, Option<IpAddr>),
) -> Result<Notice, DbErr> {
    Ok(Notice {
        happened: Happened::Used(purpose),
        made_by: notices::maker(transaction, user, purpose).await?,
        address: address.map(|address| address.to_string()),
        at,
    })
}

/// Says in an audit event by whose link, and from where.
fn tell_link(detail: &mut Value, used: &Notice) {
    if let Some(detail) = detail.as_object_mut() {
        detail.insert("link_made_by".to_owned(), json!(used.made_by));
        detail.insert("address".to_owned(), json!(used.address));
    }
}

/// The user's row, locked, if this editor may change how they sign in: whoever could reset an admin's password would be that admin.
pub(in crate::signin) async fn touchable(change: &Change, editor: Editor<'_>, user: Uuid) -> Result<users::Model> {
    let row = users::Entity::find_by_id(user)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    let row = row.ok_or_else(|| DirectoryFailure::NotFound.failure())?;
    editor.may_touch(row.console_role.as_deref())?;
    Ok(row)
}

/// Consumes a link in one statement: of any number of callers one deletes it.
async fn use_link(transaction: &impl ConnectionTrait, digest: &str, purpose: Purpose, now: i64) -> Result<bool, DbErr> {
    let used = one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::Digest.eq(digest))
        .filter(one_time_link::Column::Purpose.eq(purpose.word()))
        .filter(one_time_link::Column::ExpiresAt.gt(now))
        .exec(transaction)
        .await?;
    Ok(used.rows_affected == 1)
}

async fn forget_link(transaction: &impl ConnectionTrait, user: Uuid, purpose: Purpose) -> Result<(), DbErr> {
    one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::UserId.eq(user))
        .filter(one_time_link::Column::Purpose.eq(purpose.word()))
        .exec(transaction)
        .await
        .map(|_| ())
}

async fn forget_totp(transaction: &impl ConnectionTrait, user: Uuid) -> Result<(), DbErr> {
    totp::Entity::delete_by_id(user).exec(transaction).await?;
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::UserId.eq(user))
        .exec(transaction)
        .await
        .map(|_| ())
}

/// Writes the password hash, or removes it: the user's sessions end, so they must sign in again, and older links are void.
async fn write_password(change: &Change, user: Uuid, phc: Option<String>) -> Result<(), DbErr> {
    users::Entity::update_many()
        .col_expr(users::Column::PasswordHash, Expr::value(phc))
        .filter(users::Column::Id.eq(user))
        .exec(change.transaction())
        .await?;
    forget_link(change.transaction(), user, Purpose::Password).await?;
    // As with every session end, logout deliveries to the portals are written too.
    session_end::store::end_sessions_and_grants(change.transaction(), &[user], &change.end("password")).await
}
