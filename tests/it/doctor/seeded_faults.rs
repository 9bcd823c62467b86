//! Twenty faults, each injected alone into an installation that is well: the doctor, the problems of the resources and the metric name it,
//! and nothing else.

use std::{any::Any, collections::BTreeSet, time::Duration};

use futures_util::{FutureExt, future::LocalBoxFuture};
use menjin::app::App;
use serde_json::{Value, json};
use simulator::{Tamper, World, sample, world::Scope};

use super::{
    AGAIN, findings, healthy, outside, scraped, sql,
    wecom::{push, with_callback},
    with_metrics_of,
};
use crate::{
    actors::{Admin, id},
    backends::{self, Backend, free_port},
    fixture::{ADMIN_TOKEN, Fixture, lay_over},
};

/// A row of the table: a fault, how it is injected, the number that names it, how bad it is, and whether it is a resource's problem.
type Row = (&'static str, Inject, &'static str, &'static str, bool);
/// `None`: there is no such fault on this pairing, or its servers are not installed here.
type Inject = fn(Backend) -> LocalBoxFuture<'static, Option<Scene>>;

const ROWS: [Row; 20] = [
    (
        "wrong corp ID",
        |on| wrong_corp_id(on).boxed_local(),
        "WC-111",
        "error",
        true,
    ),
    (
        "wrong secret",
        |on| wrong_secret(on).boxed_local(),
        "WC-110",
        "error",
        true,
    ),
    (
        "other app's AgentId",
        |on| other_agent_id(on).boxed_local(),
        "DI-213",
        "error",
        true,
    ),
    ("app closed", |on| app_closed(on).boxed_local(), "DI-206", "error", true),
    (
        "untrusted IP",
        |on| untrusted_ip(on).boxed_local(),
        "DI-212",
        "error",
        true,
    ),
    (
        "other domain",
        |on| other_domain(on).boxed_local(),
        "DI-207",
        "error",
        true,
    ),
    ("other port", |on| other_port(on).boxed_local(), "DI-207", "error", true),
    (
        "verification file missing",
        |on| no_file(on).boxed_local(),
        "DR-165",
        "error",
        false,
    ),
    (
        "wrong callback Token",
        |on| spoilt(on, Tamper::Signature).boxed_local(),
        "WC-181",
        "error",
        false,
    ),
    (
        "wrong AES key",
        |on| spoilt(on, Tamper::Key).boxed_local(),
        "WC-182",
        "error",
        false,
    ),
    (
        "empty scope",
        |on| empty_scope(on).boxed_local(),
        "DI-215",
        "error",
        true,
    ),
    (
        "48009",
        |on| details_withheld(on).boxed_local(),
        "DI-216",
        "warning",
        true,
    ),
    (
        "corp-ID mismatch",
        |on| corp_mismatch(on).boxed_local(),
        "GT-104",
        "error",
        true,
    ),
    (
        "no sync for two intervals",
        |on| overdue(on).boxed_local(),
        "DR-190",
        "error",
        false,
    ),
    (
        "Redis down",
        |on| redis_down(on).boxed_local(),
        "DR-120",
        "error",
        false,
    ),
    (
        "disk nearly full",
        |on| disk_full(on).boxed_local(),
        "DR-111",
        "error",
        false,
    ),
    (
        "clock 90 s off",
        |on| clock_off(on).boxed_local(),
        "DR-130",
        "error",
        false,
    ),
    (
        "migration pending",
        |on| pending(on).boxed_local(),
        "DR-115",
        "error",
        false,
    ),
    (
        "portal's logout address refused",
        |on| logout_refused(on).boxed_local(),
        "DR-210",
        "error",
        false,
    ),
    (
        "key about to expire",
        |on| key_expires(on).boxed_local(),
        "DR-141",
        "error",
        false,
    ),
];

/// An installation with a fault.
struct Scene {
    fixture: Fixture,
    app: App,
    base: String,
    /// The state of resources can be asked for.
    tells_problems: bool,
    _kept: Box<dyn Any>,
}

impl Scene {
    fn of(fixture: Fixture) -> Self {
        let (app, base) = (fixture.app.clone(), fixture.base.clone());
        Self::at(fixture, app, base, ())
    }

    fn at(fixture: Fixture, app: App, base: String, kept: impl Any) -> Self {
        Self {
            fixture,
            app,
            base,
            tells_problems: true,
            _kept: Box::new(kept),
        }
    }
}

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
        if scene.tells_problems {
            resources.extend(admin.items(collection).await);
        }
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
        let named = named(&scene).await;
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

/// An installation that was well until this was done to it and its data source.
async fn after(backend: Backend, inject: impl AsyncFnOnce(&Fixture, &str)) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    let source = healthy(&fixture).await;
    inject(&fixture, id(&source)).await;
    Some(Scene::of(fixture))
}

/// Moves the time a little, syncs as the schedule would, and runs the jobs.
async fn noticed(fixture: &Fixture, source: &str) {
    fixture.advance(Duration::from_secs(1));
    fixture.sync(source).await;
    fixture.app.tick().await.unwrap();
}

/// A new installation whose only data source is one that WeCom refuses, and that an admin insisted on.
async fn wrong_corp_id(backend: Backend) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    fixture.advance_to_now();
    fixture.app.tick().await.unwrap();
    fixture.trust_domain();
    let wrong = json!({ "corp_id": "ww0000000000000000", "auto_sync_hours": 4, "save_anyway": true });
    let source = fixture.connect_with(wrong).await;
    noticed(&fixture, id(&source)).await;
    Some(Scene::of(fixture))
}

async fn entered(fixture: &Fixture, source: &str, mut wrong: Value) {
    lay_over(&mut wrong, json!({ "save_anyway": true }));
    fixture.admin().change(&format!("data-sources/{source}"), wrong).await;
    noticed(fixture, source).await;
}

async fn wrong_secret(backend: Backend) -> Option<Scene> {
    let wrong = json!({ "contacts_secret": "nonsense-secret" });
    after(backend, async |fixture, source| entered(fixture, source, wrong).await).await
}

async fn other_agent_id(backend: Backend) -> Option<Scene> {
    let wrong = json!({ "app": { "agent_id": sample::OLD_AGENT_ID, "secret": sample::APP_SECRET } });
    after(backend, async |fixture, source| entered(fixture, source, wrong).await).await
}

/// The app as it is in WeCom's console, changed.
async fn with_app(backend: Backend, change: impl FnOnce(&mut simulator::world::App)) -> Option<Scene> {
    let changed = async |fixture: &Fixture, source: &str| {
        fixture.edit_corp(|corp| change(corp.apps.get_mut(&sample::AGENT_ID).unwrap()));
        noticed(fixture, source).await;
    };
    after(backend, changed).await
}

async fn app_closed(backend: Backend) -> Option<Scene> {
    with_app(backend, |app| app.closed = true).await
}

async fn untrusted_ip(backend: Backend) -> Option<Scene> {
    let elsewhere = || Some(vec!["192.0.2.1".to_owned()]);
    let refused = async |fixture: &Fixture, source: &str| {
        fixture.edit_corp(|corp| {
            corp.contacts_trusted_ips = elsewhere();
            corp.apps.values_mut().for_each(|app| app.trusted_ips = elsewhere());
        });
        noticed(fixture, source).await;
    };
    after(backend, refused).await
}

async fn other_domain(backend: Backend) -> Option<Scene> {
    with_app(backend, |app| app.oauth_domain = Some("sso.other.example".to_owned())).await
}

async fn other_port(backend: Backend) -> Option<Scene> {
    let other = |app: &mut simulator::world::App| {
        let (host, _) = app.oauth_domain.as_deref().unwrap().split_once(':').unwrap();
        app.oauth_domain = Some(format!("{host}:1"));
    };
    with_app(backend, other).await
}

async fn no_file(backend: Backend) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    let file = json!({ "name": "WW_verify_abcDEF0123456789.txt", "content": "abcDEF0123456789" });
    fixture.admin().create("verification-files", file).await;
    let (_, served) = outside::behind(&fixture, outside::WITHOUT_FILES, |_| {}).await;
    Some(Scene::at(fixture, served.app, served.base, ()))
}

async fn spoilt(backend: Backend, tamper: Tamper) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    with_callback(&fixture).await;
    push(&fixture, Some(tamper)).await;
    Some(Scene::of(fixture))
}

async fn empty_scope(backend: Backend) -> Option<Scene> {
    with_app(backend, |app| app.scope = Scope::default()).await
}

/// A contacts secret alone, at an address that WeCom first saw after 2022: it gives IDs and no names.
async fn details_withheld(backend: Backend) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    fixture.advance_to_now();
    fixture.app.tick().await.unwrap();
    let alone = json!({ "app": null, "login_methods": [], "auto_sync_hours": 4 });
    let source = fixture.connect_with(alone).await;
    noticed(&fixture, id(&source)).await;
    Some(Scene::of(fixture))
}

async fn corp_mismatch(backend: Backend) -> Option<Scene> {
    let mistyped = async |fixture: &Fixture, source: &str| {
        let domain = fixture.base.trim_start_matches("http://").to_owned();
        fixture.wecom.edit(|world| {
            let app = world.corp_mut(sample::CORP2).unwrap().apps.get_mut(&sample::AGENT_ID2);
            app.unwrap().oauth_domain = Some(domain);
        });
        let body = json!({
            "name": "老门户", "corp_id": sample::CORP2, "data_source_id": source,
            "agent_id": sample::AGENT_ID2, "app_secret": sample::APP_SECRET2,
        });
        fixture.admin().create("auth-sources", body).await;
        noticed(fixture, source).await;
    };
    after(backend, mistyped).await
}

async fn overdue(backend: Backend) -> Option<Scene> {
    let forgotten = async |fixture: &Fixture, _: &str| {
        let ago = fixture.clock.now().millis() - 9 * 3_600_000;
        sql(fixture, &format!("UPDATE data_source SET last_synced_at = {ago}")).await;
    };
    after(backend, forgotten).await
}

async fn redis_down(backend: Backend) -> Option<Scene> {
    if backend == Backend::SqliteMemory {
        return None;
    }
    let server = backends::own_redis()?;
    let url = ("MENJIN__EPHEMERAL__URL".to_owned(), server.base().to_owned());
    let fixture = Fixture::open_set(backend, World::sample(), &[url]).await?;
    healthy(&fixture).await;
    drop(server);
    // What stands at WeCom's resources is partly in Redis.
    Some(Scene {
        tells_problems: false,
        ..Scene::of(fixture)
    })
}

async fn disk_full(backend: Backend) -> Option<Scene> {
    if backend == Backend::PostgresRedis {
        return None;
    }
    let fixture = Fixture::open(backend).await?;
    fixture.advance_to_now();
    fixture.app.tick().await.unwrap();
    let full = fixture.serve_with(|config| config.database_free_megabytes = u64::MAX);
    let full = full.await;
    Some(Scene::at(fixture, full.app, full.base, ()))
}

async fn clock_off(backend: Backend) -> Option<Scene> {
    let ahead = async |fixture: &Fixture, source: &str| {
        fixture.clock.advance(Duration::from_secs(90));
        // WeCom's clock is heard in its next reply.
        fixture.sync(source).await;
    };
    after(backend, ahead).await
}

async fn pending(backend: Backend) -> Option<Scene> {
    let older = async |fixture: &Fixture, _: &str| {
        let last = "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)";
        sql(fixture, last).await;
    };
    after(backend, older).await
}

async fn logout_refused(backend: Backend) -> Option<Scene> {
    let closed = async |fixture: &Fixture, _: &str| {
        let address = format!("http://127.0.0.1:{}/out", free_port());
        let extra = json!({ "metadata": { "backchannel_logout_uri": address } });
        fixture.portal("wiki", extra).await;
    };
    after(backend, closed).await
}

/// The keys were made ten months ago, and no job has run since.
async fn key_expires(backend: Backend) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    fixture.advance_to_now();
    fixture.trust_domain();
    fixture.connect_with(json!({ "auto_sync_hours": 4 })).await;
    Some(Scene::of(fixture))
}
