//! The page on which a form stands, and its address with the name of what was typed there.

use actix_web::{HttpRequest, http::header::REFERER};
use url::{Url, form_urlencoded};

use super::{
    acts::{self, of_route},
    address::{filled, parts},
};
use crate::console::kept_form::KeptForm;

/// The parameter of a page's address that names what was typed in its form.
pub(super) const TYPED: &str = "typed";

/// An address with the name of what was typed.
pub(super) fn with_typed(page: &str, id: &str) -> String {
    let sign = if page.contains('?') { '&' } else { '?' };
    format!("{page}{sign}{TYPED}={id}")
}

/// The page on which the form of this request stands: the one from which it was sent, where the browser says so and it is that page.
pub(super) fn page_of(request: &HttpRequest) -> Option<String> {
    let pattern = request.match_pattern()?;
    let act = of_route(pattern.strip_prefix("/console")?)?;
    let filled = format!("/console{}", filled(act.page, parts(&pattern, request.path())));
    if filled.contains('{') {
        // Which of several pages it was, the address of the form does not say.
        return None;
    }
    let sent_from = request.headers().get(REFERER).and_then(|from| from.to_str().ok());
    let sent_from = sent_from.and_then(|from| Url::parse(from).ok());
    Some(match sent_from.filter(|from| from.path() == filled) {
        Some(from) => {
            let kept = from.query_pairs().filter(|(name, _)| name != TYPED && name != "done");
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(kept)
                .finish();
            if query.is_empty() {
                filled
            } else {
                format!("{filled}?{query}")
            }
        }
        None => filled,
    })
}

/// The page on which the form of a path stands, for what was kept without one.
pub(super) fn page_of_kept(form: &KeptForm) -> String {
    let of_path = || form.path.strip_prefix("/console").and_then(acts::of_path);
    match form.page.is_empty() {
        false => form.page.clone(),
        true => of_path().map_or_else(|| form.path.clone(), |(page, _)| format!("/console{page}")),
    }
}
