//! Choosing whom to import, of a company that does not import everybody: they are looked for among all of its members, and ticked.

use actix_web::{
    http::Method,
    web::{self, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use crate::console::http::{
    address::segment,
    choosing::{self, Carried, Choosing, Line, Texts},
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::Listing,
    named::Named,
    names,
    refused::{Problem, Refused},
    visit::{Reply, Visit, with_query},
};

/// Members that are offered to be ticked at once; as many as one call imports.
const OFFERED: &str = "100";
/// Name of the boxes.
const BOXES: &str = "members";
/// The page.
const PAGE: &str = "/console/people/members/import";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/people/members/import", web::get().to(show))
        .route("/people/members/import", web::post().to(import));
}

#[derive(Template)]
#[template(path = "console/people/import.html")]
struct ImportPage {
    frame: Frame,
    source: Named,
    department: Option<String>,
    choosing: Choosing,
}

#[derive(Deserialize)]
struct Member {
    id: String,
    data_source_id: String,
    userid: String,
    name: Option<String>,
    position: Option<String>,
}

#[derive(Deserialize)]
struct Department {
    name: String,
    wecom_id: i64,
}

impl Member {
    fn line(self, frame: &Frame) -> Line {
        let mark = match self.name {
            Some(_) => None,
            None => Some(frame.name_of_member(&self.data_source_id, &self.userid)),
        };
        let parts = [self.name.is_some().then(|| self.userid.clone()), self.position];
        Line {
            id: self.id,
            beside: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            name: self.name.unwrap_or(self.userid),
            mark,
        }
    }
}

/// The form with those members of a data source who are not imported since nobody chose them, and with those who are ticked; sent to this address.
pub(in crate::console::http) async fn choosing(
    (visit, frame): (&Visit, &Frame),
    (source, action): (&str, String),
    (form, problem): (Option<&Form>, Option<&Problem>),
) -> Result<Choosing, Refused> {
    let carried = Carried::of(visit, form, BOXES);
    let department = match form {
        Some(form) => form.get("department"),
        None => visit.param("department"),
    };
    let department = department.unwrap_or_default().to_owned();
    let own = [
        ("data_source", source),
        ("outcome", "not_chosen"),
        ("state", "present"),
        ("limit", OFFERED),
        ("department", department.as_str()),
    ];
    let own = if department.is_empty() { &own[..4] } else { &own[..] };
    let found: Listing<Member> = visit.get(&with_query("members", carried.query(own))).await?;
    let mut ticked = Vec::new();
    for id in carried.shown() {
        if let Some(member) = visit.aside::<Member>(&format!("members/{}", segment(id))).await {
            ticked.push(member.line(frame));
        }
    }
    let texts = Texts {
        search: "console-members-search",
        legend: "console-setup-members-legend",
        nobody: "console-setup-members-none",
        button: "console-setup-import",
        effect: Some("console-members-import-effect"),
    };
    let found_lines = found.items.into_iter().map(|member| member.line(frame)).collect();
    let choosing = Choosing::new(
        frame,
        (action, BOXES, texts),
        carried,
        (ticked, found_lines),
        found.next_cursor,
    );
    Ok(choosing.keeping("department", &department).judged(problem))
}

/// Imports those who are ticked.
///
/// # Errors
/// The problem that the API answered.
pub(in crate::console::http) async fn imported(visit: &Visit, form: &Form) -> Result<(), Refused> {
    let body = json!({ "members": choosing::sent(form, BOXES) });
    visit.send(Method::POST, "members/import", Some(&body)).await?;
    Ok(())
}

async fn page(visit: &Visit, form: Option<&Form>, problem: Option<&Problem>) -> Result<ImportPage, Refused> {
    let asked = match form {
        Some(form) => form.get("data_source"),
        None => visit.param("data_source"),
    };
    let path = format!("data-sources/{}", segment(asked.unwrap_or("-")));
    let source: Named = visit.get(&path).await?;
    let frame = visit.frame("console-members-import", Some(Section::People));
    let choosing = choosing((visit, &frame), (&source.id, PAGE.to_owned()), (form, problem)).await?;
    let department = match choosing.kept("department") {
        Some(id) => visit.aside::<Department>(&format!("departments/{}", segment(id))).await,
        None => None,
    };
    Ok(ImportPage {
        department: department.map(|found| names::department(&frame, &found.name, found.wecom_id)),
        choosing: choosing.keeping("data_source", &source.id).leading_back(with_query(
            "/console/people/members",
            [("data_source", source.id.as_str())],
        )),
        source,
        frame,
    })
}

async fn show(visit: Visit) -> Reply {
    let page = page(&visit, None, None).await?;
    Ok(visit.page(&page))
}

async fn import(visit: Visit, form: Form) -> Reply {
    if choosing::looks(&form) {
        let page = page(&visit, Some(&form), None).await?;
        return Ok(visit.page(&page));
    }
    match imported(&visit, &form).await {
        Ok(()) => {
            let source = form.get("data_source").unwrap_or_default();
            Ok(see_other(&with_query(
                PAGE,
                [("data_source", source), ("done", "imported")],
            )))
        }
        Err(refused) => {
            let page = page(&visit, Some(&form), Some(refused.problem())).await?;
            Ok(refused.on(&page))
        }
    }
}
