//! Fixture: a scripted HTTP stub of WeCom's API for tests of the transport: one thread, HTTP/1.1, one reply per connection.
//!
//! It decides nothing by itself; the faithful simulator is a crate of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use super::{
    client::{Settings, WeCom},
    endpoints::Endpoints,
    model::{Credential, ProviderCredential, SecretKind, SuiteCredential},
    transport::build_client,
};
use crate::{
    crypto::seal::Sealer,
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        secret::Secret,
    },
    store::Ephemeral,
};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Path without the query.
    pub(super) path: String,
    /// Path and query as written.
    pub(super) target: String,
    /// Body.
    pub(super) body: String,
}

impl Call {
    /// A decoded query parameter.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// How to answer.
#[derive(Clone, Debug)]
pub(super) enum Reaction {
    /// Status and body.
    Raw(u16, String),
    /// An HTML page with this status.
    Html(u16),
    /// Closes the connection without a reply.
    Reset,
    /// Announces more than it sends.
    Short,
    /// Sends nothing until the client gives up.
    Silence,
}

impl Reaction {
    /// HTTP 200 with this body.
    pub(super) fn json(body: &str) -> Self {
        Self::Raw(200, body.to_owned())
    }
}

/// The stub.
pub(super) struct Stub {
    /// `http://127.0.0.1:port`.
    pub(super) base: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Stub {
    /// Starts answering. The thread ends with the test process.
    pub(super) fn start(answer: impl Fn(&Call) -> Reaction + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let log = calls.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(call) = receive(&stream) else { continue };
                log.lock().unwrap().push(call.clone());
                reply(&stream, &answer(&call));
            }
        });
        Self { base, calls }
    }

    /// Answers by API path; what is not listed gets `{}`. `gettoken` gives `token-1`, `token-2`, … unless listed.
    pub(super) fn scripted(script: &'static [(&'static str, &'static str)]) -> Self {
        let tokens = Mutex::new(0);
        Self::start(move |call| {
            let path = call.path.trim_start_matches("/cgi-bin/");
            if let Some((_, body)) = script.iter().find(|(name, _)| *name == path) {
                return Reaction::json(body);
            }
            if path != "gettoken" {
                return Reaction::json("{}");
            }
            let mut tokens = tokens.lock().unwrap();
            *tokens += 1;
            Reaction::json(&format!(
                r#"{{"errcode":0,"access_token":"token-{tokens}","expires_in":7200}}"#
            ))
        })
    }

    /// Everything that arrived.
    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// How often this API path was called.
    pub(super) fn count(&self, path: &str) -> usize {
        let path = format!("/cgi-bin/{path}");
        self.calls().iter().filter(|call| call.path == path).count()
    }
}

fn receive(stream: &TcpStream) -> Option<Call> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let target = first.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Call {
        path: target.split('?').next()?.to_owned(),
        target,
        body: String::from_utf8(body).ok()?,
    })
}

fn reply(mut stream: &TcpStream, reaction: &Reaction) {
    let (status, kind, body) = match reaction {
        Reaction::Raw(status, body) => (*status, "application/json; charset=UTF-8", body.clone()),
        Reaction::Html(status) => (*status, "text/html", "<html><h1>Bad Gateway</h1></html>".to_owned()),
        Reaction::Short => (200, "application/json", r#"{"errcode":0,"userid":"lihua"}"#.to_owned()),
        Reaction::Reset => return,
        Reaction::Silence => {
            let _ = stream.read(&mut [0]);
            return;
        }
    };
    let announced = body.len() + if matches!(reaction, Reaction::Short) { 10 } else { 0 };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {announced}\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n",
    );
    // A client that gave up is no error of the stub.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body.as_bytes()));
}

/// Fixture: a client, and its clock and store.
pub(super) struct Bench {
    pub(super) wecom: WeCom,
    pub(super) clock: Clock,
    pub(super) store: Ephemeral,
}

/// A client that speaks to the stub.
pub(super) fn bench(stub: &Stub) -> Bench {
    let clock = Clock::manual(Timestamp::from_secs(1_760_000_000));
    let store = Ephemeral::memory(clock.clone());
    let wecom = replica(stub, &store, &clock, Settings::default());
    Bench { wecom, clock, store }
}

/// A client on a given store, as a second replica would be; which waits for nothing, since its clock stands still.
pub(super) fn replica(stub: &Stub, store: &Ephemeral, clock: &Clock, settings: Settings) -> WeCom {
    let entropy = Entropy::seeded(1);
    let endpoints = Endpoints {
        api: stub.base.clone(),
        ..Endpoints::default()
    };
    let sealer = Sealer::new(&Secret::new(vec![7; 32]), Entropy::system()).unwrap();
    let http = build_client(None, Duration::from_secs(5)).unwrap();
    WeCom::new(http, endpoints, store.clone(), sealer, clock.clone(), entropy).with_settings(&settings)
}

/// An app's credential.
pub(super) fn app() -> Credential {
    Credential {
        corp_id: "ww0000000000000001".to_owned(),
        secret: Secret::new("SECRET-of-the-app".to_owned()),
        kind: SecretKind::App { agent_id: 1_000_002 },
        suite: None,
    }
}

/// A suite whose ticket arrived.
pub(super) fn suite() -> SuiteCredential {
    SuiteCredential {
        suite_id: "ww0000000000000009".to_owned(),
        secret: Secret::new("SECRET-of-the-suite".to_owned()),
        ticket: Some(Secret::new("TICKET-of-the-suite".to_owned())),
        provider: Some(ProviderCredential {
            corp_id: "ww0000000000000008".to_owned(),
            secret: Secret::new("SECRET-of-the-provider".to_owned()),
        }),
    }
}

/// The app of a corp that installed the suite.
pub(super) fn installed() -> Credential {
    Credential {
        corp_id: "wpENCRYPTED".to_owned(),
        secret: Secret::new("SECRET-permanent-code".to_owned()),
        suite: Some(suite()),
        ..app()
    }
}
