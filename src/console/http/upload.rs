//! A form with a file (`multipart/form-data`, RFC 7578) that was sent to the console, confirmed to be this session's as [`Form`](super::form::Form) is.

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header::CONTENT_TYPE, web::Bytes};
use futures_util::future::LocalBoxFuture;

use crate::{
    console::{failure::ConsoleFailure, operator::Operator},
    crypto::digest::equal,
    kernel::failure::{Failure, Result},
    web::{failure::WebFailure, input},
};

/// A file that was sent.
pub struct Upload(pub Bytes);

impl FromRequest for Upload {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let operator = request.extensions().get::<Operator>().cloned();
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let boundary = kind.and_then(boundary).map(str::to_owned);
        let body = input::body(request, payload);
        Box::pin(async move {
            let boundary = boundary.ok_or(WebFailure::UnsupportedMediaType)?;
            let body = body.await?;
            let sent = part(&body, &boundary, "confirm").unwrap_or_default();
            if !operator.is_some_and(|operator| equal(operator.confirm.as_bytes(), sent)) {
                return Err(ConsoleFailure::Unconfirmed.into());
            }
            let file = part(&body, &boundary, "file").ok_or(WebFailure::Malformed)?;
            Ok(Self(body.slice_ref(file)))
        })
    }
}

/// The boundary that a content type names.
fn boundary(kind: &str) -> Option<&str> {
    let mut parameters = kind.split(';').map(str::trim);
    if !parameters.next()?.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = parameters
        .find_map(|parameter| parameter.strip_prefix("boundary="))?
        .trim_matches('"');
    (1..=70).contains(&named.len()).then_some(named)
}

/// The content of the part of this name.
fn part<'a>(body: &'a [u8], boundary: &str, name: &str) -> Option<&'a [u8]> {
    let delimiter = format!("--{boundary}");
    let named = format!("name=\"{name}\"");
    let mut rest = body.get(find(body, delimiter.as_bytes())? + delimiter.len()..)?;
    loop {
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, format!("\r\n{delimiter}").as_bytes())?;
        let part = rest.get(..end)?;
        let head = find(part, b"\r\n\r\n")?;
        let is_it = String::from_utf8_lossy(part.get(..head)?)
            .split(';')
            .any(|parameter| parameter.trim().starts_with(&named));
        if is_it {
            return part.get(head + 4..);
        }
        rest = rest.get(end + 2 + delimiter.len()..)?;
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::{boundary, part};

    const BODY: &[u8] = b"--b\r\nContent-Disposition: form-data; name=\"confirm\"\r\n\r\nabc\r\n--b\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\r\n--x\r\n--b--\r\n";

    #[test]
    fn parts_by_name() {
        assert_eq!(part(BODY, "b", "confirm"), Some(&b"abc"[..]));
        assert_eq!(part(BODY, "b", "file"), Some(&b"\x89PNG\r\n\r\n--x"[..]));
        assert_eq!(part(BODY, "b", "other"), None);
    }

    #[test]
    fn what_breaks_off_has_no_parts() {
        for length in 0..BODY.len() {
            let cut = BODY.get(..length).unwrap();
            assert!(
                matches!(part(cut, "b", "file"), None | Some(b"\x89PNG\r\n\r\n--x")),
                "{length}"
            );
        }
    }

    #[test]
    fn boundaries() {
        assert_eq!(boundary("multipart/form-data; boundary=\"x y\""), Some("x y"));
        for kind in [
            "multipart/form-data",
            "text/plain; boundary=x",
            "multipart/form-data; boundary=",
        ] {
            assert_eq!(boundary(kind), None, "{kind}");
        }
    }
}
