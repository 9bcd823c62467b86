//! A proof that was not accepted, a password, a code or a passkey, as the audit log has it: for admins, who may know which cause it was.

use std::net::IpAddr;

use serde_json::{Value, json};
use uuid::Uuid;

use super::journey::{Journeys, LoginRequest};
use crate::{
    audit::{Kind, Record, aggregation::Repetition},
    kernel::failure::Result,
    web::{client_address::networks, reference},
};

/// Rows in an hour for each of these subjects.
const MOST_ROWS: usize = 1000;

/// What was wrong.
pub(in crate::signin) struct WrongProof {
    /// Reference number.
    pub number: &'static str,
    /// What was to be proven by: `password`, `passkey`.
    pub subject: &'static str,
    /// Whose it was, if that is known.
    pub user: Option<Uuid>,
    /// By what, beside the place and the portal, two of them are alike.
    pub likeness: String,
    /// What the event tells besides.
    pub more: Value,
}

impl Journeys {
    /// Writes it down; returns the reference to be shown, if it has a row.
    pub(in crate::signin) async fn note_wrong_proof(
        &self,
        wrong: WrongProof,
        (login_request, address): (&LoginRequest, Option<IpAddr>),
    ) -> Result<Option<String>> {
        let number = wrong.number;
        let actor = wrong
            .user
            .map_or_else(|| "unknown".to_owned(), |user| format!("user:{user}"));
        let client_id = Some(login_request.client_id.as_str()).filter(|client_id| !client_id.is_empty());
        let mut detail = json!({ "address": address, "client_id": client_id });
        if let (Some(detail), Value::Object(more)) = (detail.as_object_mut(), wrong.more) {
            detail.extend(more);
        }
        let place = networks(address).pop().map(|(place, _)| place).unwrap_or_default();
        let repetition = Repetition {
            group: "",
            likeness: format!("{place}\n{}\n{}", wrong.likeness, client_id.unwrap_or_default()),
            most: MOST_ROWS,
        };
        let record = Record {
            kind: Kind::Refused,
            actor: actor.clone(),
            subject: wrong.subject.to_owned(),
            reference: Some(reference::new()),
            number: Some(number),
            detail,
        };
        let reference = self.deps.gate.aggregator().record(record, repetition).await?;
        tracing::info!(number, reference = reference.as_deref(), %actor, "a wrong {}", wrong.subject);
        Ok(reference)
    }
}
