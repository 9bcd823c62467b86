//! Suite tickets, and the tokens of suites and providers (reference §0.3, §9.1).

use std::collections::HashMap;

use rand::rngs::StdRng;

use crate::errmsg::{Refusal, alphanumeric, refusal};
use crate::tokens::LIFETIME;

/// A ticket is good for thirty minutes, in seconds.
const TICKET_LIFETIME: u64 = 1800;
/// A new ticket is pushed every ten minutes, in seconds.
const PUSH_INTERVAL: u64 = 600;

/// Tickets made so far, and when the clock pushed one last.
#[derive(Default)]
pub(crate) struct SuiteTickets {
    made: HashMap<String, Vec<(String, u64)>>,
    pushed: HashMap<String, u64>,
}

impl SuiteTickets {
    /// Makes a ticket. Those before stay good for their time.
    pub(crate) fn make(&mut self, suite_id: &str, now: u64, rng: &mut StdRng) -> String {
        let ticket = alphanumeric(rng, 64);
        let made = self.made.entry(suite_id.to_owned()).or_default();
        made.retain(|(_, at)| now < at + TICKET_LIFETIME);
        made.push((ticket.clone(), now));
        ticket
    }

    pub(crate) fn is_good(&self, suite_id: &str, ticket: &str, now: u64) -> bool {
        let made = self.made.get(suite_id).into_iter().flatten();
        made.filter(|(_, at)| now < at + TICKET_LIFETIME)
            .any(|(good, _)| good == ticket)
    }

    /// Whether the clock says that the next ticket is to be pushed; if so, it counts as pushed.
    pub(crate) fn is_due(&mut self, suite_id: &str, now: u64) -> bool {
        let last = self.pushed.get(suite_id).copied();
        if last.is_some_and(|last| now < last + PUSH_INTERVAL) {
            return false;
        }
        self.pushed.insert(suite_id.to_owned(), now);
        true
    }

    /// The next look at the clock pushes a ticket: a command callback was saved.
    pub(crate) fn forget_push(&mut self, suite_id: &str) {
        self.pushed.remove(suite_id);
    }
}

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    /// `suite_access_token`.
    Suite(String),
    /// `provider_access_token`.
    Provider(String),
}

struct Issued {
    holder: Holder,
    secret: String,
    expires: u64,
    forced: Option<i32>,
}

/// Tokens of suites and providers.
#[derive(Default)]
pub(crate) struct ServiceTokens {
    issued: HashMap<String, Issued>,
    current: HashMap<Holder, String>,
}

impl ServiceTokens {
    /// The valid token if `reuse`, else a new one.
    pub(crate) fn fetch(&mut self, holder: Holder, secret: &str, now: u64, reuse: bool, rng: &mut StdRng) -> String {
        let current = self.current.get(&holder).filter(|_| reuse);
        if let Some(token) = current
            && let Some(issued) = self.issued.get(token)
            && issued.forced.is_none()
            && issued.expires > now
            && issued.secret == secret
        {
            return token.clone();
        }
        let token = alphanumeric(rng, 214);
        self.current.insert(holder.clone(), token.clone());
        let issued = Issued {
            holder,
            secret: secret.to_owned(),
            expires: now + LIFETIME,
            forced: None,
        };
        self.issued.insert(token.clone(), issued);
        token
    }

    /// Whose token it is and the secret it was fetched with; 40082 for unknown ones, 42009 for expired ones.
    pub(crate) fn check(&self, token: &str, now: u64) -> Result<(&Holder, &str), Refusal> {
        let issued = self.issued.get(token).ok_or_else(|| refusal(40082))?;
        match issued.forced {
            Some(code) => Err(refusal(code)),
            None if issued.expires <= now => Err(refusal(42009)),
            None => Ok((&issued.holder, &issued.secret)),
        }
    }

    /// Invalidates every token given out so far: they answer this code.
    pub(crate) fn expire(&mut self, code: i32) {
        self.issued.values_mut().for_each(|issued| issued.forced = Some(code));
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_ticket_is_good_for_thirty_minutes_beside_newer_ones() {
        let (mut tickets, mut rng) = (SuiteTickets::default(), StdRng::seed_from_u64(1));
        let first = tickets.make("ww1", 1000, &mut rng);
        let second = tickets.make("ww1", 1600, &mut rng);
        assert!(tickets.is_good("ww1", &first, 2799) && tickets.is_good("ww1", &second, 2799));
        assert!(!tickets.is_good("ww1", &first, 2800) && tickets.is_good("ww1", &second, 3399));
        assert!(!tickets.is_good("ww2", &second, 1600) && !tickets.is_good("ww1", "x", 1600));
    }

    #[test]
    fn the_clock_pushes_every_ten_minutes_and_the_latest_only() {
        let mut tickets = SuiteTickets::default();
        assert!(tickets.is_due("ww1", 1000) && !tickets.is_due("ww1", 1599) && tickets.is_due("ww1", 1600));
        assert!(tickets.is_due("ww1", 9000) && !tickets.is_due("ww1", 9001) && tickets.is_due("ww2", 9001));
    }
}
