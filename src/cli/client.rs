//! The API of a server, as the command line calls it.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use url::Url;

use super::sync::report::{printable, text};
use crate::{
    config::Config,
    kernel::{address::is_loopback, secret::Secret},
    wecom::transport::{HttpClient, build_client},
};

/// Longest wait for a sign of life.
const ALIVE: Duration = Duration::from_secs(3);
/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Environment variable of the API token.
const TOKEN: &str = "MENJIN_TOKEN";
/// Entries of a page.
const PAGE: usize = 200;

/// Calls one server with one token.
pub struct Client {
    http: HttpClient,
    base: String,
    token: Secret<String>,
}

/// The first rows of a run.
pub struct Rows {
    /// The rows.
    pub items: Vec<Value>,
    /// Whether there are others.
    pub more: bool,
}

/// The API token: of this file, else of the environment.
///
/// # Errors
/// A sentence, when there is none.
pub fn token(file: Option<&Path>) -> Result<Secret<String>, String> {
    let text = match file {
        Some(path) => {
            std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?
        }
        None => of_environment().ok_or_else(|| {
            format!("An API token is needed: in the environment variable {TOKEN}, or in a file named by --token-file.")
        })?,
    };
    Ok(Secret::new(text.trim().to_owned()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a token is no setting of the server, and must not stand among the arguments"
)]
fn of_environment() -> Option<String> {
    std::env::var(TOKEN).ok().filter(|token| !token.trim().is_empty())
}

/// Checks an address that was typed in.
///
/// # Errors
/// When the token would travel in clear to another machine.
pub fn check_typed(server: &str) -> Result<(), String> {
    let clear = Url::parse(server).is_ok_and(|url| url.scheme() == "http" && !is_loopback(&url));
    match clear {
        true => {
            Err("--server: must begin with https, except for this machine, because the token travels there".to_owned())
        }
        false => Ok(()),
    }
}

/// Whether anything answers at this address; to be asked so, nobody needs a token.
pub async fn answers(server: &str) -> bool {
    let Ok(http) = build_client(None, ALIVE) else {
        return false;
    };
    http.get(format!("{server}/healthz")).send().await.is_ok()
}

impl Client {
    /// A client of the server at this address.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(server: &str, token: Secret<String>) -> Result<Self, String> {
        let address = Url::parse(server).ok();
        let address = address.filter(|address| matches!(address.scheme(), "http" | "https") && address.has_host());
        let address = address.ok_or("--server: must be an address like https://sso.example.com")?;
        let http = build_client(None, TIMEOUT).map_err(|failure| failure.to_string())?;
        Ok(Self {
            http,
            base: address.as_str().trim_end_matches('/').to_owned(),
            token,
        })
    }

    /// A client of the server that was named on the command line, else of the one of the configuration; its token stands in this file, else in the
    /// environment.
    ///
    /// # Errors
    /// A sentence, when there is neither server nor token, or the token would travel in clear to another machine.
    pub fn reaching(server: Option<&str>, token_file: Option<&Path>, config: Option<&Config>) -> Result<Self, String> {
        let server = match (server, config) {
            (Some(server), _) => {
                check_typed(server)?;
                server.to_owned()
            }
            (None, Some(config)) => local_address(config.listen),
            (None, None) => return Err("--server is needed".to_owned()),
        };
        Self::new(&server, token(token_file)?)
    }

    /// The address of a path of the API.
    pub fn address(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.base)
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// A sentence with what the server says, or why it cannot be reached.
    pub async fn get(&self, path: &str) -> Result<Value, String> {
        self.send(self.http.get(self.address(path))).await
    }

    /// Has something done.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post(&self, path: &str, body: Option<Value>) -> Result<Value, String> {
        let request = self.http.post(self.address(path));
        self.send(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// Changes a resource (merge patch).
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn patch(&self, path: &str, body: Value) -> Result<Value, String> {
        self.send(self.http.patch(self.address(path)).json(&body)).await
    }

    /// Replaces a file.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn put_file(&self, path: &str, content: Vec<u8>) -> Result<Value, String> {
        let request = self.http.put(self.address(path));
        let request = request.header("content-type", "application/octet-stream").body(content);
        self.send(request).await
    }

    /// Removes a resource.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn delete(&self, path: &str) -> Result<(), String> {
        self.send(self.http.delete(self.address(path))).await.map(drop)
    }

    /// All entries of a list, page by page.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn all(&self, path: &str) -> Result<Vec<Value>, String> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        let mark = if path.contains('?') { '&' } else { '?' };
        loop {
            let mut page = self.get(&format!("{path}{mark}limit={PAGE}{cursor}")).await?;
            if let Some(Value::Array(some)) = page.get_mut("items").map(Value::take) {
                items.extend(some);
            }
            match page.get("next_cursor").and_then(Value::as_str) {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value, String> {
        let answer = request.bearer_auth(self.token.expose()).send().await.map_err(|error| {
            let kind = if error.is_timeout() {
                "did not answer in time"
            } else {
                "cannot be reached"
            };
            format!("{} {kind}: is the server running, and is this its address?", self.base)
        })?;
        let status = answer.status();
        if status == reqwest::StatusCode::NO_CONTENT {
            return Ok(Value::Null);
        }
        let body: Option<Value> = answer.json().await.ok();
        match body {
            Some(body) if status.is_success() => Ok(body),
            Some(problem) if problem.get("number").is_some() => Err(told(&problem)),
            _ => Err(format!("{} answered {status} and not as Menjin does", self.base)),
        }
    }

    /// The id of a data source, by its id, corp ID or name.
    ///
    /// # Errors
    /// When there is none, or several of that name.
    pub async fn data_source(&self, wanted: &str) -> Result<String, String> {
        let mut found = Vec::new();
        let mut path = format!("data-sources?limit={PAGE}");
        loop {
            let page = self.get(&path).await?;
            for source in page.get("items").and_then(Value::as_array).into_iter().flatten() {
                let names = [text(source, "id"), text(source, "corp_id")];
                if names.contains(&wanted) {
                    return Ok(text(source, "id").to_owned());
                }
                if text(source, "name") == wanted {
                    found.push(text(source, "id").to_owned());
                }
            }
            match page.get("next_cursor").and_then(Value::as_str) {
                Some(cursor) => path = format!("data-sources?limit={PAGE}&cursor={cursor}"),
                None => break,
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some(id), true) => Ok(id),
            (Some(_), false) => Err("Several data sources have this name: give the id or the corp ID.".to_owned()),
            (None, _) => Err("There is no data source of this id, corp ID or name.".to_owned()),
        }
    }

    /// At most so many rows of a run.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn rows(&self, run: &str, most: usize) -> Result<Rows, String> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("sync-runs/{}/rows?limit={PAGE}{cursor}", part(run));
            let mut page = self.get(&path).await?;
            let next = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
            if let Some(Value::Array(rows)) = page.get_mut("items").map(Value::take) {
                items.extend(rows);
            }
            let more = items.len() > most || next.is_some();
            match next.filter(|_| items.len() < most) {
                Some(next) => cursor = format!("&cursor={next}"),
                None => {
                    items.truncate(most);
                    return Ok(Rows { items, more });
                }
            }
        }
    }
}

/// Something that was typed, as one part of a path.
pub fn part(typed: &str) -> String {
    utf8_percent_encode(typed, NON_ALPHANUMERIC).to_string()
}

/// The address of a server that listens here; one that listens everywhere is found on this machine.
pub fn local_address(listen: SocketAddr) -> String {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, listen.port()))
}

/// A refusal, for the terminal.
fn told(problem: &Value) -> String {
    let mut told = format!("{} {}", text(problem, "number"), text(problem, "title"));
    let more = ["detail", "remedy"].map(|field| text(problem, field));
    for line in more.into_iter().filter(|line| !line.is_empty()) {
        told.push_str("\n  ");
        told.push_str(line);
    }
    printable(&told)
}

#[cfg(test)]
mod tests {
    use super::{check_typed, local_address, part};

    #[test]
    fn the_token_does_not_travel_in_clear_to_another_machine() {
        for good in [
            "https://sso.corp.example",
            "http://127.0.0.1:8080",
            "http://localhost:8080",
            "http://[::1]:1",
        ] {
            assert!(check_typed(good).is_ok(), "{good}");
        }
        for bad in [
            "http://sso.corp.example",
            "http://10.0.0.5:8080",
            "HTTP://localhost.corp.example",
        ] {
            assert!(check_typed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_server_that_listens_everywhere_is_found_here() {
        for (listen, address) in [
            ("0.0.0.0:8300", "http://127.0.0.1:8300"),
            ("[::]:8300", "http://[::1]:8300"),
            ("10.0.0.5:80", "http://10.0.0.5:80"),
        ] {
            assert_eq!(local_address(listen.parse().unwrap()), address);
        }
    }

    #[test]
    fn what_is_typed_stays_one_part_of_the_path() {
        assert_eq!(part("../x?y"), "%2E%2E%2Fx%3Fy");
    }
}
