//! How many statements PostgreSQL is sent for each kind of request in the steady state, and how many commands Redis: a budget that a new query
//! breaks. PostgreSQL counts them (`pg_stat_statements`), beginning and ending of transactions included.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};
use simulator::{World, sample};

use crate::{
    actors::{Browser, Portal, text},
    backends::{Backend, Server, own_redis},
    console::at_work,
    fixture::Fixture,
    name_display,
    replicas::psql,
    suite_sign_in,
};

/// Requests of a kind that are made, so that what happens now and then does not decide.
const TIMES: u32 = 20;

/// How often each statement was sent, of those that were.
fn statements_of(fixture: &Fixture) -> Vec<(u32, String)> {
    let own =
        "SELECT calls, replace(query, chr(10), ' ') FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
               WHERE datname = current_database() AND query NOT LIKE '%pg_stat_statements%'
                 AND query NOT LIKE 'UPDATE change_counter SET changes = changes + %' ORDER BY calls DESC";
    let listed = psql(fixture.database_url(), own);
    let lines = listed.lines().filter_map(|line| line.split_once('|'));
    lines
        .map(|(calls, query)| (calls.parse().unwrap(), query.to_owned()))
        .collect()
}

/// Forgets what was counted in this database; of others, other tests count at the same time.
fn forget(fixture: &Fixture) {
    let own = "SELECT pg_stat_statements_reset(0, oid) FROM pg_database WHERE datname = current_database()";
    psql(fixture.database_url(), own);
}

struct Counted<'a> {
    fixture: &'a Fixture,
    redis: &'a Server,
}

impl Counted<'_> {
    /// Watches what Redis is sent from now on.
    fn watch(&self) -> BufReader<TcpStream> {
        let mut stream = self.connect();
        stream.write_all(b"MONITOR\r\n").unwrap();
        let mut watching = BufReader::new(stream);
        let mut line = String::new();
        watching.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "+OK");
        watching
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.redis.base().trim_start_matches("redis://")).unwrap()
    }

    /// Commands that came since; not those that scripts carried out inside of Redis.
    fn commands(&self, mut watching: BufReader<TcpStream>) -> u32 {
        self.connect().write_all(b"ECHO over\r\n").unwrap();
        let mut sent = 0;
        loop {
            let mut line = String::new();
            watching.read_line(&mut line).unwrap();
            if line.contains("\"over\"") {
                return sent;
            }
            sent += u32::from(!line.contains("[0 lua]"));
        }
    }

    /// At most so many statements, and commands, for each of these requests; what they were where there are more.
    async fn within(&self, what: &str, (statements, commands): (u32, u32), request: impl AsyncFn()) {
        request().await;
        forget(self.fixture);
        let watching = self.watch();
        for _ in 0..TIMES {
            request().await;
        }
        let sent = self.commands(watching);
        let counted = statements_of(self.fixture);
        let made: u32 = counted.iter().map(|(calls, _)| calls).sum();
        eprintln!("{what}: {made} statements and {sent} commands in {TIMES} requests");
        let listed: Vec<String> = counted
            .iter()
            .map(|(calls, query)| format!("{calls:>5} {query}"))
            .collect();
        assert!(
            made <= statements * TIMES,
            "{what}: {made} statements in {TIMES} requests\n{}",
            listed.join("\n")
        );
        assert!(sent <= commands * TIMES, "{what}: {sent} commands in {TIMES} requests");
    }
}

async fn signed_in(portal: &Portal, browser: &Browser) -> Value {
    let tokens = portal.tokens_silently(browser, &[]).await;
    let told = portal.userinfo(text(&tokens, "access_token")).await;
    assert_eq!(told.status, 200);
    tokens
}

async fn fetched(fixture: &Fixture, path: &str) {
    let answer = fixture
        .http
        .get(format!("{}{path}", fixture.base))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}

#[actix_web::test]
async fn each_kind_of_request_keeps_to_its_statements() {
    let Some(redis) = own_redis() else { return };
    // One worker, which has one connection to Redis: its greeting is none of a request's commands.
    let own = [
        ("MENJIN__EPHEMERAL__URL".to_owned(), redis.base().to_owned()),
        ("MENJIN__SERVER__WORKERS".to_owned(), "1".to_owned()),
    ];
    let Some(fixture) = Fixture::open_set(Backend::PostgresRedis, World::sample(), &own).await else {
        return;
    };
    psql(
        fixture.database_url(),
        "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
    );
    fixture.connect().await;
    let metadata = json!({ "grant_types": ["authorization_code", "refresh_token", "client_credentials"] });
    let portal = fixture.portal("wiki", json!({ "metadata": metadata })).await;
    let browser = fixture.browser();
    let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
    let token = text(&tokens, "access_token");
    let counted = Counted {
        fixture: &fixture,
        redis: &redis,
    };
    counted
        .within("discovery", (0, 0), async || {
            fetched(&fixture, "/.well-known/openid-configuration").await
        })
        .await;
    counted
        .within("JWKS", (0, 0), async || fetched(&fixture, "/oauth2/jwks").await)
        .await;
    counted
        .within("userinfo", (1, 0), async || {
            assert_eq!(portal.userinfo(token).await.status, 200);
        })
        .await;
    counted
        .within("introspection", (1, 0), async || {
            assert_eq!(portal.introspect(token).await["active"], true);
        })
        .await;
    let client_credentials = async || {
        let answer = portal.token(&[("grant_type", "client_credentials")]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    counted.within("client_credentials", (1, 0), client_credentials).await;
    let next = std::cell::RefCell::new(text(&tokens, "refresh_token").to_owned());
    let refresh = async || {
        let used = next.borrow().clone();
        let answer = portal.refresh(&used).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        *next.borrow_mut() = text(&answer.body, "refresh_token").to_owned();
    };
    counted.within("refresh", (2, 1), refresh).await;
    let sign_in = async || drop(signed_in(&portal, &browser).await);
    counted.within("sign-in", (4, 4), &sign_in).await;
    // When somebody was last seen is written once a minute, not from then on with each request, by one statement.
    let a_minute_later = async || {
        fixture.advance(Duration::from_secs(61));
        sign_in().await;
    };
    counted.within("sign-in each minute", (6, 5), a_minute_later).await;
    counted.within("sign-in a minute later", (4, 4), &sign_in).await;
    let as_at_first = async || {
        forget_people(&fixture);
        drop(signed_in(&portal, &browser).await);
    };
    counted.within("sign-in of somebody new", (6, 4), as_at_first).await;
    let next = std::cell::RefCell::new(text(&signed_in(&portal, &browser).await, "refresh_token").to_owned());
    let refresh = async || {
        forget_people(&fixture);
        let used = next.borrow().clone();
        let answer = portal.refresh(&used).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        *next.borrow_mut() = text(&answer.body, "refresh_token").to_owned();
    };
    counted.within("refresh of somebody new", (5, 1), refresh).await;
}

/// Has all replicas read again what they know of people, as of those who come for the first time; settings stand.
fn forget_people(fixture: &Fixture) {
    const OF_PEOPLE: &str = "UPDATE change_counter SET changes = changes + 1 WHERE slot >= 16";
    psql(fixture.database_url(), OF_PEOPLE);
}

#[actix_web::test]
async fn a_page_of_people_asks_once_whether_names_may_be_shown_and_only_where_they_are_withheld() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    psql(
        fixture.database_url(),
        "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
    );
    fixture.connect().await;
    let browser = at_work(&fixture, "admin").await;
    let asked = async || {
        forget(&fixture);
        let page = browser.open(&format!("{}/console/people", fixture.base)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let counted = statements_of(&fixture);
        let about = counted.iter().filter(|(_, query)| query.contains("name_proof"));
        about.map(|(calls, _)| calls).sum::<u32>()
    };
    assert_eq!(asked().await, 0, "WeCom tells all names");
    let company = suite_sign_in::company(&fixture).await;
    assert_eq!(asked().await, 1, "names are withheld");
    name_display::proved(&fixture, &browser, &company.source).await;
    assert_eq!(asked().await, 1, "names are shown");
}

/// Seconds without any request, in which jobs look for what is due.
const IDLE: u64 = 60;

#[actix_web::test]
async fn what_is_polled_costs_an_idle_server_one_statement_a_second() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    psql(
        fixture.database_url(),
        "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
    );
    fixture.connect().await;
    fixture.portal("wiki", json!({})).await;
    fixture.app.tick().await.unwrap();
    forget(&fixture);
    for second in 0..IDLE {
        assert_eq!(fixture.app.poll(second).await.unwrap(), [], "nothing is due");
        fixture.advance(Duration::from_secs(1));
    }
    let listed = statements_of(&fixture);
    let made: u32 = listed.iter().map(|(calls, _)| calls).sum();
    assert_eq!(u64::from(made), IDLE, "{listed:?}");
}
