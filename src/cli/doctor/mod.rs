//! `menjin doctor`: names what is wrong. The running server is asked over its API, because only it sees all, and a SQLite file is its alone;
//! where none answers, what can be looked at without one is looked at here.

mod table;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::{Value, json};

use super::{
    client::{self, Client},
    sync::report::{printable, text},
    terminal::{complain, say},
};
use crate::{
    app::App,
    config::Config,
    doctor::{
        Doctor, DoctorFinding, Report,
        report::{Finding, Looked, Row},
    },
    kernel::{clock::Clock, entropy::Entropy},
};

/// Exit status with nothing worse than a warning.
const WARNINGS: u8 = 1;
/// Exit status with an error, where no server answers, and where the doctor could not be asked.
const ERRORS: u8 = 2;

/// `menjin doctor`.
#[derive(Debug, Args)]
pub struct DoctorCommand {
    /// Address of the server; unless given, the one of the configuration (server.listen), and the checks that need no server where none
    /// answers there.
    #[arg(long)]
    server: Option<String>,
    /// File with the API token; unless given, the environment variable MENJIN_TOKEN has it. The role auditor suffices.
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// Make one check; a name of the table's first column.
    #[arg(long)]
    check: Option<String>,
    /// Print JSON, as GET /api/v1/doctor answers it.
    #[arg(long)]
    json: bool,
}

impl DoctorCommand {
    /// Runs the command. Ends with 0 where nothing is wrong, with 1 where there are warnings or the server was not asked for want of a
    /// token, with 2 where there are errors, no server answers or nobody could be asked.
    pub async fn run(self, config: Result<Config, Vec<String>>) -> ExitCode {
        match self.report(config).await {
            Ok(report) => {
                match self.json {
                    true => say(&report.to_string()),
                    false => table::lines(&report).iter().for_each(|line| say(line)),
                }
                match text(&report, "severity") {
                    "ok" => ExitCode::SUCCESS,
                    "warning" => WARNINGS.into(),
                    _ => ERRORS.into(),
                }
            }
            Err(sentence) => {
                complain(&sentence);
                ERRORS.into()
            }
        }
    }

    async fn report(&self, config: Result<Config, Vec<String>>) -> Result<Value, String> {
        if let Some(server) = &self.server {
            client::check_typed(server)?;
            return self.ask(&self.client(server)?).await;
        }
        if let Some(name) = &self.check
            && !Doctor::names().any(|known| known == name)
        {
            let names: Vec<&str> = Doctor::names().collect();
            return Err(format!(
                "--check: there is no check '{}'; the checks are {}.",
                printable(name),
                names.join(", ")
            ));
        }
        let config = match config {
            Ok(config) => config,
            Err(faults) => return Ok(json!(invalid(&faults))),
        };
        let here = client::local_address(config.listen);
        // A file that was named and cannot be read is a mistake, not the want of a token.
        let token = match &self.token_file {
            Some(file) => Ok(client::token(Some(file))?),
            None => client::token(None),
        };
        let unasked = match client::answers(&here).await {
            true => match token.and_then(|token| Client::new(&here, token)) {
                Ok(client) => return self.ask(&client).await,
                Err(sentence) => Finding::warning(DoctorFinding::ServerNotAsked.entry(), sentence, "MENJIN_TOKEN"),
            },
            false => Finding::error(
                DoctorFinding::NoServer.entry(),
                format!("no answer at {here}"),
                "server.listen",
            ),
        };
        complain(&format!(
            "{} ({}) Only what needs no server is looked at.",
            unasked.title, unasked.seen
        ));
        let only = self.check.as_deref();
        let report = App::examine(config, (Clock::system(), Entropy::system()), only).await;
        self.beside(report, unasked).map(|report| json!(report))
    }

    /// What was looked at without the server: everything, and that the server was not asked; or the check that was wanted.
    fn beside(&self, report: Report, unasked: Finding) -> Result<Report, String> {
        let (mut rows, by_server, at) = (report.checks, report.by_server, report.checked_at);
        match &self.check {
            None => rows.insert(
                0,
                Row::of(("server", "the running server"), Looked::with("", vec![unasked])),
            ),
            Some(name) if rows.is_empty() => {
                return Err(format!(
                    "The check '{name}' is made by the running server alone, which could not be asked: {}.",
                    unasked.seen.trim_end_matches('.')
                ));
            }
            Some(_) => {}
        }
        Ok(Report::of(rows, by_server, at))
    }

    fn client(&self, server: &str) -> Result<Client, String> {
        Client::new(server, client::token(self.token_file.as_deref())?)
    }

    async fn ask(&self, client: &Client) -> Result<Value, String> {
        match &self.check {
            Some(name) => client.get(&format!("doctor?check={}", client::part(name))).await,
            None => client.get("doctor").await,
        }
    }
}

/// The report where the configuration cannot be loaded: one finding for each fault.
fn invalid(faults: &[String]) -> Report {
    let entry = DoctorFinding::ConfigurationInvalid.entry();
    let findings = faults
        .iter()
        .map(|fault| Finding::error(entry, fault, "the configuration"));
    let row = Row::of(
        ("configuration", "settings"),
        Looked::with("not valid", findings.collect()),
    );
    Report::of(vec![row], false, Clock::system().now())
}
