//! `menjin sync`: looks at what a sync would do, has it done, or takes it back, over the API of a server that runs. The server's database is
//! not opened: a SQLite file is the server's alone.

mod progress;
pub(in crate::cli) mod report;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::progress::Progress;
use super::{
    client::{self, Client},
    terminal::{complain, say},
};
use crate::{config::Config, directory::sync::guard};

/// How often a run is looked at.
const INTERVAL: Duration = Duration::from_millis(500);
/// Exit status of a run that the guard keeps from being applied.
const PAUSED: u8 = 2;

/// `menjin sync`.
#[derive(Debug, Args)]
pub struct SyncCommand {
    /// Address of the server; unless given, the one of the configuration (server.listen).
    #[arg(long, global = true)]
    server: Option<String>,
    /// File with the API token; unless given, the environment variable MENJIN_TOKEN has it. The role operator suffices.
    #[arg(long, global = true)]
    token_file: Option<PathBuf>,
    /// Most rows that are printed.
    #[arg(long, global = true, default_value_t = 200)]
    rows: usize,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what a sync would do now, and do nothing. Ends with 2 where the guard would pause it.
    Plan {
        /// Id, corp ID or name of the data source.
        source: String,
    },
    /// Sync now. Ends with 2 where the guard pauses it.
    Apply {
        /// Id, corp ID or name of the data source.
        #[arg(required_unless_present = "plan", conflicts_with = "plan")]
        source: Option<String>,
        /// Apply what this planned or paused run showed, and not more of what is guarded.
        #[arg(long, value_name = "RUN")]
        plan: Option<String>,
        /// Confirm the run where the guard pauses it.
        #[arg(long, conflicts_with = "plan")]
        confirm: bool,
    },
    /// Take back what a run has changed.
    Undo {
        /// Id of the run.
        run: String,
    },
}

impl SyncCommand {
    /// Whether the configuration is needed to find the server.
    pub const fn needs_config(&self) -> bool {
        self.server.is_none()
    }

    /// Runs the command; `config` where it is needed.
    ///
    /// # Errors
    /// A sentence, when the server cannot be reached or refuses.
    pub async fn run(self, config: Option<&Config>) -> Result<ExitCode, String> {
        let client = Client::reaching(self.server.as_deref(), self.token_file.as_deref(), config)?;
        let run = match &self.action {
            Action::Plan { source } => start(&client, source, "plan").await?,
            Action::Apply { plan: Some(run), .. } => confirm(&client, run).await?,
            Action::Apply {
                source, confirm: yes, ..
            } => {
                let run = start(&client, source.as_deref().unwrap_or_default(), "apply").await?;
                let run = watch(&client, run).await?;
                if *yes && state(&run) == "paused" {
                    confirm(&client, report::text(&run, "id")).await?
                } else {
                    run
                }
            }
            Action::Undo { run } => {
                client
                    .post(&format!("sync-runs/{}/undo", client::part(run)), None)
                    .await?
            }
        };
        let run = watch(&client, run).await?;
        self.tell(&client, &run).await
    }

    /// Prints how a run ended; the exit status.
    async fn tell(&self, client: &Client, run: &Value) -> Result<ExitCode, String> {
        for line in report::summary(run) {
            say(&line);
        }
        let rows = client.rows(report::text(run, "id"), self.rows).await?;
        for line in report::table(&rows.items) {
            say(&line);
        }
        if rows.more {
            say(&format!(
                "More rows: {}",
                client.address(&format!("sync-runs/{}/rows.csv", report::text(run, "id")))
            ));
        }
        let guarded = report::findings(run).any(|finding| guard::is_breach(report::text(finding, "number")));
        Ok(match state(run) {
            "failed" => ExitCode::FAILURE,
            "paused" => PAUSED.into(),
            "planned" if guarded => PAUSED.into(),
            _ => ExitCode::SUCCESS,
        })
    }
}

fn state(run: &Value) -> &str {
    report::text(run, "state")
}

async fn start(client: &Client, source: &str, mode: &str) -> Result<Value, String> {
    let id = client.data_source(source).await?;
    client
        .post(&format!("data-sources/{id}/sync"), Some(json!({ "mode": mode })))
        .await
}

async fn confirm(client: &Client, run: &str) -> Result<Value, String> {
    client
        .post(&format!("sync-runs/{}/confirm", client::part(run)), None)
        .await
}

/// Shows the progress of a run until it ends. An answer that fails on the way does not end the run, so it is asked again a few times.
async fn watch(client: &Client, mut run: Value) -> Result<Value, String> {
    let path = format!("sync-runs/{}", report::text(&run, "id"));
    let mut progress = Progress::default();
    let mut failures = 0;
    while matches!(state(&run), "queued" | "running") {
        progress.show(&run);
        tokio::time::sleep(INTERVAL).await;
        match client.get(&path).await {
            Ok(now) => (run, failures) = (now, 0),
            Err(sentence) if failures < 10 => {
                failures += 1;
                tracing::debug!(sentence, "the run could not be looked at");
            }
            Err(sentence) => {
                progress.end();
                complain("The run goes on without being watched.");
                return Err(sentence);
            }
        }
    }
    progress.end();
    Ok(run)
}
