//! A new suite, and changing one.

use actix_web::{HttpResponse, http::Method, web};
use askama::Template;
use serde_json::{Value, json};

use super::{
    super::{
        field::{self, Field, Filling, Kind, Spec, field, needed},
        form::{Form, see_other},
        frame::Frame,
        refused::{FieldFault, Problem, Refused},
        visit::{Reply, Visit},
        wecom::{saving, shared::plain},
    },
    keys,
    shared::framed,
};

/// Fields of both forms.
const COMMON: [Spec; 2] = [needed("name", Kind::Line), needed("suite_id", Kind::Line)];
/// Fields that may be left empty.
const RARER: [Spec; 5] = [
    field("provider_corp_id", Kind::Line),
    field("provider_secret", Kind::Secret),
    field("token", Kind::Secret),
    field("encoding_aes_key", Kind::Secret),
    field("description", Kind::Text),
];

const PREFIX: &str = "console-suite";

/// All fields; a new suite needs its secret, and one that is there keeps it where none is entered.
fn specs(is_new: bool) -> Vec<Spec> {
    let secret = match is_new {
        true => needed("secret", Kind::Secret),
        false => field("secret", Kind::Secret),
    };
    COMMON.into_iter().chain([secret]).chain(RARER).collect()
}

#[derive(Template)]
#[template(path = "console/suites/form.html")]
struct FormPage<'a> {
    frame: &'a Frame,
    fields: Vec<Field>,
    action: String,
    back: String,
    version: String,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
    anyway: bool,
}

/// The form of this suite, or of a new one.
fn page<'a>(frame: &'a Frame, id: Option<&str>, filling: Filling<'a>) -> FormPage<'a> {
    let fields = field::fields(frame, PREFIX, &specs(id.is_none()), filling);
    let problem = match filling {
        Filling::Sent(_, problem) => Some(problem),
        Filling::Stored(_) => None,
    };
    FormPage {
        frame,
        action: id.map_or_else(
            || "/console/suites/new".to_owned(),
            |id| format!("/console/suites/{id}/edit"),
        ),
        back: id.map_or_else(|| "/console/suites".to_owned(), |id| format!("/console/suites/{id}")),
        version: filling.version(),
        others: problem
            .map(|problem| field::others(problem, &fields))
            .unwrap_or_default(),
        anyway: problem.is_some_and(saving::can_be_overruled),
        problem,
        fields,
    }
}

fn titled(visit: &Visit) -> Frame {
    let title = framed(visit, "").t("console-suite-new");
    framed(visit, &title)
}

pub(super) async fn new(visit: Visit) -> Reply {
    let frame = titled(&visit);
    let empty = json!({});
    Ok(visit.page(&page(&frame, None, Filling::Stored(&empty))))
}

pub(super) async fn create(visit: Visit, form: Form) -> Reply {
    let body = field::body(&form, &specs(true));
    match visit.make_once(&form, "suites", Some(&body)).await {
        Ok(answer) => {
            let made = visit.read(&answer)?;
            keys::issued(&visit, made).await
        }
        Err(refused) => Ok(again(&titled(&visit), None, &form, &refused)),
    }
}

fn again(frame: &Frame, id: Option<&str>, form: &Form, refused: &Refused) -> HttpResponse {
    refused.on(&page(frame, id, Filling::Sent(form, refused.problem())))
}

async fn stored(visit: &Visit, id: &str) -> Result<(Value, String), Refused> {
    let path = format!("suites/{}", plain(visit, id)?);
    let answer = visit.send(Method::GET, &path, None).await?;
    Ok((visit.read(&answer)?, answer.tag.unwrap_or_default()))
}

fn name(suite: &Value) -> &str {
    suite.get("name").and_then(Value::as_str).unwrap_or_default()
}

pub(super) async fn edit(visit: Visit, id: web::Path<String>) -> Reply {
    let (suite, version) = stored(&visit, &id).await?;
    let frame = framed(&visit, name(&suite));
    let page = FormPage {
        version,
        ..page(&frame, Some(&id), Filling::Stored(&suite))
    };
    Ok(visit.page(&page))
}

pub(super) async fn change(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let (suite, _) = stored(&visit, &id).await?;
    let patch = saving::body(&form, field::change(&form, &specs(false), &suite));
    let path = format!("suites/{}", plain(&visit, &id)?);
    let changed = visit.call((Method::PATCH, &path), Some(&patch), form.get("version"));
    match changed.await {
        Ok(_) => Ok(see_other(&format!("/console/suites/{id}?done=changed"))),
        Err(refused) => {
            let frame = framed(&visit, name(&suite));
            Ok(again(&frame, Some(&id), &form, &refused))
        }
    }
}
