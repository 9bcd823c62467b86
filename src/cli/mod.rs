//! The command line: `serve`, `demo`, `migrate`, `keys`, `admin`, `apply`, `sync`, `coverage`, `requests`, `notices`, `doctor`, `config check`, `healthcheck`.

mod admin;
mod apply;
mod client;
mod coverage;
mod doctor;
mod keys;
mod notices;
mod requests;
mod sync;
mod terminal;

use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

use crate::cli::terminal::complain;
use crate::cli::terminal::say;
use crate::cli::terminal::told;
use crate::cli::terminal::write_out;
use crate::{
    app::{App, open_files},
    config::{Config, SealKey, Sources},
    kernel::{clock::Clock, entropy::Entropy},
};

/// Menjin (门禁): an OpenID Connect provider whose employees sign in by scanning with WeCom.
#[derive(Debug, Parser)]
#[command(name = "menjin", version, about)]
pub struct Arguments {
    /// Configuration file (TOML); what it leaves out has the defaults of config/default.toml.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve,
    #[cfg(feature = "demo")]
    /// Run everything at once to look at: a simulated WeCom, Menjin, two portals. Needs nothing, keeps nothing.
    Demo {
        /// First of three ports; 0 takes any free ones.
        #[arg(long, default_value_t = 8400)]
        port: u16,
        /// Address to bind. 0.0.0.0 opens the demo to the network, for phones and containers: to everybody in it, over plain http.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = crate::demo::parse_listen)]
        listen: std::net::IpAddr,
        /// Name or address by which browsers, phones and containers reach this machine; left out: the address that is bound, with
        /// --listen 0.0.0.0 that of this machine in its network.
        #[arg(long, value_name = "NAME-OR-IP")]
        host: Option<String>,
        /// Leave the fourteen days of made-up history out.
        #[arg(long)]
        no_history: bool,
    },
    /// Bring the database's schema up to date and stop.
    Migrate,
    /// Look at the signing keys, or replace them; seal what is stored with a new seal key.
    Keys {
        #[command(subcommand)]
        command: keys::KeysCommand,
    },
    /// Make and revoke API tokens, make a first owner or let one in again, on the database of the installation.
    Admin {
        #[command(subcommand)]
        command: admin::AdminCommand,
    },
    /// Bring a running server to what a file says of its data sources, auth sources, portals and notice channels, over its API.
    Apply(apply::ApplyCommand),
    /// Look at what a sync would do, sync, or take a sync back, over the API of a running server.
    Sync(sync::SyncCommand),
    /// Count which fields people have, and name who lacks what a portal requires, over the API of a running server.
    Coverage(coverage::CoverageCommand),
    /// Look at who asks to be let in, and decide it, over the API of a running server.
    Requests(requests::RequestsCommand),
    /// Look at what people were told, send it again, or try a channel, over the API of a running server.
    Notices(notices::NoticesCommand),
    /// Look at everything that can be wrong with an installation, and name what is.
    Doctor(doctor::DoctorCommand),
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print every reference number with its words and remedy, as docs/errors.md has them.
    Errors,
    /// Print the OpenAPI document of the admin API, as docs/openapi.json has it.
    Openapi,
    /// Ask the configured server whether it is alive; for containers.
    Healthcheck,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Name every fault at once, or say that there is none.
    Check,
}

/// Runs the command; failures are printed as a sentence on standard error.
pub fn run(arguments: Arguments) -> ExitCode {
    let outcome = actix_web::rt::System::new().block_on(dispatch(arguments));
    crate::telemetry::flush();
    match outcome {
        Ok(code) => code,
        Err(sentence) => {
            complain(&sentence);
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(arguments: Arguments) -> Result<ExitCode, String> {
    let read = || Config::load(&Sources::of_process(arguments.config.clone()));
    let load = || read().map_err(|faults| faults.join("\n"));
    match arguments.command {
        #[cfg(feature = "demo")]
        Command::Demo {
            port,
            listen,
            host,
            no_history,
        } => {
            crate::telemetry::start("warn", false);
            let options = crate::demo::Options {
                port,
                listen,
                host,
                history: !no_history,
            };
            run_demo(options).await?;
        }
        Command::Errors => write_out(&crate::reference_numbers_as_markdown())?,
        Command::Openapi => write_out(&crate::app::openapi())?,
        Command::Admin { command } => {
            let config = command.needs_config().then(load).transpose()?;
            crate::telemetry::start("warn", false);
            command.run(config.as_ref()).await?;
        }
        Command::Apply(command) => {
            let config = command.needs_config().then(load).transpose()?;
            return command.run(config.as_ref()).await;
        }
        Command::Sync(command) => {
            let config = command.needs_config().then(load).transpose()?;
            return command.run(config.as_ref()).await;
        }
        Command::Coverage(command) => {
            let config = command.needs_config().then(load).transpose()?;
            return command.run(config.as_ref()).await;
        }
        Command::Requests(command) => {
            let config = command.needs_config().then(load).transpose()?;
            return command.run(config.as_ref()).await;
        }
        Command::Notices(command) => {
            let config = command.needs_config().then(load).transpose()?;
            return command.run(config.as_ref()).await;
        }
        Command::Doctor(command) => {
            return Ok(command.run(read()).await);
        }
        command => configured(command, load()?).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Commands about the installation that the configuration describes.
async fn configured(command: Command, config: Config) -> Result<(), String> {
    crate::telemetry::start(&config.log_level, config.log_json);
    match command {
        Command::Serve => {
            for warning in &config.warnings {
                tracing::warn!("{warning}");
            }
            serve(config).await
        }
        Command::Migrate => App::migrate(&config).await.map_err(|failure| told(&failure)),
        Command::Keys { command } => keys::run(command, &config).await,
        Command::Config {
            command: ConfigCommand::Check,
        } => {
            for warning in &config.warnings {
                complain(&format!("Warning: {warning}"));
            }
            say("The configuration is valid.");
            Ok(())
        }
        Command::Healthcheck => healthcheck(&config).await,
        #[cfg(feature = "demo")]
        Command::Demo { .. } => Ok(()),
        Command::Errors
        | Command::Openapi
        | Command::Admin { .. }
        | Command::Apply(_)
        | Command::Sync(_)
        | Command::Coverage(_)
        | Command::Requests(_)
        | Command::Notices(_)
        | Command::Doctor(_) => Ok(()),
    }
}

async fn serve(config: Config) -> Result<(), String> {
    log_start(&config);
    open_files::raise();
    let json = config.log_json;
    let listener = std::net::TcpListener::bind(config.listen)
        .map_err(|error| format!("server.listen: {} cannot be used: {error}", config.listen))?;
    let metrics = match config.metrics_listen {
        Some(address) => Some(
            std::net::TcpListener::bind(address)
                .map_err(|error| format!("metrics.listen: {address} cannot be used: {error}"))?,
        ),
        None => None,
    };
    let app = App::build_announcing(config, Clock::system(), Entropy::system(), &|token| {
        say(&format!("First admin API token, shown this once: {}", token.expose()));
    })
    .await
    .map_err(|failure| told(&failure))?;
    if let Some(listener) = metrics {
        let server = app.serve_metrics(listener).map_err(|error| error.to_string())?;
        actix_web::rt::spawn(server);
    }
    let server = app.serve(listener).map_err(|error| error.to_string())?;
    app.start_jobs();
    if let Some(link) = app.welcome_link().await.map_err(|failure| told(&failure))? {
        say(&format!(
            "Nobody owns the console yet. Whoever opens this link within a day does: {link}"
        ));
    }
    let (stop, asked) = (server.stop_handle(), told_to_stop());
    tracing::info!(address = app.public_url(), "Menjin is ready");
    // Whoever chose JSON reads it by a program, also where both streams are one.
    if !json {
        say(&format!("Menjin is ready at {}", app.public_url()));
    }
    let mut serving = actix_web::rt::spawn(server);
    let served = tokio::select! {
        served = &mut serving => served.map_err(std::io::Error::other).flatten(),
        () = asked => {
            tracing::info!("told to stop: requests under way are finished");
            let again = told_to_stop();
            let in_order = async {
                stop.drain().await;
                app.stop().await;
                stop.stop().await;
                tracing::info!("stopped");
            };
            // Who says it twice does not want to wait.
            tokio::select! {
                () = in_order => {}
                () = again => {}
            }
            return Ok(());
        }
    };
    app.stop().await;
    served.map_err(|error| error.to_string())
}

/// Says what starts, and with what; the database by its kind alone, since its address may hold a password.
fn log_start(config: &Config) {
    let (database, _) = config.database_url.expose().split_once(':').unwrap_or_default();
    let key_file = match &config.seal {
        SealKey::File { path, .. } => path.display().to_string(),
        SealKey::Given(_) => "none, the configuration has the key".to_owned(),
    };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), database, key_file, "Menjin starts");
}

#[cfg(feature = "demo")]
async fn run_demo(options: crate::demo::Options) -> Result<(), String> {
    let demo = tokio::select! {
        started = crate::demo::start(options, &say) => started?,
        () = told_to_stop() => return Ok(()),
    };
    say("");
    say(&format!("  Start here       {}", demo.start_url));
    say(&format!("  Portal           {}", demo.portal_url));
    say(&format!("  Second portal    {}", demo.second_portal_url));
    say(&format!("  Simulated WeCom  {}", demo.wecom_url));
    say(&format!("  Console          {}", demo.console_url));
    say("");
    if demo.open {
        say(
            "The demo is open to the network: whoever reaches this machine can use and own it, and all of it travels as plain http.",
        );
    }
    say("Open the first address: it says what runs where and what to try. All people and data are made up.");
    say(&format!(
        "Admin API: {}/api/v1 with the bearer token {}",
        demo.menjin_url, demo.admin_token
    ));
    say("Ctrl-C stops everything and removes what was written.");
    told_to_stop().await;
    demo.stop().await;
    Ok(())
}

/// Listens from now on for Ctrl-C, and for SIGTERM, which `kill` and container runtimes send. The future ends with the first of them.
#[cfg(unix)]
fn told_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        match signals {
            (Ok(mut interrupted), Ok(mut terminated)) => tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            },
            // Without the signals the operating system ends us.
            _ => std::future::pending().await,
        }
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn told_to_stop() {
    drop(tokio::signal::ctrl_c().await);
}

async fn healthcheck(config: &Config) -> Result<(), String> {
    let http = crate::wecom::transport::build_client(None, std::time::Duration::from_secs(3))
        .map_err(|error| error.to_string())?;
    let address = format!("http://{}/healthz", config.listen);
    let answer = http.get(&address).send().await.map_err(|error| {
        let kind = if error.is_timeout() {
            "did not answer in time"
        } else {
            "cannot be reached"
        };
        format!("{address} {kind}: is the server running, and is server.listen its address?")
    })?;
    if answer.status().is_success() {
        Ok(())
    } else {
        Err(format!("{address} answered {}", answer.status()))
    }
}
