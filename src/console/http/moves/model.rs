//! A move as the API answers it.

use serde::Deserialize;

use crate::console::http::{
    frame::{Frame, Section},
    listing::Listing,
    refused::Refused,
    visit::Visit,
    wecom::shared::{Trouble, plain},
};

/// What is to move.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) suite_id: Option<String>,
}

/// A move.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Move {
    pub(super) id: String,
    pub(super) data_source_id: String,
    pub(super) suite_name: String,
    pub(super) state: String,
    pub(super) corp_id: String,
    pub(super) agent_id: i64,
    pub(super) contacts_secret_set: bool,
    pub(super) proven_by: Option<String>,
    pub(super) paired_at: Option<i64>,
    pub(super) pairs: Pairs,
    pub(super) rehearsal: Option<Rehearsal>,
    pub(super) ready: bool,
    pub(super) joined: Option<i64>,
    pub(super) problems: Vec<Trouble>,
    pub(super) changed_at: Option<i64>,
    pub(super) ended_at: Option<i64>,
    /// Entity tag of the state that is shown.
    #[serde(skip)]
    pub(super) version: String,
}

/// How many are paired.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Pairs {
    pub(super) converted: i64,
    pub(super) same: i64,
    pub(super) by_hand: i64,
    pub(super) unpaired: i64,
    pub(super) left_out: i64,
}

/// The last rehearsal.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Rehearsal {
    pub(super) run_id: String,
    pub(super) state: String,
    pub(super) current: bool,
    pub(super) pauses: bool,
    pub(super) created: usize,
    pub(super) updated: usize,
    pub(super) unchanged: usize,
    pub(super) impact: Impact,
}

/// Whom it would touch.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Impact {
    pub(super) departures: usize,
    pub(super) outside: usize,
}

impl Move {
    /// Its address below `/console`.
    pub(super) fn address(&self, act: &str) -> String {
        format!("/console/moves/{}/{}/{act}", self.data_source_id, self.id)
    }

    /// Its address in the API.
    pub(super) fn path(&self, act: &str) -> String {
        format!("data-sources/{}/moves/{}{act}", self.data_source_id, self.id)
    }

    /// Members whom the service provider's app does not know.
    pub(super) fn strangers(&self) -> i64 {
        self.joined.unwrap_or_default()
    }

    /// Whether a run rehearses it at this moment.
    pub(super) fn is_rehearsing(&self) -> bool {
        let run = self.rehearsal.as_ref();
        self.state == "planned" && run.is_some_and(|run| matches!(run.state.as_str(), "queued" | "running"))
    }
}

/// The data source.
pub(super) async fn source(visit: &Visit, id: &str) -> Result<Source, Refused> {
    visit.get(&format!("data-sources/{}", plain(visit, id)?)).await
}

/// The last move of a data source; `None`: there was none.
pub(super) async fn last(visit: &Visit, source: &Source) -> Result<Option<Move>, Refused> {
    let found: Listing<Move> = visit.get(&format!("data-sources/{}/moves?limit=1", source.id)).await?;
    match found.items.into_iter().next() {
        Some(one) => Ok(Some(read(visit, (&source.id, &one.id)).await?)),
        None => Ok(None),
    }
}

/// One move with its entity tag.
pub(super) async fn read(visit: &Visit, (source, id): (&str, &str)) -> Result<Move, Refused> {
    let path = format!("data-sources/{}/moves/{}", plain(visit, source)?, plain(visit, id)?);
    let answer = visit.send(actix_web::http::Method::GET, &path, None).await?;
    Ok(Move {
        version: answer.tag.clone().unwrap_or_default(),
        ..visit.read(&answer)?
    })
}

pub(super) fn framed(visit: &Visit) -> Frame {
    visit.frame("console-move", Some(Section::WeCom))
}
