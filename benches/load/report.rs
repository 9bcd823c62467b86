//! Load benchmark, the tables.

use std::time::Duration;

use super::{
    cost::Spent,
    driver::{Outcome, Pace, drive},
    options::{Options, connections},
    rows::Row,
    say,
};

/// More places that record spans than any one request passes.
const SPAN_PLACES: f64 = 100.0;
/// Of all works of the mix these sign something with RS256.
const SIGNED: f64 = 0.3;

/// What the machine can do at most, by kind of work.
pub struct Ceilings(pub Vec<(&'static str, f64)>);

impl Ceilings {
    fn of(&self, kind: &str) -> f64 {
        self.0.iter().find(|(known, _)| *known == kind).unwrap().1
    }
}

/// Rates, each beside its ceiling.
pub fn rates(ceilings: &Ceilings, rows: &[Row]) {
    say("\n| ceiling (one core) | per second |\n|---|---|");
    for (kind, rate) in &ceilings.0 {
        say(&format!("| {kind} | {rate:.0} |"));
    }
    say("\n| scenario | per second | median ms | p99 ms | of its ceiling | target |\n|---|---|---|---|---|---|");
    for row in rows {
        let (part, target) = part(ceilings, rows, row);
        let (rate, median, p99) = (row.rate(), row.middle(|one| one.median), row.middle(|one| one.p99));
        say(&format!(
            "| {} | {rate:.0} | {median:.2} | {p99:.2} | {part:.2} | {target} |",
            row.name
        ));
    }
}

fn part(ceilings: &Ceilings, rows: &[Row], row: &Row) -> (f64, &'static str) {
    let other = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
    let plain = other("bare, 500 bytes");
    let (rs256, verify) = (ceilings.of("rs256"), ceilings.of("es256-verify"));
    match row.name {
        "discovery" => (row.part_of(other("bare, size of discovery"), f64::MAX), "0.85"),
        "JWKS" => (row.part_of(other("bare, size of JWKS"), f64::MAX), "0.85"),
        "client_credentials RS256" => (row.rate() / rs256, "0.80"),
        "client_credentials ES256" | "client_credentials EdDSA" => (row.part_of(plain, f64::MAX), "0.20"),
        "code sign-in RS256" => (row.rate() / rs256, "0.50"),
        "code sign-in ES256" => (row.rate() / ceilings.of("es256"), "-"),
        "refresh RS256" => (row.rate() / rs256.min(ceilings.of("sqlite-commit")), "0.50"),
        "userinfo" | "introspection" => (row.part_of(plain, verify), "0.70"),
        "mixed" => {
            let reads = plain.rate().min(verify);
            (row.rate() * (SIGNED / rs256 + (1.0 - SIGNED) / reads), "-")
        }
        _ => (1.0, "-"),
    }
}

/// What one work of each kind costs.
pub fn costs(rows: &[Row]) {
    say(
        "\n| what one costs | µs of Menjin | µs of PostgreSQL | µs of Redis | statements | commands of Redis |\n|---|---|---|---|---|---|",
    );
    for row in rows.iter().filter(|row| !row.is_bare()) {
        let works: f64 = row.outcomes.iter().map(|one| one.works).sum();
        let Spent {
            menjin,
            postgres,
            redis,
            statements,
            commands,
        } = row.spent;
        let each = |all: f64| all / works;
        say(&format!(
            "| {} | {:.0} | {:.0} | {:.0} | {:.2} | {:.2} |",
            row.name,
            each(menjin) * 1e6,
            each(postgres) * 1e6,
            each(redis) * 1e6,
            each(statements),
            each(commands)
        ));
    }
}

/// What the places that record spans cost while nothing is recorded, as part of each request.
pub fn traces_off(ceilings: &Ceilings, rows: &[Row]) {
    let seconds = SPAN_PLACES / ceilings.of("span-places-off");
    for row in rows.iter().filter(|row| !row.is_bare()) {
        let part = 100.0 * seconds * row.rate();
        say(&format!(
            "traces off: {SPAN_PLACES} places are {part:.3} % of {}",
            row.name
        ));
    }
}

/// So many works are enough for a 99th percentile that one hiccup does not decide.
const ENOUGH: f64 = 4000.0;
/// Longest that a row is measured at half of its rate.
const LONGEST: f64 = 10.0;

/// Measures response times at half of the rate that the server can do.
pub async fn open_loop(rows: &[Row], options: &Options) {
    say("\n| at half that rate, open loop | per second | median ms | p99 ms |\n|---|---|---|---|");
    for row in rows.iter().filter(|row| !row.is_bare()) {
        if options.warm {
            super::warm(row).await;
        }
        let every = 2.0 / row.rate();
        let time = Duration::from_secs_f64((ENOUGH * every).min(LONGEST)).max(options.time);
        let pace = Pace::Every(Duration::from_secs_f64(every));
        let Outcome { rate, median, p99, .. } = drive(&row.authorities, &row.work, connections(), time, pace).await;
        say(&format!("| {} | {rate:.0} | {median:.2} | {p99:.2} |", row.name));
    }
}
