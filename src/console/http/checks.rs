//! The chain of the gate's checks, as the API tells it and pages show it.

use serde::Deserialize;
use serde_json::Value;

use super::values::{self, Fact};

/// One check of the gate.
#[derive(Deserialize)]
pub(super) struct Check {
    pub check: String,
    /// None: it was not made.
    pub passed: Option<bool>,
    pub saw: Value,
    #[serde(default)]
    pub refusal: Option<Reason>,
}

/// A failure in words.
#[derive(Clone, Deserialize)]
pub(super) struct Reason {
    pub number: String,
    pub en: String,
    pub zh: String,
    pub remedy: String,
    pub remedy_zh: String,
}

/// A way of signing in, and what the gate says of it.
#[derive(Clone, Deserialize)]
pub(super) struct Way {
    pub way: String,
    pub auth_source: Option<String>,
    pub admitted: bool,
    pub refusal: Option<Reason>,
    pub would_let_in: Vec<Remedy>,
}

/// What would mend one check.
#[derive(Clone, Deserialize)]
pub(super) struct Remedy {
    pub check: String,
    pub number: String,
    pub remedy: String,
    pub remedy_zh: String,
}

/// A check as a page shows it.
pub(super) struct Line {
    pub name: String,
    /// None: it was not made.
    pub passed: Option<bool>,
    /// Whether it is the one that decided: the first that did not pass.
    pub decided: bool,
    pub saw: Vec<Fact>,
    /// Number of its refusal, where that is told.
    pub number: Option<String>,
}

impl Line {
    /// The class of its state, which shows as a sign.
    pub const fn state(&self) -> &'static str {
        match self.passed {
            Some(true) => "yes",
            Some(false) => "no",
            None => "waiting",
        }
    }

    /// The class of its place in the chain.
    pub const fn place(&self) -> &'static str {
        match self.passed {
            None => "unmade",
            Some(true) => "passed",
            Some(false) if self.decided => "decided",
            Some(false) => "after",
        }
    }
}

/// The checks in the order of the gate.
pub(super) fn lines(checks: Vec<Check>) -> Vec<Line> {
    let decided = checks.iter().position(|check| check.passed == Some(false));
    let line = |(at, check): (usize, Check)| Line {
        decided: decided == Some(at),
        passed: check.passed,
        saw: match check.passed {
            Some(_) => values::facts(&check.saw),
            None => Vec::new(),
        },
        number: check.refusal.map(|refusal| refusal.number),
        name: check.check,
    };
    checks.into_iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_check_that_did_not_pass_decided() {
        let checks = [
            ("a", json!(true)),
            ("b", json!(false)),
            ("c", json!(false)),
            ("d", json!(null)),
        ];
        let checks = checks
            .map(|(check, passed)| json!({ "check": check, "passed": passed, "saw": { "seen": 1 } }))
            .map(|check| serde_json::from_value(check).unwrap());
        let told: Vec<_> = lines(checks.into_iter().collect())
            .iter()
            .map(|line| (line.place(), line.state(), line.saw.len()))
            .collect();
        assert_eq!(
            told,
            [
                ("passed", "yes", 1),
                ("decided", "no", 1),
                ("after", "no", 1),
                ("unmade", "waiting", 0)
            ]
        );
    }
}
