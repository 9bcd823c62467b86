//! Tests of what is kept of probes.

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_760_000_000);

fn row(fault: Option<Fault>) -> Row {
    let outcome = match fault {
        None => Outcome::Yes,
        Some(Fault::NoAnswer) => Outcome::Unknown,
        Some(_) => Outcome::No,
    };
    Row {
        fault,
        ..Row::new(Capability::App, outcome, "words")
    }
}

fn probed(fault: Option<Fault>) -> Probed {
    Probed {
        rows: vec![row(fault)],
        app: None,
    }
}

fn gap(kept: &Kept, now: Timestamp) -> u64 {
    Timestamp::from_millis(kept.next_at).since(now).as_secs()
}

#[test]
fn what_is_well_is_probed_within_a_day_and_not_all_at_once() {
    for jitter in (0..=u16::MAX).step_by(4369) {
        let kept = Kept::after(probed(None), None, NOW, jitter);
        assert!((22 * 3600..=24 * 3600).contains(&gap(&kept, NOW)), "{jitter}");
        assert!(kept.is_settled());
    }
    let (first, last) = (0, u16::MAX);
    let gaps = [first, last].map(|jitter| gap(&Kept::after(probed(None), None, NOW, jitter), NOW));
    assert_ne!(gaps[0], gaps[1]);
}

#[test]
fn what_is_wrong_is_looked_at_again_with_growing_gaps_and_remembers_since_when() {
    let (mut now, mut kept, mut gaps) = (NOW, None, Vec::new());
    for _ in 0..7 {
        let next = Kept::after(probed(Some(Fault::IpNotTrusted)), kept.as_ref(), now, 0);
        gaps.push(gap(&next, now) / 60);
        now = Timestamp::from_millis(next.next_at);
        kept = Some(next);
    }
    assert_eq!(gaps, [10, 10, 20, 40, 60, 60, 60]);
    assert_eq!(kept.unwrap().rows[0].since, Some(NOW));
}

#[test]
fn no_answer_proves_nothing() {
    let later = NOW.plus(DAILY);
    for known in [None, Some(Fault::AgentWrong)] {
        let before = Kept::after(probed(known), None, NOW, 0);
        let after = Kept::after(probed(Some(Fault::NoAnswer)), Some(&before), later, 0);
        assert_eq!(after.rows, before.rows, "{known:?}");
        assert!(gap(&after, later) <= SELDOM.as_secs(), "{known:?}");
    }
    let never = Kept::after(probed(Some(Fault::NoAnswer)), None, NOW, 0);
    assert!(!never.is_settled() && never.missing_for(Fault::NoAnswer).is_some());
}

#[test]
fn another_fault_begins_anew() {
    let before = Kept::after(probed(Some(Fault::IpNotTrusted)), None, NOW, 0);
    let later = NOW.plus(SELDOM);
    let after = Kept::after(probed(Some(Fault::AppDisabled)), Some(&before), later, 0);
    assert_eq!(after.rows[0].since, Some(later));
}

#[test]
fn only_what_is_wrong_with_the_credential_itself_keeps_it_from_being_saved() {
    let refused = [
        Fault::SecretWrong,
        Fault::CorpIdWrong,
        Fault::AgentWrong,
        Fault::WrongKind,
    ];
    let told = [
        Fault::AppDisabled,
        Fault::IpNotTrusted,
        Fault::DetailsForbidden,
        Fault::NotPermitted,
        Fault::NoAnswer,
    ];
    assert!(refused.iter().all(|fault| probed(Some(*fault)).refusal().is_some()));
    assert!(told.iter().all(|fault| probed(Some(*fault)).refusal().is_none()));
}
