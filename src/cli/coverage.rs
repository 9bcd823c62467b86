//! `menjin coverage`: how many people have which field, who lacks what a portal requires, and asking people again, over the API of a server that runs.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::Value;

use super::{
    client::{self, Client},
    sync::report::{printable, text},
    terminal::say,
};
use crate::config::Config;

/// `menjin coverage`.
#[derive(Debug, Args)]
pub struct CoverageCommand {
    /// Address of the server; unless given, the one of the configuration (server.listen).
    #[arg(long)]
    server: Option<String>,
    /// File with the API token; unless given, the environment variable MENJIN_TOKEN has it. The role auditor suffices, for asking again operator.
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// The people of this data source: its id, corp ID or name.
    #[arg(long, required_unless_present = "portal", conflicts_with = "portal")]
    data_source: Option<String>,
    /// The people whom this portal's lists let in: its client_id or id.
    #[arg(long)]
    portal: Option<String>,
    /// Name those who lack one of these fields, with commas between them; `needed`: one of those that the portal requires.
    #[arg(long, value_name = "FIELDS")]
    lacks: Option<String>,
    /// Let people of the data source be asked again, inside WeCom, for what WeCom did not pass on: for after a setting was mended there.
    #[arg(long, conflicts_with = "portal")]
    ask_again: bool,
}

impl CoverageCommand {
    /// Whether the configuration is needed to find the server.
    pub const fn needs_config(&self) -> bool {
        self.server.is_none()
    }

    /// Runs the command; `config` where it is needed.
    ///
    /// # Errors
    /// A sentence, when the server cannot be reached or refuses.
    pub async fn run(self, config: Option<&Config>) -> Result<ExitCode, String> {
        let server = match (&self.server, config) {
            (Some(server), _) => {
                client::check_typed(server)?;
                server.clone()
            }
            (None, Some(config)) => client::local_address(config.listen),
            (None, None) => return Err("--server is needed".to_owned()),
        };
        let client = Client::new(&server, client::token(self.token_file.as_deref())?)?;
        let (of, whose) = match (&self.data_source, &self.portal) {
            (Some(source), _) => {
                let id = client.data_source(source).await?;
                (format!("data-sources/{id}/coverage"), format!("data_source={id}"))
            }
            (None, portal) => {
                let portal = client::part(portal.as_deref().unwrap_or_default());
                (format!("clients/{portal}/coverage"), format!("client={portal}"))
            }
        };
        let coverage = client.get(&of).await?;
        for line in table(&coverage) {
            say(&line);
        }
        if self.ask_again {
            let asked = client.post(&of.replace("/coverage", "/ask-again"), None).await?;
            let people = asked.get("people").and_then(Value::as_u64).unwrap_or_default();
            say(&format!(
                "{people} people are asked again the next time they open a portal in WeCom that requires what was not passed on."
            ));
        }
        if let Some(lacks) = &self.lacks {
            name(&client, &whose, &wanted(lacks, &coverage)?).await?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The fields to look for.
fn wanted(lacks: &str, coverage: &Value) -> Result<String, String> {
    if lacks != "needed" {
        return Ok(lacks.to_owned());
    }
    let needed = fields(coverage).filter(|field| field.get("needed") == Some(&Value::Bool(true)));
    let needed: Vec<&str> = needed.map(|field| text(field, "field")).collect();
    match needed.is_empty() {
        true => Err("--lacks needed: nothing is required".to_owned()),
        false => Ok(needed.join(",")),
    }
}

fn fields(coverage: &Value) -> impl Iterator<Item = &Value> {
    coverage.get("fields").and_then(Value::as_array).into_iter().flatten()
}

/// One line for all, and one for each field.
fn table(coverage: &Value) -> Vec<String> {
    let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64).unwrap_or_default();
    let people = number(coverage, "people");
    let all = match fields(coverage).any(|field| field.get("needed") == Some(&Value::Bool(true))) {
        true => format!(
            "{people} people, {} of whom lack a needed field.",
            number(coverage, "lacking")
        ),
        false => format!("{people} people."),
    };
    let line = |field: &Value| {
        let needed = match field.get("needed") {
            Some(Value::Bool(true)) => "  needed",
            _ => "",
        };
        format!(
            "{:<18} {:>3} %  {:>7} have it, {:>7} do not{needed}",
            text(field, "field"),
            number(field, "percent"),
            number(field, "with"),
            number(field, "without"),
        )
    };
    std::iter::once(all).chain(fields(coverage).map(line)).collect()
}

async fn name(client: &Client, whose: &str, lacks: &str) -> Result<(), String> {
    let path = format!("users?status=active&{whose}&lacks={}", client::part(lacks));
    for user in client.all(&path).await? {
        let name = text(&user, "display_name");
        say(&printable(&format!(
            "{}  {}  {name}",
            text(&user, "id"),
            text(&user, "username")
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{table, wanted};

    #[test]
    fn what_is_needed_is_looked_for_by_the_answer_itself() {
        let coverage = json!({ "people": 4, "lacking": 1, "fields": [
            { "field": "email", "needed": true, "with": 3, "without": 1, "percent": 75 },
            { "field": "picture", "needed": false, "with": 0, "without": 4, "percent": 0 },
        ]});
        assert_eq!(wanted("needed", &coverage).unwrap(), "email");
        assert_eq!(wanted("picture", &coverage).unwrap(), "picture");
        assert!(wanted("needed", &json!({ "fields": [] })).is_err());
        let lines = table(&coverage);
        assert!(lines[1].contains("75 %") && lines[1].ends_with("needed"), "{lines:?}");
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0], "4 people, 1 of whom lack a needed field.");
        let nothing_needed =
            table(&json!({ "people": 4, "lacking": 0, "fields": [{ "field": "email", "needed": false }] }));
        assert_eq!(nothing_needed[0], "4 people.");
    }
}
