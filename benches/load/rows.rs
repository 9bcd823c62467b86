//! Load benchmark, the scenarios: bare endpoints, one kind of request at a time, and a mix.

use std::{
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use super::{
    SERVER_CORE,
    backends::{free_port, wait_for},
    cost::Spent,
    driver::{Outcome, Pace, SignIn, Work, drive},
    options::connections,
    say,
    setup::Ready,
    wire::{Wire, get, post},
};

/// One row of the table.
pub struct Row {
    pub name: &'static str,
    pub work: Work,
    /// `host:port` of the servers that are measured.
    pub authorities: Vec<String>,
    pub outcomes: Vec<Outcome>,
    /// What all rounds together took.
    pub spent: Spent,
    /// Keeps the server with bare endpoints alive.
    bare: Option<Arc<Bare>>,
}

impl Row {
    /// Whether it is one of the bare endpoints.
    pub fn is_bare(&self) -> bool {
        self.bare.is_some()
    }

    pub fn rate(&self) -> f64 {
        self.middle(|outcome| outcome.rate)
    }

    pub fn middle(&self, of: impl Fn(&Outcome) -> f64) -> f64 {
        middle(self.outcomes.iter().map(of).collect())
    }

    /// This rate divided by another row's rate, or by a fixed one if that is lower: round by round, since the machine's own speed changes
    /// from one to the next.
    pub fn part_of(&self, other: &Row, at_most: f64) -> f64 {
        let rounds = self.outcomes.iter().zip(&other.outcomes);
        middle(rounds.map(|(own, other)| own.rate / other.rate.min(at_most)).collect())
    }
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A process that is killed when dropped.
pub struct Bare(Child);

impl Drop for Bare {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn bare(sizes: &[usize]) -> (Bare, String) {
    let port = free_port();
    let own = std::env::current_exe().unwrap();
    let mut command = Command::new("taskset");
    command
        .args(["-c", SERVER_CORE])
        .arg(own)
        .args(["bare", &port.to_string()]);
    command.args(sizes.iter().map(ToString::to_string));
    let child = Bare(command.stdout(Stdio::null()).spawn().unwrap());
    wait_for(port);
    (child, format!("127.0.0.1:{port}"))
}

/// Scenarios in order, the bare endpoints first.
pub async fn rows(ready: &Ready, most_tokens: usize) -> Vec<Row> {
    let mut wire = Wire::connect(&ready.authorities[0]).await;
    let discovery = get("/.well-known/openid-configuration", "");
    let jwks = get("/oauth2/jwks", "");
    let sizes = [
        wire.call(&discovery).await.body.len(),
        wire.call(&jwks).await.body.len(),
        500,
    ];
    let mut rows = bare_rows(&sizes);
    let mut add = |name, work| {
        rows.push(Row {
            name,
            work,
            authorities: ready.authorities.clone(),
            outcomes: Vec::new(),
            spent: Spent::default(),
            bare: None,
        });
    };
    add("discovery", Work::Same(Arc::new(discovery)));
    add("JWKS", Work::Same(Arc::new(jwks)));
    add("client_credentials RS256", ready.client_credentials("RS256").await);
    add("client_credentials ES256", ready.client_credentials("ES256").await);
    add("client_credentials EdDSA", ready.client_credentials("EdDSA").await);
    let first = ready.sign_ins("RS256").await;
    add("code sign-in RS256", Work::SignIn(Arc::clone(&first)));
    add("code sign-in ES256", Work::SignIn(ready.sign_ins("ES256").await));
    let refreshes = ready.refreshes("RS256", ("refresh", connections())).await;
    add("refresh RS256", Work::Refresh(refreshes));
    let tokens = access_tokens(ready, &first, most_tokens).await;
    let userinfo = |token: &String| get("/oauth2/userinfo", &format!("Authorization: Bearer {token}\r\n"));
    let inspect = |token: &String| post("/oauth2/introspect", &first.authorization, &format!("token={token}"));
    let each = |requests: Vec<Vec<u8>>| Work::Each(Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    add("userinfo", each(tokens.iter().map(userinfo).collect()));
    add("introspection", each(tokens.iter().map(inspect).collect()));
    let reads = tokens.iter().flat_map(|token| [userinfo(token), inspect(token)]);
    let mixed = ready.mixed(Arc::clone(&first), reads.collect(), connections());
    add("mixed", mixed.await);
    rows
}

fn bare_rows(sizes: &[usize; 3]) -> Vec<Row> {
    let (child, authority) = bare(sizes);
    let child = Arc::new(child);
    let names = ["bare, size of discovery", "bare, size of JWKS", "bare, 500 bytes"];
    let each = names.into_iter().zip(sizes);
    let row = |(name, size): (&'static str, &usize)| Row {
        name,
        work: Work::Same(Arc::new(get(&format!("/{size}"), ""))),
        authorities: vec![authority.clone()],
        outcomes: Vec::new(),
        spent: Spent::default(),
        bare: Some(Arc::clone(&child)),
    };
    each.map(row).collect()
}

/// Access tokens, so that each request bears another one than the request before.
async fn access_tokens(ready: &Ready, sign_in: &Arc<SignIn>, most: usize) -> Vec<String> {
    let work = Work::SignIn(Arc::clone(sign_in));
    drive(
        &ready.authorities,
        &work,
        connections(),
        Duration::from_secs(10),
        Pace::Works(most),
    )
    .await;
    let mut tokens = std::mem::take(&mut *sign_in.tokens.lock().unwrap());
    tokens.truncate(most);
    say(&format!(
        "{} access tokens take turns in userinfo and introspection",
        tokens.len()
    ));
    tokens
}
