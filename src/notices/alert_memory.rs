//! What alerts need where the database does not take or tell anything: who subscribed, and what they were told. Pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use uuid::Uuid;

use super::channel::settings::Settings;
use crate::{
    kernel::{clock::Timestamp, secret::Secret},
    web::texts::Lang,
};

/// How often a subscription is tried with one trouble: at one look each, which is an hour in all.
const TRIES: u32 = 12;
/// After how long without having been found a trouble counts as another one: the outage is over, though this replica did not see its end.
const OVER: Duration = Duration::from_secs(2 * 60 * 60);
/// Most troubles and subscriptions that are remembered to have been told.
const MOST: usize = 500;

/// Somebody who subscribed to alerts, and all it takes to tell them.
#[derive(Clone)]
pub struct Contact {
    /// Row id of the subscription.
    pub subscription: Uuid,
    /// The channel's settings: e-mail or webhook.
    pub settings: Settings,
    /// Password or key.
    pub secret: Option<Secret<String>>,
    /// E-mail address; `None`: the channel needs none.
    pub address: Option<String>,
    /// Language.
    pub lang: Lang,
}

/// A trouble on its way to a subscription.
#[derive(Clone, Copy, Debug)]
pub(in crate::notices) struct Attempt {
    /// The message's id, the same at each try.
    id: Uuid,
    /// How often it may still be tried; 0: no more, or it was accepted.
    left: u32,
    /// When the trouble was found last.
    found_at: Timestamp,
}

/// Who is told, and was.
#[derive(Default)]
pub(in crate::notices) struct Memory {
    pub(in crate::notices) contacts: Vec<Contact>,
    pub(in crate::notices) attempts: BTreeMap<(String, Uuid), Attempt>,
    /// Troubles of which the last look could not make out whether they are written.
    pub(in crate::notices) doubted: BTreeSet<String>,
}

/// What is held in memory. Clones share it.
#[derive(Clone, Default)]
pub struct AlertMemory(Arc<Mutex<Memory>>);

impl AlertMemory {
    pub(in crate::notices) fn with<R>(&self, use_it: impl FnOnce(&mut Memory) -> R) -> R {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who is to be told of this now, and under which id, which `new_id` makes for a subscription.
    pub(in crate::notices) fn due(
        &self,
        subject: &str,
        now: Timestamp,
        new_id: impl Fn(Uuid) -> Uuid,
    ) -> Vec<(Contact, Uuid)> {
        self.with(|memory| {
            let mut due = Vec::new();
            memory.attempts.retain(|_, attempt| now.since(attempt.found_at) < OVER);
            for contact in &memory.contacts {
                let key = (subject.to_owned(), contact.subscription);
                if !memory.attempts.contains_key(&key) && memory.attempts.len() >= MOST {
                    continue;
                }
                let attempt = memory.attempts.entry(key).or_insert_with(|| Attempt {
                    id: new_id(contact.subscription),
                    left: TRIES,
                    found_at: now,
                });
                attempt.found_at = now;
                if attempt.left > 0 {
                    attempt.left = attempt.left.saturating_sub(1);
                    due.push((contact.clone(), attempt.id));
                }
            }
            due
        })
    }

    /// Notes whether it is in doubt that this trouble is written; true where it is, and was not at the last look.
    pub(in crate::notices) fn waits(&self, subject: &str, in_doubt: bool) -> bool {
        self.with(|memory| match in_doubt && !memory.doubted.contains(subject) {
            true => memory.doubted.insert(subject.to_owned()),
            false => {
                memory.doubted.remove(subject);
                false
            }
        })
    }

    /// Nothing is in doubt about troubles that are not among these.
    pub(in crate::notices) fn forget_but(&self, found: &[String]) {
        self.with(|memory| memory.doubted.retain(|subject| found.contains(subject)));
    }

    pub(in crate::notices) fn settled(&self, subject: &str, subscription: Uuid) {
        self.with(|memory| {
            if let Some(attempt) = memory.attempts.get_mut(&(subject.to_owned(), subscription)) {
                attempt.left = 0;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_doubt_waits_for_one_look() {
        let memory = AlertMemory::default();
        let looks = [true, true, true, false, true].map(|in_doubt| memory.waits("alert:DR-110:x", in_doubt));
        assert_eq!(looks, [true, false, true, false, true]);
        memory.forget_but(&[]);
        assert!(memory.waits("alert:DR-110:x", true), "it was gone");
    }

    #[test]
    fn a_subscription_is_told_of_a_trouble_once_and_tried_so_often() {
        let emergency = AlertMemory::default();
        let contact = |number| Contact {
            subscription: Uuid::from_u128(number),
            settings: Settings::Wecom,
            secret: None,
            address: None,
            lang: Lang::En,
        };
        emergency.with(|memory| memory.contacts = vec![contact(1), contact(2)]);
        let made = std::cell::Cell::new(0);
        let new_id = |_| {
            made.set(made.get() + 1);
            Uuid::from_u128(made.get())
        };
        let at = Timestamp::from_secs;
        let due = |now| emergency.due("alert:DR-110:x", now, new_id);
        let first = due(at(0));
        assert_eq!(first.len(), 2);
        emergency.settled("alert:DR-110:x", Uuid::from_u128(1));
        for look in 1..TRIES {
            let again = due(at(i64::from(look) * 300));
            assert_eq!(again.len(), 1);
            assert_eq!(again[0].1, first[1].1, "under the same id");
        }
        let hours = |hours: i64| at(3300 + hours * 3600);
        assert!(due(hours(1)).is_empty(), "tried often enough");
        assert!(due(hours(2)).is_empty(), "it lasts");
        assert_eq!(
            emergency.due("alert:DR-111:x", hours(2), new_id).len(),
            2,
            "another trouble"
        );
        assert_eq!(due(hours(4)).len(), 2, "the next outage");
    }
}
