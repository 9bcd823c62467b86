//! Installations into which one fault was injected.

use std::{any::Any, time::Duration};

use menjin::app::App;
use serde_json::{Value, json};
use simulator::{Tamper, World, sample, world::Scope};

use super::{
    healthy, outside, sql,
    wecom::{push, with_callback},
};
use crate::{
    actors::id,
    backends::{self, Backend, free_port},
    fixture::{Fixture, lay_over},
};

/// An installation with a fault.
pub(super) struct Scene {
    /// Its surroundings.
    pub fixture: Fixture,
    /// What runs.
    pub app: App,
    /// Where it listens.
    pub base: String,
    _kept: Box<dyn Any>,
}

impl Scene {
    pub(super) fn of(fixture: Fixture) -> Self {
        let (app, base) = (fixture.app.clone(), fixture.base.clone());
        Self::at(fixture, app, base, ())
    }

    fn at(fixture: Fixture, app: App, base: String, kept: impl Any) -> Self {
        Self {
            fixture,
            app,
            base,
            _kept: Box::new(kept),
        }
    }
}

/// An installation that was well until this was done to it and its data source.
pub(super) async fn after(backend: Backend, inject: impl AsyncFnOnce(&Fixture, &str)) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    let source = healthy(&fixture).await;
    inject(&fixture, id(&source)).await;
    Some(Scene::of(fixture))
}

/// Moves the time a little, syncs as the schedule would, and runs the jobs.
pub(super) async fn noticed(fixture: &Fixture, source: &str) {
    fixture.advance(Duration::from_secs(1));
    fixture.sync(source).await;
    fixture.app.tick().await.unwrap();
}

/// A new installation whose only data source is one that WeCom refuses, and that an admin insisted on.
pub(super) async fn wrong_corp_id(backend: Backend) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    fixture.advance_to_now();
    fixture.app.tick().await.unwrap();
    fixture.trust_domain();
    let wrong = json!({ "corp_id": "ww0000000000000000", "auto_sync_hours": 4, "save_anyway": true });
    let source = fixture.connect_with(wrong).await;
    noticed(&fixture, id(&source)).await;
    Some(Scene::of(fixture))
}

pub(super) async fn entered(fixture: &Fixture, source: &str, mut wrong: Value) {
    lay_over(&mut wrong, json!({ "save_anyway": true }));
    fixture.admin().change(&format!("data-sources/{source}"), wrong).await;
    noticed(fixture, source).await;
}

pub(super) async fn wrong_secret(backend: Backend) -> Option<Scene> {
    let wrong = json!({ "contacts_secret": "nonsense-secret" });
    after(backend, async |fixture, source| entered(fixture, source, wrong).await).await
}

pub(super) async fn other_agent_id(backend: Backend) -> Option<Scene> {
    let wrong = json!({ "app": { "agent_id": sample::OLD_AGENT_ID, "secret": sample::APP_SECRET } });
    after(backend, async |fixture, source| entered(fixture, source, wrong).await).await
}

/// The app as it is in WeCom's console, changed.
pub(super) async fn with_app(backend: Backend, change: impl FnOnce(&mut simulator::world::App)) -> Option<Scene> {
    let changed = async |fixture: &Fixture, source: &str| {
        fixture.edit_corp(|corp| change(corp.apps.get_mut(&sample::AGENT_ID).unwrap()));
        noticed(fixture, source).await;
    };
    after(backend, changed).await
}

pub(super) async fn app_closed(backend: Backend) -> Option<Scene> {
    with_app(backend, |app| app.closed = true).await
}

pub(super) async fn untrusted_ip(backend: Backend) -> Option<Scene> {
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

pub(super) async fn other_domain(backend: Backend) -> Option<Scene> {
    with_app(backend, |app| app.oauth_domain = Some("sso.other.example".to_owned())).await
}

pub(super) async fn other_port(backend: Backend) -> Option<Scene> {
    let other = |app: &mut simulator::world::App| {
        let (host, _) = app.oauth_domain.as_deref().unwrap().split_once(':').unwrap();
        app.oauth_domain = Some(format!("{host}:1"));
    };
    with_app(backend, other).await
}

pub(super) async fn no_file(backend: Backend) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    let file = json!({ "name": "WW_verify_abcDEF0123456789.txt", "content": "abcDEF0123456789" });
    fixture.admin().create("verification-files", file).await;
    let (_, served) = outside::behind(&fixture, outside::WITHOUT_FILES, |_| {}).await;
    Some(Scene::at(fixture, served.app, served.base, ()))
}

pub(super) async fn spoilt(backend: Backend, tamper: Tamper) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    with_callback(&fixture).await;
    push(&fixture, Some(tamper)).await;
    Some(Scene::of(fixture))
}

/// Nobody was ever chosen in the app's scope. Emptied later it would be another fault as well: a sync that waits for an admin, because it
/// would put everybody outside.
pub(super) async fn empty_scope(backend: Backend) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    fixture.edit_corp(|corp| corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope = Scope::default());
    let source = healthy(&fixture).await;
    noticed(&fixture, id(&source)).await;
    Some(Scene::of(fixture))
}

/// A contacts secret alone, at an address that WeCom first saw after 2022: it gives IDs and no names.
pub(super) async fn details_withheld(backend: Backend) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    fixture.edit_corp(|corp| corp.contacts_ip_is_new = true);
    fixture.advance_to_now();
    fixture.app.tick().await.unwrap();
    let alone = json!({ "app": null, "login_methods": [], "auto_sync_hours": 4 });
    let source = fixture.connect_with(alone).await;
    noticed(&fixture, id(&source)).await;
    Some(Scene::of(fixture))
}

pub(super) async fn corp_mismatch(backend: Backend) -> Option<Scene> {
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

pub(super) async fn overdue(backend: Backend) -> Option<Scene> {
    let forgotten = async |fixture: &Fixture, _: &str| {
        let ago = fixture.clock.now().millis() - 9 * 3_600_000;
        sql(fixture, &format!("UPDATE data_source SET last_synced_at = {ago}")).await;
    };
    after(backend, forgotten).await
}

pub(super) async fn redis_down(backend: Backend) -> Option<Scene> {
    if backend == Backend::SqliteMemory {
        return None;
    }
    let server = backends::own_redis()?;
    let url = ("MENJIN__EPHEMERAL__URL".to_owned(), server.base().to_owned());
    let fixture = Fixture::open_set(backend, World::sample(), &[url]).await?;
    healthy(&fixture).await;
    drop(server);
    Some(Scene::of(fixture))
}

pub(super) async fn disk_full(backend: Backend) -> Option<Scene> {
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

pub(super) async fn clock_off(backend: Backend) -> Option<Scene> {
    let ahead = async |fixture: &Fixture, source: &str| {
        fixture.clock.advance(Duration::from_secs(90));
        // WeCom's clock is heard in its next reply.
        fixture.sync(source).await;
    };
    after(backend, ahead).await
}

pub(super) async fn pending(backend: Backend) -> Option<Scene> {
    let older = async |fixture: &Fixture, _: &str| {
        let last = "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)";
        sql(fixture, last).await;
    };
    after(backend, older).await
}

pub(super) async fn logout_refused(backend: Backend) -> Option<Scene> {
    let closed = async |fixture: &Fixture, _: &str| {
        let address = format!("http://127.0.0.1:{}/out", free_port());
        let extra = json!({ "metadata": { "backchannel_logout_uri": address } });
        fixture.portal("wiki", extra).await;
    };
    after(backend, closed).await
}

/// The keys were made ten months ago, and no job has run since.
pub(super) async fn key_expires(backend: Backend) -> Option<Scene> {
    let fixture = Fixture::open(backend).await?;
    fixture.advance_to_now();
    fixture.trust_domain();
    fixture.connect_with(json!({ "auto_sync_hours": 4 })).await;
    Some(Scene::of(fixture))
}
