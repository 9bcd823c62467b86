//! Agreeing to a run, and taking one back: each with a page before it that says in numbers and names what will happen.

use actix_web::{http::Method, web::Path};
use askama::Template;

use super::model::{Line, Row, Run};
use crate::console::http::{
    address::segment,
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::Listing,
    names,
    refused::Refused,
    visit::{Reply, Visit},
};

/// So many of those who lose their access, or have to wait, are named.
const NAMED: usize = 20;

#[derive(Template)]
#[template(path = "console/sync/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    line: Line,
    /// Who would lose access or has to wait, the first of them, with what they are called where they are users.
    losing: Vec<(Row, Option<String>)>,
}

impl ConfirmPage {
    /// How many are not named.
    fn more(&self) -> u64 {
        let named = u64::try_from(self.losing.len()).unwrap_or(u64::MAX);
        self.line.run.counts.removals.saturating_sub(named)
    }
}

#[derive(Template)]
#[template(path = "console/sync/undo.html")]
struct UndoPage {
    frame: Frame,
    line: Line,
}

async fn line(visit: &Visit, id: &str) -> Result<Line, Refused> {
    let run: Run = visit.get(&format!("sync-runs/{}", segment(id))).await?;
    Ok(Line::new(visit, &names::sources(visit).await?, run))
}

pub(super) async fn before_confirm(visit: Visit, id: Path<String>) -> Reply {
    let line = line(&visit, &id).await?;
    let mut losing = Vec::new();
    for outcome in ["departed", "outside", "doubtful"] {
        let path = format!(
            "sync-runs/{}/rows?subject=member&outcome={outcome}&limit={NAMED}",
            segment(&id)
        );
        let rows: Listing<Row> = visit.get(&path).await?;
        losing.extend(rows.items);
    }
    losing.truncate(NAMED);
    let users = losing.iter().filter_map(|row| row.user_id.as_deref());
    let people = names::people(&visit, users).await;
    let named = |row: Row| {
        let name = row.user_id.as_ref().and_then(|id| people.get(id)).cloned();
        (row, name)
    };
    let losing = losing.into_iter().map(named).collect();
    Ok(visit.page(&ConfirmPage {
        frame: visit.frame("console-confirm-title", Some(Section::Sync)),
        line,
        losing,
    }))
}

pub(super) async fn before_undo(visit: Visit, id: Path<String>) -> Reply {
    Ok(visit.page(&UndoPage {
        line: line(&visit, &id).await?,
        frame: visit.frame("console-undo-title", Some(Section::Sync)),
    }))
}

pub(super) async fn confirm(visit: Visit, id: Path<String>, _: Form) -> Reply {
    act(&visit, &id, "confirm").await
}

pub(super) async fn undo(visit: Visit, id: Path<String>, _: Form) -> Reply {
    act(&visit, &id, "undo").await
}

async fn act(visit: &Visit, id: &str, act: &str) -> Reply {
    let answer = visit
        .send(Method::POST, &format!("sync-runs/{}/{act}", segment(id)), None)
        .await?;
    let run: Run = visit.read(&answer)?;
    Ok(see_other(&format!("/console/sync/{}", segment(&run.id))))
}
