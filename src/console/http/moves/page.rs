//! The page of a move: the notice and the form of the new app, then where it stands and what comes next.

use actix_web::web;
use askama::Template;
use serde_json::json;

use super::model::{Move, Source, framed, last, source};
use crate::console::http::{
    field::{self, Field, Filling, Kind, Spec, field, needed},
    form::{Form, see_other},
    frame::Frame,
    moment::Moment,
    refused::{FieldFault, Problem, Refused},
    visit::{Reply, Visit},
};

/// What is entered of the new app.
const FIELDS: &[Spec] = &[
    needed("corp_id", Kind::Line),
    needed("agent_id", Kind::Number),
    needed("app_secret", Kind::Secret),
    field("contacts_secret", Kind::Secret),
];

#[derive(Template)]
#[template(path = "console/moves/page.html")]
struct MovePage<'a> {
    frame: &'a Frame,
    source: Source,
    last: Option<Move>,
    changed: Option<Moment>,
    ended: Option<Moment>,
    fields: Vec<Field>,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
}

impl MovePage<'_> {
    /// The move that is open, if there is one.
    fn open(&self) -> Option<&Move> {
        self.last
            .as_ref()
            .filter(|one| matches!(one.state.as_str(), "planned" | "done"))
    }
}

async fn page<'a>(
    visit: &Visit,
    frame: &'a Frame,
    (id, filling): (&str, Filling<'a>),
) -> Result<MovePage<'a>, Refused> {
    let source = source(visit, id).await?;
    let last = last(visit, &source).await?;
    let moment = |at: Option<i64>| at.map(|at| visit.moment(at));
    let fields = field::fields(frame, "console-move", FIELDS, filling);
    let problem = match filling {
        Filling::Sent(_, problem) => Some(problem),
        Filling::Stored(_) => None,
    };
    Ok(MovePage {
        frame,
        changed: moment(last.as_ref().and_then(|one| one.changed_at)),
        ended: moment(last.as_ref().and_then(|one| one.ended_at)),
        others: problem
            .map(|problem| field::others(problem, &fields))
            .unwrap_or_default(),
        source,
        last,
        fields,
        problem,
    })
}

pub(super) async fn show(visit: Visit, id: web::Path<String>) -> Reply {
    let frame = framed(&visit);
    let empty = json!({});
    let page = page(&visit, &frame, (&id, Filling::Stored(&empty))).await?;
    Ok(visit.page(&page))
}

/// Enters the new app.
pub(super) async fn plan(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let known = source(&visit, &id).await?;
    let body = field::body(&form, FIELDS);
    let path = format!("data-sources/{}/moves", known.id);
    match visit.make_once(&form, &path, Some(&body)).await {
        Ok(_) => Ok(see_other(&format!("/console/moves/{}", known.id))),
        Err(refused) => {
            let frame = framed(&visit);
            let sent = Filling::Sent(&form, refused.problem());
            let again = page(&visit, &frame, (&id, sent)).await?;
            Ok(refused.on(&again))
        }
    }
}
