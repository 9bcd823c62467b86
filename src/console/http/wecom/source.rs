//! A data source at a glance.

use actix_web::{
    http::{Method, StatusCode},
    web,
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{
    super::{
        coverage::Coverage,
        form::{Form, see_other},
        frame::{Frame, html},
        listing::Listing,
        moment::Moment,
        refused::Refused,
        visit::{Reply, Visit, with_query},
    },
    shared::{AuthSource, Probe, Probed, Trouble, done, framed, plain, probed},
};

#[derive(Deserialize)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) corp_id: String,
    description: String,
    enabled: bool,
    disabled_reason: Option<String>,
    suite_id: Option<String>,
    callback_domain: String,
    egress: Egress,
    contacts_secret_set: bool,
    customer_secret_set: bool,
    duplicate_rule: String,
    import: String,
    login_methods: Vec<String>,
    auto_sync_hours: Option<i32>,
    read_by: String,
    last_sync: Option<LastSync>,
    next_sync_at: Option<i64>,
    problems: Vec<Trouble>,
}

/// From where WeCom sees our calls come.
#[derive(Deserialize)]
struct Egress {
    configured: Vec<String>,
    named: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    address: String,
    at: i64,
    errcode: Option<i64>,
}

impl Egress {
    /// WeCom named another address than this installation was told.
    fn differs(&self) -> bool {
        let other = |named: &Named| !self.configured.contains(&named.address);
        !self.configured.is_empty() && self.named.as_ref().is_some_and(other)
    }
}

#[derive(Deserialize)]
struct LastSync {
    id: String,
    state: String,
    at: i64,
}

#[derive(Deserialize)]
struct App {
    id: String,
    name: String,
    agent_id: i64,
    closed: bool,
    members: Option<i64>,
    outside_integration_scope: Option<i64>,
    problems: Vec<Trouble>,
}

#[derive(Deserialize)]
pub(in crate::console::http) struct Callback {
    pub(in crate::console::http) id: String,
    pub(in crate::console::http) owner: String,
    pub(in crate::console::http) url: String,
    pub(in crate::console::http) verified: bool,
    pub(in crate::console::http) verified_at: Option<i64>,
    pub(in crate::console::http) last_event_at: Option<i64>,
    pub(in crate::console::http) last_failure: Option<Failed>,
    pub(in crate::console::http) problems: Vec<Trouble>,
}

#[derive(Deserialize)]
pub(in crate::console::http) struct Failed {
    pub(in crate::console::http) number: String,
    pub(in crate::console::http) title: String,
    pub(in crate::console::http) title_zh: String,
    pub(in crate::console::http) last_at: i64,
}

/// What is to be entered in WeCom for a callback, shown this once.
#[derive(Deserialize)]
pub(in crate::console::http) struct Issued {
    pub(in crate::console::http) id: String,
    pub(in crate::console::http) owner: String,
    pub(in crate::console::http) url: String,
    pub(in crate::console::http) token: String,
    pub(in crate::console::http) encoding_aes_key: String,
}

/// A move of the data source.
#[derive(Deserialize)]
struct Moved {}

struct Called {
    callback: Callback,
    event: Option<Moment>,
    failed: Option<Moment>,
}

#[derive(Template)]
#[template(path = "console/wecom/source.html")]
struct SourcePage {
    frame: Frame,
    source: Source,
    coverage: Coverage,
    last: Option<Moment>,
    next: Option<Moment>,
    /// When WeCom named the address of our calls.
    named: Option<Moment>,
    credentials: Vec<Probed>,
    apps: Vec<App>,
    callbacks: Vec<Called>,
    /// Places where no callback is entered yet.
    without: Vec<&'static str>,
    auth_sources: Vec<AuthSource>,
    /// It is connected by an app of the service provider, or moved from one.
    may_move: bool,
    done: Option<String>,
}

pub(super) async fn read(visit: &Visit, id: &str) -> Result<Source, Refused> {
    visit.get(&format!("data-sources/{}", plain(visit, id)?)).await
}

pub async fn source(visit: Visit, id: web::Path<String>) -> Reply {
    let source = read(&visit, &id).await?;
    let probe: Probe = visit.get(&format!("data-sources/{}/probe", source.id)).await?;
    let of_corp = |collection: &str| with_query(collection, [("corp_id", source.corp_id.as_str()), ("limit", "200")]);
    let apps: Listing<App> = visit.get(&of_corp("wecom-apps")).await?;
    let auth_sources: Listing<AuthSource> = visit.get("auth-sources?limit=200").await?;
    let callbacks: Listing<Callback> = visit.get(&format!("data-sources/{}/callbacks", source.id)).await?;
    let counted = format!("data-sources/{}/coverage", source.id);
    let coverage = Coverage::read(&visit, &counted, ("data_source", &source.id)).await?;
    let moves: Option<Listing<Moved>> = visit.aside(&format!("data-sources/{}/moves?limit=1", source.id)).await;
    let frame = framed(&visit, &source.name);
    // Of this corp, or meant for it: where the corp IDs differ both sides show it.
    let ours =
        |known: &AuthSource| known.corp_id == source.corp_id || known.data_source_id.as_ref() == Some(&source.id);
    let missing = |owner: &&str| !callbacks.items.iter().any(|callback| callback.owner == *owner);
    let without = ["contacts", "app", "external_contacts"]
        .into_iter()
        .filter(missing)
        .collect();
    let called = |callback: Callback| Called {
        event: callback.last_event_at.map(|at| visit.moment(at)),
        failed: callback
            .last_failure
            .as_ref()
            .map(|failed| visit.moment(failed.last_at)),
        callback,
    };
    Ok(visit.page(&SourcePage {
        done: done(&visit, &frame),
        coverage,
        frame,
        last: source.last_sync.as_ref().map(|last| visit.moment(last.at)),
        next: source.next_sync_at.map(|at| visit.moment(at)),
        named: source.egress.named.as_ref().map(|named| visit.moment(named.at)),
        credentials: probed(&visit, probe),
        apps: apps.items,
        auth_sources: auth_sources.items.into_iter().filter(ours).collect(),
        may_move: source.suite_id.is_some() || moves.is_some_and(|moves| !moves.items.is_empty()),
        without,
        callbacks: callbacks.items.into_iter().map(called).collect(),
        source,
    }))
}

pub async fn probe(visit: Visit, id: web::Path<String>, _: Form) -> Reply {
    let id = plain(&visit, &id)?;
    visit
        .send(Method::POST, &format!("data-sources/{id}/probe"), None)
        .await?;
    Ok(see_other(&format!("/console/wecom/{id}?done=probed#probe")))
}

pub async fn ask_again(visit: Visit, id: web::Path<String>, _: Form) -> Reply {
    let id = plain(&visit, &id)?;
    visit
        .send(Method::POST, &format!("data-sources/{id}/ask-again"), None)
        .await?;
    Ok(see_other(&format!("/console/wecom/{id}?done=asked-again#coverage")))
}

#[derive(Template)]
#[template(path = "console/wecom/delete.html")]
struct DeletePage {
    frame: Frame,
    source: Source,
    sessions: i64,
    auth_sources: Vec<AuthSource>,
    /// Entity tag of what the page was made from.
    version: String,
    mistyped: bool,
}

#[derive(Deserialize)]
struct Sessions {
    sessions: i64,
}

async fn deleting(visit: &Visit, id: &str, mistyped: bool) -> Result<DeletePage, Refused> {
    let (source, version): (Source, String) = visit.versioned(&format!("data-sources/{}", plain(visit, id)?)).await?;
    let scope = json!({ "scope": { "data_source_id": source.id }, "dry_run": true });
    let counted = visit.send(Method::POST, "sessions/end", Some(&scope)).await?;
    let auth_sources: Listing<AuthSource> = visit
        .get(&format!("auth-sources?data_source={}&limit=200", source.id))
        .await?;
    Ok(DeletePage {
        frame: framed(visit, &source.name),
        sessions: visit.read::<Sessions>(&counted)?.sessions,
        auth_sources: auth_sources.items,
        source,
        version,
        mistyped,
    })
}

pub async fn ask(visit: Visit, id: web::Path<String>) -> Reply {
    let page = deleting(&visit, &id, false).await?;
    Ok(visit.page(&page))
}

pub async fn delete(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let source = read(&visit, &id).await?;
    if form.get("corp_id") != Some(source.corp_id.as_str()) {
        let page = deleting(&visit, &id, true).await?;
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    visit.delete(&format!("data-sources/{}", source.id), &form).await?;
    Ok(see_other("/console/wecom?done=deleted"))
}
