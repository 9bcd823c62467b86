//! Serialises an answer: JSON, or what a fault makes of it (reference §1.1, §13 point 8).

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use serde_json::Value;

use super::shaping;
use crate::world::{FaultKind, Shapes};

const JSON: &str = "application/json; charset=UTF-8";
const TEXT: &str = "text/plain; charset=UTF-8";
const GATEWAY: &str =
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";

/// Sends the answer; `None`: the address does not exist.
pub(super) async fn send(reply: Option<Value>, fault: Option<FaultKind>, shapes: &Shapes) -> HttpResponse {
    let Some(mut reply) = reply else {
        return HttpResponse::NotFound().body("404 page not found");
    };
    let mut headers = vec![("content-type", if shapes.text_plain { TEXT } else { JSON }.to_owned())];
    headers.extend(error_headers(&reply));
    let last = match fault {
        Some(FaultKind::ErrcodeLast(code)) => reply
            .as_object_mut()
            .map(|fields| fields.remove("errcode"))
            .and(Some(code)),
        _ => None,
    };
    let mut text = shaping::written(reply, shapes);
    if let Some(code) = last {
        text.pop();
        text.extend_from_slice(format!(",\"errcode\":{code}}}").as_bytes());
    }
    match fault {
        Some(FaultKind::Slow(milliseconds)) => {
            actix_web::rt::time::sleep(Duration::from_millis(milliseconds)).await;
        }
        Some(FaultKind::BadGateway) => {
            return HttpResponse::BadGateway().content_type("text/html").body(GATEWAY);
        }
        Some(FaultKind::Reset) => {
            let announced = text.len();
            text.truncate(announced / 2);
            let half = Some(text.into());
            return HttpResponse::Ok().content_type(JSON).body(Broken { half, announced });
        }
        Some(FaultKind::Pieces(length)) => {
            let rest = text.into();
            return HttpResponse::Ok().content_type(JSON).body(Pieces { rest, length });
        }
        Some(FaultKind::Truncated) => {
            let starts = |end: &usize| text.get(*end).is_none_or(|byte| byte & 0xc0 != 0x80);
            let half = (0..=text.len() / 2).rev().find(starts);
            text.truncate(half.unwrap_or_default());
        }
        Some(FaultKind::Splice { find, bytes }) => {
            return HttpResponse::Ok()
                .content_type(JSON)
                .body(spliced(&text, &find, &bytes));
        }
        _ => {}
    }
    let mut response = HttpResponse::build(StatusCode::OK);
    for header in headers {
        response.insert_header(header);
    }
    response.body(text)
}

/// `error-code` and `error-msg`, which error replies carry beside their JSON (§17.2).
fn error_headers(reply: &Value) -> Vec<(&'static str, String)> {
    let code = reply.get("errcode").and_then(Value::as_i64).filter(|code| *code != 0);
    let message = reply.get("errmsg").and_then(Value::as_str).unwrap_or_default();
    let headers = code.map(|code| [("error-code", code.to_string()), ("error-msg", message.to_owned())]);
    headers.into_iter().flatten().collect()
}

fn spliced(text: &[u8], find: &str, bytes: &[u8]) -> Vec<u8> {
    if find.is_empty() {
        return [bytes, text].concat();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.first() {
        if let Some(after) = rest.strip_prefix(find.as_bytes()) {
            out.extend_from_slice(bytes);
            rest = after;
        } else {
            out.push(*first);
            rest = rest.split_at(1).1;
        }
    }
    out
}

/// A body that announces more bytes than it sends and then breaks the connection.
struct Broken {
    half: Option<Bytes>,
    announced: usize,
}

impl MessageBody for Broken {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.announced as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let half = self.half.take().filter(|half| !half.is_empty());
        Poll::Ready(Some(half.ok_or_else(|| std::io::ErrorKind::ConnectionReset.into())))
    }
}

/// A body of which so many bytes come at a time.
struct Pieces {
    rest: Bytes,
    length: usize,
}

impl MessageBody for Pieces {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let length = self.length.max(1).min(self.rest.len());
        let piece = self.rest.split_to(length);
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}
