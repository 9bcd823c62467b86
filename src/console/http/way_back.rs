//! The way back from a form that was not taken: to the page on which it stands, with what was typed in it. One place for all forms: what a handler did
//! not show again itself ends here.

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    body::{BoxBody, to_bytes},
    dev::ServiceResponse,
    http::{
        Method, StatusCode,
        header::{CONTENT_TYPE, HeaderMap},
    },
    web::{Bytes, Data},
};
use url::form_urlencoded;

use super::{
    again,
    form::Sent,
    form_page::{TYPED, page_of, with_typed},
    refilled::{Typed, refilled},
    refused::{Refused, WayBack},
    same_call::is_secret,
    visit::Visit,
};
use crate::{
    console::{
        kept_form::{KeptForm, KeptForms},
        operator::Operator,
    },
    web::{failure::Told, page, texts::text},
};

/// Keeps what was typed, but for secrets, and answers the way back to its page.
async fn way_back(request: &HttpRequest, operator: &Operator) -> Option<WayBack> {
    let page = page_of(request)?;
    let sent = request.extensions().get::<Sent>().cloned();
    let fields: Vec<(String, String)> = sent.map(|sent| sent.0).unwrap_or_default();
    let told = |(name, _): &(String, String)| !again::is_meaningless(name) && !is_secret(name);
    let fields: Vec<(String, String)> = fields.into_iter().filter(told).collect();
    let is_empty = fields.iter().all(|(_, value)| value.is_empty());
    let forms = request.app_data::<Data<KeptForms>>().cloned();
    let Some(forms) = forms.filter(|_| !is_empty) else {
        return Some(WayBack {
            address: page,
            typed: false,
        });
    };
    let form = KeptForm {
        path: request.path().to_owned(),
        page: page.clone(),
        fields,
    };
    Some(match forms.keep(operator.user, &form).await {
        Ok(id) => WayBack {
            address: with_typed(&page, &id),
            typed: true,
        },
        Err(failure) => {
            tracing::warn!(%failure, "what somebody typed at the console could not be kept");
            WayBack {
                address: page,
                typed: false,
            }
        }
    })
}

/// Whether the browser says that a page of this very server sent it. One that another site made is not kept.
fn is_own(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin")
}

/// The answer to a form, with the way back where it is a page that says no more than why it was not taken.
pub(super) async fn led_back(mut response: ServiceResponse, operator: &Operator) -> ServiceResponse {
    let request = response.request().clone();
    if *request.method() != Method::POST {
        return response;
    }
    let told = response.response_mut().extensions_mut().remove::<Refused>();
    let refused = match told {
        Some(refused) => refused,
        None => {
            let kind = response.headers().get(CONTENT_TYPE);
            if kind.is_none_or(|kind| kind != "application/problem+json") {
                return response;
            }
            let (Some(told), Ok(visit)) = (Told::take(response.response_mut()), Visit::extract(&request).await) else {
                return response;
            };
            // What this session did not confirm is kept only where a page of ours sent it.
            if !is_own(request.headers()) {
                request.extensions_mut().remove::<Sent>();
            }
            visit.failed(&told.failure)
        }
    };
    let back = way_back(&request, operator).await;
    ServiceResponse::new(request, refused.leading(back))
}

/// The page with what was typed in its form, where its address names that.
pub(super) async fn refill(response: ServiceResponse<BoxBody>, operator: &Operator) -> ServiceResponse<BoxBody> {
    let request = response.request().clone();
    let asks = *request.method() == Method::GET && response.status() == StatusCode::OK;
    let mut query = form_urlencoded::parse(request.query_string().as_bytes());
    let id = query.find(|(name, _)| name == TYPED).map(|(_, id)| id.into_owned());
    let forms = request.app_data::<Data<KeptForms>>().cloned();
    let (Some(id), Some(forms), true) = (id, forms, asks) else {
        return response;
    };
    // Where it is not kept any more, the page is as it is.
    let Ok(Some(form)) = forms.look(operator.user, &id).await else {
        return response;
    };
    let (_, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body).await.unwrap_or_default();
    let note = format!(
        "<p class=\"done\" role=\"status\">{}</p>",
        text(page::language(&request), "console-typed-again")
    );
    let typed = Typed {
        action: &form.path,
        fields: &form.fields,
    };
    let whole = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|page| refilled(page, request.path(), &typed, &note));
    let body = whole.map_or(bytes, Bytes::from);
    ServiceResponse::new(request, head.set_body(BoxBody::new(body)))
}
