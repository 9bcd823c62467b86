//! Messages by a data source's WeCom app (reference 10): a card with buttons where the notice has one and we hear of presses, else a card with a link.
//!
//! A delivery's content is its own (its task id, the fragment of its link), so that WeCom's duplicate check swallows a repetition of it and no message
//! to somebody else. What WeCom accepted is accepted: over its limits it drops messages silently (reference 12).

use std::time::Duration;

use crate::{
    crypto::seal::Sealer,
    directory::wecom_app::store::senders::{self, Sender},
    kernel::{
        clock::Clock,
        failure::{Failure, Result},
        secret::Secret,
    },
    notices::{
        delivery::{Outcome, Outgoing, SentCard},
        store::cards,
    },
    store::Database,
    web::texts::text,
    wecom::{
        Class, WeCom, WeComError, WeComFailure,
        card::{ButtonCard, CardButton, task_id},
        message::{Delivery, TextCard},
    },
};

/// Key of the button that approves.
pub const APPROVE: &str = "approve";
/// Key of the button that refuses.
pub const REFUSE: &str = "refuse";
/// Least wait after WeCom refused for the number of messages: its shortest block (reference 12).
const THROTTLED: Duration = Duration::from_secs(60);
/// Longest time for one message, over all apps: less than the lease of its row, so that no other replica sends it meanwhile.
const SENDING: Duration = Duration::from_secs(100);

/// Sends by WeCom apps. Cheap to clone.
#[derive(Clone)]
pub struct WecomChannel {
    /// The database, for the app's credential.
    pub database: Database,
    /// Opens it.
    pub sealer: Sealer,
    /// Time.
    pub clock: Clock,
    /// Calls WeCom.
    pub wecom: WeCom,
}

impl WecomChannel {
    /// Sends one message to one member (`address`) of the corp of `data_source`.
    pub async fn send(&self, message: &Outgoing) -> Outcome {
        match tokio::time::timeout(SENDING, Box::pin(self.try_apps(message))).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(failure)) => later(None, &failure, None),
            Err(_) => later(None, &WeComFailure::Unreachable.failure().detail("not in time"), None),
        }
    }

    /// Tries the apps of the data source one after the other, as long as each says that it does not reach the member, or that an admin must mend it.
    /// Where nothing is known of what became of an attempt, no other app is tried: the member would be told twice.
    async fn try_apps(&self, message: &Outgoing) -> Result<Outcome> {
        let (Some(data_source), Some(userid)) = (message.data_source, message.address.as_deref()) else {
            return Ok(refused(None, &WeComFailure::NoSender.failure()));
        };
        let senders = senders::find(&self.database, &self.sealer, self.clock.now(), data_source).await?;
        let own = self.own(message).await?;
        let mut found = refused(None, &WeComFailure::NoSender.failure());
        for (at, sender) in senders.iter().enumerate() {
            let outcome = match self.hand_over(sender, (message, userid), &own).await {
                Ok(sent) => accepted(sent, (userid, sender.agent_id)),
                Err(error) => failed(error),
            };
            match outcome {
                Attempt::Settled(outcome) => return Ok(outcome),
                // What may be mended counts for more than that another app does not reach them.
                Attempt::Unreached(outcome) if at == 0 => found = outcome,
                Attempt::Unreached(_) => {}
                Attempt::ToMend(outcome) => {
                    if !matches!(found, Outcome::Later { .. }) {
                        found = outcome;
                    }
                }
            }
        }
        Ok(found)
    }

    async fn own(&self, message: &Outgoing) -> Result<Own> {
        let before = cards::accepted_at(&self.database, message.delivery).await?;
        let id = message.delivery.simple().to_string();
        let settled = match &message.card {
            Some(_) => cards::is_settled(&self.database, &message.subject).await?,
            None => false,
        };
        Ok(Own {
            // Sent again on purpose: WeCom is to take it for another message.
            name: match before {
                Some(at) => format!("{id}-{:x}", at.millis()),
                None => id,
            },
            settled,
        })
    }

    async fn hand_over(
        &self,
        sender: &Sender,
        (message, userid): (&Outgoing, &str),
        own: &Own,
    ) -> Result<Sent, WeComError> {
        let (to, lines) = ([userid], message.lines.join("\n"));
        let link = message.link.as_ref().map(|link| format!("{link}#{}", own.name));
        let Some(link) = link else {
            let whole = format!("{}\n{lines}", message.title);
            let sent = self.wecom.send_text(&sender.credential, &to, &whole).await;
            return sent.map(Sent::Plain);
        };
        let words = |key| text(message.lang, key);
        if let Some(card) = message.card.as_deref().filter(|_| sender.hears && !own.settled) {
            let (approve, refuse) = (words("card-approve"), words("card-refuse"));
            let button = |text, key, warns| CardButton { text, key, warns };
            let card = ButtonCard {
                title: &message.title,
                text: &lines,
                url: &link,
                task_id: &task_id(card, &own.name),
                buttons: &[button(&approve, APPROVE, false), button(&refuse, REFUSE, true)],
            };
            match self.wecom.send_card(&sender.credential, &to, &card).await {
                Err(error) if error.needs_callback() => {}
                answer => return answer.map(Sent::Card),
            }
        }
        let card = TextCard {
            title: &message.title,
            description: &lines,
            url: &link,
            button: &words("card-open"),
        };
        let sent = self.wecom.send_text_card(&sender.credential, &to, &card).await;
        sent.map(Sent::Plain)
    }
}

/// What WeCom took: with buttons, or without.
enum Sent {
    Card(Delivery),
    Plain(Delivery),
}

/// What makes a delivery's content its own.
struct Own {
    /// Its id; with the moment of its acceptance where it was accepted before.
    name: String,
    /// Its matter is settled: there is nothing to press any more.
    settled: bool,
}

/// What one app made of it.
enum Attempt {
    Settled(Outcome),
    /// This app does not reach the member.
    Unreached(Outcome),
    /// An admin must mend something about this app; nothing was sent.
    ToMend(Outcome),
}

fn accepted(sent: Sent, (userid, agent_id): (&str, i64)) -> Attempt {
    let (delivery, has_buttons) = match sent {
        Sent::Card(delivery) => (delivery, true),
        Sent::Plain(delivery) => (delivery, false),
    };
    if delivery
        .undelivered
        .iter()
        .any(|other| other.eq_ignore_ascii_case(userid))
    {
        return Attempt::Unreached(refused(None, &WeComFailure::NotReached.failure()));
    }
    let code = delivery.response_code.as_ref();
    let card = SentCard {
        agent_id,
        response_code: code.map(|code| Secret::new(code.expose().to_owned())),
    };
    Attempt::Settled(Outcome::Accepted {
        status: Some(0),
        provider_id: delivery.message_ids.into_iter().next(),
        card: has_buttons.then_some(card),
    })
}

fn failed(error: WeComError) -> Attempt {
    let (class, status) = (error.class, error.errcode.and_then(|code| i32::try_from(code).ok()));
    let failure = Failure::from(error);
    match class {
        Class::Retry | Class::Token => Attempt::Settled(later(status, &failure, None)),
        Class::Throttled => Attempt::Settled(later(status, &failure, Some(THROTTLED))),
        Class::Admin => Attempt::ToMend(later(status, &failure, None)),
        Class::Outcome => Attempt::Unreached(refused(status, &failure)),
        Class::Restart | Class::Defect => Attempt::Settled(refused(status, &failure)),
    }
}

fn later(status: Option<i32>, failure: &Failure, after: Option<Duration>) -> Outcome {
    let error = sentence(failure);
    Outcome::Later { status, error, after }
}

fn refused(status: Option<i32>, failure: &Failure) -> Outcome {
    let error = sentence(failure);
    Outcome::Refused { status, error }
}

/// Reference number and sentence, with the detail that says what to mend.
fn sentence(failure: &Failure) -> String {
    let told = format!("{}: {}", failure.entry.number, failure.entry.en);
    match &failure.detail {
        Some(detail) => format!("{told} ({detail})"),
        None => told,
    }
}

#[cfg(test)]
#[path = "wecom_tests.rs"]
mod tests;
