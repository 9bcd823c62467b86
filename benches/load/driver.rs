//! Load generator. Closed loop: some connections, each sending its next request when the last was answered, for a fixed time. Open loop:
//! requests that come at a fixed rate, whether the last was answered or not.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    now, options,
    wire::{Wires, get, post},
};

/// The work that one connection repeats.
#[derive(Clone)]
pub enum Work {
    /// One request, always the same.
    Same(Arc<Vec<u8>>),
    /// One request out of many; the connections share one counter, so each sends the next one.
    Each(Arc<Vec<Vec<u8>>>, Arc<AtomicUsize>),
    /// Authorizes with a session, redeems the code, reads userinfo.
    SignIn(Arc<SignIn>),
    /// Rotates one refresh token of each connection.
    Refresh(Arc<Refresh>),
    /// What a working day brings: of twenty works one sign-in, five refreshes, seven userinfo and seven introspections.
    Mixed(Arc<Mixed>),
}

impl Work {
    /// How many works are of different people or tokens.
    pub fn kinds(&self) -> usize {
        match self {
            Self::Same(_) => 1,
            Self::Each(requests, _) => requests.len(),
            Self::SignIn(people) => people.cookies.len(),
            Self::Refresh(refresh) => refresh.tokens.lock().unwrap().len(),
            // It is changed all the time.
            Self::Mixed(_) => 0,
        }
    }
}

/// All of what a mix is made of.
pub struct Mixed {
    pub sign_in: Arc<SignIn>,
    pub refresh: Arc<Refresh>,
    /// Requests of userinfo and of introspection, in turns.
    pub reads: Work,
    /// Works that were begun.
    pub next: AtomicUsize,
}

/// People with a session, and the portal they enter.
pub struct SignIn {
    /// Session cookies as `Cookie: …` header lines.
    pub cookies: Vec<String>,
    /// `Authorization: Basic …` header line.
    pub authorization: String,
    /// Path and query of the authorization request.
    pub authorize: String,
    /// Form of the token request but for the code.
    pub form: String,
    /// Index of the next session to use.
    pub next: AtomicUsize,
    /// Every access token that was issued.
    pub tokens: Mutex<Vec<String>>,
}

/// Refresh tokens, one per connection.
pub struct Refresh {
    /// Where the connections take theirs from and put them back.
    pub tokens: Mutex<Vec<String>>,
    /// `Authorization: Basic …` header line.
    pub authorization: String,
}

/// Result of a run.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Completed works.
    pub works: f64,
    /// Completed works per second.
    pub rate: f64,
    /// Median, milliseconds.
    pub median: f64,
    /// 99th percentile, milliseconds.
    pub p99: f64,
}

/// When a connection begins its next work.
#[derive(Clone, Copy)]
pub enum Pace {
    /// As soon as the last was answered.
    Closed,
    /// As soon as the last was answered, so many works over all connections together.
    Works(usize),
    /// At fixed intervals over all connections together; waiting for a free connection counts as response time.
    Every(Duration),
}

/// Does this work over `connections`, which these servers share, for `time`; panics at the first reply that is not what it must be.
pub async fn drive(authorities: &[String], work: &Work, connections: usize, time: Duration, pace: Pace) -> Outcome {
    // Busy loop: waking a thread on another core costs the waking side more than a whole reply, and that is the server.
    let awake = actix_web::rt::spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    let began = now();
    let each = (0..connections).map(|at| {
        let turns = Turns {
            began,
            time,
            pace,
            every: connections,
            next: at,
        };
        let mut own = authorities.to_vec();
        own.rotate_left(at % authorities.len());
        own.truncate(if options::elsewhere() { own.len() } else { 1 });
        one(own, work.clone(), turns)
    });
    let taken: Vec<Duration> = futures_util::future::join_all(each).await.concat();
    awake.abort();
    outcome(taken, began)
}

/// The schedule of one connection.
struct Turns {
    began: Instant,
    time: Duration,
    pace: Pace,
    /// The next turn, counted over all connections, and the number of connections.
    next: usize,
    every: usize,
}

impl Turns {
    /// When the next work is due; `None` when time is up.
    async fn next(&mut self) -> Option<Instant> {
        let due = match self.pace {
            Pace::Works(most) if self.next >= most => return None,
            Pace::Closed | Pace::Works(_) => now(),
            Pace::Every(gap) => self.began + gap * u32::try_from(self.next).unwrap(),
        };
        self.next += self.every;
        while now() < due {
            tokio::task::yield_now().await;
        }
        (due.duration_since(self.began) < self.time).then_some(due)
    }
}

async fn one(authorities: Vec<String>, work: Work, mut turns: Turns) -> Vec<Duration> {
    let mut wire = Wires::connect(&authorities).await;
    let mut taken = Vec::with_capacity(1 << 14);
    let refresh = match &work {
        Work::Refresh(refresh) => Some(Arc::clone(refresh)),
        Work::Mixed(mixed) => Some(Arc::clone(&mixed.refresh)),
        _ => None,
    };
    let mut held = refresh
        .as_ref()
        .and_then(|refresh| refresh.tokens.lock().unwrap().pop());
    while let Some(start) = turns.next().await {
        match &work {
            Work::Mixed(mixed) => match mixed.next.fetch_add(1, Ordering::Relaxed) % 20 {
                0 => sign_in(&mut wire, &mixed.sign_in).await,
                1..=5 => held = Some(renew(&mut wire, &mixed.refresh, held.as_deref().unwrap()).await),
                _ => ask(&mut wire, &mixed.reads).await,
            },
            Work::SignIn(people) => sign_in(&mut wire, people).await,
            Work::Refresh(refresh) => held = Some(renew(&mut wire, refresh, held.as_deref().unwrap()).await),
            Work::Same(_) | Work::Each(..) => ask(&mut wire, &work).await,
        }
        taken.push(start.elapsed());
    }
    if let (Some(refresh), Some(token)) = (refresh, held) {
        refresh.tokens.lock().unwrap().push(token);
    }
    taken
}

async fn ask(wire: &mut Wires, work: &Work) {
    match work {
        Work::Same(request) => assert_eq!(wire.call(request).await.status, 200),
        Work::Each(requests, next) => {
            let at = next.fetch_add(1, Ordering::Relaxed) % requests.len();
            let reply = wire.call(&requests[at]).await;
            assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
            assert!(
                !reply.body.starts_with(b"{\"active\":false"),
                "a token that does not count"
            );
        }
        Work::SignIn(_) | Work::Refresh(_) | Work::Mixed(_) => panic!("no single request"),
    }
}

async fn sign_in(wire: &mut Wires, people: &SignIn) {
    let at = people.next.fetch_add(1, Ordering::Relaxed);
    let cookie = &people.cookies[at % people.cookies.len()];
    let reply = wire.call(&get(&people.authorize, cookie)).await;
    let location = reply.location.unwrap_or_default();
    let code = location
        .split_once("code=")
        .map(|(_, rest)| rest.split('&').next().unwrap());
    let code = code.unwrap_or_else(|| panic!("{} {location} {}", reply.status, String::from_utf8_lossy(&reply.body)));
    let form = format!("{}&code={code}", people.form);
    let reply = wire.call(&post("/oauth2/token", &people.authorization, &form)).await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    let token = field(&reply.body, "access_token");
    let bearer = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(wire.call(&get("/oauth2/userinfo", &bearer)).await.status, 200);
    people.tokens.lock().unwrap().push(token);
}

async fn renew(wire: &mut Wires, refresh: &Refresh, token: &str) -> String {
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    let reply = wire.call(&post("/oauth2/token", &refresh.authorization, &form)).await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    field(&reply.body, "refresh_token")
}

/// A text member of a flat JSON object.
pub fn field(body: &[u8], name: &str) -> String {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap();
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {value}"))
        .to_owned()
}

fn outcome(mut taken: Vec<Duration>, began: Instant) -> Outcome {
    let elapsed = began.elapsed();
    taken.sort_unstable();
    let at = |part: usize| {
        taken
            .get(taken.len() * part / 100)
            .copied()
            .unwrap_or_default()
            .as_secs_f64()
            * 1000.0
    };
    let works = f64::from(u32::try_from(taken.len()).unwrap());
    Outcome {
        works,
        rate: works / elapsed.as_secs_f64(),
        median: at(50),
        p99: at(99),
    }
}
