//! Fields that are tried the moment they are complete: nothing is saved, and what was seen comes back for each field, as a fragment that the
//! script puts there.

use actix_web::http::Method;
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{auth_source, corp};
use crate::console::http::{
    address::segment,
    field::{self, Field},
    form::Form,
    frame::Frame,
    listing::Listing,
    portals,
    refused::{FieldFault, Refused},
    visit::{Reply, Visit},
    wecom::{
        auth_source::refuse_mismatch,
        files,
        shared::{Capability, Trouble},
    },
};

/// What is said at one field.
struct Verdict {
    field: Field,
    /// What WeCom answered, where nothing is wrong: in the page's words, and WeCom's numbers as the API tells them.
    seen: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "console/setup/verdicts.html")]
struct Verdicts {
    frame: Frame,
    verdicts: Vec<Verdict>,
}

#[derive(Deserialize)]
struct Seen {
    credentials: Vec<Tried>,
}

#[derive(Deserialize)]
struct Tried {
    credential: String,
    capabilities: Vec<Capability>,
    problems: Vec<Trouble>,
}

/// Names of the fields in the form, and in the body of the call.
fn names(form: &Form) -> &'static [(&'static str, &'static str)] {
    match form.get("form") {
        Some("auth-source") => &[
            ("corp_id", "corp_id"),
            ("agent_id", "app.agent_id"),
            ("app_secret", "app.secret"),
        ],
        _ => &[
            ("corp_id", "corp_id"),
            ("contacts_secret", "contacts_secret"),
            ("customer_secret", "customer_secret"),
            ("app.agent_id", "app.agent_id"),
            ("app.secret", "app.secret"),
        ],
    }
}

/// What is complete of a form, as the body of the call.
fn body(form: &Form, corp_id: Option<&str>) -> Value {
    let mut body = json!({});
    for (name, path) in names(form).iter().copied() {
        let Some(value) = form.get(name) else { continue };
        let number = value.parse::<i64>().ok().filter(|_| path == "app.agent_id");
        field::put(&mut body, path, number.map_or_else(|| value.into(), Value::from));
    }
    // An app is tried once it has both; the half of it has nothing to be tried with.
    let half = |app: &Value| app.get("agent_id").is_none() || app.get("secret").is_none();
    if let Some(object) = body.as_object_mut()
        && object.get("app").is_some_and(half)
    {
        object.remove("app");
    }
    if let (None, Some(corp_id)) = (form.get("corp_id"), corp_id) {
        field::put(&mut body, "corp_id", corp_id.into());
    }
    if let Some(source) = source(form) {
        field::put(&mut body, "data_source_id", source.into());
    }
    body
}

/// The data source that a form is about, or that was chosen in it.
fn source(form: &Form) -> Option<&str> {
    form.get("source").or_else(|| form.get("data_source_id"))
}

#[derive(Deserialize)]
struct OfSource {
    id: String,
    corp_id: String,
}

/// An auth source on its own goes with the data source of its corp ID, whose corp ID is not taken by it.
async fn of_corp(visit: &Visit, body: &mut Value) -> Result<(), Refused> {
    if body.get("data_source_id").is_none() {
        let known: Listing<OfSource> = visit.get("data-sources?limit=200").await?;
        let corp_id = body.get("corp_id").and_then(Value::as_str).unwrap_or_default();
        if let Some(source) = known.items.into_iter().find(|source| source.corp_id == corp_id) {
            field::put(body, "data_source_id", source.id.into());
        }
    }
    Ok(())
}

async fn tried(visit: &Visit, form: &Form) -> Result<Seen, Refused> {
    let known: Option<OfSource> = match source(form) {
        Some(id) => visit.find(&format!("data-sources/{}", segment(id))).await?,
        None => None,
    };
    let mut body = body(form, known.as_ref().map(|known| known.corp_id.as_str()));
    if body.get("corp_id").is_none() {
        // Nothing is complete without it.
        return Ok(Seen {
            credentials: Vec::new(),
        });
    }
    if form.get("form") == Some("auth-source") {
        refuse_mismatch(visit, form, &body).await?;
        of_corp(visit, &mut body).await?;
    }
    let answer = visit.send(Method::POST, "data-sources/check", Some(&body)).await?;
    visit.read(&answer)
}

/// The fields of a form with what is said at them; those of which there is nothing to say are left out.
fn verdicts(frame: &Frame, form: &Form, tried: &Result<Seen, Refused>) -> Vec<Verdict> {
    let prefix = match form.get("form") {
        Some("auth-source") => auth_source::PREFIX,
        _ => corp::PREFIX,
    };
    let verdict = |(name, path): (&str, &str)| {
        let key = format!("{prefix}-{}", name.replace(['.', '_'], "-"));
        let mut field = Field::new(frame, &key, name, "line");
        field.hint = None;
        match tried {
            Err(refused) => field.fault = fault(refused, path),
            Ok(seen) => {
                let credential = match path {
                    "contacts_secret" => "contacts",
                    "customer_secret" => "external_contacts",
                    "app.secret" => "app",
                    _ => return None,
                };
                let tried = seen.credentials.iter().find(|tried| tried.credential == credential)?;
                match tried.problems.iter().find(|problem| problem.severity == "error") {
                    Some(problem) => field.fault = Some(problem.at(name)),
                    None => {
                        let seen = told(frame, tried);
                        return Some(Verdict {
                            field,
                            seen: Some(seen),
                        });
                    }
                }
            }
        }
        field.fault.is_some().then_some(Verdict { field, seen: None })
    };
    names(form).iter().copied().filter_map(verdict).collect()
}

/// What was refused at this field; what is about none of them stands at the secret.
fn fault(refused: &Refused, path: &str) -> Option<FieldFault> {
    let problem = refused.problem();
    let whole = || FieldFault {
        number: problem.number.clone(),
        pointer: None,
        parameter: None,
        title: problem.title.clone(),
        title_zh: problem.title_zh.clone(),
        detail: problem.detail.clone().unwrap_or_default(),
        remedy: problem.remedy.clone(),
        remedy_zh: problem.remedy_zh.clone(),
        place: None,
    };
    let at_field = problem.fault(path).cloned();
    at_field.or_else(|| (problem.errors.is_empty() && path.ends_with("secret")).then(whole))
}

/// What a credential was seen to do, and what was seen last, which says most.
fn told(frame: &Frame, tried: &Tried) -> (String, String) {
    let mut can = tried.capabilities.iter().filter(|row| row.outcome == "yes");
    let words: Vec<String> = can
        .clone()
        .map(|row| frame.word("console-capability", &row.capability))
        .collect();
    let detail = can.next_back().map(|row| row.detail.clone()).unwrap_or_default();
    (words.join(" · "), detail)
}

/// What the API would refuse of a form that it judges without asking WeCom; of what is still empty nothing is said.
async fn judged(visit: &Visit, form: &Form) -> Result<Vec<Verdict>, Refused> {
    let fields = match form.get("form") {
        Some("portal") => portals::new::judged(visit, form).await?,
        _ => files::judged(visit, form).await,
    };
    let fields = fields
        .into_iter()
        .filter(|field| !field.value.is_empty() && field.fault.is_some());
    let verdict = |mut field: Field| {
        field.hint = None;
        Verdict { field, seen: None }
    };
    Ok(fields.map(verdict).collect())
}

pub(super) async fn check(visit: Visit, form: Form) -> Reply {
    let frame = visit.frame("console-setup", None);
    let verdicts = match form.get("form") {
        Some("portal" | "file") => judged(&visit, &form).await?,
        _ => verdicts(&frame, &form, &tried(&visit, &form).await),
    };
    Ok(visit.page(&Verdicts { verdicts, frame }))
}
