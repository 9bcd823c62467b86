//! Tests of what is kept of the answers that a probe gets, and of the problems that follow.

use std::time::Duration;

use super::*;
use crate::{
    directory::probe::{
        model::Kept,
        problems::{Probing, problems},
    },
    kernel::clock::Timestamp,
    wecom::Class,
};

const NOW: Timestamp = Timestamp::from_secs(1_760_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn error(call: &'static str, errcode: Option<i64>) -> WeComError {
    WeComError {
        call,
        class: match errcode {
            None | Some(-1) => Class::Retry,
            Some(_) => Class::Admin,
        },
        errcode,
        message: "words".to_owned(),
        observed_ip: None,
        export: None,
    }
}

fn agent(departments: Vec<i64>) -> Agent {
    Agent {
        agent_id: 7,
        name: "app".to_owned(),
        users: Vec::new(),
        malformed: Vec::new(),
        departments,
        tags: Vec::new(),
        closed: false,
        redirect_domain: None,
    }
}

fn of_contacts(rows: Vec<Row>) -> Probed {
    Probed { rows, app: None }
}

fn numbers(kept: &Kept) -> Vec<&'static str> {
    let of = Probing::App {
        agent_id: 7,
        members: None,
        filled: false,
    };
    problems(kept, of).iter().map(|problem| problem.number).collect()
}

/// The row lists of a probe that gets no answer: at the token, at the first call after it.
fn outages(capability: Capability, call: &'static str) -> Vec<Vec<Row>> {
    let lists = [error("gettoken", None), error(call, None), error(call, Some(-1))];
    lists.iter().map(|error| after_token(capability, error)).collect()
}

#[test]
fn an_outage_heals_no_fault_of_an_app_and_is_told_beside_it() {
    for (errcode, number) in [(60020, "DI-212"), (301_002, "DI-213"), (50003, "DI-206")] {
        let before = Kept::after(app(Err(error("agent/get", Some(errcode))), 7), None, NOW, 0);
        assert_eq!(numbers(&before), [number]);
        for rows in outages(Capability::App, "agent/get") {
            let after = Kept::after(of_contacts(rows), Some(&before), NOW.plus(HOUR), 0);
            assert_eq!(after.rows, before.rows, "{errcode}");
            assert_eq!(numbers(&after), [number, "DI-217"]);
            assert_eq!((after.at, after.tried_at), (Some(NOW), Some(NOW.plus(HOUR))));
            let again = Kept::after(app(Ok(agent(vec![1])), 7), Some(&after), NOW.plus(HOUR * 2), 0);
            assert_eq!(numbers(&again), [""; 0], "{errcode}");
            assert_eq!(again.at, Some(NOW.plus(HOUR * 2)));
        }
    }
}

#[test]
fn what_was_not_asked_for_want_of_an_answer_stays_known() {
    let withheld = Row::failed(Capability::MemberDetails, &error("user/get", Some(48009)));
    let known = vec![
        token(),
        Row::yes(Capability::Departments, "1 departments."),
        Row::yes(Capability::MemberIds, "WeCom lists the members' userids."),
        withheld,
    ];
    let before = Kept::after(of_contacts(known), None, NOW, 0);
    for rows in outages(Capability::Departments, "department/simplelist") {
        let rows = without_members(rows);
        let after = Kept::after(of_contacts(rows), Some(&before), NOW.plus(HOUR), 0);
        assert_eq!(after.rows, before.rows);
    }
    // An answer says why nothing else was asked.
    let refused = after_token(Capability::Departments, &error("department/simplelist", Some(60020)));
    let after = Kept::after(of_contacts(without_members(refused)), Some(&before), NOW.plus(HOUR), 0);
    let outcomes: Vec<Outcome> = after.rows.iter().map(|row| row.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Yes, Outcome::No, Outcome::Unknown, Outcome::Unknown]
    );
    assert!(after.unanswered.is_none());
}

#[test]
fn a_description_that_is_carried_over_keeps_its_age() {
    let before = Kept::after(app(Ok(agent(Vec::new())), 7), None, NOW, 0);
    assert_eq!(numbers(&before), ["DI-215"]);
    let after = Kept::after(
        app(Err(error("agent/get", Some(60020))), 7),
        Some(&before),
        NOW.plus(HOUR),
        0,
    );
    assert_eq!(after.app.and_then(|app| app.seen_at), Some(NOW));
    assert_eq!(after.at, Some(NOW.plus(HOUR)));
}

#[test]
fn only_the_list_of_members_tells_that_a_contacts_secret_is_an_apps() {
    let kind = |capability, call| Row::failed(capability, &error(call, Some(48002))).fault;
    assert_eq!(kind(Capability::MemberIds, "user/list_id"), Some(Fault::WrongKind));
    assert_eq!(kind(Capability::App, "agent/get"), Some(Fault::WrongKind));
    let others = [
        (Capability::Departments, "department/simplelist"),
        (Capability::MemberDetails, "user/get"),
    ];
    for (capability, call) in others {
        assert_eq!(kind(capability, call), Some(Fault::NotPermitted), "{call}");
        let rows = vec![token(), Row::failed(capability, &error(call, Some(48002)))];
        assert!(of_contacts(rows).refusal().is_none(), "{call}");
    }
}

#[test]
fn what_was_saved_untried_is_tried_soon_and_not_proven() {
    let kept = Kept::untried(NOW, "Not tried yet.");
    assert_eq!(numbers(&kept), ["DI-217"]);
    assert_eq!((kept.at, kept.tried_at), (None, None));
    assert_eq!(kept.next_at, NOW.plus(Duration::from_secs(600)).millis());
}
