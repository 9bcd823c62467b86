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
pub struct Upload {
    /// Its content.
    pub content: Bytes,
    /// What it was called, as far as the browser says it.
    pub name: Option<String>,
    /// Entity tag of what the form was made from, where it names one.
    pub version: Option<String>,
}

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
            let sent = part(&body, &boundary, "confirm").map(|(_, content)| content);
            if !operator.is_some_and(|operator| equal(operator.confirm.as_bytes(), sent.unwrap_or_default())) {
                return Err(ConsoleFailure::Unconfirmed.into());
            }
            let (head, file) = part(&body, &boundary, "file").ok_or(WebFailure::Malformed)?;
            let version = part(&body, &boundary, "version")
                .and_then(|(_, tag)| String::from_utf8(tag.to_vec()).ok())
                .filter(|tag| !tag.is_empty());
            Ok(Self {
                version,
                content: body.slice_ref(file),
                name: file_name(&head),
            })
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

/// The file's name in the head of its part (RFC 7578 §4.2).
fn file_name(head: &str) -> Option<String> {
    let named = head
        .lines()
        .next()?
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("filename="))?;
    let name = named.trim_matches('"');
    (!name.is_empty()).then(|| name.to_owned())
}

/// Head and content of the part of this name.
fn part<'a>(body: &'a [u8], boundary: &str, name: &str) -> Option<(String, &'a [u8])> {
    let delimiter = format!("--{boundary}");
    let named = format!("name=\"{name}\"");
    let mut rest = body.get(find(body, delimiter.as_bytes())? + delimiter.len()..)?;
    loop {
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, format!("\r\n{delimiter}").as_bytes())?;
        let part = rest.get(..end)?;
        let head = find(part, b"\r\n\r\n")?;
        let text = String::from_utf8_lossy(part.get(..head)?);
        if text.split(';').any(|parameter| parameter.trim().starts_with(&named)) {
            return Some((text.into_owned(), part.get(head + 4..)?));
        }
        rest = rest.get(end + 2 + delimiter.len()..)?;
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::{boundary, file_name, part};

    const BODY: &[u8] = b"--b\r\nContent-Disposition: form-data; name=\"confirm\"\r\n\r\nabc\r\n--b\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\r\n--x\r\n--b--\r\n";

    #[test]
    fn parts_by_name() {
        let content = |name: &str| part(BODY, "b", name).map(|(_, content)| content);
        assert_eq!(content("confirm"), Some(&b"abc"[..]));
        assert_eq!(content("file"), Some(&b"\x89PNG\r\n\r\n--x"[..]));
        assert_eq!(content("other"), None);
        let named = |name: &str| part(BODY, "b", name).and_then(|(head, _)| file_name(&head));
        assert_eq!((named("file").as_deref(), named("confirm")), (Some("a.png"), None));
    }

    #[test]
    fn what_breaks_off_has_no_parts() {
        for length in 0..BODY.len() {
            let cut = BODY.get(..length).unwrap();
            let found = part(cut, "b", "file").map(|(_, content)| content);
            assert!(matches!(found, None | Some(b"\x89PNG\r\n\r\n--x")), "{length}");
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
