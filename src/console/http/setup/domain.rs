//! Whether WeCom trusts this deployment's domain: what to enter there, and the file by which it verifies it, served and tried at once.

use actix_web::{http::Method, web};
use askama::Template;
use serde_json::{Value, json};

use super::{
    state::{State, Step},
    wizard::{Wizard, forbidden, framed, problem},
};
use crate::console::http::{
    field::{self, Field, Filling},
    form::{Form, see_other},
    frame::Frame,
    listing::Listing,
    refused::{FieldFault, Problem, Refused},
    settings::doctor::{Check, Finding, Report},
    upload::Upload,
    visit::{Reply, Visit},
    wecom::{
        files::{File, SPECS},
        shared::Trouble,
    },
};

/// A file, and what was seen where WeCom looks for it.
struct Tried {
    file: File,
    finding: Option<Finding>,
}

#[derive(Template)]
#[template(path = "console/setup/domain.html")]
struct DomainPage<'a> {
    frame: Frame,
    wizard: Wizard,
    domain: String,
    /// What WeCom has.
    trusted: Option<String>,
    problems: Vec<Trouble>,
    files: Vec<Tried>,
    /// Why they could not be tried.
    untried: Option<String>,
    fields: Vec<Field>,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
    action: String,
    looks: bool,
}

async fn made<'a>(
    visit: &Visit,
    state: &State,
    filling: Filling<'_>,
    refused: Option<&'a Refused>,
) -> Result<DomainPage<'a>, Refused> {
    let frame = framed(visit, Step::Domain);
    let files: Listing<File> = visit.get("verification-files?limit=200").await?;
    // Asked for over the public address, as WeCom will.
    let checks = match files.items.is_empty() {
        true => Vec::new(),
        false => visit.get::<Report>("doctor?check=verification_files").await?.checks,
    };
    // Not made, or begun before a file came.
    let newest = files.items.iter().map(|file| file.updated_at).max().unwrap_or_default();
    let not_made = |check: &&Check| check.state == "skipped" || newest > check.looked_at;
    let untried = checks.iter().find(not_made).map(|check| check.seen.clone());
    let findings: Vec<Finding> = checks.into_iter().flat_map(|check| check.findings).collect();
    let tried = |file: File| Tried {
        finding: findings
            .iter()
            .find(|finding| finding.resource.as_ref() == Some(&format!("verification-files/{}", file.id)))
            .cloned(),
        file,
    };
    let fields = field::fields(&frame, "console-file", &SPECS, filling);
    let problem = problem(refused);
    Ok(DomainPage {
        wizard: Wizard::new(&frame, Some(state), Step::Domain),
        domain: state.source.callback_domain.clone(),
        trusted: state.trusted_domain().map(str::to_owned),
        problems: state.problems(Step::Domain).cloned().collect(),
        files: files.items.into_iter().map(tried).collect(),
        untried,
        others: problem
            .map(|problem| field::others(problem, &fields))
            .unwrap_or_default(),
        fields,
        problem,
        action: state.address(Step::Domain),
        looks: state.app.is_some(),
        frame,
    })
}

pub(super) async fn page(visit: Visit, source: web::Path<String>) -> Reply {
    if let Some(page) = forbidden(&visit) {
        return page;
    }
    let state = State::of(&visit, &source).await?;
    let page = made(&visit, &state, Filling::Stored(&json!({})), None).await?;
    Ok(visit.page(&page))
}

async fn kept(visit: &Visit, source: &str, form: &Form, body: &Value) -> Reply {
    let state = State::of(visit, source).await?;
    match visit.send(Method::POST, "verification-files", Some(body)).await {
        Ok(_) => Ok(see_other(&format!("{}?saved=1#files", state.address(Step::Domain)))),
        Err(refused) => {
            let filling = Filling::Sent(form, refused.problem());
            let page = made(visit, &state, filling, Some(&refused)).await?;
            Ok(refused.on(&page))
        }
    }
}

pub(super) async fn paste(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    kept(&visit, &source, &form, &field::body(&form, &SPECS)).await
}

/// The file byte by byte, under the name that it has.
pub(super) async fn upload(visit: Visit, source: web::Path<String>, file: Upload) -> Reply {
    let content = String::from_utf8_lossy(&file.content).into_owned();
    let name = file.name.unwrap_or_default();
    let body = json!({ "name": name, "content": content });
    let form = Form::default().or("name", &name).or("content", &content);
    kept(&visit, &source, &form, &body).await
}
