//! Our clock against PostgreSQL's and WeCom's.

use std::time::Duration;

use futures_util::FutureExt;

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked, span},
        store,
        surroundings::Surroundings,
    },
    kernel::{clock::Timestamp, failure::Result},
    wecom::ClockReading,
};

pub const CHECK: Check = Check {
    name: "clock",
    about: "the clock",
    rests_on: &["database"],
    look: Of::Installation(|around| look(around).boxed()),
};

/// How far PostgreSQL's clock may be off.
const NEAR: Duration = Duration::from_secs(30);
/// How far WeCom's may be: its header has seconds, and a reply takes a while.
const FAR: Duration = Duration::from_secs(60);
/// How long what WeCom's last reply told counts: clocks are corrected.
const COUNTS: Duration = Duration::from_secs(3600);

/// Another clock beside ours.
struct Other {
    whose: &'static str,
    theirs: Timestamp,
    ours: Timestamp,
    bound: Duration,
}

impl Other {
    fn is_off(&self) -> bool {
        self.theirs.apart(self.ours) > self.bound
    }

    fn words(&self) -> String {
        let (apart, whose) = (span(self.theirs.apart(self.ours)), self.whose);
        match self.ours < self.theirs {
            true => format!("ours is {apart} behind that of {whose}"),
            false => format!("ours is {apart} ahead of that of {whose}"),
        }
    }
}

async fn look(around: &Surroundings) -> Result<Looked> {
    let postgres = store::now_of_server(around.database()?).await?;
    let postgres = postgres.map(|theirs| Other {
        whose: "PostgreSQL",
        theirs,
        ours: around.clock.now(),
        bound: NEAR,
    });
    let read = around.server.as_ref().and_then(|server| server.wecom.server_clock());
    let others: Vec<Other> = postgres
        .into_iter()
        .chain(read.and_then(|read| of_wecom(read, around.clock.now())))
        .collect();
    Ok(judged(&others))
}

fn of_wecom(read: ClockReading, now: Timestamp) -> Option<Other> {
    let other = Other {
        whose: "WeCom",
        theirs: read.theirs,
        ours: read.ours,
        bound: FAR,
    };
    (now.apart(read.ours) <= COUNTS).then_some(other)
}

fn judged(others: &[Other]) -> Looked {
    let words = |all: Vec<&Other>| all.into_iter().map(Other::words).collect::<Vec<_>>().join("; ");
    let off: Vec<&Other> = others.iter().filter(|other| other.is_off()).collect();
    let finding = (!off.is_empty()).then(|| Finding::error(DoctorFinding::ClockOff.entry(), words(off), "NTP"));
    let seen = match others.is_empty() {
        true => "there was nothing to compare it with: WeCom has not answered within the last hour".to_owned(),
        false => words(others.iter().collect()),
    };
    Looked::with(seen, finding.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(whose: &'static str, theirs: i64, bound: Duration) -> Other {
        Other {
            whose,
            theirs: Timestamp::from_secs(theirs),
            ours: Timestamp::from_secs(1000),
            bound,
        }
    }

    #[test]
    fn one_finding_names_all_clocks_that_differ() {
        let near = judged(&[other("PostgreSQL", 1030, NEAR), other("WeCom", 940, FAR)]);
        assert!(near.findings.is_empty(), "{near:?}");
        let far = judged(&[other("PostgreSQL", 1031, NEAR), other("WeCom", 939, FAR)]);
        let [finding] = &far.findings[..] else {
            panic!("{far:?}")
        };
        assert_eq!(
            finding.seen,
            "ours is 31 s behind that of PostgreSQL; ours is 61 s ahead of that of WeCom"
        );
    }

    #[test]
    fn what_wecom_said_long_ago_does_not_count() {
        let ours = Timestamp::from_secs(1000);
        let read = ClockReading { theirs: ours, ours };
        assert!(of_wecom(read, ours.plus(COUNTS)).is_some());
        assert!(of_wecom(read, ours.plus(COUNTS * 2)).is_none());
    }
}
