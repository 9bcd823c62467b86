//! What single records say is wrong with them (a member, a finding, a logout, a run), in the same shape as the problems of resources. Pure.

use serde_json::Value;

use super::{console_place::Severity, setup_problem::Problem};
use crate::catalogue;

catalogue! {
    /// Problems of single records.
    pub enum RecordProblem {
        /// A member who duplicates somebody, or for whom no name could be made.
        ImportUndecided = "DI-244", 409, "This member is not imported until an admin has decided who they are.",
            "该成员尚未导入，等待管理员确认其身份。", "GET /api/v1/conflicts shows whom they may duplicate: link, rename or ignore them there.", "GET /api/v1/conflicts列出了可能与其重复的用户：请在该处关联、改名导入或忽略。";
        /// An open finding about who stands behind a userid.
        IdentityUndecided = "DI-245", 409, "It is in doubt who stands behind this userid, so an admin must decide.",
            "该 userid 背后的人员身份存疑，需要管理员确认。", "GET /api/v1/identity-findings?state=open shows what was held and what WeCom shows now: decide there.",
            "GET /api/v1/identity-findings?state=open列出了原有信息和企业微信现在显示的信息：请在该处决定。";
        /// The portal has not confirmed a logout.
        LogoutUndelivered = "DI-246", 409, "The portal has not confirmed that it was told of this logout.",
            "门户尚未确认收到该登出通知。", "What was seen says what its server answered. Mend metadata.backchannel_logout_uri of the client or its server, then POST /api/v1/logout-deliveries/ID/retry.",
            "“所见”中是门户服务器的应答。请改正该门户的metadata.backchannel_logout_uri或其服务器，然后调用POST /api/v1/logout-deliveries/ID/retry。";
    }
}

/// The problem of a member by their import outcome and the doubt about them, if there is one.
pub fn of_member(outcome: &str, reason: Option<&str>, doubted: bool) -> Option<Problem> {
    if doubted {
        let problem = Problem::of(RecordProblem::IdentityUndecided.entry(), "an open finding");
        return Some(problem);
    }
    (outcome == "conflict")
        .then(|| Problem::of(RecordProblem::ImportUndecided.entry(), reason.unwrap_or_default()).warning())
}

/// The problem of a logout that was not delivered: one that will be tried again is a warning.
pub fn of_delivery(state: &str, status: Option<i32>, error: Option<&str>) -> Option<Problem> {
    let seen = match (status, error) {
        (_, Some(error)) => error.to_owned(),
        (Some(status), None) => format!("HTTP {status}"),
        (None, None) => "no answer".to_owned(),
    };
    let problem = Problem::of(RecordProblem::LogoutUndelivered.entry(), seen);
    match state {
        "failed" | "abandoned" => Some(problem),
        "pending" if error.is_some() => Some(problem.warning()),
        _ => None,
    }
}

/// The problem of a run: why it failed, or what keeps it from being a success.
pub fn of_run(state: &str, failure: (Option<&str>, Option<&str>), findings: &Value) -> Option<Problem> {
    if let (Some(number), detail) = failure {
        return Problem::of_number(number, detail.unwrap_or_default());
    }
    if !matches!(state, "failed" | "incomplete" | "paused") {
        return None;
    }
    let all = findings.as_array()?;
    let is_error = |finding: &&Value| text(finding, "severity") == Some("error");
    let worst = all.iter().find(is_error).or_else(|| all.first())?;
    let problem = Problem::of_number(text(worst, "number")?, text(worst, "detail").unwrap_or_default())?;
    Some(match text(worst, "severity") {
        Some("warning") => problem.warning(),
        _ => Problem {
            severity: Severity::Error,
            ..problem
        },
    })
}

fn text<'a>(finding: &'a Value, name: &str) -> Option<&'a str> {
    finding.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_tells_why_it_failed_or_its_worst_finding() {
        let number = |state, failure, findings: Value| of_run(state, failure, &findings).map(|one| one.number);
        assert_eq!(number("failed", (Some("WC-110"), None), json!([])), Some("WC-110"));
        let findings = json!([
            { "number": "SY-133", "severity": "warning" },
            { "number": "SY-104", "severity": "error", "detail": "9 of 10" },
        ]);
        assert_eq!(number("paused", (None, None), findings.clone()), Some("SY-104"));
        assert_eq!(
            number("succeeded", (None, None), findings),
            None,
            "remarks are no failure"
        );
        assert_eq!(
            number("failed", (Some("XX-999"), None), json!([])),
            None,
            "of a version to come"
        );
    }

    #[test]
    fn what_goes_on_is_a_warning_and_what_was_given_up_an_error() {
        let severity = |state, error| of_delivery(state, Some(503), error).map(|problem| problem.severity);
        assert_eq!(severity("pending", None), None);
        assert_eq!(severity("pending", Some("OB-101")), Some(Severity::Warning));
        assert_eq!(severity("failed", Some("OB-101")), Some(Severity::Error));
        assert_eq!(severity("delivered", None), None);
    }

    #[test]
    fn doubt_weighs_more_than_an_outcome() {
        let number = |outcome, doubted| of_member(outcome, None, doubted).map(|problem| problem.number);
        assert_eq!(number("conflict", true), Some("DI-245"));
        assert_eq!(number("conflict", false), Some("DI-244"));
        assert_eq!(number("imported", false), None);
    }
}
