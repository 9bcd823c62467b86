//! Parses what is pushed to the command callback of a suite, once decrypted (reference 7.7, 9.1, 9.3, 9.6). Whether it is this suite's, its reader
//! compares; what cannot be read is acknowledged all the same, or WeCom repeats it.

use super::{
    error::CallbackError,
    event::{Event, change},
    external_contact::ExternalContactEvent,
    fields::Fields,
};
use crate::{crypto::digest::sha256_base64url, kernel::secret::Secret, wecom::text};

/// A decrypted push.
#[derive(Clone, Debug)]
pub struct ReceivedSuitePush {
    /// The suite that it names.
    pub suite_id: String,
    /// When WeCom made it, seconds since 1970; 0 where it does not say so. Order of arrival means nothing.
    pub at: i64,
    /// What it says.
    pub push: SuitePush,
    /// SHA-256 of the decrypted document: the same for every retry.
    pub digest: String,
}

/// What is pushed to a suite.
#[derive(Clone, Debug)]
pub enum SuitePush {
    /// `suite_ticket`: good for thirty minutes.
    Ticket {
        /// The ticket.
        ticket: Secret<String>,
    },
    /// `create_auth`: a corp installed the suite, without a browser of ours (9.3).
    CreateAuth {
        /// To be exchanged once, within ten minutes.
        auth_code: Secret<String>,
        /// Of the QR code, where it had one: a hint, no proof.
        state: Option<String>,
    },
    /// `change_auth`: scope, permissions, or whether the app is enabled; what, is to be read (9.6).
    ChangeAuth {
        /// The corp as the suite knows it.
        corp_id: String,
        /// As it was given.
        state: Option<String>,
    },
    /// `cancel_auth`: the app was deleted (9.6).
    CancelAuth {
        /// The corp as the suite knows it.
        corp_id: String,
    },
    /// `reset_permanent_code`, of a template (9.6).
    ResetPermanentCode {
        /// To be exchanged once for the new code.
        auth_code: Secret<String>,
    },
    /// `change_contact` (7.7), or `change_external_contact` and its kin (8).
    Change {
        /// The corp as the suite knows it.
        corp_id: String,
        /// What changed.
        what: Event,
    },
    /// Something else, or one of the above without its subject.
    Other {
        /// Its `InfoType`, for the log.
        info_type: String,
    },
}

impl ReceivedSuitePush {
    /// Reads a decrypted document.
    pub(super) fn read(document: &[u8]) -> Result<Self, CallbackError> {
        let fields = Fields::read(document)?;
        let suite_id = fields
            .text("SuiteId")
            .ok_or(CallbackError::Unreadable("no `SuiteId`"))?;
        Ok(Self {
            suite_id: suite_id.to_owned(),
            at: fields.int("TimeStamp").unwrap_or_default(),
            push: push(&fields).unwrap_or_else(|| other(&fields)),
            digest: sha256_base64url(document),
        })
    }
}

/// The push, if it is a known one and names its subject. `InfoType` was seen with a blank before it (9.1); fields are read without.
fn push(fields: &Fields) -> Option<SuitePush> {
    let owned = |path| fields.text(path).map(str::to_owned);
    let secret = |path| owned(path).map(Secret::new);
    let (corp_id, state) = (owned("AuthCorpId"), owned("State"));
    Some(match fields.text("InfoType")?.to_ascii_lowercase().as_str() {
        "suite_ticket" => SuitePush::Ticket {
            ticket: secret("SuiteTicket")?,
        },
        "create_auth" => SuitePush::CreateAuth {
            auth_code: secret("AuthCode")?,
            state,
        },
        "change_auth" => SuitePush::ChangeAuth {
            corp_id: corp_id?,
            state,
        },
        "cancel_auth" => SuitePush::CancelAuth { corp_id: corp_id? },
        "reset_permanent_code" => SuitePush::ResetPermanentCode {
            auth_code: secret("AuthCode")?,
        },
        "change_contact" => SuitePush::Change {
            corp_id: corp_id?,
            what: change(fields)?,
        },
        head if head.starts_with("change_external_") => SuitePush::Change {
            corp_id: corp_id?,
            what: Event::ExternalContact(ExternalContactEvent::read(head, fields)?),
        },
        _ => return None,
    })
}

fn other(fields: &Fields) -> SuitePush {
    let told = ["InfoType", "ChangeType"]
        .into_iter()
        .filter_map(|path| fields.text(path));
    let told = told.collect::<Vec<_>>().join("/");
    SuitePush::Other {
        info_type: text::line(&told, text::LONGEST).text.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> ReceivedSuitePush {
        let document = format!("<xml><SuiteId><![CDATA[ww1]]></SuiteId><TimeStamp>1760000000</TimeStamp>{body}</xml>");
        ReceivedSuitePush::read(document.as_bytes()).unwrap()
    }

    fn info_type(kind: &str, rest: &str) -> SuitePush {
        read(&format!("<InfoType><![CDATA[{kind}]]></InfoType>{rest}")).push
    }

    #[test]
    fn a_ticket_is_read_as_published_and_with_a_blank_before_its_type() {
        for kind in ["suite_ticket", " suite_ticket"] {
            let got = read(&format!(
                "<InfoType><![CDATA[{kind}]]></InfoType><SuiteTicket><![CDATA[t]]></SuiteTicket>"
            ));
            assert_eq!((got.suite_id.as_str(), got.at), ("ww1", 1_760_000_000));
            assert!(matches!(got.push, SuitePush::Ticket { ticket } if ticket.expose() == "t"));
        }
    }

    #[test]
    fn installations_changes_and_cancellations_name_their_subject() {
        let corp = "<AuthCorpId>wpA</AuthCorpId>";
        assert!(matches!(
            info_type("create_auth", "<AuthCode>c</AuthCode><State>s1</State>"),
            SuitePush::CreateAuth { auth_code, state: Some(state) } if auth_code.expose() == "c" && state == "s1"
        ));
        assert!(matches!(
            info_type("create_auth", "<AuthCode>c</AuthCode>"),
            SuitePush::CreateAuth { state: None, .. }
        ));
        assert!(matches!(info_type("change_auth", corp), SuitePush::ChangeAuth { corp_id, .. } if corp_id == "wpA"));
        assert!(matches!(info_type("cancel_auth", corp), SuitePush::CancelAuth { corp_id } if corp_id == "wpA"));
        assert!(matches!(
            info_type("reset_permanent_code", "<AuthCode>c</AuthCode>"),
            SuitePush::ResetPermanentCode { .. }
        ));
        let user = format!("{corp}<ChangeType>delete_user</ChangeType><UserID>woX</UserID>");
        assert!(matches!(
            info_type("change_contact", &user),
            SuitePush::Change { what: Event::DeleteUser { userid }, .. } if userid == "woX"
        ));
    }

    #[test]
    fn a_push_without_its_subject_or_of_another_kind_is_only_logged() {
        for (kind, rest) in [
            ("cancel_auth", ""),
            ("suite_ticket", ""),
            ("create_auth", "<State>s</State>"),
            (
                "change_contact",
                "<AuthCorpId>wpA</AuthCorpId><ChangeType>delete_user</ChangeType>",
            ),
            ("license_pay_success", ""),
        ] {
            assert!(
                matches!(info_type(kind, rest), SuitePush::Other { info_type } if info_type.starts_with(kind)),
                "{kind}"
            );
        }
        assert!(ReceivedSuitePush::read(b"<xml><InfoType>suite_ticket</InfoType></xml>").is_err());
    }

    #[test]
    fn no_secret_of_a_push_is_shown() {
        let shown = format!(
            "{:?}",
            info_type("suite_ticket", "<SuiteTicket>tell-tale</SuiteTicket>")
        );
        assert!(!shown.contains("tell-tale"));
    }
}
