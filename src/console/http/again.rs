//! What was sent when a new proof of who it is was needed: kept meanwhile, and sent by one more click afterwards.

use actix_web::{
    HttpMessage, HttpRequest,
    dev::ServiceRequest,
    http::Method,
    web::{self, Data, Path, ServiceConfig},
};
use askama::Template;
use uuid::Uuid;

use super::{
    acts,
    form::{Form, KEPT, see_other},
    form_page,
    frame::Frame,
    visit::{Reply, Visit},
};
use crate::console::{
    kept_form::{KeptForm, KeptForms},
    operator::{Operator, Operators},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/again/{id}", web::get().to(again));
}

/// Whether a field is one of those that every form has, and that nobody entered.
pub(super) fn is_meaningless(name: &str) -> bool {
    MEANINGLESS.contains(&name)
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
    /// The same, with what was entered in the form.
    form: String,
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
    request.extensions_mut().insert(operator.clone());
    let form = request.extract::<Form>().await.ok()?;
    keep(request.request(), (operator.user, &form)).await
}

/// Keeps the form of this request, whose session is over, for the user whose it was; `None` as for [`kept`].
pub(super) async fn kept_of_over(request: &mut ServiceRequest, cookie: &str) -> Option<String> {
    if request.method() != Method::POST {
        return None;
    }
    let operators = request.app_data::<Data<Operators>>()?.clone();
    let form = Form::read(request.extract::<web::Payload>().await.ok()?).await.ok()?;
    let confirm = form.get("confirm").unwrap_or_default();
    let user = operators.of_over(cookie, confirm).await.ok()??;
    keep(request.request(), (user, &form)).await
}

async fn keep(request: &HttpRequest, (user, form): (Uuid, &Form)) -> Option<String> {
    let forms = request.app_data::<Data<KeptForms>>()?;
    let form = KeptForm {
        path: request.path().to_owned(),
        page: form_page::page_of(request).unwrap_or_default(),
        fields: form.fields().to_vec(),
    };
    match forms.keep(user, &form).await {
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
    let told = |(name, _): &&(String, String)| !is_meaningless(name);
    let shown = form
        .fields
        .iter()
        .filter(told)
        .filter(|(_, value)| !value.is_empty() && Uuid::parse_str(value).is_err());
    let (secret, open): (Vec<_>, Vec<_>) = shown.cloned().partition(|(name, _)| is_secret(name));
    let act = form.path.strip_prefix("/console").and_then(acts::of_path);
    let page = form_page::page_of_kept(&form);
    Ok(visit.page(&AgainPage {
        frame: visit.frame("console-again-title", None),
        form: form_page::with_typed(&page, &id),
        page,
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
