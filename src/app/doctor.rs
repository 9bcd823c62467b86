//! The doctor's surroundings: those of the running server, and those that can be had beside a dead one.

use std::{path::Path, sync::Arc, time::Duration};

use crate::{
    admin::Admin,
    config::{Config, OutboundConfig},
    doctor::{Doctor, Report, Server, Surroundings},
    kernel::{
        clock::Clock,
        entropy::Entropy,
        failure::{Failure, Result},
    },
    oidc::keys::Keyring,
    outbound::Outbound,
    store::{
        Database,
        database::{DEFAULT_CONNECTIONS, file_of},
        failure::StoreFailure,
    },
};

use super::infrastructure::{Infrastructure, ephemeral, sealer};
use crate::jobs::Jobs;

/// Longest wait for a store to be connected to.
const CONNECT: Duration = Duration::from_secs(4);
/// Longest wait for our own public URL.
const OWN: Duration = Duration::from_secs(3);

/// The doctor of the running server.
pub(super) fn of_server(
    config: &Arc<Config>,
    infrastructure: &Infrastructure,
    admin: &Admin,
    jobs: &Jobs,
) -> Result<Doctor> {
    // The operator chose the public URL, so it may be in any network.
    let own = OutboundConfig {
        allow: ["0.0.0.0/0", "::/0"]
            .iter()
            .filter_map(|all| all.parse().ok())
            .collect(),
        ca: config.outbound.ca.clone(),
        timeout: OWN.min(config.outbound.timeout),
    };
    Ok(Doctor::new(Surroundings {
        config: Arc::clone(config),
        clock: infrastructure.clock.clone(),
        entropy: infrastructure.entropy.clone(),
        database: Ok(infrastructure.database.clone()),
        ephemeral: Ok(infrastructure.ephemeral.clone()),
        keyring: Ok(jobs.keys.clone()),
        server: Some(Server {
            directory: admin.directory().clone(),
            callbacks: jobs.callbacks.clone(),
            wecom: infrastructure.wecom.clone(),
            sealer: infrastructure.sealer.clone(),
            outbound: infrastructure.outbound.clone(),
            own: Outbound::new(&own)?,
        }),
    }))
}

/// Makes the checks that need no running server. Nothing is created: neither file nor schema nor key.
pub(super) async fn without_server(config: Config, (clock, entropy): (Clock, Entropy), only: Option<&str>) -> Report {
    let database = database(&config).await;
    let stored = in_time(ephemeral(&config, &clock), StoreFailure::Ephemeral).await;
    let keyring = match (&database, sealer(&config, &entropy, false)) {
        (Ok(database), Ok(sealer)) => Ok(Keyring::new(
            database.clone(),
            sealer,
            clock.clone(),
            entropy.clone(),
            config.keys,
        )),
        (Err(failure), _) => Err(failure.clone()),
        (_, Err(failure)) => Err(failure),
    };
    let surroundings = Surroundings {
        config: Arc::new(config),
        clock,
        entropy,
        database,
        ephemeral: stored,
        keyring,
        server: None,
    };
    let (now, doctor) = (surroundings.clock.now(), Doctor::new(surroundings));
    match only {
        None => doctor.report().await,
        Some(check) => match doctor.report_of(check).await {
            Some(report) => report,
            None => Report::of(Vec::new(), false, now),
        },
    }
}

async fn database(config: &Config) -> Result<Database> {
    let url = config.database_url.expose();
    if let Some(file) = file_of(url)?
        && !file.exists()
    {
        return Err(not_there(&file));
    }
    let connections = config.database_connections.min(DEFAULT_CONNECTIONS);
    in_time(Database::connect_unlocked(url, connections), StoreFailure::Database).await
}

fn not_there(file: &Path) -> Failure {
    let cause = format!("{} is not there; a server makes it when it starts", file.display());
    StoreFailure::Database.failure().cause(cause)
}

async fn in_time<T>(connecting: impl Future<Output = Result<T>>, store: StoreFailure) -> Result<T> {
    let connected = tokio::time::timeout(CONNECT, connecting).await;
    connected.unwrap_or_else(|_| Err(store.failure().cause("it cannot be connected to in time")))
}
