//! Handlers of sync runs: list, read, their rows, confirm a paused or planned run, take one back.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, OrSync, Reads},
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    query,
    reached_run::reached,
    reply, sync_events,
};
use crate::admin::openapi::{
    params::ById,
    problems::{Conflict, Invalid},
};
use crate::directory::{
    sync::run_state::RunState,
    sync_runs::{RowView, RunView},
};
use crate::kernel::sorting::SortedListing;
use crate::{
    admin::{csv_rows, service::Admin, sync_rows_csv},
    audit::difference::Difference,
    directory::{
        sync::{Cause, Mode, STATES, Sync, journal::Subject, plan::model::RowOutcome},
        sync_runs::{
            RowFilter, RunFilter,
            model::{ROW_SORTS, SORTS},
        },
    },
    kernel::{failure::Result, sorting::SortedPage},
    web::input::NoBody,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Sync runs", description = "Runs of syncs: what they did, or would do; confirming and taking back.")),
    paths(list, export_runs, read, rows, export, sync_events::watch, confirm, undo)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/sync-runs").get(list))
        .service(web::resource("/sync-runs.csv").get(export_runs))
        .service(web::resource("/sync-runs/{id}").get(read))
        .service(web::resource("/sync-runs/{id}/rows").get(rows))
        .service(web::resource("/sync-runs/{id}/rows.csv").get(export))
        .service(web::resource("/sync-runs/{id}/events").get(sync_events::watch))
        .service(web::resource("/sync-runs/{id}/confirm").post(confirm))
        .service(web::resource("/sync-runs/{id}/undo").post(undo));
}

listed!(Wanted, WantedRuns, #[param(pattern = "^-?(started_at)$")] {
    /// Only of the data source with this row id.
    data_source: Option<Uuid>,
    /// Only those in this state.
    #[param(value_type = Option<RunState>, inline)]
    state: Option<String>,
    /// Only those started for this cause.
    #[param(value_type = Option<Cause>, inline)]
    cause: Option<String>,
    /// Only those in this mode.
    #[param(value_type = Option<Mode>, inline)]
    mode: Option<String>,
    /// Only those begun at this moment or later, milliseconds since 1970.
    #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
    since: Option<String>,
    /// Only those begun before this moment, milliseconds since 1970.
    #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
    until: Option<String>,
});

/// The wanted runs, of these data sources if only some are reached; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, among: Option<Vec<Uuid>>, wanted: &WantedRuns) -> Result<RunFilter> {
    let filter = RunFilter {
        source: wanted.data_source,
        among,
        state: reading.word("state", wanted.state.as_deref(), &STATES),
        cause: reading.word("cause", wanted.cause.as_deref(), &Cause::ALL.map(Cause::as_str)),
        mode: reading.word("mode", wanted.mode.as_deref(), &Mode::ALL.map(Mode::as_str)),
        since: reading.moment("since", wanted.since.as_deref()),
        until: reading.moment("until", wanted.until.as_deref()),
    };
    reading.done().map(|()| filter)
}

/// Lists sync runs, newest first.
#[utoipa::path(get, path = "/sync-runs", operation_id = "list_sync_runs", params(Wanted), responses(
    (status = 200, description = "A page of runs.", body = SortedListing<RunView>),
))]
async fn list(caller: Caller<OrSync<Reads>, Wanted>, admin: web::Data<Admin>) -> Reply {
    let among = caller.sources().map(<[Uuid]>::to_vec);
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, page.each_ref());
    let filter = filter(reading, among, &wanted)?;
    Ok(reply::ok(&admin.directory().runs(&filter, &page).await?))
}

/// Exports sync runs as CSV, newest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/sync-runs.csv", operation_id = "export_sync_runs", params(WantedRuns), responses(
    (status = 200, description = "The runs, a line each.", body = String, content_type = "text/csv"),
))]
async fn export_runs(caller: Caller<OrSync<Reads>, WantedRuns>, by: Download, admin: web::Data<Admin>) -> Reply {
    let among = caller.sources().map(<[Uuid]>::to_vec);
    let filter = filter(query::Reading::default(), among, &caller.query)?;
    let export = Export {
        file: "sync-runs.csv",
        media: CSV,
        head: csv_rows::sync_runs::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.directory().runs(&filter, &page).await }
    };
    let line = (|run: &RunView| run.id, csv_rows::sync_runs::row);
    streamed_in_order(export, SORTS, read, line).await
}

/// Reads a sync run as it stands now.
#[utoipa::path(get, path = "/sync-runs/{id}", operation_id = "read_sync_run", params(ById), responses(
    (status = 200, description = "The run.", body = RunView),
))]
async fn read(caller: Caller<OrSync<Reads>>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&reached(&caller, &admin, *id).await?))
}

listed!(WantedRows, WantedExport, #[param(pattern = "^-?(created_at|userid)$")] {
    /// Only rows with this outcome.
    #[param(value_type = Option<RowOutcome>, inline)]
    outcome: Option<String>,
    /// Only rows about this kind of thing.
    #[param(value_type = Option<Subject>, inline)]
    subject: Option<String>,
    /// Only rows of this userid, without regard to letter case; of all that begin so where it ends with `*`.
    #[param(max_length = 200, example = "ZhangSan")]
    userid: Option<String>,
});

/// The wanted rows; whatever is wrong with the query is told here.
fn row_filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<RowFilter> {
    let filter = RowFilter {
        outcome: reading.word(
            "outcome",
            wanted.outcome.as_deref(),
            &RowOutcome::ALL.map(RowOutcome::as_str),
        ),
        subject: reading.word("subject", wanted.subject.as_deref(), &Subject::ALL.map(Subject::word)),
        userid: reading.owned("userid", wanted.userid.as_deref()),
    };
    reading.done().map(|()| filter)
}

/// Lists what a run changed or decided, member by member.
#[utoipa::path(get, path = "/sync-runs/{id}/rows", operation_id = "list_sync_run_rows", params(ById, WantedRows), responses(
    (status = 200, description = "A page of rows.", body = SortedListing<RowView>),
))]
async fn rows(mut caller: Caller<OrSync<Reads>, WantedRows>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let (page, wanted) = std::mem::take(&mut caller.query).split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&ROW_SORTS, page.each_ref());
    let filter = row_filter(reading, &wanted)?;
    reached(&caller, &admin, *id).await?;
    Ok(reply::ok(&admin.directory().run_rows(*id, &filter, &page).await?))
}

/// Exports what a run changed or decided as CSV.
///
/// The rows are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/sync-runs/{id}/rows.csv", operation_id = "export_sync_run_rows", params(ById, WantedExport), responses(
    (status = 200, description = "The rows, a line each.", body = String, content_type = "text/csv"),
))]
async fn export(
    caller: Caller<OrSync<Reads>, WantedExport>,
    by: Download,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
) -> Reply {
    let filter = row_filter(query::Reading::default(), &caller.query)?;
    let id = id.into_inner();
    reached(&caller, &admin, id).await?;
    let file = format!("sync-run-{id}.csv");
    let export = Export {
        file: &file,
        media: CSV,
        head: sync_rows_csv::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.directory().run_rows(id, &filter, &page).await }
    };
    streamed_in_order(export, ROW_SORTS, read, (|row: &RowView| row.id, sync_rows_csv::row)).await
}

/// Confirms a paused or planned run, which is then applied.
#[utoipa::path(post, path = "/sync-runs/{id}/confirm", operation_id = "confirm_sync_run", params(ById), responses(
    (status = 202, description = "The run that applies it.", body = RunView),
    Conflict,
    Invalid,
))]
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

/// Takes a run back: a run of its own does so in the background.
#[utoipa::path(post, path = "/sync-runs/{id}/undo", operation_id = "undo_sync_run", params(ById), responses(
    (status = 202, description = "The run that takes it back.", body = RunView),
    Conflict,
))]
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
