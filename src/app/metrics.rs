//! The listener of metrics, apart from the server: what it tells is for the operator alone.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix_web::{
    App as Actix, HttpResponse, HttpServer,
    dev::Server,
    web::{self, Data},
};
use futures_util::future::join;

use super::App;
use crate::{
    kernel::{failure::Result, home_runtime::HomeRuntime},
    telemetry::metrics::{self, Depths, Findings},
};

/// Connections at the same time.
const MOST_CONNECTIONS: usize = 32;
/// How old what the doctor found may be.
const FINDINGS_AGE: Duration = Duration::from_secs(60);
/// How long a scrape waits for what the database is asked, and for the doctor; Prometheus gives up after ten seconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is served.
struct Served {
    app: App,
    home: HomeRuntime,
    found: Found,
}

/// What the doctor found last, which stands until it has looked anew, however long that takes; nothing before its first look.
#[derive(Default)]
struct Found {
    last: Arc<Mutex<Findings>>,
    looking: Arc<tokio::sync::Mutex<()>>,
}

impl Found {
    /// Lets the doctor look anew, unless it does already, and waits a while for that; what it found last.
    async fn lately(&self, app: &App, home: &HomeRuntime) -> Findings {
        if let Ok(turn) = Arc::clone(&self.looking).try_lock_owned() {
            let (doctor, last) = (app.doctor.clone(), Arc::clone(&self.last));
            // It goes on when it takes longer than we wait, so that the next scrape has it.
            let looking = home.spawn(async move {
                let counts = doctor.report_within(FINDINGS_AGE).await.counts();
                *last.lock().unwrap_or_else(PoisonError::into_inner) = counts;
                drop(turn);
            });
            let _in_time = tokio::time::timeout(PATIENCE, looking).await;
        }
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl App {
    /// Starts counting, and serves what is counted on this listener, until the process ends.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub fn serve_metrics(&self, listener: TcpListener) -> std::io::Result<Server> {
        metrics::start();
        let served = Data::new(Served {
            app: self.clone(),
            home: HomeRuntime::current(),
            found: Found::default(),
        });
        let server = HttpServer::new(move || {
            Actix::new()
                .app_data(served.clone())
                .route("/metrics", web::get().to(scrape))
        });
        let server = server.workers(1).max_connections(MOST_CONNECTIONS).disable_signals();
        Ok(server.listen(listener)?.run())
    }

    async fn depths(&self) -> Result<Depths> {
        Ok(Depths {
            logouts: self.provider.outstanding_logouts().await?,
            notices: self.notices.outstanding().await?,
            looks: self.jobs.callbacks.outstanding_looks().await?,
        })
    }
}

async fn scrape(served: Data<Served>) -> HttpResponse {
    let Served { app, home, found } = &**served;
    let counted = app.clone();
    // Connections to the database live on the runtime that opened them, and all workers share them.
    let counting = async move { tokio::time::timeout(PATIENCE, counted.depths()).await };
    let (counted, findings) = join(home.run(counting), found.lately(app, home)).await;
    let depths = match counted {
        Ok(Ok(Ok(depths))) => Some(depths),
        Ok(Ok(Err(failure))) => {
            tracing::warn!(%failure, "what is outstanding could not be counted");
            None
        }
        // While the database is away the other figures are wanted most.
        Ok(Err(_)) | Err(_) => None,
    };
    HttpResponse::Ok()
        .content_type(metrics::MEDIA_TYPE)
        .body(metrics::render(depths, findings))
}
