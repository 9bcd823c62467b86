//! The HTTP server: connections that are counted and timed, the application behind them, and a stop that lets requests under way end.

use std::{
    future::ready,
    io::Write,
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use actix_http::{HttpService, error::DispatchError};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    App as Actix, HttpResponse,
    dev::{AppConfig, Server, ServerHandle},
    middleware::from_fn,
    web::{Data, ServiceConfig},
};
use tokio::{net::TcpStream, sync::watch};

use super::{branding, open_files, requests};
use crate::{
    config::{Config, ConnectionConfig},
    kernel::home_runtime,
    web::{
        client_address::Proxies, connection::Connection, connection_limit::ConnectionLimit, draining::Draining,
        headers, language, request_body,
    },
};

/// How long requests under way are waited for when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How often it is looked whether they have ended.
const DRAIN_INTERVAL: Duration = Duration::from_millis(20);
/// How long what a refused client still sends is read, so that it sees the answer before its connection ends.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// What a client gets whose connection is one too many.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 10\r\nconnection: close\r\n\r\n";

/// A running server: a future that ends when the server has stopped.
pub struct RunningServer {
    server: Server,
    stop: StopHandle,
}

impl RunningServer {
    /// Stops it.
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }
}

impl Future for RunningServer {
    type Output = std::io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.get_mut().server).poll(context)
    }
}

/// Stops a server. Clones stop the same.
#[derive(Clone)]
pub struct StopHandle {
    server: ServerHandle,
    draining: Arc<watch::Sender<bool>>,
    limit: ConnectionLimit,
}

impl StopHandle {
    /// Lets nobody in any more, ends connections without a request, and waits for requests under way, ten seconds at most. All workers go
    /// on, because connections to the database and to others, which all share, live where they were opened.
    pub async fn drain(&self) {
        self.server.pause().await;
        self.draining.send_replace(true);
        let drained = async {
            while self.limit.total() > 0 {
                tokio::time::sleep(DRAIN_INTERVAL).await;
            }
        };
        match tokio::time::timeout(DRAIN_TIMEOUT, drained).await {
            Ok(()) => tracing::info!("no request is under way any more"),
            Err(_) => tracing::warn!(open = self.limit.total(), "connections were still open at the end"),
        }
    }

    /// Stops the workers, at once. For when requests, see [`StopHandle::drain`], and background work have ended.
    pub async fn stop(&self) {
        self.server.stop(false).await;
    }
}

/// Serves these routes on this listener. Signals are not listened to: see [`RunningServer::stop_handle`].
///
/// # Errors
/// When the listener cannot be used.
pub(super) fn start(
    (config, proxies): (&Config, &Proxies),
    routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
    listener: TcpListener,
) -> std::io::Result<RunningServer> {
    let https = config.public_url.starts_with("https://");
    let workers = match config.workers {
        0 => std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
        workers => workers,
    };
    let config = config.connections;
    let limit = ConnectionLimit::new(&config, proxies.clone(), open_files::left_for_connections());
    let draining = Arc::new(watch::Sender::new(false));
    let (signal, counted) = (draining.subscribe(), limit.clone());
    let factory = move || {
        home_runtime::begin_worker();
        let (routes, signal, limit) = (routes.clone(), signal.clone(), counted.clone());
        let application = Actix::new()
            .app_data(Data::new(Draining::new(signal.clone())))
            .wrap(from_fn(request_body::watch))
            .wrap(from_fn(branding::carry))
            .wrap(from_fn(language::keep))
            .wrap(from_fn(requests::watch))
            .wrap(from_fn(move |request, next| headers::security(https, request, next)))
            .configure(routes)
            .into_factory()
            .map_err(HttpResponse::from_error);
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let mut signal = signal.clone();
                // Without its sender nobody can tell the server to stop.
                async move { drop(signal.wait_for(|draining| *draining).await) }
            })
            .keep_alive(config.keep_alive)
            .client_request_timeout(config.head_timeout)
            .client_disconnect_timeout(DISCONNECT_TIMEOUT)
            .on_connect_ext(|connection: &Connection, data| {
                data.insert(connection.exchange().clone());
            })
            .h1(map_config(application, |()| AppConfig::default()));
        fn_service(move |stream| ready(admit(&limit, stream, config))).and_then(http)
    };
    let builder = Server::build().workers(workers).disable_signals();
    let server = builder.listen("menjin", listener, factory)?.run();
    let stop = StopHandle {
        server: server.handle(),
        draining,
        limit,
    };
    Ok(RunningServer { server, stop })
}

/// Lets a connection in, if there is a place for it.
fn admit(
    limit: &ConnectionLimit,
    stream: TcpStream,
    config: ConnectionConfig,
) -> Result<(Connection, Option<SocketAddr>), DispatchError> {
    let peer = stream.peer_addr()?;
    let Some(place) = limit.admit(peer.ip()) else {
        // Straight to the socket: no worker has looked yet whether it takes bytes, and nobody waits for it.
        drop(stream.into_std()?.write(TOO_MANY));
        return Err(DispatchError::InternalError);
    };
    Ok((Connection::new(stream, place, config), Some(peer)))
}
