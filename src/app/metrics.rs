//! The listener of metrics, apart from the server: what it tells is for the operator alone.

use std::{net::TcpListener, time::Duration};

use actix_web::{
    App as Actix, HttpResponse, HttpServer,
    dev::Server,
    web::{self, Data},
};

use super::App;
use crate::{
    kernel::{failure::Result, home_runtime::HomeRuntime},
    telemetry::metrics::{self, Depths},
};

/// Connections at the same time.
const MOST_CONNECTIONS: usize = 32;
/// How old what the doctor found may be.
const FINDINGS_AGE: Duration = Duration::from_secs(60);
/// How long a scrape waits for what the database is asked; Prometheus gives up after ten seconds.
const PATIENCE: Duration = Duration::from_secs(2);

impl App {
    /// Starts counting, and serves what is counted on this listener, until the process ends.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub fn serve_metrics(&self, listener: TcpListener) -> std::io::Result<Server> {
        metrics::start();
        let (app, home) = (self.clone(), HomeRuntime::current());
        let server = HttpServer::new(move || {
            Actix::new()
                .app_data(Data::new((app.clone(), home.clone())))
                .route("/metrics", web::get().to(scrape))
        });
        let server = server.workers(1).max_connections(MOST_CONNECTIONS).disable_signals();
        Ok(server.listen(listener)?.run())
    }

    async fn depths(&self) -> Result<Depths> {
        Ok(Depths {
            logouts: self.provider.outstanding_logouts().await?,
            looks: self.jobs.callbacks.outstanding_looks().await?,
        })
    }
}

async fn scrape(served: Data<(App, HomeRuntime)>) -> HttpResponse {
    let (app, home) = (served.0.clone(), &served.1);
    let doctor = app.doctor.clone();
    // It goes on when it takes longer than we wait, so that the next scrape has it.
    let examining = home.spawn(async move { doctor.report_within(FINDINGS_AGE).await });
    // Connections to the database live on the runtime that opened them, and all workers share them.
    let counting = async move { tokio::time::timeout(PATIENCE, app.depths()).await };
    let depths = match home.run(counting).await {
        Ok(Ok(Ok(depths))) => Some(depths),
        Ok(Ok(Err(failure))) => {
            tracing::warn!(%failure, "what is outstanding could not be counted");
            None
        }
        // While the database is away the other figures are wanted most.
        Ok(Err(_)) | Err(_) => None,
    };
    let findings = tokio::time::timeout(PATIENCE, examining).await;
    let findings = findings.ok().and_then(Result::ok).map(|report| report.counts());
    HttpResponse::Ok()
        .content_type(metrics::MEDIA_TYPE)
        .body(metrics::render(depths, findings))
}
