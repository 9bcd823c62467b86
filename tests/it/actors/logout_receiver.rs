//! A portal's server that hears of logouts: it keeps what was posted to it, and answers what it is told to answer.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU16, Ordering},
};

use actix_web::{App, HttpResponse, HttpServer, http::StatusCode, web};
use tokio::sync::watch;

/// The fields of one form.
type Form = Vec<(String, String)>;

/// A listening server.
#[derive(Clone)]
pub struct LogoutReceiver {
    address: String,
    heard: Arc<Mutex<Vec<Form>>>,
    status: Arc<AtomicU16>,
    count: watch::Sender<usize>,
    open: watch::Sender<bool>,
}

impl LogoutReceiver {
    /// One that answers 200.
    pub fn listen() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            address: format!("http://{}/backchannel", listener.local_addr().unwrap()),
            heard: Arc::default(),
            status: Arc::new(AtomicU16::new(200)),
            count: watch::Sender::new(0),
            open: watch::Sender::new(true),
        };
        let state = receiver.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(state.clone()))
                .route("/backchannel", web::post().to(hear))
        });
        actix_web::rt::spawn(server.workers(1).listen(listener).unwrap().run());
        receiver
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it answers from now on.
    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// Keeps callers waiting from now on, or lets them go.
    pub fn hang(&self, hang: bool) {
        self.open.send_replace(!hang);
    }

    /// The forms that were posted.
    pub fn heard(&self) -> Vec<Form> {
        self.heard.lock().unwrap().clone()
    }

    /// The logout tokens, each the only field of its form.
    pub fn tokens(&self) -> Vec<String> {
        let one = |form: Form| {
            assert_eq!(form.len(), 1, "{form:?}");
            assert_eq!(form[0].0, "logout_token");
            form[0].1.clone()
        };
        self.heard().into_iter().map(one).collect()
    }

    /// Waits until so many were heard.
    pub async fn wait_for(&self, count: usize) {
        self.count.subscribe().wait_for(|heard| *heard >= count).await.unwrap();
    }
}

async fn hear(receiver: web::Data<LogoutReceiver>, form: web::Form<Form>) -> HttpResponse {
    receiver.heard.lock().unwrap().push(form.into_inner());
    receiver.count.send_modify(|count| *count += 1);
    receiver.open.subscribe().wait_for(|open| *open).await.unwrap();
    HttpResponse::build(StatusCode::from_u16(receiver.status.load(Ordering::SeqCst)).unwrap()).body("heard")
}
