//! What is told of a decision: what each check saw, who visits, its span and its counts. Pure but for what it tells.

use super::{
    checks::{CHECKS, Chain},
    facts::{Facts, Identity, Live},
    failure::GateFailure,
    live_looks::Occasion,
    permit::Refusal,
    seen::SeenCheck,
};
use crate::{
    audit::actor,
    directory::offboarding::model::STATUS_ACTIVE as ACTIVE,
    kernel::spans::{self, Attribute},
    telemetry::metrics,
};

/// Every check with its result and what it saw, in the gate's order.
pub(super) fn seen_checks(facts: &Facts, chain: &Chain) -> Vec<SeenCheck> {
    let seen = CHECKS.iter().zip(chain).map(|(check, &(name, passed))| SeenCheck {
        check: name,
        passed,
        saw: (check.saw)(facts),
    });
    seen.collect()
}

/// What the span of a decision says: which visit, what WeCom said, and what follows; of people nothing.
pub(super) fn told_of(facts: &Facts, kind: &'static str, refusal: Option<GateFailure>) -> Vec<Attribute> {
    let mut told: Vec<Attribute> = vec![
        ("menjin.gate.visit", kind.into()),
        ("menjin.gate.wecom", facts.live.word().into()),
        ("menjin.gate.admitted", refusal.is_none().into()),
        ("menjin.client_id", facts.portal.client_id.clone().into()),
    ];
    told.extend(refusal.map(|reason| ("menjin.number", reason.entry().number.into())));
    told
}

/// Which checks were made for a visit that is refused, and the code under which the audit log has them.
pub(super) fn tell_span(refusal: &Refusal) {
    spans::attributes(|| vec![("menjin.reference", refusal.reference.clone().into())]);
    for SeenCheck { check, passed, .. } in &refusal.seen {
        let (check, passed) = (*check, *passed);
        spans::event("gate.check", None, || {
            vec![
                ("menjin.gate.check", check.into()),
                ("menjin.gate.passed", passed.into()),
            ]
        });
    }
}

/// Counts a decision: how old the membership was, what WeCom said of it, and why the visit was refused.
pub(super) fn measure(facts: &Facts, kind: &'static str, refusal: Option<GateFailure>) {
    if let Some(reason) = refusal {
        metrics::refusal(kind, reason.entry().number);
    }
    let occasion = match facts.session {
        Some(_) => Occasion::SESSION,
        None => Occasion::SIGN_IN,
    };
    let outcome = match (facts.live, refusal) {
        (Live::NotAsked, _) => None,
        (Live::Visible { status: Some(ACTIVE) }, _) => Some("confirmed"),
        (Live::Visible { .. }, _) => Some("inactive"),
        (Live::NotVisible, _) => Some("gone"),
        (Live::OtherIds, _) => Some("other_ids"),
        (Live::OverBudget, None) => Some("over_budget_covered"),
        (Live::OverBudget, Some(_)) => Some("over_budget"),
        (Live::Unreachable, None) => Some("covered_by_grace"),
        (Live::Unreachable, Some(GateFailure::GraceOver)) => Some("grace_over"),
        (Live::Unreachable, Some(_)) => Some("no_answer"),
    };
    if let Some(outcome) = outcome {
        metrics::membership_check(occasion, outcome);
    }
    let confirmed = facts.member.as_ref().filter(|member| member.checked_at.millis() > 0);
    if let Some(member) = confirmed {
        let decision = if refusal.is_none() { "admitted" } else { "refused" };
        metrics::membership_age(kind, decision, facts.now.since(member.checked_at));
    }
}

/// Who visits, in the audit log's words.
pub(super) fn who(facts: &Facts) -> String {
    let data_source = facts.data_source.as_ref();
    let of_source = data_source.map(|source| (source.corp_id.as_str(), source.corp_key.as_str()));
    let auth_source = facts.auth_source.as_ref();
    let of_auth_source = auth_source.map(|source| (source.corp_id.as_str(), source.corp_key.as_str()));
    let (corp, corp_key) = of_auth_source.or(of_source).unwrap_or_default();
    match &facts.identity {
        Identity::Member { userid } => actor::member(corp_key, userid),
        Identity::Local { user } => format!("user:{user}"),
        Identity::LinkedCorp => format!("linked:{corp}"),
        Identity::OtherCorp { corp_id } => format!("other:{corp_id}"),
        Identity::Outsider => format!("outsider:{corp}"),
    }
}
