//! The progress of a sync run as server-sent events (HTML Standard §9.2): `progress` whenever it moved, `finished` at its end. Each connection
//! begins with how the run stands, so that nothing is missed by connecting again.
//!
//! What is told is read from the run's row, so any replica can be asked, whichever executes the run.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::{self, Bytes},
};
use futures_util::{Stream, stream};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::{
    authorization::{Caller, OrSync, Reads, token_of},
    reached_run::reached,
};
use crate::admin::openapi::params::ById;
use crate::{
    admin::service::Admin,
    directory::sync_runs::RunView,
    kernel::{failure::Result, secret::Secret},
    web::draining::Draining,
};

/// How often the run's row is looked at.
const INTERVAL: Duration = Duration::from_millis(500);
/// Looks without news after which a comment says that the connection lives: fifteen seconds.
const QUIET_LOOKS: u32 = 30;
/// Looks after which a connection ends, and its client connects again: ten minutes.
const MOST_LOOKS: u32 = 1200;
/// Id of the last event: whoever has it needs no other.
const FINISHED: &str = "finished";

/// Watches a run: its progress as server-sent events (HTML Standard §9.2).
///
/// Each connection begins with how the run stands, and ends after ten minutes at most; clients then connect again.
#[utoipa::path(get, path = "/sync-runs/{id}/events", operation_id = "watch_sync_run", params(ById), responses(
    (status = 200, description = "Events `progress` (`data`: state, phase, done, todo, calls and counts as JSON) and at the end `finished` (`data`: the run as JSON).", body = String, content_type = "text/event-stream"),
    (status = 204, description = "The run is over, and its end was told: `Last-Event-ID` was `finished`."),
))]
pub async fn watch(
    request: HttpRequest,
    caller: Caller<OrSync<Reads>>,
    admin: web::Data<Admin>,
    draining: Option<web::Data<Draining>>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let run = reached(&caller, &admin, *id).await?;
    let last = request.headers().get("last-event-id");
    if run.is_over() && last.is_some_and(|last| last == FINISHED) {
        // Tells an `EventSource` to stop connecting (HTML Standard §9.2.3).
        return Ok(HttpResponse::NoContent().finish());
    }
    let watcher = Watcher {
        _place: admin.watch_runs()?,
        draining: draining
            .map(|draining| Draining::clone(&draining))
            // Asked inside the process, by the console.
            .or_else(|| request.extensions().get::<Draining>().cloned()),
        admin,
        token: token_of(&request).map(|token| Secret::new(token.to_owned())),
        run: Some(run),
        id: *id,
        told: String::new(),
        looks: 0,
        quiet: 0,
        over: false,
    };
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        // Proxies that collect answers would hold the events back.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Box::pin(watcher.events())))
}

struct Watcher {
    admin: web::Data<Admin>,
    draining: Option<Draining>,
    /// Who watches: asked again now and then, since a token may be revoked meanwhile. Without one, as asked by the console, the connection ends
    /// instead: the browser comes again, and by the console's own door.
    token: Option<Secret<String>>,
    id: Uuid,
    /// The run as it was read before the first event.
    run: Option<RunView>,
    /// The last event.
    told: String,
    looks: u32,
    quiet: u32,
    over: bool,
    _place: OwnedSemaphorePermit,
}

impl Watcher {
    fn events(self) -> impl Stream<Item = std::result::Result<Bytes, Infallible>> {
        stream::unfold(self, |mut watcher| async move {
            let text = watcher.next().await?;
            Some((Ok(Bytes::from(text)), watcher))
        })
    }

    /// The next thing to tell; `None`: the connection ends.
    async fn next(&mut self) -> Option<String> {
        while !self.over && self.looks < MOST_LOOKS {
            self.looks += 1;
            let run = match self.run.take() {
                Some(run) => run,
                None => self.look().await?,
            };
            self.over = run.is_over();
            let event = event(&run);
            if event != self.told {
                self.quiet = 0;
                self.told.clone_from(&event);
                return Some(event);
            }
            self.quiet += 1;
            if self.quiet >= QUIET_LOOKS {
                self.quiet = 0;
                return Some(": still running\n\n".to_owned());
            }
        }
        None
    }

    /// Waits a moment and reads the run; `None` when the server stops, the token is no longer good, or the run cannot be read.
    async fn look(&mut self) -> Option<RunView> {
        match &mut self.draining {
            Some(draining) => tokio::select! {
                () = draining.begun() => return None,
                () = tokio::time::sleep(INTERVAL) => {}
            },
            None => tokio::time::sleep(INTERVAL).await,
        }
        if self.looks.is_multiple_of(QUIET_LOOKS) {
            self.admin.identify(self.token.as_ref()?.expose()).await.ok()??;
        }
        self.admin.directory().run(self.id).await.ok()
    }
}

fn event(run: &RunView) -> String {
    if run.is_over() {
        let run = serde_json::to_string(run).unwrap_or_default();
        return format!("id: {FINISHED}\nevent: finished\ndata: {run}\n\n");
    }
    let told = json!({
        "state": run.state,
        "phase": run.counts.get("phase"),
        "done": run.counts.get("done"),
        "todo": run.counts.get("todo"),
        "calls": run.calls,
        "counts": run.counts,
    });
    format!("event: progress\ndata: {told}\n\n")
}
