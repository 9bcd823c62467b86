//! Values of the verification of an address. Pure.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    kernel::{clock::Timestamp, secret::Secret},
    notices::{NewNotice, To, Topic},
    web::texts::Lang,
};

/// How long a link works.
pub(in crate::signin) const LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// The word of a link's purpose in the database.
pub(in crate::signin) const PURPOSE: &str = "email";

/// Whose address it is.
#[derive(Clone, Debug)]
pub(in crate::signin) struct Holder {
    pub(in crate::signin) user: Uuid,
    pub(in crate::signin) username: String,
    pub(in crate::signin) email: Option<String>,
    pub(in crate::signin) verified: bool,
    /// The language they chose or have.
    pub(in crate::signin) lang: Option<Lang>,
}

/// What the page of one's own address shows.
#[derive(Clone, Debug)]
pub struct OwnEmail {
    /// Username.
    pub username: String,
    /// The address; none: there is none.
    pub email: Option<String>,
    /// Whether it is verified.
    pub verified: bool,
    /// Whether a link can be mailed.
    pub possible: bool,
    /// Whether one was, by which this address can still be verified.
    pub mailed: bool,
    /// The confirmation token (CSRF) of the form.
    pub confirm: String,
}

/// What the page behind a link shows.
#[derive(Clone, Debug)]
pub struct ToVerify {
    /// Username of the account.
    pub username: String,
    /// The address.
    pub email: String,
}

/// A link that was mailed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = EmailVerification)]
pub struct SentVerification {
    /// Address that it was sent to.
    #[schema(example = "li.hua@corp.example")]
    pub sent_to: String,
    /// When it stops working, milliseconds since 1970.
    pub expires_at: Timestamp,
}

/// The mail with the link.
pub(in crate::signin) fn message(
    holder: &Holder,
    email: &str,
    (token, until): (&Secret<String>, Timestamp),
    lang: Lang,
) -> NewNotice {
    NewNotice {
        topic: Topic::EmailVerification,
        data_source: None,
        subject: format!("user:{}", holder.user),
        facts: BTreeMap::from([("username".to_owned(), holder.username.clone())]),
        path: Some(format!("/email/{}", token.expose())),
        card: None,
        to: To::Address {
            email: email.to_owned(),
            lang: holder.lang.unwrap_or(lang),
        },
        until: Some(until),
    }
}
