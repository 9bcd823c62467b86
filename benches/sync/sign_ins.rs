//! Sign-ins of another corp, one after another, while something else goes on.

use std::{fmt, time::Duration};

use crate::{
    Bench,
    browser::Browser,
    corp, now,
    phone::{As, Phone},
};

/// Sign-ins that measure what is usual.
const QUIET: usize = 300;

/// How long they took.
pub struct Times(Vec<Duration>);

impl Times {
    /// Of this share of them, none took longer.
    pub fn percentile(&self, share: usize) -> Duration {
        let place = (self.0.len() * share / 100).min(self.0.len().saturating_sub(1));
        self.0.get(place).copied().unwrap_or_default()
    }

    /// As a sentence, with the 99th percentile as a ratio to those of others.
    pub fn beside(&self, others: &[(&str, &Self)]) -> String {
        let mut told = format!("{self}, p99");
        for (what, others) in others {
            let ratio = crate::ratio(self.percentile(99), others.percentile(99));
            told.push_str(&format!(" {ratio:.1} x that {what};"));
        }
        told.trim_end_matches(';').to_owned()
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |share| self.percentile(share).as_secs_f64() * 1_000.0;
        write!(
            f,
            "{}, median {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
            self.0.len(),
            ms(50),
            ms(99),
            ms(100)
        )
    }
}

/// Signs people in while nothing else goes on.
pub async fn quiet(bench: &Bench<'_>) -> Times {
    let mut times = Vec::new();
    for _ in 0..QUIET {
        times.push(sign_in(bench).await);
    }
    sorted(times)
}

/// Signs people in until `work` is done; returns what it gave.
pub async fn during<T>(bench: &Bench<'_>, work: impl Future<Output = T>) -> (T, Times) {
    let mut work = std::pin::pin!(work);
    let mut times = Vec::new();
    let mut next = Box::pin(sign_in(bench));
    loop {
        tokio::select! {
            done = &mut work => return (done, sorted(times)),
            time = &mut next => {
                times.push(time);
                next = Box::pin(sign_in(bench));
            }
        }
    }
}

fn sorted(mut times: Vec<Duration>) -> Times {
    times.sort();
    Times(times)
}

/// One member's whole sign-in: authorize, pick the corp, scan, come back with a code.
async fn sign_in(bench: &Bench<'_>) -> Duration {
    let next = bench.next.get() % corp::SIGN_IN + 1;
    bench.next.set(next);
    let userid = corp::userid(next);
    let started = now();
    let browser = Browser::new(bench.http);
    let parameters =
        "response_type=code&client_id=bench&redirect_uri=https%3A%2F%2Fbench.portal.example%2Fcb&scope=openid";
    let address = format!("{}/oauth2/authorize?{parameters}", bench.menjin.base);
    let login = browser.open(&address).await;
    let shown = browser.open(&login.link("/go/")).await;
    let callback = Phone::new(bench.http, &bench.wecom.base_url())
        .scan(&browser, &shown, As::Member(&userid))
        .await;
    let page = browser.open(&callback).await;
    assert!(page.returned("code").is_some(), "{}: {}", page.url, page.body);
    started.elapsed()
}
