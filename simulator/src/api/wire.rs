//! Serialises an answer: JSON, or what a fault makes of it (reference §1.1, §13 point 8).

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use serde_json::Value;

use crate::world::FaultKind;

const JSON: &str = "application/json; charset=UTF-8";
const GATEWAY: &str =
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";

/// Sends the answer; `None`: the address does not exist.
pub(super) async fn send(reply: Option<Value>, fault: Option<FaultKind>) -> HttpResponse {
    let Some(reply) = reply else {
        return HttpResponse::NotFound().body("404 page not found");
    };
    let mut text = reply.to_string();
    match fault {
        Some(FaultKind::Slow(milliseconds)) => {
            actix_web::rt::time::sleep(Duration::from_millis(milliseconds)).await;
        }
        Some(FaultKind::BadGateway) => {
            return HttpResponse::BadGateway().content_type("text/html").body(GATEWAY);
        }
        Some(FaultKind::Reset) => {
            return HttpResponse::Ok()
                .content_type(JSON)
                .body(Broken { announced: text.len() });
        }
        Some(FaultKind::Truncated) => {
            let half = (0..=text.len() / 2).rev().find(|end| text.is_char_boundary(*end));
            text.truncate(half.unwrap_or_default());
        }
        Some(FaultKind::Splice { find, bytes }) => {
            return HttpResponse::Ok()
                .content_type(JSON)
                .body(spliced(&text, &find, &bytes));
        }
        _ => {}
    }
    HttpResponse::build(StatusCode::OK).content_type(JSON).body(text)
}

fn spliced(text: &str, find: &str, bytes: &[u8]) -> Vec<u8> {
    if find.is_empty() {
        return [bytes, text.as_bytes()].concat();
    }
    let parts: Vec<&[u8]> = text.split(find).map(str::as_bytes).collect();
    parts.join(bytes)
}

/// A body that announces more bytes than it sends and then breaks the connection.
struct Broken {
    announced: usize,
}

impl MessageBody for Broken {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.announced as u64)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
    }
}
