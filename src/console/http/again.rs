//! What was sent when a new proof of who it is was needed: kept meanwhile, and sent by one more click afterwards.

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::Method,
    web::{self, Data, Path, ServiceConfig},
};
use askama::Template;
use uuid::Uuid;

use super::{
    acts,
    form::{Form, KEPT, see_other},
    frame::Frame,
    visit::{Reply, Visit},
};
use crate::console::{
    kept_form::{KeptForm, KeptForms},
    operator::Operator,
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/again/{id}", web::get().to(again));
}

/// Fields of every form, which nobody entered.
const MEANINGLESS: &[&str] = &["confirm", "once", "version", "zone", "tag", "shown", KEPT];
/// So many characters of a value are shown.
const LINE: usize = 200;

#[derive(Template)]
#[template(path = "console/again.html")]
struct AgainPage {
    frame: Frame,
    /// Where the form is sent.
    path: String,
    /// The page on which the form stands.
    page: String,
    /// The calls that it makes, as they are told of a page: method and path.
    does: Vec<String>,
    /// What was entered, but for secrets.
    entered: Vec<(String, String)>,
    /// How many fields are secret.
    secrets: usize,
    /// The name under which it is kept.
    id: String,
}

/// Keeps the form of this request for its sender; answers the page on which it is sent, and `None` where there is no form that can be kept: nothing
/// was sent, it holds a file, or no page of ours was its sender's.
pub(super) async fn kept(request: &mut ServiceRequest, operator: &Operator) -> Option<String> {
    if request.method() != Method::POST {
        return None;
    }
    let forms = request.app_data::<Data<KeptForms>>()?.clone();
    request.extensions_mut().insert(operator.clone());
    let form = request.extract::<Form>().await.ok()?;
    let form = KeptForm {
        path: request.path().to_owned(),
        fields: form.fields().to_vec(),
    };
    match forms.keep(operator.user, &form).await {
        Ok(id) => Some(format!("/console/again/{id}")),
        Err(failure) => {
            tracing::warn!(%failure, "what somebody entered at the console could not be kept");
            None
        }
    }
}

/// Asks for the click; where nothing is kept any more the way leads to the overview.
async fn again(visit: Visit, forms: Data<KeptForms>, id: Path<String>) -> Reply {
    let form = forms.look(visit.operator.user, &id).await;
    let Some(form) = form.map_err(|failure| visit.failed(&failure))? else {
        return Ok(see_other("/console"));
    };
    let told = |(name, _): &&(String, String)| !MEANINGLESS.contains(&name.as_str());
    let shown = form
        .fields
        .iter()
        .filter(told)
        .filter(|(_, value)| !value.is_empty() && Uuid::parse_str(value).is_err());
    let (secret, open): (Vec<_>, Vec<_>) = shown.cloned().partition(|(name, _)| is_secret(name));
    let act = form.path.strip_prefix("/console").and_then(acts::of_path);
    Ok(visit.page(&AgainPage {
        frame: visit.frame("console-again-title", None),
        page: act
            .as_ref()
            .map_or_else(|| form.path.clone(), |(page, _)| format!("/console{page}")),
        does: act.map(|(_, does)| does).unwrap_or_default(),
        path: form.path,
        id: id.into_inner(),
        entered: open.into_iter().map(short).collect(),
        secrets: secret.len(),
    }))
}

/// Whether what was entered there is not shown again.
fn is_secret(name: &str) -> bool {
    ["secret", "password", "key", "token", "code"]
        .iter()
        .any(|word| name.contains(word))
}

/// What was entered, at most as long as a line.
fn short((name, value): (String, String)) -> (String, String) {
    let shown: String = value.chars().take(LINE).collect();
    let more = if value.chars().count() > LINE { "…" } else { "" };
    (name, format!("{shown}{more}"))
}
