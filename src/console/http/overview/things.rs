//! What needs someone, each with the place where it is mended. Pure.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::console::http::settings::doctor::{Finding, Report};

/// What the page reads of the health.
#[derive(Deserialize)]
pub struct Health {
    /// Whether every store takes writes.
    pub ready: bool,
    /// What resources say is wrong with them.
    pub problems: Vec<Troubled>,
    /// How much waits for an admin.
    pub waiting: Waiting,
    /// Data sources.
    pub data_sources: Vec<Source>,
}

/// A problem and whose it is.
#[derive(Deserialize)]
pub struct Troubled {
    /// `wecom-apps`, `data-sources`, `auth-sources` or `suites`.
    pub collection: String,
    /// Row id.
    pub id: String,
    /// Name of the resource.
    pub name: String,
    /// What is wrong.
    pub problem: Problem,
}

/// Something that is wrong with a set-up.
#[derive(Clone, Deserialize)]
pub struct Problem {
    /// Reference number.
    pub number: String,
    /// `error` or `warning`.
    pub severity: String,
    /// What is wrong.
    pub title: String,
    /// The same in Chinese.
    pub title_zh: String,
    /// What was seen.
    pub detail: String,
    /// What to do about it, in English.
    pub remedy: String,
    /// The same in Chinese.
    pub remedy_zh: String,
    /// Where in WeCom's console.
    #[serde(rename = "where")]
    pub place: Option<String>,
}

/// How much waits for an admin.
#[derive(Clone, Copy, Default, Deserialize)]
pub struct Waiting {
    conflicts: u64,
    identity_findings: u64,
    undelivered_logouts: u64,
    leavers_unheard: u64,
    access_requests: u64,
}

/// A data source.
#[derive(Deserialize)]
pub struct Source {
    /// Row id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Whether a run is under way.
    pub syncing: bool,
    /// The run that waits for an admin.
    pub paused_run: Option<String>,
    /// When it was synced completely last.
    pub last_synced_at: Option<i64>,
    /// When a sync last saw everybody.
    pub members_confirmed_at: Option<i64>,
    /// When it is synced next.
    pub next_sync_at: Option<i64>,
}

/// Something that waits for a person: a sentence with a number, and where it is done.
#[derive(Debug, PartialEq, Eq)]
pub struct Task {
    /// Key of the sentence.
    pub key: &'static str,
    /// What stands in it: a number, or a name.
    pub value: String,
    /// Where it is done.
    pub address: String,
}

/// What waits for a person, the most urgent first.
pub fn tasks(health: &Health) -> Vec<Task> {
    let paused = health.data_sources.iter().filter_map(|source| {
        let run = source.paused_run.as_ref()?;
        Some(Task {
            key: "console-overview-paused",
            value: source.name.clone(),
            address: format!("/console/sync/{run}"),
        })
    });
    let Waiting {
        conflicts,
        identity_findings,
        undelivered_logouts,
        leavers_unheard,
        access_requests,
    } = health.waiting;
    // Those of leavers come first, and are among all.
    let others = if leavers_unheard == 0 { undelivered_logouts } else { 0 };
    let counted = [
        (
            "console-overview-findings",
            identity_findings,
            "/console/sync/identities",
        ),
        ("console-overview-requests", access_requests, "/console/requests"),
        ("console-overview-conflicts", conflicts, "/console/sync/conflicts"),
        (
            "console-overview-unheard",
            leavers_unheard,
            "/console/leaving?portals=failed",
        ),
        ("console-overview-undelivered", others, "/console/portals"),
    ];
    let counted = counted.into_iter().filter(|(_, number, _)| *number > 0);
    let counted = counted.map(|(key, number, address)| Task {
        key,
        value: number.to_string(),
        address: address.to_owned(),
    });
    paused.chain(counted).collect()
}

/// The set-ups that were begun and never came to a sync, where they go on.
pub fn open_set_ups(health: &Health) -> Vec<Task> {
    let open = |source: &&Source| source.enabled && source.last_synced_at.is_none() && source.paused_run.is_none();
    let task = |source: &Source| Task {
        key: "console-overview-set-up",
        value: source.name.clone(),
        address: format!("/console/setup/{}", source.id),
    };
    health.data_sources.iter().filter(open).map(task).collect()
}

/// The page of a resource.
pub fn address(collection: &str, id: &str) -> String {
    let place = match collection {
        "clients" => "portals",
        "suites" => "suites",
        "installations" => "installations",
        "wecom-apps" => "wecom/apps",
        "auth-sources" => "wecom/auth-sources",
        _ => "wecom",
    };
    format!("/console/{place}/{id}")
}

/// Something that is wrong, and where it is mended.
pub struct Shown {
    /// Name of what has it; of what the doctor found: none.
    pub name: String,
    /// What is wrong.
    pub problem: Problem,
    /// The page on which it is mended.
    pub address: String,
}

/// So many things that are wrong alike, and so many in all, are shown.
const MOST_ALIKE: usize = 3;
const MOST: usize = 20;

/// The first of all that is wrong, each with how many more are alike and not shown; and how many are not shown at all. However many companies there
/// are, the page has its bounds.
pub fn bounded(all: Vec<Shown>) -> (Vec<(Shown, usize)>, usize) {
    let mut kept: Vec<(Shown, usize)> = Vec::new();
    let mut left = 0;
    for one in all {
        let is_alike = |(known, _): &&mut (Shown, usize)| known.problem.number == one.problem.number;
        let alike = kept
            .iter()
            .filter(|(known, _)| known.problem.number == one.problem.number);
        if alike.count() >= MOST_ALIKE {
            if let Some((_, more)) = kept.iter_mut().rev().find(is_alike) {
                *more += 1;
            }
        } else if kept.len() < MOST {
            kept.push((one, 0));
        } else {
            left += 1;
        }
    }
    (kept, left)
}

/// All that is wrong: what resources say of themselves, and what the doctor saw last besides.
pub fn shown(troubled: Vec<Troubled>, report: Report) -> Vec<Shown> {
    let known: BTreeSet<String> = troubled.iter().map(|one| one.problem.number.clone()).collect();
    let mut all: Vec<Shown> = troubled.into_iter().map(of_resource).collect();
    for check in report.checks {
        let news = check
            .findings
            .into_iter()
            .filter(|finding| !known.contains(&finding.number));
        all.extend(news.map(|finding| of_doctor(&check.check, finding)));
    }
    all
}

fn of_resource(troubled: Troubled) -> Shown {
    Shown {
        address: address(&troubled.collection, &troubled.id),
        name: troubled.name,
        problem: troubled.problem,
    }
}

fn of_doctor(check: &str, finding: Finding) -> Shown {
    let of_its_own = || format!("/console/settings/doctor?check={check}");
    Shown {
        name: String::new(),
        address: finding.page.unwrap_or_else(of_its_own),
        problem: Problem {
            number: finding.number,
            severity: finding.severity,
            title: finding.title,
            title_zh: finding.title_zh,
            detail: finding.seen,
            remedy: finding.remedy,
            remedy_zh: finding.remedy_zh,
            place: None,
        },
    }
}

/// The sentence of the whole page: its key, and a number where it has one.
pub fn sentence(health: &Health, problems: &[Shown], many: usize) -> (&'static str, usize) {
    let error = problems.iter().any(|one| one.problem.severity == "error");
    let key = match many {
        _ if !health.ready => "console-overview-not-ready",
        _ if health.data_sources.is_empty() => "console-overview-nothing",
        0 => "console-overview-ready",
        _ if error => "console-overview-many",
        _ => "console-overview-ready-many",
    };
    (key, many)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn health(change: impl FnOnce(&mut serde_json::Value)) -> Health {
        let mut health = json!({ "ready": true, "problems": [], "waiting": { "conflicts": 0, "identity_findings": 0,
            "paused_runs": 0, "undelivered_logouts": 0, "leavers_unheard": 0, "access_requests": 0 }, "data_sources": [{ "id": "1", "name": "Corp", "enabled": true,
            "syncing": false, "paused_run": null, "last_synced_at": 1, "members_confirmed_at": 1, "next_sync_at": null }] });
        change(&mut health);
        serde_json::from_value(health).unwrap()
    }

    #[test]
    fn what_waits_stands_in_the_order_of_its_urgency_and_nothing_stands_for_none() {
        assert_eq!(tasks(&health(|_| ())), []);
        let waits = health(|health| {
            health["waiting"]["conflicts"] = json!(3);
            health["waiting"]["undelivered_logouts"] = json!(1);
            health["waiting"]["access_requests"] = json!(2);
            health["data_sources"][0]["paused_run"] = json!("7");
        });
        let told: Vec<_> = tasks(&waits)
            .into_iter()
            .map(|task| (task.value, task.address))
            .collect();
        let expected = [
            ("Corp", "/console/sync/7"),
            ("2", "/console/requests"),
            ("3", "/console/sync/conflicts"),
            ("1", "/console/portals"),
        ];
        assert_eq!(
            told,
            expected.map(|(value, address)| (value.to_owned(), address.to_owned()))
        );
        let leavers = health(|health| {
            health["waiting"]["undelivered_logouts"] = json!(7);
            health["waiting"]["leavers_unheard"] = json!(2);
        });
        let told = tasks(&leavers);
        let told: Vec<_> = told
            .iter()
            .map(|task| (task.value.as_str(), task.address.as_str()))
            .collect();
        assert_eq!(told, [("2", "/console/leaving?portals=failed")]);
    }

    #[test]
    fn what_many_companies_have_alike_is_told_by_the_first_and_counted() {
        let of = |number: &str, id: usize| {
            let problem = json!({ "collection": "auth-sources", "id": id.to_string(), "name": "x", "problem": { "number": number,
                "severity": "error", "title": "", "title_zh": "", "detail": "", "remedy": "", "remedy_zh": "" } });
            of_resource(serde_json::from_value(problem).unwrap())
        };
        let alike = (0..300).map(|id| of("DI-1", id));
        let (kept, left) = bounded(alike.chain([of("DI-2", 0)]).collect());
        let told: Vec<usize> = kept.iter().map(|(_, more)| *more).collect();
        assert_eq!((told, left), (vec![0, 0, 297, 0], 0));
        let others = (0..300).map(|id| of(&format!("DI-{id}"), id));
        let (kept, left) = bounded(others.collect());
        assert_eq!((kept.len(), left), (20, 280));
    }

    #[test]
    fn the_sentence_never_says_that_everybody_can_sign_in_where_something_is_broken() {
        let problem = |severity: &str| {
            let problem = json!({ "collection": "auth-sources", "id": "7", "name": "x", "problem": { "number": "DI-1", "severity": severity,
                "title": "", "title_zh": "", "detail": "", "remedy": "", "remedy_zh": "" } });
            shown(vec![serde_json::from_value(problem).unwrap()], report(&[]))
        };
        let told = |health: &Health, problems: &[Shown], many| sentence(health, problems, many).0;
        assert_eq!(told(&health(|_| ()), &[], 0), "console-overview-ready");
        assert_eq!(
            told(&health(|_| ()), &problem("warning"), 1),
            "console-overview-ready-many"
        );
        assert_eq!(told(&health(|_| ()), &problem("error"), 1), "console-overview-many");
        let not_ready = health(|health| health["ready"] = json!(false));
        assert_eq!(told(&not_ready, &[], 0), "console-overview-not-ready");
        let nothing = health(|health| health["data_sources"] = json!([]));
        assert_eq!(told(&nothing, &[], 0), "console-overview-nothing");
    }

    fn report(findings: &[(&str, Option<&str>)]) -> Report {
        let findings = findings.iter().map(|(number, page)| {
            json!({ "number": number, "severity": "error", "title": "", "title_zh": "", "seen": "", "seen_zh": "", "remedy": "",
                "remedy_zh": "", "where": "", "page": page })
        });
        let check = json!({ "check": "clock", "about": "", "looked_at": 1, "seen": "", "seen_zh": "", "state": "error",
            "findings": findings.collect::<Vec<_>>() });
        serde_json::from_value(json!({ "checked_at": 1, "severity": "error", "checks": [check] })).unwrap()
    }

    #[test]
    fn each_thing_leads_to_the_very_page_on_which_it_is_mended_and_stands_there_once() {
        let app = json!({ "collection": "wecom-apps", "id": "7", "name": "x", "problem": { "number": "DI-212", "severity": "error",
            "title": "", "title_zh": "", "detail": "", "remedy": "", "remedy_zh": "" } });
        let found = report(&[
            ("DI-212", None),
            ("DR-190", None),
            ("DR-190", Some("/console/portals/9")),
        ]);
        let all = shown(vec![serde_json::from_value(app).unwrap()], found);
        let addresses: Vec<&str> = all.iter().map(|one| one.address.as_str()).collect();
        let expected = [
            "/console/wecom/apps/7",
            "/console/settings/doctor?check=clock",
            "/console/portals/9",
        ];
        assert_eq!(addresses, expected);
    }
}
