//! Handlers of sync runs: list, read, their rows, confirm a paused or planned run, take one back.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    web::{self, Bytes, ServiceConfig},
};
use futures_util::stream;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    query, reply, sync_events,
};
use crate::{
    admin::{service::Admin, sync_rows_csv},
    directory::{
        sync::{Cause, Mode, STATES, Sync, journal::Subject, plan::model::RowOutcome},
        sync_runs::{RowFilter, RunFilter, model::SORTS},
    },
    kernel::{
        failure::{Failure, Result},
        pagination::Page,
        sorting::SortedPage,
    },
    web::input::NoBody,
};

type Reply = Result<HttpResponse>;

/// Rows of an export that are in memory at once.
const EXPORT_PAGE: u64 = 1000;

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
    sort: Option<String>,
    data_source: Option<Uuid>,
    state: Option<String>,
    cause: Option<String>,
    mode: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

impl Wanted {
    fn read(&self) -> Result<(RunFilter, SortedPage)> {
        let mut reading = query::Reading::default();
        let page = reading.sorted(&SORTS, [&self.cursor, &self.limit, &self.sort]);
        let filter = RunFilter {
            source: self.data_source,
            state: reading.word("state", self.state.as_deref(), &STATES),
            cause: reading.word("cause", self.cause.as_deref(), &Cause::ALL.map(Cause::as_str)),
            mode: reading.word("mode", self.mode.as_deref(), &Mode::ALL.map(Mode::as_str)),
            since: reading.moment("since", self.since.as_deref()),
            until: reading.moment("until", self.until.as_deref()),
        };
        reading.done().map(|()| (filter, page))
    }
}

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let (filter, page) = caller.query.read()?;
    Ok(reply::ok(&admin.directory().runs(&filter, &page).await?))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().run(id.into_inner()).await?))
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

async fn rows(caller: Caller<Reads, WantedRows>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let wanted = caller.query;
    let page = query::page(wanted.cursor.as_deref(), wanted.limit.as_deref())?;
    let filter = row_filter(
        wanted.outcome.as_deref(),
        wanted.subject.as_deref(),
        wanted.userid.as_deref(),
    )?;
    Ok(reply::ok(&admin.directory().run_rows(*id, &filter, page).await?))
}

/// Streams all wanted rows, page by page. Where the database fails midway the connection breaks, so that nobody takes a part for the whole.
async fn export(caller: Caller<Reads, WantedExport>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let wanted = caller.query;
    let filter = row_filter(
        wanted.outcome.as_deref(),
        wanted.subject.as_deref(),
        wanted.userid.as_deref(),
    )?;
    let id = id.into_inner();
    admin.directory().run(id).await?;
    let first = Page {
        after: None,
        limit: EXPORT_PAGE,
    };
    let lines = stream::try_unfold(Some((first, sync_rows_csv::head())), move |next| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move {
            let Some((page, mut text)) = next else {
                return Ok::<_, Failure>(None);
            };
            let rows = admin.directory().run_rows(id, &filter, page).await?;
            for row in &rows.items {
                text.push_str(&sync_rows_csv::row(row));
            }
            let after = rows.next_cursor.map(|cursor| Page {
                after: Some(cursor),
                ..page
            });
            Ok(Some((Bytes::from(text), after.map(|page| (page, String::new())))))
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"sync-run-{id}.csv\""),
        ))
        .streaming(Box::pin(lines)))
}

/// Confirms a paused or planned run, which is then applied. Needs `web::Data<Sync>`.
async fn confirm(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let run = sync.launch(sync.confirm(*id).await?);
    admin
        .note(caller.actor(), format!("sync_run:{run}"), "confirmed", &[])
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
    let run = sync.launch(sync.undo(*id).await?);
    admin
        .note(caller.actor(), format!("sync_run:{id}"), "undone", &[])
        .await?;
    Ok(reply::accepted(
        format!("/api/v1/sync-runs/{run}"),
        &admin.directory().run(run).await?,
    ))
}
