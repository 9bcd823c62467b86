//! Handlers of sync runs: list, read, their rows, confirm a paused or planned run, take one back.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, OrSync, Reads},
    export::{CSV, Export, streamed},
    query,
    reached_run::reached,
    reply, sync_events,
};
use crate::{
    admin::{service::Admin, sync_rows_csv},
    audit::difference::Difference,
    directory::{
        sync::{Cause, Mode, STATES, Sync, journal::Subject, plan::model::RowOutcome},
        sync_runs::{RowFilter, RunFilter},
    },
    kernel::failure::Result,
    web::input::NoBody,
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/sync-runs").get(list))
        .service(web::resource("/sync-runs/{id}").get(read))
        .service(web::resource("/sync-runs/{id}/rows").get(rows))
        .service(web::resource("/sync-runs/{id}/rows.csv").get(export))
        .service(web::resource("/sync-runs/{id}/events").get(sync_events::watch))
        .service(web::resource("/sync-runs/{id}/confirm").post(confirm))
        .service(web::resource("/sync-runs/{id}/undo").post(undo));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    data_source: Option<Uuid>,
    state: Option<String>,
    cause: Option<String>,
    mode: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

impl Wanted {
    fn filter(&self, among: Option<&[Uuid]>) -> Result<RunFilter> {
        let words = |field, given: &Option<String>, known: &[&str]| query::word(field, given.as_deref(), known);
        Ok(RunFilter {
            source: self.data_source,
            among: among.map(<[Uuid]>::to_vec),
            state: words("state", &self.state, &STATES)?,
            cause: words("cause", &self.cause, &Cause::ALL.map(Cause::as_str))?,
            mode: words("mode", &self.mode, &Mode::ALL.map(Mode::as_str))?,
            since: query::moment("since", self.since.as_deref())?,
            until: query::moment("until", self.until.as_deref())?,
        })
    }
}

async fn list(caller: Caller<OrSync<Reads>, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let page = query::page(wanted.cursor.as_deref(), wanted.limit.as_deref())?;
    let filter = wanted.filter(caller.sources())?;
    Ok(reply::ok(&admin.directory().runs(&filter, page).await?))
}

async fn read(caller: Caller<OrSync<Reads>>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&reached(&caller, &admin, *id).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedRows {
    cursor: Option<String>,
    limit: Option<String>,
    outcome: Option<String>,
    subject: Option<String>,
    userid: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedExport {
    outcome: Option<String>,
    subject: Option<String>,
    userid: Option<String>,
}

fn row_filter(outcome: Option<&str>, subject: Option<&str>, userid: Option<&str>) -> Result<RowFilter> {
    Ok(RowFilter {
        outcome: query::word("outcome", outcome, &RowOutcome::ALL.map(RowOutcome::as_str))?,
        subject: query::word("subject", subject, &Subject::ALL.map(Subject::word))?,
        userid: query::text("userid", userid)?.map(str::to_owned),
    })
}

async fn rows(caller: Caller<OrSync<Reads>, WantedRows>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let wanted = &caller.query;
    let page = query::page(wanted.cursor.as_deref(), wanted.limit.as_deref())?;
    let filter = row_filter(
        wanted.outcome.as_deref(),
        wanted.subject.as_deref(),
        wanted.userid.as_deref(),
    )?;
    reached(&caller, &admin, *id).await?;
    Ok(reply::ok(&admin.directory().run_rows(*id, &filter, page).await?))
}

/// Streams all wanted rows.
async fn export(caller: Caller<OrSync<Reads>, WantedExport>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let wanted = &caller.query;
    let filter = row_filter(
        wanted.outcome.as_deref(),
        wanted.subject.as_deref(),
        wanted.userid.as_deref(),
    )?;
    let id = id.into_inner();
    reached(&caller, &admin, id).await?;
    let file = format!("sync-run-{id}.csv");
    let export = Export {
        file: &file,
        media: CSV,
        head: sync_rows_csv::head(),
    };
    let read = move |page| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.directory().run_rows(id, &filter, page).await }
    };
    streamed(export, read, sync_rows_csv::row).await
}

/// Confirms a paused or planned run, which is then applied. Needs `web::Data<Sync>`.
async fn confirm(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let before = admin.directory().run(*id).await?;
    let run = sync.launch(sync.confirm(*id).await?);
    let shown = |state: &str, mode: &str| json!({ "state": state, "mode": mode });
    let difference = Difference::between(&shown(&before.state, &before.mode), &shown("queued", "apply"))
        .also("data_source_id", before.data_source_id.to_string());
    admin
        .note_difference(
            caller.actor(),
            format!("sync_run:{run}"),
            ("confirmed", &[]),
            difference,
        )
        .await?;
    Ok(reply::accepted(
        format!("/api/v1/sync-runs/{run}"),
        &admin.directory().run(run).await?,
    ))
}

/// Takes a run back: a run of its own does so in the background. Needs `web::Data<Sync>`.
async fn undo(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let before = admin.directory().run(*id).await?;
    let run = sync.launch(sync.undo(*id).await?);
    let undone =
        Difference::created(&json!({ "undone_by": run })).also("data_source_id", before.data_source_id.to_string());
    admin
        .note_difference(caller.actor(), format!("sync_run:{id}"), ("undone", &[]), undone)
        .await?;
    Ok(reply::accepted(
        format!("/api/v1/sync-runs/{run}"),
        &admin.directory().run(run).await?,
    ))
}
