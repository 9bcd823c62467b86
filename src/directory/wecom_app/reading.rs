//! What the last reading of an app said, and which problems follow from it. Pure.

use std::time::Duration;

use super::model::WeComApp;
use crate::{
    directory::setup_problem::{Problem, SetupProblem},
    kernel::clock::Timestamp,
};

/// For how long a failure that may pass by itself is no problem yet.
const PASSES_WITHIN: Duration = Duration::from_secs(2 * 3600);
/// Numbers of such failures: no complete answer, too many calls.
const PASSING: [&str; 2] = ["SY-105", "SY-112"];

/// The last reading of an app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppReading {
    /// When WeCom described the app last; `None`: never.
    pub read_at: Option<Timestamp>,
    /// Of when the visible scope is that we hold; `None`: it was never read.
    pub scope_read_at: Option<Timestamp>,
    /// The trusted domain of in-app OAuth, as WeCom shows it; `None`: there is none.
    pub redirect_domain: Option<String>,
    /// Why it could not be read the last time.
    pub failure: Option<ReadFailure>,
    /// Since when WeCom shows another scope than the one we hold, which a sync has to apply.
    pub waits_since: Option<Timestamp>,
    /// Members inside its scope; `None`: not known.
    pub members: Option<i64>,
    /// Of them, those outside the integration app's scope; `None`: not known, or it is that app.
    pub outside: Option<i64>,
    /// Lines of its scope outside the integration app's, behind which no member is known.
    pub outside_lines: Option<i64>,
}

/// Why an app could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFailure {
    /// Reference number.
    pub number: String,
    /// WeCom's words.
    pub detail: String,
    /// Since when.
    pub since: Timestamp,
}

impl ReadFailure {
    /// Whether an admin should know at this moment.
    pub fn is_problem(&self, now: Timestamp) -> bool {
        !PASSING.contains(&self.number.as_str()) || now.since(self.since) >= PASSES_WITHIN
    }
}

impl AppReading {
    /// Whether a scope that was read later than this has members.
    pub fn has_members_after(&self, earlier: Option<Timestamp>) -> bool {
        self.scope_read_at > earlier && self.members.is_some_and(|members| members > 0)
    }

    /// The problems of the app. `domain`: host, with port unless it is the default one, of `public_url`, where people sign in through this
    /// app; `refused`: that WeCom refuses its secret is told already.
    pub fn problems(&self, app: &WeComApp, domain: Option<&str>, refused: bool) -> Vec<Problem> {
        let wrong_domain = domain.and_then(|domain| self.wrong_domain(app, domain));
        let failure = self.failure.as_ref().filter(|_| !refused);
        let unread = failure.map(|failure| Problem {
            since: Some(failure.since),
            ..Problem::of(
                SetupProblem::AppUnread.entry(),
                format!("AgentId {}: {} ({}).", app.agent_id, failure.detail, failure.number),
            )
        });
        let waits = self.waits_since.map(|since| Problem {
            since: Some(since),
            ..Problem::of(SetupProblem::ScopeWaits.entry(), format!("AgentId {}.", app.agent_id))
        });
        [wrong_domain, unread, waits, self.outside(app)]
            .into_iter()
            .flatten()
            .collect()
    }

    fn wrong_domain(&self, app: &WeComApp, wanted: &str) -> Option<Problem> {
        self.read_at?;
        let seen = self.redirect_domain.as_deref().unwrap_or_default();
        if is_same_domain(seen, wanted) {
            return None;
        }
        let seen = match seen {
            "" => "none".to_owned(),
            seen => format!("'{seen}'"),
        };
        let detail = format!(
            "AgentId {}: WeCom has {seen} as its trusted domain (可信域名); it must be '{wanted}', the host of public_url.",
            app.agent_id
        );
        Some(Problem::of(SetupProblem::WrongDomain.entry(), detail))
    }

    fn outside(&self, app: &WeComApp) -> Option<Problem> {
        let (outside, lines) = (self.outside?, self.outside_lines.unwrap_or_default());
        if outside == 0 && lines == 0 {
            return None;
        }
        let mut detail = format!("AgentId {}:", app.agent_id);
        if outside > 0 {
            let members = self.members.unwrap_or_default();
            detail.push_str(&format!(
                " {outside} of the {members} members inside its scope lie outside."
            ));
        }
        if lines > 0 {
            detail.push_str(&format!(
                " {lines} departments or members picked there lie outside, where syncs see nobody."
            ));
        }
        detail.push_str(&format!(
            " GET /api/v1/wecom-apps/{}/outside-integration-scope names them.",
            app.id
        ));
        Some(Problem::of(SetupProblem::ScopeOutside.entry(), detail))
    }
}

/// Whether WeCom's trusted domain is this host with its port. WeCom compares both exactly (reference 2.4); how it writes them is not promised,
/// so letter case, a scheme, a path and the port of the scheme do not matter.
fn is_same_domain(seen: &str, wanted: &str) -> bool {
    let normal = |domain: &str| {
        let lower = domain.trim().to_ascii_lowercase();
        let (scheme, rest) = lower.split_once("://").unwrap_or(("", &lower));
        let host = rest.split('/').next().unwrap_or_default().trim_end_matches('.');
        let default = match scheme {
            "http" => ":80",
            _ => ":443",
        };
        host.strip_suffix(default).unwrap_or(host).to_owned()
    };
    normal(seen) == normal(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn app() -> WeComApp {
        WeComApp {
            id: Uuid::from_u128(1),
            corp_id: "wwA".to_owned(),
            agent_id: 7,
            suite: None,
            name: String::new(),
            closed: false,
        }
    }

    fn read() -> AppReading {
        AppReading {
            read_at: Some(Timestamp::from_secs(1_760_000_000)),
            ..AppReading::default()
        }
    }

    fn numbers(reading: &AppReading, domain: Option<&str>, refused: bool) -> Vec<&'static str> {
        let problems = reading.problems(&app(), domain, refused);
        problems.iter().map(|problem| problem.number).collect()
    }

    #[test]
    fn the_trusted_domain_is_the_host_and_port_of_public_url() {
        for (seen, wanted, same) in [
            ("sso.corp.example", "sso.corp.example", true),
            ("SSO.corp.example", "sso.corp.example", true),
            ("sso.corp.example:443", "sso.corp.example", true),
            ("https://sso.corp.example/", "sso.corp.example", true),
            ("http://sso.corp.example:80", "sso.corp.example", true),
            ("sso.corp.example:8443", "sso.corp.example:8443", true),
            ("sso.corp.example", "sso.corp.example:8443", false),
            ("sso.corp.example:8443", "sso.corp.example", false),
            ("corp.example", "sso.corp.example", false),
            ("a.sso.corp.example", "sso.corp.example", false),
            ("", "sso.corp.example", false),
        ] {
            assert_eq!(is_same_domain(seen, wanted), same, "{seen} and {wanted}");
        }
    }

    #[test]
    fn a_wrong_domain_matters_where_people_sign_in_and_once_it_was_read() {
        let wanted = Some("sso.corp.example");
        assert_eq!(numbers(&AppReading::default(), wanted, false), [""; 0]);
        assert_eq!(numbers(&read(), None, false), [""; 0]);
        assert_eq!(numbers(&read(), wanted, false), ["DI-207"]);
        let other = AppReading {
            redirect_domain: Some("old.corp.example".to_owned()),
            ..read()
        };
        let problem = other.problems(&app(), wanted, false).remove(0);
        assert!(problem.detail.contains("'old.corp.example'") && problem.detail.contains("'sso.corp.example'"));
    }

    #[test]
    fn who_lies_outside_is_a_problem_from_one_on() {
        let mut reading = read();
        assert_eq!(numbers(&reading, None, false), [""; 0]);
        (reading.outside, reading.outside_lines) = (Some(0), Some(0));
        assert_eq!(numbers(&reading, None, false), [""; 0]);
        (reading.members, reading.outside) = (Some(40), Some(1));
        let problem = reading.problems(&app(), None, false).remove(0);
        assert_eq!(problem.number, "DI-208");
        assert!(problem.detail.contains("1 of the 40 members"), "{}", problem.detail);
        (reading.outside, reading.outside_lines) = (Some(0), Some(2));
        assert_eq!(numbers(&reading, None, false), ["DI-208"]);
    }

    #[test]
    fn what_may_pass_is_a_problem_only_after_hours_and_a_refused_secret_is_told_once() {
        let since = Timestamp::from_secs(1_760_000_000);
        let failure = |number: &str| ReadFailure {
            number: number.to_owned(),
            detail: "agent/get answered".to_owned(),
            since,
        };
        assert!(failure("SY-113").is_problem(since));
        assert!(!failure("SY-105").is_problem(since.plus(Duration::from_secs(7199))));
        assert!(failure("SY-105").is_problem(since.plus(PASSES_WITHIN)));
        let reading = AppReading {
            failure: Some(failure("SY-114")),
            waits_since: Some(since),
            ..read()
        };
        assert_eq!(numbers(&reading, None, false), ["DI-209", "DI-210"]);
        assert_eq!(numbers(&reading, None, true), ["DI-210"]);
    }
}
