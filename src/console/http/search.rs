//! One box for everything: a code from a chat opens its trace, an id its page, and any other text is looked for among people, members, departments,
//! groups, portals, data sources, auth sources, apps and access requests.

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::de::IgnoredAny;
use uuid::Uuid;

use super::{
    form::see_other,
    found::{Group, looked_for},
    frame::Frame,
    refused::Refused,
    things::Things,
    visit::{Reply, Visit, with_query},
};
use crate::web::reference;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/search", web::get().to(search))
        .route("/search/found", web::get().to(found));
}

#[derive(Template)]
#[template(path = "console/search/page.html")]
struct SearchPage {
    frame: Frame,
    search: String,
    /// A text in the shape of a code that is none of ours.
    code: Option<String>,
    groups: Vec<Group>,
}

/// The same below the search box, as one types: options of a list, no page.
#[derive(Template)]
#[template(path = "console/search/found.html")]
struct FoundList {
    frame: Frame,
    /// The page that the text leads to at once: a code's trace, or the thing with this id.
    at_once: Option<String>,
    search: String,
    groups: Vec<Group>,
    /// The page of all that was found.
    all: String,
}

/// What a text leads to.
enum Answer {
    /// A page: of the code or the id that it is.
    At(String),
    /// What bears such a name, which may be nothing.
    Named(Vec<Group>),
}

async fn search(visit: Visit) -> Reply {
    let search = typed(&visit);
    let groups = match answer(&visit, &search).await? {
        Answer::At(address) => return Ok(see_other(&address)),
        Answer::Named(groups) => groups,
    };
    Ok(visit.page(&SearchPage {
        frame: visit.frame("console-search", None),
        // Many a name has eight letters: only what has a digit as well looks like a code.
        code: reference::typed(&search).filter(|code| code.contains(|letter: char| letter.is_ascii_digit())),
        groups,
        search,
    }))
}

async fn found(visit: Visit) -> Reply {
    let search = typed(&visit);
    let (at_once, groups) = match answer(&visit, &search).await? {
        Answer::At(address) => (Some(address), Vec::new()),
        Answer::Named(groups) => (None, groups),
    };
    Ok(visit.page(&FoundList {
        frame: visit.frame("console-search", None),
        all: with_query("/console/search", [("q", search.as_str())]),
        at_once,
        search,
        groups,
    }))
}

/// What was typed.
fn typed(visit: &Visit) -> String {
    visit.param("q").unwrap_or_default().trim().to_owned()
}

async fn answer(visit: &Visit, search: &str) -> Result<Answer, Refused> {
    if let Some(code) = reference::typed(search) {
        let known: Option<IgnoredAny> = visit.find(&format!("traces/{code}")).await?;
        if known.is_some() {
            return Ok(Answer::At(format!("/console/refusals/{code}")));
        }
    }
    if let Ok(id) = Uuid::parse_str(search)
        && let Some(address) = Things::page_of(visit, &visit.frame("console-search", None), id).await
    {
        return Ok(Answer::At(address));
    }
    if search.is_empty() {
        return Ok(Answer::Named(Vec::new()));
    }
    let mut groups = looked_for(visit, search).await?;
    groups.retain(|group| !group.found.is_empty());
    Ok(Answer::Named(groups))
}
