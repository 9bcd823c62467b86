//! Who is whom in the new app, and entering it by hand.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::model::{Move, framed, read};
use crate::console::http::{
    form::{Form, see_other},
    frame::Frame,
    listing::Listing,
    moment::Moment,
    refused::{FieldFault, Problem, Refused},
    visit::{Reply, Visit},
    wecom::shared::plain,
};

/// By what a pair may be known.
const HOWS: &[&str] = &[
    "unpaired",
    "converted",
    "same",
    "by_hand",
    "left_out",
    "departed",
    "gave_up",
];

#[derive(Deserialize)]
struct Pair {
    member_id: String,
    old_userid: String,
    new_userid: Option<String>,
    how: String,
    entered_at: Option<i64>,
}

/// A pair with the moment when an admin entered it.
struct Line {
    pair: Pair,
    entered: Option<Moment>,
}

#[derive(Template)]
#[template(path = "console/moves/pairs.html")]
struct PairsPage<'a> {
    frame: Frame,
    one: Move,
    how: String,
    hows: &'static [&'static str],
    rows: Vec<Line>,
    next: Option<String>,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
}

async fn page<'a>(
    visit: &Visit,
    (source, id): (&str, &str),
    problem: Option<&'a Problem>,
) -> Result<PairsPage<'a>, Refused> {
    let one = read(visit, (source, id)).await?;
    let path = visit.passing(&one.path("/pairs"), &["how", "cursor"]);
    let found: Listing<Pair> = visit.get(&path).await?;
    let line = |pair: Pair| Line {
        entered: pair.entered_at.map(|at| visit.moment(at)),
        pair,
    };
    Ok(PairsPage {
        frame: framed(visit),
        how: visit.param("how").unwrap_or_default().to_owned(),
        hows: HOWS,
        rows: found.items.into_iter().map(line).collect(),
        next: visit.next(found.next_cursor),
        one,
        others: problem
            .map(|problem| problem.errors.iter().collect())
            .unwrap_or_default(),
        problem,
    })
}

pub(super) async fn list(visit: Visit, ids: Path<(String, String)>) -> Reply {
    let page = page(&visit, (&ids.0, &ids.1), None).await?;
    Ok(visit.page(&page))
}

/// Enters who a member is in the new app.
pub(super) async fn enter(visit: Visit, ids: Path<(String, String)>, form: Form) -> Reply {
    let one = read(&visit, (&ids.0, &ids.1)).await?;
    let member = plain(&visit, form.get("member").unwrap_or("-"))?;
    let body = json!({ "userid": form.get("userid") });
    let path = one.path(&format!("/pairs/{member}"));
    match visit.call((Method::PUT, &path), Some(&body), form.get("version")).await {
        Ok(_) => Ok(see_other(&one.address("pairs?how=unpaired"))),
        Err(refused) => {
            let again = page(&visit, (&ids.0, &ids.1), Some(refused.problem())).await?;
            Ok(refused.on(&again))
        }
    }
}
