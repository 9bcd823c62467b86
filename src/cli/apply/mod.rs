//! `menjin apply`: brings a server to what a file says of its data sources, auth sources, portals, notice channels, subscriptions and branding, over the API, so that
//! credentials are tried live as they always are. The plan is shown first.

mod branding;
mod carry_out;
mod compare;
mod document;
mod entry;
mod fault_list;
mod kind;
mod plan;
mod read;
mod secret_file;
mod show;

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;

use self::{
    carry_out::Worker,
    plan::{Action, Found, Standing, Step, Surplus, without_secret},
    show::Shown,
};
use super::{
    client::Client,
    sync::report::printable,
    terminal::{complain, say},
};
use crate::{config::Config, kernel::entropy::Entropy};

/// Exit status of a plan that is not carried out.
const PENDING: u8 = 2;

/// `menjin apply`.
#[derive(Debug, Args)]
pub struct ApplyCommand {
    /// The file (TOML); config/apply.example.toml has one to begin with.
    file: PathBuf,
    /// Show what would be done, and do nothing. Ends with 2 where there is something to do.
    #[arg(long, conflicts_with = "yes")]
    plan: bool,
    /// Do it without asking.
    #[arg(long)]
    yes: bool,
    /// Delete what the server has and the file does not: of the kinds that the file mentions, and no portals that registered themselves.
    #[arg(long)]
    prune: bool,
    /// Send the secrets of data sources and auth sources again, which the server does not tell and so are not compared.
    #[arg(long)]
    secrets: bool,
    /// Address of the server; unless given, the one of the configuration (server.listen).
    #[arg(long)]
    server: Option<String>,
    /// File with the API token; unless given, the environment variable MENJIN_TOKEN has it. It needs the role admin; to plan, auditor
    /// suffices.
    #[arg(long)]
    token_file: Option<PathBuf>,
}

/// What a server has, and what is to be done.
struct Plan {
    standing: Standing,
    found: Found,
    steps: Vec<Step>,
    surplus: Vec<Surplus>,
}

impl ApplyCommand {
    /// Whether the configuration is needed to find the server.
    pub const fn needs_config(&self) -> bool {
        self.server.is_none()
    }

    /// Runs the command; `config` where it is needed.
    ///
    /// # Errors
    /// A sentence, when the file has faults, or the server cannot be reached or refuses.
    pub async fn run(self, config: Option<&Config>) -> Result<ExitCode, String> {
        let mut entries = read::read(&self.file).map_err(|faults| {
            faults.iter().for_each(|fault| complain(&printable(fault)));
            format!("Faults in the file: {}. Nothing was asked of the server.", faults.len())
        })?;
        let client = Client::reaching(self.server.as_deref(), self.token_file.as_deref(), config)?;
        let missing = Worker::find_people(&client, &mut entries).await?;
        missing.iter().for_each(|line| say(line));
        let worker = Worker {
            client: &client,
            entries: &entries,
            secrets: self.secrets,
            entropy: Entropy::system(),
        };
        let plan = self.look(&worker).await?;
        let lost: Vec<String> = without_secret(&entries, &plan.steps)
            .map(|entry| entry.name.clone())
            .collect();
        if !lost.is_empty() {
            return Err(printable(&format!(
                "New portals that authenticate by a secret need client_secret_file, or client_secret_out to have one made: {}",
                lost.join(", ")
            )));
        }
        let shown = Shown {
            entries: &entries,
            standing: &plan.standing,
            found: &plan.found,
            steps: &plan.steps,
            surplus: &plan.surplus,
        };
        shown.lines().iter().for_each(|line| say(line));
        let kept = |step: &Step| matches!(step.action, Action::Keep);
        if plan.steps.iter().all(kept) && plan.surplus.is_empty() {
            say("Nothing to do.");
            return Ok(ExitCode::SUCCESS);
        }
        if self.plan || !self.agreed()? {
            return Ok(PENDING.into());
        }
        let now = self.look(&worker).await?;
        if now.steps != plan.steps || now.surplus != plan.surplus {
            return Err(
                "Nothing was done: the server has changed since the plan was made. Run it again to see the new plan."
                    .to_owned(),
            );
        }
        worker.carry_out(now.standing, &now.surplus).await?;
        say("Done.");
        Ok(ExitCode::SUCCESS)
    }

    /// Looks at the server, and plans.
    async fn look(&self, worker: &Worker<'_>) -> Result<Plan, String> {
        let standing = worker.standing().await?;
        let found = Found::of(worker.entries, &standing)?;
        Ok(Plan {
            steps: worker.steps(&found, &standing, None),
            surplus: match self.prune {
                true => found.surplus(worker.entries, &standing),
                false => Vec::new(),
            },
            standing,
            found,
        })
    }

    /// Whether the plan is to be carried out.
    fn agreed(&self) -> Result<bool, String> {
        if self.yes {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            return Err(
                "Nothing was done: nobody can be asked here, so --yes is needed, or --plan to look only.".to_owned(),
            );
        }
        let mut out = std::io::stdout();
        let mut answer = String::new();
        write!(out, "Do it? [y/N] ")
            .and_then(|()| out.flush())
            .and_then(|()| std::io::stdin().read_line(&mut answer))
            .map_err(|error| error.to_string())?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}
