//! One request at the console: who makes it, and the calls to the admin API that its page is made of.

use std::{
    collections::HashMap,
    future::{Ready, ready},
    rc::Rc,
    time::Duration,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, http::Method, web::Data};
use askama::Template;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded;
use uuid::Uuid;

use super::{
    api::{Answer, Api, Call},
    form::Form,
    frame::{Frame, Section},
    moment::Moment,
    name_display::mark::Marks,
    refused::Refused,
    same_call::{Calls, Told},
    upload::Upload,
    zone,
};
use crate::{
    admin::{Role, health::Waiting},
    console::{failure::ConsoleFailure, operator::Operator},
    kernel::failure::Failure,
    signin::Journeys,
    web::{draining::Draining, page, texts::Lang},
};

/// Number of the answer to a request whose twin is under way.
const UNDER_WAY: &str = "AD-112";
/// How often, and how long each time, the second of a double click waits for the first.
const WAITS: u32 = 20;
const WAIT: Duration = Duration::from_millis(100);

/// What a page's handler answers.
pub type Reply = Result<HttpResponse, Refused>;

/// One request at the console. Every handler takes it first.
pub struct Visit {
    /// Who makes it.
    pub operator: Operator,
    /// Language of the page.
    pub lang: Lang,
    /// Browsers have passkeys at this installation's address.
    pub passkeys: bool,
    api: Data<Api>,
    draining: Option<Data<Draining>>,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    /// How far the viewer's days are ahead of UTC, minutes, as far as it is known.
    pub zone: i64,
    waiting: Waiting,
    /// The calls so far, for *Same over the API*.
    calls: Rc<Calls>,
    /// Whom its page names.
    marks: Rc<Marks>,
}

impl FromRequest for Visit {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let operator = request.extensions().get::<Operator>().cloned();
        let api = request.app_data::<Data<Api>>().cloned();
        let (Some(operator), Some(api)) = (operator, api) else {
            return ready(Err(ConsoleFailure::NotAnOperator.into()));
        };
        let calls = Rc::new(calls_of(request, &api));
        ready(Ok(Self {
            operator,
            api,
            lang: page::language(request),
            draining: request.app_data().cloned(),
            passkeys: request
                .app_data::<Data<Journeys>>()
                .is_some_and(|journeys| journeys.has_passkeys_here()),
            path: request.path().to_owned(),
            query: form_urlencoded::parse(request.query_string().as_bytes())
                .into_owned()
                .collect(),
            zone: zone::of_viewer(request),
            waiting: request.extensions().get().copied().unwrap_or_default(),
            calls,
            marks: request.extensions().get().cloned().unwrap_or_default(),
        }))
    }
}

impl Visit {
    /// Keeps for the names on the page of which data sources they may be shown.
    pub(super) fn keep_standing(&self, standing: &HashMap<Uuid, i64>) {
        self.marks.keep_standing(standing);
    }

    /// The same, whose page shows no calls: it is about none.
    #[must_use]
    pub(super) fn without_calls(self) -> Self {
        Self {
            calls: Rc::default(),
            ..self
        }
    }

    /// A moment of the API, milliseconds since 1970.
    pub fn moment(&self, millis: i64) -> Moment {
        Moment::new(self.lang, millis, self.operator.now)
    }

    /// Reads something of the admin API.
    ///
    /// # Errors
    /// The problem that the API answered.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refused> {
        let answer = self.call((Method::GET, path), None, None).await?;
        self.read(&answer)
    }

    /// As [`Visit::get`], with the entity tag of what was read, for the form of a page: it is sent back as `version`.
    ///
    /// # Errors
    /// The problem that the API answered.
    pub async fn versioned<T: DeserializeOwned>(&self, path: &str) -> Result<(T, String), Refused> {
        let answer = self.call((Method::GET, path), None, None).await?;
        Ok((self.read(&answer)?, answer.tag.unwrap_or_default()))
    }

    /// As [`Visit::get`], where a problem with status 404 means that there is none.
    ///
    /// # Errors
    /// Every other problem.
    pub async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Refused> {
        match self.get(path).await {
            Ok(found) => Ok(Some(found)),
            Err(refused) if refused.status() == 404 => Ok(None),
            Err(refused) => Err(refused),
        }
    }

    /// Reads what only names something beside a row: it is no part of *Same over the API*, and a page goes on without it.
    pub async fn aside<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        let answer = self.answer(&Call::of(Method::GET, path)).await.ok()?;
        serde_json::from_slice(&answer.body)
            .ok()
            .filter(|_| answer.status.is_success())
    }

    /// Sends something to the admin API.
    ///
    /// # Errors
    /// The problem that the API answered.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, Refused> {
        self.call((method, path), body, None).await
    }

    /// Deletes what the page of this form showed, unless it is in another state by now.
    ///
    /// # Errors
    /// The problem that the API answered: `AD-114` where it changed meanwhile.
    pub async fn delete(&self, path: &str, form: &Form) -> Result<Answer, Refused> {
        self.call((Method::DELETE, path), None, form.get("version")).await
    }

    /// Makes a call; answers with a status below 400 only.
    ///
    /// # Errors
    /// The problem that the API answered.
    pub async fn call(
        &self,
        (method, path): (Method, &str),
        body: Option<&Value>,
        if_match: Option<&str>,
    ) -> Result<Answer, Refused> {
        self.calls.note(&Told {
            method: &method,
            path,
            body,
            if_match,
        });
        let call = Call {
            body,
            if_match,
            ..Call::of(method, path)
        };
        let answer = self.accepted(self.answer(&call).await?)?;
        if let Some(tag) = &answer.tag {
            self.calls.saw(path, tag);
        }
        Ok(answer)
    }

    /// Makes something whose secret is shown this once, so on a page without WeCom's script: names are withheld. The same form sent again, by a double click or a reload, is answered as the first time.
    ///
    /// # Errors
    /// The problem that the API answered.
    pub async fn make_once(&self, form: &Form, path: &str, body: Option<&Value>) -> Result<Answer, Refused> {
        self.once(form, (path, body), None).await
    }

    /// As [`Visit::make_once`]: new secrets in the place of those of what the page of this form showed, unless it is in another state by now.
    ///
    /// # Errors
    /// The problem that the API answered: `AD-114` where it changed meanwhile.
    pub async fn renew_once(&self, form: &Form, path: &str) -> Result<Answer, Refused> {
        self.once(form, (path, None), form.get("version")).await
    }

    async fn once(
        &self,
        form: &Form,
        (path, body): (&str, Option<&Value>),
        if_match: Option<&str>,
    ) -> Result<Answer, Refused> {
        self.marks.withhold();
        self.calls.note(&Told {
            method: &Method::POST,
            path,
            body,
            if_match,
        });
        let key = form.once(path);
        let call = Call {
            body,
            if_match,
            idempotency_key: key.as_deref(),
            ..Call::of(Method::POST, path)
        };
        for _ in 0..WAITS {
            let answer = self.answer(&call).await?;
            match self.accepted(answer) {
                Err(refused) if refused.problem().number == UNDER_WAY => tokio::time::sleep(WAIT).await,
                answer => return answer,
            }
        }
        self.accepted(self.answer(&call).await?)
    }

    async fn answer(&self, call: &Call<'_>) -> Result<Answer, Refused> {
        let answer = self.api.call(self.operator.identity(), call).await;
        answer.map_err(|failure| self.failed(&failure))
    }

    /// Replaces something by a file, as it was when its form was made.
    ///
    /// # Errors
    /// The problem that the API answered.
    pub async fn put_file(&self, path: &str, upload: &Upload) -> Result<Answer, Refused> {
        let call = Call {
            file: Some(&upload.content),
            if_match: upload.version.as_deref(),
            ..Call::of(Method::PUT, path)
        };
        self.accepted(self.answer(&call).await?)
    }

    fn accepted(&self, answer: Answer) -> Result<Answer, Refused> {
        match answer.status.as_u16() {
            ..400 => Ok(answer),
            _ => Err(Refused::of(self.frame("console-refused", None), &answer)),
        }
    }

    /// Reads the body of an answer.
    ///
    /// # Errors
    /// `CO-103`.
    pub fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Refused> {
        serde_json::from_slice(&answer.body)
            .map_err(|error| self.failed(&ConsoleFailure::Unreadable.failure().cause(error)))
    }

    /// The answer of the admin API as it is, which may be a stream: a download.
    ///
    /// # Errors
    /// The problem that the API answered.
    pub async fn download(&self, path: &str) -> Reply {
        let call = Call {
            draining: self.draining.as_ref().map(|draining| draining.get_ref()),
            ..Call::of(Method::GET, path)
        };
        let response = self.api.response(self.operator.identity(), &call).await;
        let response = response.map_err(|failure| self.failed(&failure))?;
        if response.status().as_u16() < 400 {
            return Ok(response);
        }
        let answer = Api::read(response).await.map_err(|failure| self.failed(&failure))?;
        Err(Refused::of(self.frame("console-refused", None), &answer))
    }

    /// Whether the role of whoever is signed in suffices for what needs this one.
    pub fn may(&self, word: &str) -> bool {
        Role::of(word).is_some_and(|needed| self.operator.role.covers(needed))
    }

    /// What a form of this visit decides by one of its buttons; see [`Form::deciding`].
    ///
    /// # Errors
    /// `CO-106`.
    pub fn deciding<'a>(&self, form: &Form, name: &str, words: &[&'a str]) -> Result<&'a str, Refused> {
        form.deciding(name, words).map_err(|failure| self.failed(&failure))
    }

    /// A failure of the console itself, for this visit.
    pub fn failed(&self, failure: &Failure) -> Refused {
        Refused::failed(self.frame("console-refused", None), failure)
    }

    /// The layout of a page whose title is the text under `title_key`.
    pub fn frame(&self, title_key: &str, section: Option<Section>) -> Frame {
        let other = [("ui_locales", self.lang.other().tag()), ("keep", "1")];
        let kept = self
            .query
            .iter()
            .filter(|(name, _)| !other.iter().any(|(known, _)| name == known));
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        Frame::new(
            page::Frame::of_installation(self.lang, title_key),
            (&self.operator, section, self.waiting),
            (with_query(&self.path, kept.chain(other)), self.asked()),
            (Rc::clone(&self.calls), Rc::clone(&self.marks)),
        )
    }

    /// The page.
    pub fn page(&self, template: &impl Template) -> HttpResponse {
        super::frame::html(actix_web::http::StatusCode::OK, template)
    }
}

/// An empty list of calls for the page at this address.
fn calls_of(request: &HttpRequest, api: &Api) -> Calls {
    let pattern = request.match_pattern().unwrap_or_default();
    let page = pattern.strip_prefix("/console").unwrap_or_default();
    let part = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Calls::new(&api.public_url, page, request.match_info().iter().map(part).collect())
}

/// A path with a query string, if there is anything to stand in it.
pub fn with_query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    match query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{query}"),
    }
}
