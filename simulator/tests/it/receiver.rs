//! A receiver of callbacks: checks signatures, decrypts, keeps what was in order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use simulator::crypto::{Key, decrypt, signature};
use simulator::sample::CORP;

use crate::stage::NOW;

pub const TOKEN: &str = "QDG6eK";
pub const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

type Parameters = HashMap<String, String>;

#[derive(Default)]
pub struct Received {
    /// Parameters and decrypted message of requests which were in order.
    pub good: Vec<(Parameters, String)>,
    pub refused: usize,
    /// Nonce and outer body of every request.
    pub raw: Vec<(String, String)>,
    /// Statuses to answer before 200.
    pub bad_days: Vec<u16>,
}

pub struct Receiver {
    pub received: Arc<Mutex<Received>>,
    pub url: String,
    handle: ServerHandle,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

fn open(parameters: &Parameters, encrypted: &str) -> Option<String> {
    let signed = signature(TOKEN, &parameters["timestamp"], &parameters["nonce"], encrypted);
    if signed != parameters["msg_signature"] || parameters["timestamp"].parse::<u64>().ok()? + 300 < NOW {
        return None;
    }
    let opened = decrypt(&Key::parse(KEY)?, encrypted)?;
    (opened.receive_id == CORP.as_bytes()).then(|| String::from_utf8(opened.message).unwrap())
}

/// With or without CDATA, or in JSON.
fn cipher_text(body: &str) -> Option<String> {
    if let Ok(outer) = serde_json::from_str::<serde_json::Value>(body) {
        return outer["encrypt"].as_str().map(str::to_owned);
    }
    let inside = body.split("<Encrypt>").nth(1)?.split("</Encrypt>").next()?;
    Some(
        inside
            .trim_start_matches("<![CDATA[")
            .trim_end_matches("]]>")
            .to_owned(),
    )
}

async fn receive(
    request: HttpRequest,
    query: Query<Parameters>,
    body: String,
    received: Data<Mutex<Received>>,
) -> HttpResponse {
    if request.method() == "GET" {
        let echo = open(&query, &query["echostr"]);
        return echo.map_or_else(
            || HttpResponse::Forbidden().finish(),
            |echo| HttpResponse::Ok().body(echo),
        );
    }
    let mut received = received.lock().unwrap();
    received.raw.push((query["nonce"].clone(), body.clone()));
    if let Some(status) = received.bad_days.pop() {
        return HttpResponse::build(status.try_into().unwrap()).finish();
    }
    let encrypted = cipher_text(&body).unwrap();
    match open(&query, &encrypted) {
        Some(message) => {
            received.good.push((query.into_inner(), message));
            HttpResponse::Ok().finish()
        }
        None => {
            received.refused += 1;
            HttpResponse::Forbidden().finish()
        }
    }
}

pub async fn receiver() -> Receiver {
    let received = Arc::new(Mutex::new(Received::default()));
    let data = Data::from(Arc::clone(&received));
    let server = HttpServer::new(move || App::new().app_data(data.clone()).route("/cb", web::route().to(receive)))
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
    let url = format!("http://{}/cb?own=1", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Receiver { received, url, handle }
}

impl Receiver {
    /// Waits until so many requests came.
    pub async fn wait_for(&self, requests: usize) -> &Self {
        while self.received.lock().unwrap().raw.len() < requests {
            actix_web::rt::task::yield_now().await;
        }
        self
    }

    /// What was received in order: the values of these elements, an empty one where it is missing.
    pub fn told(&self, elements: &[&str]) -> Vec<Vec<String>> {
        let received = self.received.lock().unwrap();
        let value = |message: &str, element: &str| {
            let inside = message
                .split(&format!("<{element}>"))
                .nth(1)
                .and_then(|rest| rest.split("</").next());
            let inside = inside.unwrap_or_default();
            inside
                .trim_start_matches("<![CDATA[")
                .trim_end_matches("]]>")
                .to_owned()
        };
        let messages = received.good.iter();
        messages
            .map(|(_, message)| elements.iter().map(|element| value(message, element)).collect())
            .collect()
    }
}
