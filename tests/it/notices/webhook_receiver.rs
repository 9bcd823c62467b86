//! A program that is told by webhook: it verifies as Standard Webhooks say, keeps what it was told, and answers what it is told to answer.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU16, Ordering},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::StatusCode, web};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Told {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub at: i64,
    /// `webhook-signature`.
    pub signature: String,
    /// The body, byte by byte.
    pub body: String,
}

impl Told {
    /// Whether it was signed with this key (`whsec_…`).
    pub fn is_signed_with(&self, key: &str) -> bool {
        let key = STANDARD.decode(key.strip_prefix("whsec_").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let signed = format!("{}.{}.{}", self.id, self.at, self.body);
        let signature = self.signature.strip_prefix("v1,").unwrap();
        hmac::verify(&key, signed.as_bytes(), &STANDARD.decode(signature).unwrap()).is_ok()
    }
}

/// A listening server.
#[derive(Clone)]
pub struct WebhookReceiver {
    /// Where it listens.
    pub address: String,
    told: Arc<Mutex<Vec<Told>>>,
    status: Arc<AtomicU16>,
    echoes: Arc<AtomicBool>,
}

impl WebhookReceiver {
    /// One that answers 204.
    pub fn listen() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            address: format!("http://{}/told", listener.local_addr().unwrap()),
            told: Arc::default(),
            status: Arc::new(AtomicU16::new(204)),
            echoes: Arc::default(),
        };
        let state = receiver.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(state.clone()))
                .route("/told", web::post().to(hear))
        });
        actix_web::rt::spawn(server.workers(1).listen(listener).unwrap().run());
        receiver
    }

    /// What it answers from now on.
    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// From now on it repeats what it was sent, as programs do that show what they could not read.
    pub fn echo(&self) {
        self.echoes.store(true, Ordering::SeqCst);
    }

    /// What it was told.
    pub fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }
}

async fn hear(receiver: web::Data<WebhookReceiver>, request: HttpRequest, body: String) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
    let echoed = body.clone();
    receiver.told.lock().unwrap().push(Told {
        id: header("webhook-id"),
        at: header("webhook-timestamp").parse().unwrap(),
        signature: header("webhook-signature"),
        body,
    });
    let mut answer = HttpResponse::build(StatusCode::from_u16(receiver.status.load(Ordering::SeqCst)).unwrap());
    if !receiver.echoes.load(Ordering::SeqCst) {
        return answer.finish();
    }
    let headers = request.headers().iter();
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    answer.body(format!(
        "bad request {}: {} {echoed}",
        request.uri(),
        headers.join("; ")
    ))
}
