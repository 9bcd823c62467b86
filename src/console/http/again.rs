//! What was sent when a new proof of who it is was needed: kept meanwhile, and sent by one more click afterwards.

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::Method,
    web::{self, Data, Path, ServiceConfig},
};
use askama::Template;

use super::{
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

#[derive(Template)]
#[template(path = "console/again.html")]
struct AgainPage {
    frame: Frame,
    /// Where the form is sent.
    path: String,
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
    let path = forms.path(visit.operator.user, &id).await;
    let path = path.map_err(|failure| visit.failed(&failure))?;
    Ok(match path {
        Some(path) => visit.page(&AgainPage {
            frame: visit.frame("console-again-title", None),
            path,
            id: id.into_inner(),
        }),
        None => see_other("/console"),
    })
}
