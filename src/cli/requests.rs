//! `menjin requests`: who asks to be let in, and deciding it, over the API of a server that runs.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    client::{self, Client},
    sync::report::{printable, text},
    terminal::say,
};
use crate::{config::Config, kernel::calendar};

/// `menjin requests`.
#[derive(Debug, Args)]
pub struct RequestsCommand {
    /// Address of the server; unless given, the one of the configuration (server.listen).
    #[arg(long, global = true)]
    server: Option<String>,
    /// File with the API token; unless given, the environment variable MENJIN_TOKEN has it. The role operator suffices, auditor for looking.
    #[arg(long, global = true)]
    token_file: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List access requests, newest first: those that wait, unless others are asked for.
    List {
        /// open, approved, refused, expired, withdrawn, overtaken, closed, or any.
        #[arg(long, default_value = "open")]
        state: String,
        /// Only of this data source: its id, corp ID or name.
        #[arg(long)]
        data_source: Option<String>,
    },
    /// Show an access request.
    Show {
        /// Its id.
        request: String,
    },
    /// Let its member in.
    Approve {
        /// Its id.
        request: String,
        /// Username of the new user; unless given, the member ID.
        #[arg(long)]
        username: Option<String>,
        /// A portal that they may enter, by client_id; may be repeated. Unless given, the one that was asked for.
        #[arg(long = "portal", value_name = "CLIENT_ID")]
        portals: Vec<String>,
        /// A group that they come into, by its name; may be repeated. Takes the role admin.
        #[arg(long = "group", value_name = "NAME")]
        groups: Vec<String>,
        /// The last day of access, like 2026-12-31 (in China); after it access ends by itself.
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
    },
    /// Do not let its member in.
    Refuse {
        /// Its id.
        request: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
        /// Tell the person why.
        #[arg(long, requires = "reason")]
        show_reason: bool,
    },
}

impl RequestsCommand {
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
        match self.action {
            Action::List { state, data_source } => list(&client, &state, data_source.as_deref()).await?,
            Action::Show { request } => tell(&client.get(&path(&request, "")).await?),
            Action::Approve {
                request,
                username,
                portals,
                groups,
                until,
            } => {
                let until = until.as_deref().map(day).transpose()?;
                let portals = (!portals.is_empty()).then_some(portals);
                let groups = (!groups.is_empty()).then_some(groups);
                let body = json!({ "username": username, "portals": portals, "groups": groups, "access_until": until });
                tell(&client.post(&path(&request, "/approve"), Some(body)).await?);
            }
            Action::Refuse {
                request,
                reason,
                show_reason,
            } => {
                let body = json!({ "reason": reason, "show_reason": show_reason });
                tell(&client.post(&path(&request, "/refuse"), Some(body)).await?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn path(request: &str, act: &str) -> String {
    format!("access-requests/{}{act}", client::part(request))
}

/// When a day is over.
fn day(text: &str) -> Result<i64, String> {
    calendar::end(text).ok_or_else(|| "--until: must be a day like 2026-12-31".to_owned())
}

async fn list(client: &Client, state: &str, data_source: Option<&str>) -> Result<(), String> {
    let mut path = match state {
        "any" => "access-requests?sort=-created_at".to_owned(),
        state => format!("access-requests?state={}", client::part(state)),
    };
    if let Some(wanted) = data_source {
        path.push_str(&format!("&data_source={}", client.data_source(wanted).await?));
    }
    let found = client.all(&path).await?;
    for request in &found {
        say(&line(request));
    }
    if found.is_empty() {
        say("No such request.");
    }
    Ok(())
}

/// A request in one line: its id, its state, the day, who, and for which portal.
fn line(request: &Value) -> String {
    let day = request.get("created_at").and_then(Value::as_i64).map(calendar::day);
    let parts = [
        text(request, "id"),
        text(request, "state"),
        day.as_deref().unwrap_or_default(),
        text(request, "userid"),
        text(request, "name"),
        text(request, "client_id"),
    ];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    printable(&parts.join("  "))
}

/// Prints a request, a field a line.
fn tell(request: &Value) {
    say(&line(request));
    for field in [
        "reason",
        "refusal_reason",
        "suggested_username",
        "left_out",
        "closed_because",
        "username",
        "decided_by",
        "user_id",
    ] {
        let value = text(request, field);
        if !value.is_empty() {
            // A line of what somebody wrote must not look like one of ours.
            say(&printable(&format!("  {field}: {}", value.replace('\n', " "))));
        }
    }
    let groups = request.get("groups").and_then(Value::as_array);
    for group in groups.into_iter().flatten().filter_map(Value::as_str) {
        say(&printable(&format!("  group: {group}")));
    }
    if request.get("username_taken") == Some(&Value::Bool(true)) {
        say("  The suggested username is taken: give another one with --username.");
    }
    if let Some(until) = request.get("access_until").and_then(Value::as_i64) {
        say(&format!("  access_until: {}", calendar::until(until)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{day, line};

    #[test]
    fn a_request_is_one_line_and_has_no_name_where_wecom_gave_none() {
        let request = json!({ "id": "7", "state": "open", "created_at": 0, "userid": "li\u{1b}[31mhua", "name": null, "client_id": "wiki" });
        let told = line(&request);
        assert!(
            told.starts_with("7  open  1970-01-01  li") && told.ends_with("wiki"),
            "{told}"
        );
        assert!(!told.contains('\u{1b}'), "{told:?}");
    }

    #[test]
    fn what_is_no_day_is_said_before_anything_is_asked() {
        assert!(day("2026-12-31").is_ok() && day("tomorrow").is_err() && day("2026-02-31").is_err());
    }
}
