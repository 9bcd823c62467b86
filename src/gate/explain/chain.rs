//! Judges facts by the gate's own table, and tells the judgement. Pure.

use super::{
    expected::expected,
    model::{Asked, Candidate, Way},
    view::{Change, CheckView, Filter, PersonExplanation, PersonLine, Reason, Remedy, Today, WayExplanation, WayLine},
};
use crate::{
    gate::{
        checks::{CHECKS, judge},
        facts::{Facts, Identity, Live},
        failure::GateFailure,
    },
    kernel::failure::{Entry, Failure},
};

/// The facts of a visit to which WeCom answers what it said last, or nothing.
pub fn as_if_asked(mut facts: Facts, wecom_down: bool) -> Facts {
    facts.live = match facts.identity {
        Identity::Member { .. } if wecom_down => Live::Unreachable,
        _ => expected(&facts),
    };
    facts
}

impl Reason {
    /// A reason from the catalogue.
    pub const fn of(entry: &'static Entry) -> Self {
        Self {
            number: entry.number,
            en: entry.en,
            zh: entry.zh,
            remedy: entry.remedy,
            remedy_zh: entry.remedy_zh,
            detail: None,
        }
    }
}

impl From<&Failure> for Reason {
    fn from(failure: &Failure) -> Self {
        Self {
            detail: failure.detail.clone(),
            ..Self::of(failure.entry)
        }
    }
}

/// Every check of one way.
pub fn explained(way: &Way, facts: &Facts, asked: &Asked) -> WayExplanation {
    let (chain, refusal) = judge(facts);
    let judged = || CHECKS.iter().zip(&chain).map(|(check, (_, passed))| (check, *passed));
    let failed = || judged().filter(|(_, passed)| !passed).map(|(check, _)| check);
    WayExplanation {
        way: way.kind(),
        auth_source_id: way.auth_source(),
        auth_source: way.name(),
        admitted: refusal.is_none() && !matches!(asked, Asked::Failed(_)),
        refusal: refusal.map(|reason| Reason::of(reason.entry())),
        asked_wecom: matches!(asked, Asked::Yes),
        wecom_failure: asked.failure().map(Reason::from),
        checks: judged()
            .map(|(check, passed)| CheckView {
                check: check.name,
                passed,
                decided_by: check.decided_by,
                saw: (check.saw)(facts),
                refusal: (!passed).then(|| Reason::of(check.refusal.entry())),
            })
            .collect(),
        would_let_in: failed()
            .map(|check| Remedy {
                check: check.name,
                number: check.refusal.entry().number,
                remedy: check.refusal.entry().remedy,
                remedy_zh: check.refusal.entry().remedy_zh,
            })
            .collect(),
        today: None,
    }
}

/// Somebody with all of their ways.
pub fn person(candidate: Candidate, ways: Vec<WayExplanation>) -> PersonExplanation {
    PersonExplanation {
        person: candidate.person,
        admitted: ways.iter().any(|way| way.admitted),
        no_way: ways.is_empty().then(|| Reason::of(GateFailure::NoWayIn.entry())),
        ways,
    }
}

/// The judgement of one way: admitted, or the number of the refusal.
pub fn judgement(facts: Facts, wecom_down: bool) -> Today {
    let (_, refusal) = judge(&as_if_asked(facts, wecom_down));
    Today {
        admitted: refusal.is_none(),
        number: refusal.map(|reason| reason.entry().number),
    }
}

/// Somebody in a list: as things stand, or as they would where `imagined` says otherwise (with whether WeCom is down then).
pub fn line(stands: Candidate, imagined: Option<(Candidate, bool)>, filter: &Filter) -> PersonLine {
    let today: Vec<(Way, Today)> = judged(stands.ways, false).collect();
    let ways: Vec<WayLine> = match imagined {
        None => today.iter().map(|(way, today)| way_line(way, *today, None)).collect(),
        Some((imagined, wecom_down)) => {
            let then = judged(imagined.ways, wecom_down).map(|(_, then)| then);
            let both = today.iter().zip(then);
            both.map(|((way, today), then)| way_line(way, then, Some(*today)))
                .collect()
        }
    };
    let compared = ways.iter().any(|way| way.today.is_some());
    let ways: Vec<WayLine> = ways.into_iter().filter(|way| filter.counts(way)).collect();
    let whole = best(ways.iter().map(|way| Today {
        admitted: way.admitted,
        number: way.number,
    }));
    let today = compared.then(|| best(ways.iter().filter_map(|way| way.today)));
    PersonLine {
        person: stands.person,
        admitted: whole.admitted,
        number: whole.number,
        today,
        change: today.and_then(|today| change(today.admitted, whole.admitted)),
        ways,
    }
}

fn judged(ways: Vec<(Way, Facts)>, wecom_down: bool) -> impl Iterator<Item = (Way, Today)> {
    ways.into_iter()
        .map(move |(way, facts)| (way, judgement(facts, wecom_down)))
}

fn way_line(way: &Way, judged: Today, today: Option<Today>) -> WayLine {
    WayLine {
        way: way.kind(),
        auth_source_id: way.auth_source(),
        auth_source: way.name(),
        admitted: judged.admitted,
        number: judged.number,
        today,
    }
}

/// Admitted where one way admits; else the refusal of the first, or that there is none.
fn best(mut ways: impl Iterator<Item = Today> + Clone) -> Today {
    let none = Today {
        admitted: false,
        number: Some(GateFailure::NoWayIn.entry().number),
    };
    let first = ways.clone().next().unwrap_or(none);
    ways.find(|way| way.admitted).unwrap_or(first)
}

const fn change(today: bool, then: bool) -> Option<Change> {
    match (today, then) {
        (false, true) => Some(Change::Admitted),
        (true, false) => Some(Change::Refused),
        _ => None,
    }
}
