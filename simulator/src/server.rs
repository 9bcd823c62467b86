//! The HTTP server: its routes and its thread.
//!
//! The server has a thread and a runtime of its own, so it works below any runtime and outlives a test's single thread.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, mpsc};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpServer};

use crate::pages::{acts, client, desk, inbox, install, login, manage, oauth, open_data, phone, suite_oauth};
use crate::state::Shared;
use crate::{api, callbacks, control};

/// Largest body, in bytes: scenario files may be long.
const BODY: usize = 64 * 1024 * 1024;

fn routes(config: &mut ServiceConfig) {
    config
        .route("/cgi-bin/{path:.*}", web::route().to(api::handle))
        .route("/export/{file}", web::get().to(api::export::download))
        .route("/wwlogin/sso/login", web::get().to(login::web))
        .route("/wwlogin/sso/wait", web::get().to(login::wait))
        .route("/wwlogin/sso/state", web::get().to(login::state))
        .route("/wait.js", web::get().to(login::script))
        .route("/wwopen/sso/qrConnect", web::get().to(login::legacy))
        .route("/connect/oauth2/authorize", web::get().to(oauth::authorize))
        .route("/connect/oauth2/consent", web::post().to(oauth::answer))
        .route("/connect/oauth2/suite-consent", web::post().to(suite_oauth::answer))
        .route("/open-data.js", web::get().to(open_data::script))
        .route("/open-data/config", web::get().to(open_data::config))
        .route("/open-data/frame", web::get().to(open_data::frame))
        .route("/phone/{ticket}", web::get().to(phone::show))
        .route("/phone/{ticket}", web::post().to(phone::act))
        .route("/messages", web::get().to(inbox::show))
        .route("/messages", web::post().to(inbox::act))
        .route("/3rdapp/install", web::get().to(install::browser))
        .route("/3rdapp/install", web::post().to(install::agree_in_browser))
        .route("/install/{suite}", web::get().to(install::phone))
        .route("/install/{suite}", web::post().to(install::agree_on_phone))
        .route("/manage", web::get().to(manage::show))
        .route("/manage", web::post().to(manage::act))
        .route("/client", web::get().to(client::show))
        .route("/client", web::post().to(client::choose))
        .route("/desk", web::get().to(desk::show))
        .route("/desk", web::post().to(desk::act))
        .route("/member", web::post().to(acts::act))
        .route("/outage", web::post().to(desk::outage))
        .route("/", web::get().to(desk::home))
        .configure(control::routes);
}

/// Binds and starts; the returned address has the port that was chosen.
pub(crate) fn start(listen: SocketAddr, shared: Arc<Shared>) -> io::Result<(SocketAddr, ServerHandle)> {
    let listener = TcpListener::bind(listen)?;
    let address = listener.local_addr()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::Builder::new()
        .name("wecom-simulator".to_owned())
        .spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let ticking = Arc::clone(&shared);
                let data = Data::from(shared);
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(data.clone())
                        .app_data(web::PayloadConfig::new(BODY))
                        .app_data(web::JsonConfig::default().limit(BODY))
                        .configure(routes)
                })
                .workers(1)
                .disable_signals()
                .listen(listener)
                .map(HttpServer::run);
                actix_web::rt::spawn(callbacks::tick(Arc::clone(&ticking)));
                match server {
                    Ok(server) => {
                        let _listening = sender.send(Ok(server.handle()));
                        let _ended = server.await;
                    }
                    Err(error) => {
                        let _told = sender.send(Err(error));
                    }
                }
            });
        })?;
    let handle = receiver.recv().map_err(io::Error::other)??;
    Ok((address, handle))
}
