//! The admin API, called inside the process: a page asks for what a program would ask for over HTTP, by the same path, as the person who is
//! signed in, and gets the same answer. One service for each worker of the server.

use std::rc::Rc;

use actix_http::{Payload, Request, body};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, boxed};
use actix_web::{
    App, Error, HttpMessage, HttpResponse,
    body::BoxBody,
    dev::{AppConfig, ServiceResponse},
    http::{
        Method, StatusCode, Uri,
        header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_MATCH},
    },
    web::{Bytes, ServiceConfig},
};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::{
    admin::api_tokens::Identity,
    console::failure::ConsoleFailure,
    kernel::failure::{Failure, Result},
    web::{
        draining::Draining,
        failure::{Told, WebFailure},
    },
};

type InProcess = boxed::BoxService<Request, ServiceResponse<BoxBody>, Error>;

/// Below this every operation lies.
pub const BASE: &str = "/api/v1/";

/// The operations of the admin API, for one worker.
pub struct Api {
    /// The address under which the server is reached, for calls that are shown.
    pub public_url: String,
    mount: Box<dyn Fn(&mut ServiceConfig)>,
    service: OnceCell<Rc<InProcess>>,
}

/// An answer of the admin API.
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Its body.
    pub body: Bytes,
    /// Entity tag of what was read.
    pub tag: Option<String>,
    /// The failure, where it is one: who shows it has it logged and recorded.
    pub told: Option<Told>,
}

/// What is asked of the admin API.
pub struct Call<'a> {
    /// HTTP method.
    pub method: Method,
    /// Path and query below [`BASE`].
    pub path: &'a str,
    /// JSON body.
    pub body: Option<&'a Value>,
    /// A file instead of it.
    pub file: Option<&'a Bytes>,
    /// Entity tag that must still stand.
    pub if_match: Option<&'a str>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<&'a str>,
    /// Ends an answer that goes on, where the server is told to stop.
    pub draining: Option<&'a Draining>,
}

impl<'a> Call<'a> {
    /// A call without anything but its path.
    pub const fn of(method: Method, path: &'a str) -> Self {
        Self {
            method,
            path,
            body: None,
            file: None,
            if_match: None,
            idempotency_key: None,
            draining: None,
        }
    }
}

impl Api {
    /// The API that `mount` mounts, with all it needs, of the server that is reached at `public_url`.
    pub fn new(public_url: &str, mount: impl Fn(&mut ServiceConfig) + 'static) -> Self {
        Self {
            public_url: public_url.to_owned(),
            mount: Box::new(mount),
            service: OnceCell::new(),
        }
    }

    /// Makes a call as this caller and reads the whole answer.
    ///
    /// # Errors
    /// Only where no answer comes: a problem is an answer.
    pub async fn call(&self, caller: Identity, call: &Call<'_>) -> Result<Answer> {
        let response = self.response(caller, call).await?;
        Self::read(response).await
    }

    /// Reads the whole of an answer.
    ///
    /// # Errors
    /// Where it breaks off.
    pub async fn read(mut response: HttpResponse) -> Result<Answer> {
        let told = Told::take(&mut response);
        let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
        let (tag, status) = (tag.map(str::to_owned), response.status());
        let body = body::to_bytes(response.into_body()).await.map_err(unreadable)?;
        Ok(Answer {
            status,
            body,
            tag,
            told,
        })
    }

    /// Makes a call as this caller; the answer may be a stream.
    ///
    /// # Errors
    /// Where no answer comes.
    pub async fn response(&self, caller: Identity, call: &Call<'_>) -> Result<HttpResponse> {
        let service = self.service.get_or_try_init(|| self.build()).await?;
        let request = request(caller, call)?;
        match service.call(request).await {
            Ok(response) => Ok(response.into_parts().1),
            Err(error) => Ok(HttpResponse::from_error(error)),
        }
    }

    async fn build(&self) -> Result<Rc<InProcess>> {
        let factory = App::new().configure(|config| (self.mount)(config)).into_factory();
        let service = factory.new_service(AppConfig::default()).await;
        let service = service.map_err(|()| ConsoleFailure::Unreadable.failure().cause("the API did not start"))?;
        Ok(Rc::new(boxed::service(service)))
    }
}

fn request(caller: Identity, call: &Call<'_>) -> Result<Request> {
    let uri: Uri = format!("{BASE}{}", call.path).parse().map_err(malformed)?;
    let body = call.body.map(serde_json::to_vec).transpose().map_err(unreadable)?;
    let body = match call.file {
        Some(file) => Payload::from(file.clone()),
        None => Payload::from(body.unwrap_or_default()),
    };
    let mut request = Request::with_payload(body);
    let head = request.head_mut();
    head.method = call.method.clone();
    head.uri = uri;
    let mut add = |name: HeaderName, value: &str| {
        let value = HeaderValue::from_str(value).map_err(malformed)?;
        head.headers.insert(name, value);
        Ok::<(), Failure>(())
    };
    if call.body.is_some() {
        add(CONTENT_TYPE, "application/json")?;
    }
    if call.file.is_some() {
        add(CONTENT_TYPE, "application/octet-stream")?;
    }
    if let Some(tag) = call.if_match {
        add(IF_MATCH, tag)?;
    }
    if let Some(key) = call.idempotency_key {
        add(HeaderName::from_static("idempotency-key"), key)?;
    }
    if let Some(draining) = call.draining {
        request.extensions_mut().insert(draining.clone());
    }
    request.extensions_mut().insert(caller);
    Ok(request)
}

/// What somebody typed fits into no path or header.
fn malformed(error: impl std::fmt::Display) -> Failure {
    WebFailure::Malformed.failure().cause(error)
}

fn unreadable(error: impl std::fmt::Display) -> Failure {
    ConsoleFailure::Unreadable.failure().cause(error)
}
