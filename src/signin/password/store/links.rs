//! Queries of one-time links. A link works once: deleting its row decides which of several callers used it.

use std::net::IpAddr;

use entity::{one_time_link, users};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::editing::{by_admin, touchable};
use crate::{
    audit::difference::Difference,
    directory::{store::Change, user::Editor},
    kernel::{clock::Timestamp, failure::Result},
    notices::{enqueue, language_of},
    signin::{
        failure::MailFailure,
        notices::{
            model::{Happened, Notice},
            store as notices,
        },
        password::one_time_link_model::{NewLink, Owner, Purpose, mail},
        store::Store,
    },
    web::{
        context::{self, Company},
        texts::Lang,
    },
};

type Column = one_time_link::Column;

/// What became of a link.
pub(in crate::signin::password) struct KeptLink {
    /// Its user had a password.
    pub(in crate::signin::password) had_password: bool,
    /// Where it was mailed.
    pub(in crate::signin::password) sent_to: Option<String>,
}

impl Store {
    /// Stores a link that an admin made, replacing an older one of the same purpose, and mails it where that is wanted.
    pub(in crate::signin::password) async fn put_link(
        &self,
        change: Change,
        editor: Editor<'_>,
        (user, purpose): (Uuid, Purpose),
        new: NewLink,
    ) -> Result<KeptLink> {
        let account = touchable(&change, editor, user).await?;
        let replaces = one_time_link::Entity::find_by_id((user, purpose.word().to_owned()));
        let replaces = replaces.one(change.transaction()).await?.is_some();
        let kept = self.keep_link(&change, (&account, purpose), &new).await?;
        if let Some(made) = Happened::made(purpose) {
            let (made, post) = (by_admin(&change, made), self.post(change.entropy()));
            // The mail with the link says by itself that there is one; whoever else reads that mailbox shall not be alone in knowing it.
            match &kept.sent_to {
                Some(_) => notices::tell_beside_mail(change.transaction(), post, user, made).await?,
                None => notices::tell(change.transaction(), post, user, made).await?,
            }
        }
        let (action, field) = match purpose {
            Purpose::Password | Purpose::Forgotten => ("password link made", "password_link"),
            Purpose::Totp => ("totp link made", "totp_link"),
        };
        let made = Difference::default().secret(field, replaces, true);
        let made = made.also("sent_to", kept.sent_to.clone());
        change
            .commit_difference(format!("user:{user}"), (action, &[]), made)
            .await?;
        Ok(kept)
    }

    /// Stores a link of this user, and puts its mail into the outbox where that is wanted.
    pub(super) async fn keep_link(
        &self,
        change: &Change,
        (account, purpose): (&users::Model, Purpose),
        new: &NewLink,
    ) -> Result<KeptLink> {
        if new.mailed.is_some() && !may_be_mailed(account, purpose) {
            return Err(MailFailure::NotByMail.into());
        }
        let email = account.email.as_ref().filter(|_| new.mailed.is_some()).cloned();
        let link = (account.id, purpose.word(), email.clone());
        write(change, link, (new.digest.clone(), new.expires_at)).await?;
        let had_password = account.password_hash.is_some();
        if let Some(token) = &new.mailed {
            let email = email.as_deref().ok_or_else(|| MailFailure::NoMail.failure())?;
            let lang = language_of(account).unwrap_or(Lang::Zh);
            let whose = (account.id, account.username.as_str());
            let mail = mail(whose, (purpose, had_password), (token, new.expires_at), (email, lang));
            let (tx, post) = (change.transaction(), self.post(change.entropy()));
            let told = enqueue(tx, post.sealer, post.entropy, change.now(), &mail).await?;
            if told.is_empty() {
                return Err(MailFailure::NoMail.into());
            }
        }
        Ok(KeptLink {
            had_password,
            sent_to: email,
        })
    }

    /// For whom a link is, and for what, if it is for one of these purposes and still works.
    pub(in crate::signin::password) async fn link_owner(
        &self,
        digest: &str,
        purposes: &[Purpose],
        now: Timestamp,
    ) -> Result<Option<Owner>, DbErr> {
        let words: Vec<&str> = purposes.iter().map(|purpose| purpose.word()).collect();
        let found = self.living_link(digest, &words, now).await?;
        let owner = |(link, row): (one_time_link::Model, users::Model)| {
            Some(Owner {
                user: row.id,
                purpose: Purpose::of(&link.purpose)?,
                username: row.username,
                console_user: row.console_role.is_some(),
            })
        };
        Ok(found.and_then(owner))
    }

    /// A link of one of these purposes that still works, and whose it is.
    pub(in crate::signin) async fn living_link(
        &self,
        digest: &str,
        purposes: &[&str],
        now: Timestamp,
    ) -> Result<Option<(one_time_link::Model, users::Model)>, DbErr> {
        let link = one_time_link::Entity::find()
            .filter(Column::Digest.eq(digest))
            .filter(Column::Purpose.is_in(purposes.iter().copied()))
            .filter(Column::ExpiresAt.gt(now.millis()))
            .one(self.database().reader())
            .await?;
        let Some(link) = link else { return Ok(None) };
        let row = users::Entity::find_by_id(link.user_id)
            .one(self.database().reader())
            .await?;
        let row = row.filter(|row| is_good(&link, row, now));
        if let Some(source) = row.as_ref().and_then(|row| row.data_source_id) {
            context::company(|| Company::Source(source));
        }
        Ok(row.map(|row| (link, row)))
    }
}

/// Whether a link of this purpose may go to the address of the account. An address may be older than a console role, and planted by whoever could not give
/// that role: a colleague, an operator. So it takes one that was entered with the role or since; and who resets both factors by mail has one.
fn may_be_mailed(account: &users::Model, purpose: Purpose) -> bool {
    if account.console_role.is_none() {
        return true;
    }
    let email = account.email.as_ref().map(|email| email.to_lowercase());
    purpose != Purpose::Totp && email.is_some() && email == account.email_entered
}

/// Whether a link leads anywhere: its user may come in, and one that was sent to an address is for whoever has that address still.
fn is_good(link: &one_time_link::Model, user: &users::Model, now: Timestamp) -> bool {
    let over = user.access_until.is_some_and(|until| until <= now.millis());
    user.status == "active" && !over && (link.email.is_none() || link.email == user.email)
}

/// Stores a link under the word of its purpose, for an address where it is mailed; it replaces an older one of the same purpose.
pub(in crate::signin) async fn write(
    change: &Change,
    (user, purpose, email): (Uuid, &str, Option<String>),
    (digest, expires): (String, Timestamp),
) -> Result<(), DbErr> {
    let row = one_time_link::ActiveModel {
        user_id: Set(user),
        purpose: Set(purpose.to_owned()),
        digest: Set(digest),
        email: Set(email),
        created_at: Set(change.millis()),
        expires_at: Set(expires.millis()),
    };
    let newest_wins = OnConflict::columns([Column::UserId, Column::Purpose])
        .update_columns([Column::Digest, Column::Email, Column::CreatedAt, Column::ExpiresAt])
        .to_owned();
    one_time_link::Entity::insert(row)
        .on_conflict(newest_wins)
        .exec_without_returning(change.transaction())
        .await
        .map(drop)
}

/// Consumes a link: of any number of callers one deletes it. It works only as long as its user, who is locked first, may come in, and has the address that
/// it was sent to.
pub(in crate::signin) async fn consume<C: ConnectionTrait>(
    transaction: &C,
    (user, purpose, digest): (Uuid, &str, &str),
    now: Timestamp,
) -> Result<bool, DbErr> {
    let wanted = Condition::all()
        .add(Column::UserId.eq(user))
        .add(Column::Purpose.eq(purpose))
        .add(Column::Digest.eq(digest))
        .add(Column::ExpiresAt.gt(now.millis()));
    let owner = users::Entity::find_by_id(user).lock_exclusive();
    let owner = owner.one(transaction).await?;
    let link = one_time_link::Entity::find()
        .filter(wanted.clone())
        .one(transaction)
        .await?;
    if !owner.zip(link).is_some_and(|(owner, link)| is_good(&link, &owner, now)) {
        return Ok(false);
    }
    let used = one_time_link::Entity::delete_many()
        .filter(wanted)
        .exec(transaction)
        .await?;
    Ok(used.rows_affected == 1)
}

/// Voids the links of these purposes; of none: all.
pub(super) async fn forget<C: ConnectionTrait>(transaction: &C, user: Uuid, purposes: &[Purpose]) -> Result<(), DbErr> {
    let mut links = one_time_link::Entity::delete_many().filter(Column::UserId.eq(user));
    if !purposes.is_empty() {
        links = links.filter(Column::Purpose.is_in(purposes.iter().map(|purpose| purpose.word())));
    }
    links.exec(transaction).await.map(drop)
}

/// The notice that a link was used just now.
pub(super) async fn used<C: ConnectionTrait>(
    transaction: &C,
    (user, purpose): (Uuid, Purpose),
    (at, address): (Timestamp, Option<IpAddr>),
) -> Result<Notice, DbErr> {
    Ok(Notice {
        happened: Happened::used(purpose),
        made_by: match Happened::made(purpose) {
            Some(made) => notices::maker(transaction, user, made).await?,
            None => "mail".to_owned(),
        },
        address: address.map(|address| address.to_string()),
        at,
    })
}

/// Says in an audit event by whose link, and from where.
pub(super) fn tell(detail: &mut Value, used: &Notice) {
    if let Some(detail) = detail.as_object_mut() {
        detail.insert("link_made_by".to_owned(), json!(used.made_by));
        detail.insert("address".to_owned(), json!(used.address));
    }
}
