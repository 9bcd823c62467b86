//! `menjin keys`: lists and rotates the signing keys, and seals what is stored with a new seal key, whether servers run or not. Running servers notice within seconds.

use std::time::Duration;

use clap::Subcommand;

use super::terminal::{say, told};
use crate::{
    admin::resealing::Resealed,
    app::App,
    config::Config,
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Result as Outcome,
    },
    oidc::keys::{Alg, KeyView, Keyring, Phase},
};

/// Actor in the audit log.
const ACTOR: &str = "cli";

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Show every key and where it stands.
    List,
    /// Publish a new key, which signs once every portal can know it.
    Rotate {
        /// RS256, ES256, PS256 or EdDSA; all unless named.
        #[arg(long)]
        alg: Option<String>,
        /// After a leak: the new key signs at once, and whatever the old ones signed is refused from now on.
        #[arg(long)]
        now: bool,
    },
    /// After the seal key was replaced: seal with it whatever is sealed with seal.previous_key. Servers that know both may run meanwhile.
    Reseal,
}

/// Runs the command.
pub async fn run(command: KeysCommand, config: &Config) -> Result<(), String> {
    if matches!(command, KeysCommand::Reseal) {
        return reseal(config).await;
    }
    let algs = match &command {
        KeysCommand::Rotate { alg: Some(word), .. } => {
            let words = Alg::ALL.map(Alg::word).join(", ");
            vec![Alg::of(word).ok_or_else(|| format!("--alg must be one of: {words}"))?]
        }
        _ => Alg::ALL.to_vec(),
    };
    let clock = Clock::system();
    let lines = act(&command, &algs, config, &clock).await;
    for line in lines.map_err(|failure| told(&failure))? {
        say(&line);
    }
    Ok(())
}

async fn act(command: &KeysCommand, algs: &[Alg], config: &Config, clock: &Clock) -> Outcome<Vec<String>> {
    let keyring: Keyring = App::keyring(config, clock.clone(), Entropy::system()).await?;
    let created = match command {
        KeysCommand::List | KeysCommand::Reseal => None,
        KeysCommand::Rotate { now: false, .. } => Some(keyring.rotate(ACTOR, algs).await?),
        KeysCommand::Rotate { now: true, .. } => Some(keyring.replace(ACTOR, algs).await?),
    };
    let now = clock.now();
    let mut lines: Vec<String> = keyring.list().await?.iter().map(|key| line(key, now)).collect();
    lines.extend(created.map(|created| told_of(&created)));
    Ok(lines)
}

/// Seals everything anew, and says how much of what.
async fn reseal(config: &Config) -> Result<(), String> {
    let here = App::administration(config, Clock::system(), Entropy::system(), true).await;
    let here = here.map_err(|failure| told(&failure))?;
    let outcomes = here.admin.reseal(ACTOR).await.map_err(|failure| told(&failure))?;
    for outcome in &outcomes {
        let counts = [
            (outcome.anew, "sealed anew"),
            (outcome.left, "being changed by others: run it again"),
            (outcome.unreadable, "opened by neither key"),
        ];
        for (many, what) in counts.into_iter().filter(|(many, _)| *many > 0) {
            say(&format!("{:<45}  {many:>7}  {what}", outcome.place));
        }
    }
    let sum = |count: fn(&Resealed) -> u64| outcomes.iter().map(count).sum::<u64>();
    let (anew, before) = (sum(|outcome| outcome.anew), sum(|outcome| outcome.before));
    say(&format!("Sealed anew: {anew}. Sealed with this key before: {before}."));
    match (sum(|outcome| outcome.left), sum(|outcome| outcome.unreadable)) {
        (0, 0) if config.previous_seal_key.is_some() => {
            say(
                "Nothing is left of seal.previous_key: take it out in an hour, when what lives shortly has run out too.",
            );
            Ok(())
        }
        (0, 0) => Ok(()),
        (left, unreadable) => Err(format!(
            "Left for another run: {left}. Opened by neither key: {unreadable}. Keep seal.previous_key."
        )),
    }
}

/// What a rotation did.
fn told_of(created: &[Alg]) -> String {
    if created.is_empty() {
        return "Nothing changed: a new key is published already.".to_owned();
    }
    format!("New keys: {}", created.len())
}

fn line(key: &KeyView, now: Timestamp) -> String {
    let (alg, kid, state) = (key.alg.word(), &key.kid, key.state.word());
    let rest = match (key.state, key.removed_at) {
        (Phase::Next, _) => format!("signs in {}", span(key.activates_at.since(now))),
        (Phase::Retired, Some(end)) => format!("published for another {}", span(end.since(now))),
        _ => format!("signs since {}", span(now.since(key.activates_at))),
    };
    format!("{alg:<5}  {kid}  {state:<7}  {rest}")
}

fn span(of: Duration) -> String {
    let minutes = of.as_secs() / 60;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}
