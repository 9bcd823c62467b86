//! A portal's own server: answers one JSON document at every address.

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::Value;

/// Serves the document; answers the base URL.
pub fn serving(document: Value) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = HttpServer::new(move || {
        let document = document.clone();
        App::new().default_service(web::to(move || {
            let document = document.clone();
            async move { HttpResponse::Ok().json(document) }
        }))
    });
    actix_web::rt::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    base
}

/// A P-256 public key (RFC 7517 appendix A.1), as a JWK Set.
pub fn jwks() -> Value {
    serde_json::json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "kid": "1", "use": "sig",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }] })
}

/// Serves a picture; answers its address.
pub fn serving_picture(file: Vec<u8>) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/logo.png", listener.local_addr().unwrap());
    let server = HttpServer::new(move || {
        let file = file.clone();
        App::new().default_service(web::to(move || {
            let file = file.clone();
            async move { HttpResponse::Ok().content_type("text/html").body(file) }
        }))
    });
    actix_web::rt::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    address
}
