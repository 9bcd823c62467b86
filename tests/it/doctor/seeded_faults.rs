//! Twenty faults, each injected alone into an installation that is well: the doctor, the problems of the resources and the metric name it,
//! and nothing else.

use std::collections::BTreeSet;

use futures_util::{FutureExt, future::LocalBoxFuture};
use serde_json::Value;
use simulator::Tamper;

use super::{
    AGAIN, FAR, findings, healthy,
    injected::{self, Scene},
    scraped, with_metrics_of,
};
use crate::{
    actors::Admin,
    backends::{self, Backend},
    fixture::{ADMIN_TOKEN, Fixture},
};

/// A row of the table: a fault, how it is injected, the number that names it, how bad it is, and whether it is a resource's problem.
type Row = (&'static str, Inject, &'static str, &'static str, bool);
/// `None`: there is no such fault on this pairing, or its servers are not installed here.
type Inject = fn(Backend) -> LocalBoxFuture<'static, Option<Scene>>;

const ROWS: [Row; 20] = [
    (
        "wrong corp ID",
        |on| injected::wrong_corp_id(on).boxed_local(),
        "WC-111",
        "error",
        true,
    ),
    (
        "wrong secret",
        |on| injected::wrong_secret(on).boxed_local(),
        "WC-110",
        "error",
        true,
    ),
    (
        "other app's AgentId",
        |on| injected::other_agent_id(on).boxed_local(),
        "DI-213",
        "error",
        true,
    ),
    (
        "app closed",
        |on| injected::app_closed(on).boxed_local(),
        "DI-206",
        "error",
        true,
    ),
    (
        "untrusted IP",
        |on| injected::untrusted_ip(on).boxed_local(),
        "DI-212",
        "error",
        true,
    ),
    (
        "other domain",
        |on| injected::other_domain(on).boxed_local(),
        "DI-207",
        "error",
        true,
    ),
    (
        "other port",
        |on| injected::other_port(on).boxed_local(),
        "DI-207",
        "error",
        true,
    ),
    (
        "verification file missing",
        |on| injected::no_file(on).boxed_local(),
        "DR-165",
        "error",
        false,
    ),
    (
        "wrong callback Token",
        |on| injected::spoilt(on, Tamper::Signature).boxed_local(),
        "WC-181",
        "error",
        false,
    ),
    (
        "wrong AES key",
        |on| injected::spoilt(on, Tamper::Key).boxed_local(),
        "WC-182",
        "error",
        false,
    ),
    (
        "empty scope",
        |on| injected::empty_scope(on).boxed_local(),
        "DI-215",
        "error",
        true,
    ),
    (
        "48009",
        |on| injected::details_withheld(on).boxed_local(),
        "DI-216",
        "warning",
        true,
    ),
    (
        "corp-ID mismatch",
        |on| injected::corp_mismatch(on).boxed_local(),
        "GT-104",
        "error",
        true,
    ),
    (
        "no sync for two intervals",
        |on| injected::overdue(on).boxed_local(),
        "DR-190",
        "error",
        false,
    ),
    (
        "Redis down",
        |on| injected::redis_down(on).boxed_local(),
        "DR-120",
        "error",
        false,
    ),
    (
        "disk nearly full",
        |on| injected::disk_full(on).boxed_local(),
        "DR-111",
        "error",
        false,
    ),
    (
        "clock 90 s off",
        |on| injected::clock_off(on).boxed_local(),
        "DR-130",
        "error",
        false,
    ),
    (
        "migration pending",
        |on| injected::pending(on).boxed_local(),
        "DR-115",
        "error",
        false,
    ),
    (
        "portal's logout address refused",
        |on| injected::logout_refused(on).boxed_local(),
        "DR-210",
        "error",
        false,
    ),
    (
        "key about to expire",
        |on| injected::key_expires(on).boxed_local(),
        "DR-141",
        "error",
        false,
    ),
];

/// What names faults, each as a set.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    by_doctor: BTreeSet<(String, String)>,
    by_metric: BTreeSet<(String, String)>,
    by_problems: BTreeSet<(String, String)>,
}

fn pairs<'a>(found: impl IntoIterator<Item = &'a Value>) -> BTreeSet<(String, String)> {
    let of = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
    let pair = |one: &Value| (of(one, "number"), of(one, "severity"));
    found.into_iter().map(pair).collect()
}

/// `menjin_doctor_findings{number="…",severity="…"} 1`
fn labels(line: &str) -> (String, String) {
    let mut quoted = line.split('"').skip(1).step_by(2).map(str::to_owned);
    (quoted.next().unwrap(), quoted.next().unwrap())
}

async fn named(scene: &Scene) -> Named {
    let fixture = &scene.fixture;
    let admin = Admin::new(&fixture.http, &scene.base, ADMIN_TOKEN);
    fixture.advance(AGAIN);
    let report = admin.get("doctor").await;
    let metrics = with_metrics_of(&scene.app);
    let scraped = scraped(fixture, &metrics).await;
    let mut resources = Vec::new();
    for collection in ["data-sources", "auth-sources", "wecom-apps"] {
        resources.extend(admin.items(collection).await);
    }
    let problems = resources.iter().flat_map(|one| one["problems"].as_array().unwrap());
    Named {
        by_doctor: pairs(findings(&report)),
        by_metric: scraped.iter().map(|line| labels(line)).collect(),
        by_problems: pairs(problems),
    }
}

async fn each_is_named_alone(backend: Backend) {
    let (mut wrong, mut made) = (Vec::new(), 0);
    for (fault, inject, number, severity, in_problems) in ROWS {
        let Some(scene) = inject(backend).await else { continue };
        made += 1;
        let it = BTreeSet::from([(number.to_owned(), severity.to_owned())]);
        let expected = Named {
            by_doctor: it.clone(),
            by_metric: it.clone(),
            by_problems: if in_problems { it } else { BTreeSet::new() },
        };
        let named = tokio::time::timeout(FAR * 2, named(&scene)).await;
        let named = named.unwrap_or_else(|_| panic!("{fault}: it hangs"));
        if named != expected {
            wrong.push(format!("{fault}: wanted {number}, named {named:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Redis is down only where there is one, and only SQLite's disk is ours.
    assert_eq!(made, ROWS.len() - 1, "some were not tried");
}

#[actix_web::test]
async fn each_is_named_and_nothing_else_on_sqlite_and_memory() {
    each_is_named_alone(Backend::SqliteMemory).await;
}

#[actix_web::test]
async fn each_is_named_and_nothing_else_on_postgres_and_redis() {
    if backends::storage(Backend::PostgresRedis).is_some() {
        each_is_named_alone(Backend::PostgresRedis).await;
    }
}

crate::scenario!(a_healthy_installation_names_none, |fixture: Fixture| async move {
    healthy(&fixture).await;
    let named = named(&Scene::of(fixture)).await;
    let nothing = Named {
        by_doctor: BTreeSet::new(),
        by_metric: BTreeSet::new(),
        by_problems: BTreeSet::new(),
    };
    assert_eq!(named, nothing);
});
