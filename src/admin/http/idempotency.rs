//! `Idempotency-Key`: carries a request out once, and answers it again as it was answered then.

use std::{
    convert::Infallible,
    future::ready,
    pin::{Pin, pin},
};

use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    body::{BodySize, BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    error::{ErrorInternalServerError, PayloadError},
    http::{
        Method, StatusCode,
        header::{
            ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LINK, LOCATION,
        },
    },
    middleware::Next,
    rt, web,
    web::Bytes,
};
use futures_util::{
    Stream,
    future::{Either, select},
    stream,
};
use tokio::time::sleep;
use tracing::{Instrument, Span};

use crate::{
    admin::{
        api_tokens::model::Identity,
        failure::AdminFailure,
        idempotency::model::{
            Claim, KeptReply, Key, KeyedRequest, LARGEST_REPLY, RENEWAL, Verdict, fingerprint, is_kept,
        },
        service::Admin,
    },
    kernel::failure::Result as Outcome,
    store::request_versions,
    web::{context, failure::WebFailure, input},
};

/// The header of a request.
const KEY: &str = "idempotency-key";
/// The header of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Headers that are kept with an answer.
const KEPT: [HeaderName; 7] = [
    CONTENT_TYPE,
    CACHE_CONTROL,
    LOCATION,
    ETAG,
    CONTENT_DISPOSITION,
    ALLOW,
    LINK,
];

type Reply = Result<ServiceResponse<BoxBody>, Error>;

/// Middleware behind the authentication. Requests without the header, and those whose method no operation has
/// or that only read, pass.
///
/// # Errors
/// What the handlers themselves fail with.
pub(super) async fn carry_out_once(mut request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Reply {
    let changes = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(request.method());
    if !changes || !request.headers().contains_key(KEY) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let verdict = match judge(&mut request).await {
        Ok(verdict) => verdict,
        Err(failure) => return Ok(request.into_response(failure.error_response())),
    };
    match verdict {
        (_, Verdict::Repeat(kept)) => Ok(request.into_response(repeated(kept))),
        (admin, Verdict::CarryOut(claim)) => {
            // A task of its own: who gives up waiting will come again with the same key, and shall find what came of it.
            let carried_out = context::scope(carry_out(admin, claim, request, next)).instrument(Span::current());
            let (response, noted) = rt::spawn(carried_out).await.map_err(ErrorInternalServerError)?;
            context::adopt(noted);
            // What it changed, the task knows and this one does not.
            request_versions::forget();
            response
        }
    }
}

/// Reads the key and the body, which goes back to where the handler will look for it.
async fn judge(request: &mut ServiceRequest) -> Outcome<(web::Data<Admin>, Verdict)> {
    let admin = request.app_data::<web::Data<Admin>>().cloned();
    let admin = admin.ok_or(WebFailure::NotFound)?;
    let identity = request.extensions().get::<Identity>().cloned();
    let identity = identity.ok_or(AdminFailure::TokenMissing)?;
    let mut values = request.headers().get_all(KEY);
    let key = match (values.next(), values.next()) {
        (Some(value), None) => Key::parse(value.as_bytes())?,
        _ => return Err(AdminFailure::IdempotencyKeyInvalid.into()),
    };
    let mut payload = request.take_payload();
    let body = input::body(request.request(), &mut payload).await?;
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let keyed = KeyedRequest {
        token: identity.id,
        key,
        fingerprint: fingerprint(request.method().as_str(), &asked(&identity, target), &body),
    };
    put_back(request, body);
    let verdict = admin.claim(&keyed).await?;
    Ok((admin, verdict))
}

/// What is asked for, and in which role: what was answered to somebody in a role that they had before is not theirs any more.
fn asked(identity: &Identity, target: &str) -> String {
    format!("{target} as {}", identity.role.word())
}

fn put_back(request: &mut ServiceRequest, body: Bytes) {
    let whole: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(stream::once(ready(Ok(body))));
    request.set_payload(whole.into());
}

async fn carry_out(
    admin: web::Data<Admin>,
    claim: Claim,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Reply {
    let response = meanwhile(next.call(request), keep_renewing(&admin, claim)).await;
    match response {
        Ok(response) => keep(&admin, claim, response.map_into_boxed_body()).await,
        Err(error) => {
            admin.release_claim(claim).await;
            Err(error)
        }
    }
}

/// Waits for the handler, while it is said that somebody is at it. Both are polled at once: the handler may hold the one writer of SQLite
/// that the sign of life waits for. That sign is given up before this returns, so that it holds no writer either.
async fn meanwhile<R>(handled: impl Future<Output = R>, renewed: impl Future<Output = Infallible>) -> R {
    let handled = pin!(handled);
    let renewed = pin!(renewed);
    match select(handled, renewed).await {
        Either::Left((response, _)) => response,
        Either::Right((never, _)) => match never {},
    }
}

async fn keep_renewing(admin: &Admin, claim: Claim) -> Infallible {
    loop {
        sleep(RENEWAL).await;
        admin.renew_claim(claim).await;
    }
}

/// Keeps an answer that was decided.
async fn keep(admin: &Admin, claim: Claim, response: ServiceResponse<BoxBody>) -> Reply {
    let status = response.status().as_u16();
    if !is_kept(status) {
        admin.release_claim(claim).await;
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let fits = match body.size() {
        BodySize::None => true,
        BodySize::Sized(size) => usize::try_from(size).is_ok_and(|size| size <= LARGEST_REPLY),
        BodySize::Stream => false,
    };
    if !fits {
        admin.keep_reply(claim, None).await;
        return Ok(ServiceResponse::new(request, head.set_body(body)));
    }
    let body = to_bytes(body).await.map_err(ErrorInternalServerError)?;
    let kept = std::str::from_utf8(&body).ok().map(|text| KeptReply {
        status,
        headers: kept_headers(&head),
        body: text.to_owned(),
    });
    admin.keep_reply(claim, kept.as_ref()).await;
    let response = head.set_body(body).map_into_boxed_body();
    Ok(ServiceResponse::new(request, response))
}

fn kept_headers(head: &HttpResponse<()>) -> Vec<(String, String)> {
    let kept = KEPT.iter().filter_map(|name| {
        let value = head.headers().get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    kept.collect()
}

fn repeated(kept: KeptReply) -> HttpResponse {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    for header in kept.headers {
        response.insert_header(header);
    }
    response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    if kept.body.is_empty() {
        response.finish()
    } else {
        response.body(kept.body)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{sync::Mutex, task::yield_now};
    use uuid::Uuid;

    use super::*;
    use crate::admin::{api_tokens::Reach, role::Role};

    async fn taking(writer: &Mutex<()>) -> Infallible {
        loop {
            drop(writer.lock().await);
            yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_handler_that_holds_the_writer_goes_on_while_a_sign_of_life_waits_for_it() {
        let writer = Mutex::new(());
        let handled = async {
            for _ in 0..3 {
                let held = writer.lock().await;
                yield_now().await;
                drop(held);
            }
            7
        };
        assert_eq!(meanwhile(handled, taking(&writer)).await, 7);
        assert!(writer.try_lock().is_ok(), "the sign of life is given up");
    }

    #[test]
    fn what_was_answered_to_a_person_in_another_role_is_another_request() {
        let by = |actor: &str, role| {
            let identity = Identity {
                id: Uuid::nil(),
                actor: actor.to_owned(),
                role,
                reach: Reach::All,
            };
            asked(&identity, "/api/v1/clients")
        };
        assert_ne!(by("user:1", Role::Admin), by("user:1", Role::Operator));
        assert_eq!(by("token:a", Role::Admin), "/api/v1/clients as admin");
    }
}
