//! What is wrong with a suite: no ticket, an old one, credentials that WeCom refuses, callbacks of which nothing was accepted since. Pure.

use super::{
    failure::SuiteFailure,
    model::{Callback, FIRST_TICKET, Failing, RefusedWith, Suite, is_ticket_valid, ticket_expires},
};
use crate::{
    directory::{console_place::SUITE_CALLBACKS, setup_problem::Problem, wecom_events::CallbackFailure},
    kernel::{clock::Timestamp, failure::Entry},
    wecom::WeComFailure,
};

/// Why requests at a callback were refused.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// Where.
    pub callback: Callback,
    /// The reason.
    pub entry: &'static Entry,
    /// First.
    pub first_at: Timestamp,
    /// Last, to the minute.
    pub last_at: Timestamp,
}

impl Refused {
    /// As it was recorded; `None`: its number is none that there is.
    pub fn of(recorded: &RefusedWith) -> Option<Self> {
        Some(Self {
            callback: recorded.callback,
            entry: reason(&recorded.number)?,
            first_at: recorded.first_at,
            last_at: recorded.last_at,
        })
    }

    /// In the shape of everything that is wrong.
    pub fn problem(&self) -> Problem {
        let mut problem = Problem::of(self.entry, format!("{} callback", self.callback.word()));
        problem.since = Some(self.last_at);
        problem.place = Some(SUITE_CALLBACKS);
        problem
    }
}

/// The entry of a number that says what is wrong with a callback of a suite.
pub fn reason(number: &str) -> Option<&'static Entry> {
    let of_envelope = WeComFailure::ENTRIES
        .iter()
        .filter(|entry| entry.number.starts_with("WC-18"));
    let others = [
        CallbackFailure::Stale.entry(),
        CallbackFailure::AnsweredBefore.entry(),
        SuiteFailure::OtherSuite.entry(),
    ];
    of_envelope.chain(others).find(|entry| entry.number == number)
}

/// Everything that is wrong with a suite now. `refused`: the last one first.
pub fn of(suite: &Suite, refused: &[Refused], now: Timestamp) -> Vec<Problem> {
    let standing = [Callback::Command, Callback::Data].map(|callback| {
        let accepted = suite.accepted(callback).last();
        let last = refused.iter().find(|one| one.callback == callback);
        let last = last.filter(|one| accepted.is_none_or(|accepted| one.last_at > accepted));
        last.map(Refused::problem)
    });
    let told = ticket(suite, now)
        .into_iter()
        .chain(credential(suite))
        .chain(provider(suite));
    told.chain(standing.into_iter().flatten()).collect()
}

fn ticket(suite: &Suite, now: Timestamp) -> Option<Problem> {
    let Some(told_at) = suite.ticket_at else {
        let entered = Timestamp::from_millis(suite.created_at);
        let mut problem = Problem::of(SuiteFailure::NoTicket.entry(), "");
        problem.since = Some(entered);
        return (now >= entered.plus(FIRST_TICKET)).then_some(problem);
    };
    let mut problem = Problem::of(SuiteFailure::TicketExpired.entry(), "");
    problem.since = Some(ticket_expires(told_at));
    (!is_ticket_valid(told_at, now)).then_some(problem)
}

fn credential(suite: &Suite) -> Option<Problem> {
    suite.failing.as_ref().and_then(failed)
}

fn provider(suite: &Suite) -> Option<Problem> {
    match suite.provider_corp_id {
        None => Some(Problem::of(SuiteFailure::NoProvider.entry(), "")),
        Some(_) => suite.provider_failing.as_ref().and_then(failed),
    }
}

fn failed(failing: &Failing) -> Option<Problem> {
    let mut problem = Problem::of_number(&failing.number, failing.detail.clone())?;
    problem.since = failing.since;
    Some(problem)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;
    use crate::{directory::suite::model::Accepted, kernel::entity_tag::EntityTag};

    const ENTERED: Timestamp = Timestamp::from_millis(1_760_000_000_000);

    fn suite() -> Suite {
        Suite {
            id: Uuid::from_u128(1),
            etag: EntityTag::default(),
            name: "门禁".to_owned(),
            description: String::new(),
            suite_id: "ww1".to_owned(),
            secret_sealed: String::new(),
            provider_corp_id: Some("ww9".to_owned()),
            provider_secret_set: false,
            ticket_at: None,
            command: Accepted::default(),
            data: Accepted::default(),
            checked_at: None,
            failing: None,
            provider_failing: None,
            created_at: ENTERED.millis(),
            updated_at: ENTERED.millis(),
        }
    }

    fn numbers(suite: &Suite, refused: &[Refused], after: u64) -> Vec<&'static str> {
        let now = ENTERED.plus(Duration::from_secs(after));
        of(suite, refused, now).iter().map(|problem| problem.number).collect()
    }

    #[test]
    fn without_the_provider_it_is_said_who_can_verify_and_what_its_secret_was_refused_for_otherwise() {
        let mut suite = suite();
        suite.provider_failing = Some(Failing {
            number: "SU-129".to_owned(),
            detail: "WeCom code 40001".to_owned(),
            since: Some(ENTERED),
        });
        assert_eq!(numbers(&suite, &[], 1), ["SU-129"]);
        suite.provider_corp_id = None;
        assert_eq!(numbers(&suite, &[], 1), ["SU-128"]);
    }

    #[test]
    fn a_first_ticket_is_waited_for_and_an_old_one_is_told() {
        let mut suite = suite();
        assert!(numbers(&suite, &[], 1199).is_empty());
        assert_eq!(numbers(&suite, &[], 1200), ["SU-120"]);
        suite.ticket_at = Some(ENTERED);
        assert!(numbers(&suite, &[], 1799).is_empty());
        assert_eq!(numbers(&suite, &[], 1800), ["SU-121"]);
    }

    #[test]
    fn a_refusal_stands_until_something_is_accepted_at_the_same_callback() {
        let refused = Refused {
            callback: Callback::Command,
            entry: reason("WC-181").unwrap(),
            first_at: ENTERED,
            last_at: ENTERED.plus(Duration::from_secs(60)),
        };
        let mut suite = suite();
        assert_eq!(numbers(&suite, &[refused], 61), ["WC-181"]);
        suite.data.received_at = Some(ENTERED.plus(Duration::from_secs(90)));
        assert_eq!(
            numbers(&suite, &[refused], 91),
            ["WC-181"],
            "that was the other callback"
        );
        suite.command.received_at = suite.data.received_at;
        assert!(numbers(&suite, &[refused], 91).is_empty());
    }

    #[test]
    fn what_wecom_said_of_the_secret_is_told_with_its_words() {
        let mut suite = suite();
        suite.ticket_at = Some(ENTERED);
        suite.failing = Some(Failing {
            number: "SU-122".to_owned(),
            detail: "WeCom code 40080".to_owned(),
            since: None,
        });
        let problems = of(&suite, &[], ENTERED);
        let told: Vec<_> = problems.iter().map(|one| (one.number, one.detail.as_str())).collect();
        assert_eq!(told, [("SU-122", "WeCom code 40080")]);
        assert!(problems.iter().all(|one| one.place.is_some()));
    }
}
