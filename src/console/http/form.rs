//! A form that was sent to the console. Reading it checks that it comes from a page that was shown to this very session (CSRF).

use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, web};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::{
    console::{failure::ConsoleFailure, kept_form::KeptForms, operator::Operator},
    crypto::digest::{equal, sha256_base64url},
    kernel::failure::{Failure, Result},
    web::{failure::WebFailure, input::FORM_LIMIT},
};

/// The field that stands for a form that was kept.
pub const KEPT: &str = "kept";

/// What a form held, for whoever answers that it was not taken.
#[derive(Clone)]
pub(super) struct Sent(pub Vec<(String, String)>);

/// A form that was sent, and confirmed to be this session's.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The value of a field without blanks around it; empty: absent.
    pub fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).find(|value| !value.is_empty())
    }

    /// The values of a field that may be there several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.0.iter().filter(move |(known, _)| known == name);
        fields.map(|(_, value)| value.trim())
    }

    /// Whether a box is ticked.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// With this value of a field that was not sent.
    #[must_use]
    pub fn or(mut self, name: &str, value: &str) -> Self {
        if !self.has(name) {
            self.0.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// What a form decides by one of its buttons, which must be one of these words: one that was sent without it must not mean any of them.
    ///
    /// # Errors
    /// `CO-106`.
    pub fn deciding<'a>(&self, name: &str, words: &[&'a str]) -> Result<&'a str> {
        let sent = self.get(name).unwrap_or_default();
        let known = words.iter().find(|word| **word == sent);
        known.copied().ok_or_else(|| ConsoleFailure::Undecided.into())
    }

    /// Reads it, whoever sent it.
    ///
    /// # Errors
    /// When it does not arrive, or is too large.
    pub(super) async fn read(payload: web::Payload) -> Result<Self> {
        let body = match payload.to_bytes_limited(FORM_LIMIT).await {
            Ok(Ok(body)) => body,
            Ok(Err(_)) => return Err(WebFailure::Malformed.into()),
            Err(_) => return Err(WebFailure::TooLarge.into()),
        };
        Ok(Self(form_urlencoded::parse(&body).into_owned().collect()))
    }

    /// All fields, as they were sent.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }

    /// An `Idempotency-Key` for what this form, as it was shown and filled in, has made at a path.
    pub fn once(&self, path: &str) -> Option<String> {
        self.get("once")?;
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.append_key_only(path).extend_pairs(&self.0);
        Some(sha256_base64url(text.finish().as_bytes()))
    }

    /// A form with these fields, for tests.
    #[cfg(test)]
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(pairs.iter().map(pair).collect())
    }

    /// These fields as an object for the admin API; an empty one becomes null.
    pub fn object(&self, names: &[&str]) -> Map<String, Value> {
        let field = |name: &&str| ((*name).to_owned(), self.get(name).map_or(Value::Null, Value::from));
        names.iter().map(field).collect()
    }
}

impl FromRequest for Form {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let operator = request.extensions().get::<Operator>().cloned();
        let kept_forms = request.app_data::<web::Data<KeptForms>>().cloned();
        let path = request.path().to_owned();
        let (sender, payload) = (request.clone(), web::Payload::from_request(request, payload));
        Box::pin(async move {
            let form = Self::read(payload.await.map_err(|_| WebFailure::Malformed.failure())?).await?;
            sender.extensions_mut().insert(Sent(form.0.clone()));
            let sent = form.get("confirm").unwrap_or_default();
            let confirmed = operator.filter(|operator| equal(operator.confirm.as_bytes(), sent.as_bytes()));
            let operator = confirmed.ok_or(ConsoleFailure::Unconfirmed)?;
            let Some(id) = form.get(KEPT) else { return Ok(form) };
            let kept = match kept_forms {
                Some(kept_forms) => kept_forms.take(operator.user, id).await?,
                None => None,
            };
            let kept = kept.filter(|kept| kept.path == path);
            let form = Self(kept.ok_or(ConsoleFailure::NotKept)?.fields);
            sender.extensions_mut().insert(Sent(form.0.clone()));
            Ok(form)
        })
    }
}

/// Leads to a page with GET after something was done (Post/Redirect/Get), so that a reload does nothing twice.
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header(("location", to))
        .insert_header(("cache-control", "no-store"))
        .finish()
}
