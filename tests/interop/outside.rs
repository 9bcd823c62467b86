//! What stands around the Rust portal: the Python programs that play the person and the admin, and the wire.
//!
//! It knows nothing of OpenID beyond what the crate hands it to send.

use std::process::Command;

use openidconnect::{ClientSecret, HttpRequest, HttpResponse};
use url::Url;

/// A sentence says what went wrong.
pub type Result<T> = std::result::Result<T, String>;

/// The Python programs that act around the portal.
pub struct Outside {
    /// The interpreter.
    pub python: String,
    /// File of the person's cookies.
    pub cookies: String,
}

/// An error with its causes: the crate keeps what the provider answered behind `source()`.
pub fn words(error: impl std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

/// Carries the crate's requests. The crate revokes at https only; on loopback there is no TLS proxy in front, so this stands in for it.
pub async fn call(http: &reqwest::Client, request: HttpRequest) -> std::result::Result<HttpResponse, reqwest::Error> {
    let mut request = reqwest::Request::try_from(request)?;
    if request.url().scheme() == "https" {
        let plain = request.url().as_str().replacen("https:", "http:", 1);
        if let Ok(plain) = Url::parse(&plain) {
            *request.url_mut() = plain;
        }
    }
    let answer = http.execute(request).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

impl Outside {
    fn python(&self, words: &[&str]) -> Result<String> {
        let done = Command::new(&self.python).args(words).output().map_err(self::words)?;
        if !done.status.success() {
            return Err(format!("{words:?}: {}", String::from_utf8_lossy(&done.stderr)));
        }
        Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
    }

    /// Where the person's browser ends.
    pub fn person(&self, verb: &str, rest: &[&str]) -> Result<Url> {
        let words = [&["person.py", &self.cookies, verb], rest].concat();
        Url::parse(&self.python(&words)?).map_err(self::words)
    }

    /// Registers a portal that proves itself by this method, as an admin.
    pub fn register(&self, client_id: &str, method: &str) -> Result<ClientSecret> {
        let device = "urn:ietf:params:oauth:grant-type:device_code";
        let grants = ["authorization_code", "refresh_token", device];
        let extra = serde_json::json!({ "auth_method": method, "metadata": { "grant_types": grants } });
        let answer = self.python(&["registration.py", client_id, &extra.to_string()])?;
        let answer: serde_json::Value = serde_json::from_str(&answer).map_err(words)?;
        let secret = answer.get("client_secret").and_then(serde_json::Value::as_str);
        Ok(ClientSecret::new(
            secret.ok_or("the registration holds no secret")?.to_owned(),
        ))
    }
}

/// A query parameter.
pub fn part(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
