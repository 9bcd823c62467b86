//! Queries of passwords, one-time codes and one-time links.

mod editing;
mod forgotten;
pub(in crate::signin) mod links;

use entity::{passkey, recovery_code, totp, users};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use std::net::IpAddr;
use uuid::Uuid;

pub(in crate::signin) use editing::touchable;
pub(super) use forgotten::keep as keep_forgotten;

use editing::by_admin;
pub(super) use links::KeptLink;

use super::one_time_link_model::{NewLink, Purpose};
use crate::{
    audit::{self, difference::Difference},
    directory::{session_end, store::Change, user::Editor},
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
    /// Client address of whoever sets them up.
    pub address: Option<IpAddr>,
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
        link: Option<&str>,
        (entropy, now): (&Entropy, Timestamp),
        mut record: audit::Record,
    ) -> Result<bool> {
        let transaction = self.database().begin().await?;
        let mut notice = Notice {
            happened: Happened::TotpSetUp,
            made_by: format!("user:{}", new.user),
            address: new.address.map(|address| address.to_string()),
            at: now,
        };
        if let Some(digest) = link {
            if !links::consume(&transaction, (new.user, Purpose::Totp.word(), digest), now).await? {
                return Ok(false);
            }
            notice = links::used(&transaction, (new.user, Purpose::Totp), (now, new.address)).await?;
            links::tell(&mut record.detail, &notice);
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
        notices::tell(&transaction, self.post(entropy), new.user, notice).await?;
        audit::store::insert_in_transaction(&transaction, entropy, now, record).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Lets somebody in anew, all of it or nothing: every credential and link goes, the sessions end, and there is a link for a new password.
    pub(super) async fn reset_access(
        &self,
        change: Change,
        editor: Editor<'_>,
        user: Uuid,
        link: NewLink,
    ) -> Result<KeptLink> {
        let before = touchable(&change, editor, user).await?;
        let (had, tx) = (before.password_hash.is_some(), change.transaction());
        let codes = totp::Entity::find_by_id(user).count(tx).await? > 0;
        let of_user = passkey::Entity::find().filter(passkey::Column::UserId.eq(user));
        let passkeys = of_user.count(tx).await?;
        session_end::store::delete_credentials(tx, &[user]).await?;
        session_end::store::end_sessions_and_grants(tx, &[user], &change.end("password")).await?;
        forget_browsers(&change, user).await?;
        // One message by post; the page says each.
        let each = [Happened::PasskeyTaken, Happened::PasswordLinkMade];
        for happened in each.into_iter().skip(usize::from(passkeys == 0)) {
            notices::insert(tx, change.entropy(), user, by_admin(&change, happened)).await?;
        }
        let kept = self.keep_link(&change, (&before, Purpose::Password), &link).await?;
        let all = by_admin(&change, Happened::AccessReset);
        notices::tell_by_post(tx, self.post(change.entropy()), user, &all).await?;
        let reset = Difference::default()
            .secret("password", had, false)
            .secret("totp", codes, false)
            .secret("password_link", false, true)
            .also("passkeys", passkeys)
            .also("sent_to", kept.sent_to.clone());
        change
            .commit_difference(format!("user:{user}"), ("access reset", &[]), reset)
            .await?;
        Ok(kept)
    }

    /// Sets the password; false when the link is gone: deleting it decides which of several callers sets the password. After one that was mailed for
    /// a forgotten password no other link of the user leads anywhere.
    pub(super) async fn set_password(
        &self,
        change: Change,
        (user, phc): (Uuid, String),
        ((purpose, link), address): ((Purpose, &str), Option<IpAddr>),
    ) -> Result<bool> {
        let tx = change.transaction();
        if !links::consume(tx, (user, purpose.word(), link), change.now()).await? {
            return Ok(false);
        }
        let before = users::Entity::find_by_id(user).one(tx).await?;
        let had = before.is_some_and(|row| row.password_hash.is_some());
        write_password(&change, user, Some(phc)).await?;
        if purpose == Purpose::Forgotten {
            links::forget(tx, user, &[]).await?;
        }
        let used = links::used(tx, (user, purpose), (change.now(), address)).await?;
        let chosen = Difference::default().secret("password", had, true);
        let mut detail = chosen.detail("password chosen", &[]);
        links::tell(&mut detail, &used);
        notices::tell(tx, self.post(change.entropy()), user, used).await?;
        change.commit_with(format!("user:{user}"), detail).await?;
        Ok(true)
    }

    pub(super) async fn remove_password(&self, change: Change, editor: Editor<'_>, user: Uuid) -> Result<()> {
        let before = touchable(&change, editor, user).await?;
        write_password(&change, user, None).await?;
        let had = before.password_hash.is_some();
        if had {
            let notice = by_admin(&change, Happened::PasswordRemoved);
            notices::tell(change.transaction(), self.post(change.entropy()), user, notice).await?;
        }
        let removed = Difference::default().secret("password", had, false);
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
        links::forget(change.transaction(), user, &[Purpose::Totp]).await?;
        if had {
            let notice = by_admin(&change, Happened::TotpRemoved);
            notices::tell(change.transaction(), self.post(change.entropy()), user, notice).await?;
        }
        let removed = Difference::default().secret("totp", had, false);
        change
            .commit_difference(format!("user:{user}"), ("one-time codes removed", &[]), removed)
            .await
    }
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
    links::forget(change.transaction(), user, &[Purpose::Password, Purpose::Forgotten]).await?;
    forget_browsers(change, user).await?;
    // As with every session end, logout deliveries to the portals are written too.
    session_end::store::end_sessions_and_grants(change.transaction(), &[user], &change.end("password")).await
}

/// Browsers that were known for the user are strangers from now on.
async fn forget_browsers(change: &Change, user: Uuid) -> Result<(), DbErr> {
    users::Entity::update_many()
        .col_expr(users::Column::BrowsersKnownAt, Expr::value(change.millis()))
        .filter(users::Column::Id.eq(user))
        .filter(users::Column::BrowsersKnownAt.is_not_null())
        .exec(change.transaction())
        .await
        .map(drop)
}
