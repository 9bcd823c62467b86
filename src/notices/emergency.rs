//! Alerts while the database takes no writes: told at once and straight from memory, by e-mail and webhook, to whoever had subscribed when it was last read.
//!
//! Bounded: of each trouble every subscription is told once by each replica, tried a few times; nothing of it is kept. Replicas that do not know of one another give the
//! message of a day the same id, by which receivers can tell. Messages over WeCom need the database for their credentials.

use futures_util::future::join_all;
use uuid::Uuid;

use super::{
    alert_memory::Contact,
    alerts::Trouble,
    channel::settings::Settings,
    delivery::{ChannelKind, Outcome, Outgoing},
    model::Topic,
    rendering::{Addressed, Kept, message},
    service::Notices,
    store::alerts,
};
use crate::{
    crypto::digest::sha256,
    kernel::{calendar, clock::Timestamp, failure::Result},
};

impl Notices {
    /// Keeps in memory who subscribed to alerts; returns whether anybody did. Where the database does not answer, those known before stand.
    ///
    /// # Errors
    /// When the database does not answer, and nobody is known from before.
    pub async fn is_alert_wanted(&self) -> Result<bool> {
        match alerts::subscribed(&self.deps.database, &self.deps.sealer).await {
            Ok((wanted, contacts)) => {
                self.memory.with(|memory| memory.contacts = contacts);
                Ok(wanted)
            }
            Err(_) if self.memory.with(|memory| !memory.contacts.is_empty()) => Ok(true),
            Err(failure) => Err(failure),
        }
    }

    /// Tells of what could not be written. With nothing of that kind the database takes writes, and what comes next is another trouble.
    pub(in crate::notices) async fn tell_from_memory(&self, unwritten: &[Trouble]) {
        if unwritten.is_empty() {
            // What is in doubt says nothing of whether the database takes writes.
            self.memory.with(|memory| {
                if memory.doubted.is_empty() {
                    memory.attempts.clear();
                }
            });
        }
        for trouble in unwritten {
            let subject = trouble.subject();
            let now = self.deps.clock.now();
            let due = self
                .memory
                .due(&subject, now, |subscription| message_id(&subject, subscription, now));
            let sent = due
                .iter()
                .map(|(contact, id)| self.hand_over_from_memory(trouble, contact, *id));
            for ((contact, _), outcome) in due.iter().zip(join_all(sent).await) {
                match outcome {
                    Outcome::Accepted { .. } => {
                        self.memory.settled(&subject, contact.subscription);
                        tracing::warn!(number = trouble.number, "an alert was told from memory");
                    }
                    Outcome::Refused { error, .. } => {
                        self.memory.settled(&subject, contact.subscription);
                        tracing::error!(number = trouble.number, error, "an alert was refused");
                    }
                    Outcome::Later { error, .. } | Outcome::Blocked { error, .. } => {
                        tracing::error!(
                            number = trouble.number,
                            error,
                            "an alert could not be told from memory yet"
                        );
                    }
                }
            }
        }
    }

    async fn hand_over_from_memory(&self, trouble: &Trouble, contact: &Contact, id: Uuid) -> Outcome {
        let now = self.deps.clock.now();
        let kept = Kept {
            topic: Topic::Alert,
            subject: trouble.subject(),
            facts: trouble.facts(),
            path: Some(trouble.path.clone()),
            data_source: None,
            card: None,
            pressers: None,
            at: now,
        };
        let outgoing: Outgoing = message(&kept, &[], addressed(contact, id), &self.deps.public_url);
        match &contact.settings {
            Settings::Email(mailbox) => {
                self.email
                    .send((mailbox, contact.secret.as_ref()), &outgoing, now)
                    .await
            }
            Settings::Webhook { url } => self.webhook.send((url, contact.secret.as_ref()), &outgoing, now).await,
            Settings::Wecom => Outcome::Refused {
                status: None,
                error: String::new(),
            },
        }
    }
}

/// The id of the message about this trouble to this subscription on this day: the same at every replica.
fn message_id(subject: &str, subscription: Uuid, now: Timestamp) -> Uuid {
    let name = format!("{subject} {subscription} {}", calendar::day(now.millis()));
    let digest = sha256(name.as_bytes());
    let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn addressed(contact: &Contact, id: Uuid) -> Addressed {
    Addressed {
        delivery: id,
        mark: id.to_string(),
        kind: match contact.settings {
            Settings::Email(_) => ChannelKind::Email,
            Settings::Webhook { .. } => ChannelKind::Webhook,
            Settings::Wecom => ChannelKind::Wecom,
        },
        data_source: None,
        address: contact.address.clone(),
        lang: contact.lang,
        personal: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_give_the_message_of_a_day_one_id() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let at = |hours: i64| Timestamp::from_secs(hours * 3600);
        let id = message_id("alert:DR-110:x", one, at(0));
        assert_eq!(id, message_id("alert:DR-110:x", one, at(1)));
        for another in [
            message_id("alert:DR-111:x", one, at(0)),
            message_id("alert:DR-110:x", other, at(0)),
            message_id("alert:DR-110:x", one, at(24)),
        ] {
            assert_ne!(id, another);
        }
    }
}
