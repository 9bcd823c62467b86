//! `menjin notices`: what was told and what became of it, channels and their test, over the API of a server that runs.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    client::{self, Client},
    sync::report::{printable, text},
    terminal::say,
};
use crate::{
    config::Config,
    notices::{Topic, delivery::State},
};

/// `menjin notices`.
#[derive(Debug, Args)]
pub struct NoticesCommand {
    /// Address of the server; unless given, the one of the configuration (server.listen).
    #[arg(long, global = true)]
    server: Option<String>,
    /// File with the API token; unless given, the environment variable MENJIN_TOKEN has it. To read, the role auditor suffices; to send again, operator.
    #[arg(long, global = true)]
    token_file: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the last notices, each with its deliveries.
    List {
        /// Only those with a delivery in this state.
        #[arg(long, value_parser = State::ALL.map(State::word))]
        state: Option<String>,
        /// Only about this.
        #[arg(long, value_parser = Topic::words())]
        topic: Option<String>,
        /// Most notices that are printed.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200))]
        last: u16,
    },
    /// Send a notice again: what of it failed or was given up, or one delivery whatever became of it.
    Resend {
        /// Id of the notice.
        notice: String,
        /// Id of the delivery.
        #[arg(long)]
        delivery: Option<String>,
    },
    /// List the channels.
    Channels,
    /// List who is told of what.
    Subscriptions,
    /// Send a test message by a channel and wait for the answer. Ends with 1 where it is not accepted.
    Test {
        /// Id or name of the channel.
        channel: String,
        /// E-mail address or member ID; not for webhooks.
        #[arg(long)]
        address: Option<String>,
        /// Language of the message.
        #[arg(long, value_parser = ["en", "zh-CN"], default_value = "en")]
        language: String,
    },
}

impl NoticesCommand {
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
        match &self.action {
            Action::List { state, topic, last } => list(&client, (state.as_deref(), topic.as_deref()), *last).await,
            Action::Resend { notice, delivery } => {
                let path = format!("notices/{}/resend", client::part(notice));
                let again = client.post(&path, Some(json!({ "delivery_id": delivery }))).await?;
                tell(&again);
                Ok(ExitCode::SUCCESS)
            }
            Action::Channels => channels(&client).await,
            Action::Subscriptions => subscriptions(&client).await,
            Action::Test {
                channel,
                address,
                language,
            } => test(&client, channel, &json!({ "address": address, "language": language })).await,
        }
    }
}

async fn list(client: &Client, (state, topic): (Option<&str>, Option<&str>), last: u16) -> Result<ExitCode, String> {
    let mut path = format!("notices?limit={last}");
    for (name, word) in [("state", state), ("topic", topic)] {
        if let Some(word) = word {
            path.push_str(&format!("&{name}={word}"));
        }
    }
    let page = client.get(&path).await?;
    for notice in entries(&page, "items") {
        tell(notice);
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a notice and its deliveries.
fn tell(notice: &Value) {
    say(&format!(
        "{} {} {}",
        text(notice, "id"),
        text(notice, "topic"),
        printable(text(notice, "title"))
    ));
    for delivery in entries(notice, "deliveries") {
        say(&format!("  {}", told(delivery)));
    }
}

/// A delivery in one line.
fn told(delivery: &Value) -> String {
    let attempts = delivery.get("attempts").and_then(Value::as_i64).unwrap_or(0);
    let to = [text(delivery, "address"), text(delivery, "channel")];
    let to: Vec<&str> = to.into_iter().filter(|part| !part.is_empty()).collect();
    let mut line = format!(
        "{} {} {} ({attempts}×)",
        text(delivery, "state"),
        text(delivery, "kind"),
        to.join(" · ")
    );
    if !text(delivery, "last_error").is_empty() && text(delivery, "state") != "delivered" {
        line.push_str(": ");
        line.push_str(text(delivery, "last_error"));
    }
    printable(&line)
}

async fn channels(client: &Client) -> Result<ExitCode, String> {
    for channel in client.all("notice-channels").await? {
        let on = channel.get("enabled").and_then(Value::as_bool) == Some(true);
        let place = ["host", "url", "data_source_id"]
            .map(|name| text(&channel, name))
            .concat();
        let line = format!(
            "{} {} {} {} {place}",
            text(&channel, "id"),
            text(&channel, "kind"),
            if on { "on" } else { "off" },
            text(&channel, "name"),
        );
        say(&printable(&line));
    }
    Ok(ExitCode::SUCCESS)
}

async fn subscriptions(client: &Client) -> Result<ExitCode, String> {
    for subscription in client.all("notice-subscriptions").await? {
        let topics: Vec<&str> = entries(&subscription, "topics").filter_map(Value::as_str).collect();
        let line = format!(
            "{} {} {} {}: {}",
            text(&subscription, "id"),
            text(&subscription, "channel"),
            text(&subscription, "address"),
            text(&subscription, "digest"),
            topics.join(", "),
        );
        say(&printable(&line));
    }
    Ok(ExitCode::SUCCESS)
}

async fn test(client: &Client, wanted: &str, body: &Value) -> Result<ExitCode, String> {
    let channels = client.all("notice-channels").await?;
    let found = channels
        .iter()
        .find(|channel| text(channel, "id") == wanted || text(channel, "name") == wanted);
    let channel = found.ok_or_else(|| format!("there is no channel {}", printable(wanted)))?;
    let path = format!("notice-channels/{}/test", text(channel, "id"));
    let notice = client.post(&path, Some(body.clone())).await?;
    tell(&notice);
    let mut failed = false;
    for delivery in entries(&notice, "deliveries") {
        failed |= text(delivery, "state") != "delivered";
        if let Some(problem) = delivery.get("problem") {
            say(&format!("  {}", printable(text(problem, "remedy"))));
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn entries<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}
