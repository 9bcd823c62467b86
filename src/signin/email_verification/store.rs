//! Queries of the verification of an address.

use std::net::IpAddr;

use entity::{one_time_link, users};
use sea_orm::{DbErr, EntityTrait};
use serde_json::json;
use uuid::Uuid;

use super::model::{Holder, PURPOSE};
use crate::{
    audit::difference::Difference,
    directory::{email::store::proof, store::Change, user::Editor},
    kernel::{clock::Timestamp, failure::Result},
    notices::{Topic, language_of},
    signin::{
        failure::MailFailure,
        notices::{model::message, store as notices},
        password::store::{links, touchable},
        store::Store,
    },
};

fn holder(row: users::Model) -> Holder {
    Holder {
        user: row.id,
        lang: language_of(&row),
        username: row.username,
        email: row.email,
        verified: row.email_verified,
    }
}

impl Store {
    /// Whose address it is.
    pub(super) async fn email_holder(&self, user: Uuid) -> Result<Option<Holder>, DbErr> {
        let row = users::Entity::find_by_id(user).one(self.database().reader()).await?;
        Ok(row.map(holder))
    }

    /// The same within a change, for an admin.
    pub(super) async fn touchable_email(&self, change: &Change, editor: Editor<'_>, user: Uuid) -> Result<Holder> {
        Ok(holder(touchable(change, editor, user).await?))
    }

    /// The holder for whom a link is that still works, and the address for which it is.
    pub(super) async fn email_link(&self, digest: &str, now: Timestamp) -> Result<Option<(Holder, String)>, DbErr> {
        let found = self.living_link(digest, &[PURPOSE], now).await?;
        Ok(found.and_then(|(link, row)| Some((holder(row), link.email?))))
    }

    /// Whether there is a link that still works for the address that the user has.
    pub(super) async fn has_email_link(&self, user: Uuid, now: Timestamp) -> Result<bool, DbErr> {
        let link = one_time_link::Entity::find_by_id((user, PURPOSE.to_owned()))
            .one(self.database().reader())
            .await?;
        let Some(link) = link else { return Ok(false) };
        Ok(self.living_link(&link.digest, &[PURPOSE], now).await?.is_some())
    }

    /// Follows a link: the address is verified, for its holder alone. `signed_in`: so is its holder, in this browser. False when the link is gone, or its
    /// holder has another address by now.
    ///
    /// # Errors
    /// `SI-244` where another has proven it and nobody is signed in.
    pub(super) async fn verify_email(
        &self,
        change: Change,
        (holder, email): (&Holder, &str),
        (digest, (signed_in, address)): (&str, (bool, Option<IpAddr>)),
    ) -> Result<bool> {
        let (tx, user) = (change.transaction(), holder.user);
        proof::lock_holders(tx, user, email).await?;
        // A stranger who presses the button of a mail would hand over what the owner of the mailbox has.
        if !signed_in && proof::is_anothers(tx, user, email).await? {
            return Err(MailFailure::SignInFirst.into());
        }
        if !links::consume(tx, (user, PURPOSE, digest), change.now()).await? {
            return Ok(false);
        }
        let verified = |was: bool, is: bool| {
            Difference::between(&json!({ "email_verified": was }), &json!({ "email_verified": is }))
        };
        for other in proof::prove(tx, user, email, change.millis()).await? {
            let post = self.post(change.entropy());
            let told = |username: &str| message((other, username), (Topic::EmailTaken, change.now()), None);
            notices::send(tx, post, (other, change.now()), told).await?;
            let ended = verified(true, false);
            change
                .tell(format!("user:{other}"), "e-mail address verified by another", ended)
                .await?;
        }
        let address = address.map(|address| address.to_string());
        let proven = verified(holder.verified, true).also("address", address);
        change
            .commit_difference(format!("user:{user}"), ("e-mail address verified", &[]), proven)
            .await?;
        Ok(true)
    }
}

/// Keeps a link for this address.
pub(super) async fn keep(change: &Change, (user, email): (Uuid, &str), kept: (String, Timestamp)) -> Result<(), DbErr> {
    links::write(change, (user, PURPOSE, Some(email.to_owned())), kept).await
}
