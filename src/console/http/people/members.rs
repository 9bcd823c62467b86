//! The members that syncs read, imported or not, with the tree of departments beside them.

use actix_web::web::{self, Data, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use super::tree::{Tree, tree, veiled};
use crate::{
    console::http::{
        frame::{Frame, Section},
        listing::{Head, Listing},
        moment::Moment,
        named::{Named, Names},
        refused::Refused,
        visit::{Reply, Visit},
    },
    directory::name_proof::{Company, NameProofs},
};

/// Parameters of the list that are handed on to the API.
const FILTERS: [&str; 7] = ["q", "data_source", "outcome", "state", "department", "sort", "cursor"];
/// Those of an export: exactly what is filtered.
const EXPORTED: [&str; 5] = ["q", "data_source", "outcome", "state", "department"];
/// What may become of a member.
const OUTCOMES: [&str; 6] = ["imported", "skipped", "conflict", "not_chosen", "ignored", "removed"];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/people/members", web::get().to(members))
        .route("/people/members.csv", web::get().to(export));
}

#[derive(Template)]
#[template(path = "console/people/members.html")]
struct MembersPage {
    frame: Frame,
    search: String,
    data_source: String,
    outcome: String,
    state: String,
    outcomes: [&'static str; 6],
    sources: Names,
    sort: String,
    department: String,
    export: String,
    /// Companies of which members are chosen, each with the page on which they are.
    choosing: Vec<(String, String)>,
    organisation: Organisation,
}

#[derive(Deserialize)]
struct Source {
    id: String,
    name: String,
    import: String,
}

/// Departments and the members of one of them, or of all: a part of a page.
#[derive(Template)]
#[template(path = "console/people/organisation.html")]
pub(in crate::console::http) struct Organisation {
    frame: Frame,
    tree: Tree,
    by_userid: Head,
    members: Vec<Line>,
    next: Option<String>,
}

struct Line {
    member: Member,
    source: Option<String>,
    checked: Moment,
}

#[derive(Deserialize)]
struct Member {
    userid: String,
    name: Option<String>,
    position: Option<String>,
    user_id: Option<String>,
    data_source_id: String,
    state: String,
    import_outcome: String,
    import_reason: Option<String>,
    checked_at: i64,
}

/// The departments and members that this page asks for: of a data source, or of what `filters` of its address say. Of `veiled` companies the tree of
/// departments is left out.
pub(in crate::console::http) async fn organisation(
    (visit, frame): (&Visit, &Frame),
    (filters, source): (&[&str], Option<&str>),
    (sources, veiled): (&Names, Vec<Company>),
) -> Result<Organisation, Refused> {
    let own: Vec<(&str, &str)> = source.map(|source| ("data_source", source)).into_iter().collect();
    let members: Listing<Member> = visit.get(&visit.passing_with("members", filters, &own)).await?;
    let line = |member: Member| Line {
        source: sources.of(&member.data_source_id).map(str::to_owned),
        checked: visit.moment(member.checked_at),
        member,
    };
    Ok(Organisation {
        frame: frame.clone(),
        tree: tree((visit, frame), source, veiled).await?,
        by_userid: Head::of(visit, "userid", "created_at"),
        next: visit.next(members.next_cursor),
        members: members.items.into_iter().map(line).collect(),
    })
}

async fn members(visit: Visit, proofs: Data<NameProofs>) -> Reply {
    let known: Listing<Source> = visit.get("data-sources?limit=200").await?;
    let choosing = known
        .items
        .iter()
        .filter_map(|source| choosing(&visit, source))
        .collect();
    let named = |Source { id, name, .. }| Named { id, name };
    let sources = Names {
        items: known.items.into_iter().map(named).collect(),
    };
    let frame = visit.frame("console-members-title", Some(Section::People));
    let veiled = veiled(&visit, &proofs).await?;
    let organisation = organisation((&visit, &frame), (&FILTERS, None), (&sources, veiled)).await?;
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    Ok(visit.page(&MembersPage {
        frame,
        search: param("q"),
        data_source: param("data_source"),
        outcome: param("outcome"),
        state: param("state"),
        outcomes: OUTCOMES,
        sort: param("sort"),
        department: param("department"),
        export: visit.passing("/console/people/members.csv", &EXPORTED),
        choosing,
        organisation,
        sources,
    }))
}

/// A company of which members are chosen, and the page on which they are, unless another one is looked at.
fn choosing(visit: &Visit, source: &Source) -> Option<(String, String)> {
    let other = visit.param("data_source").is_some_and(|wanted| wanted != source.id);
    if source.import != "chosen" || other || !visit.may("operator") {
        return None;
    }
    let page = visit.passing_with(
        "/console/people/members/import",
        &["q", "department"],
        &[("data_source", &source.id)],
    );
    Some((source.name.clone(), page))
}

async fn export(visit: Visit) -> Reply {
    visit.download(&visit.passing("members.csv", &EXPORTED)).await
}
