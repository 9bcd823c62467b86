//! Load benchmark, upper bounds: what this machine can do at most, one kind of work at a time, on one core; all results are divided by
//! them.
//!
//! Runs in a process of its own (this benchmark calls itself), pinned like the server.

use std::{
    hint::black_box,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use actix_web::{App, HttpResponse, HttpServer, web};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
        RSA_PKCS1_SHA256, UnparsedPublicKey,
    },
};
use menjin::{kernel::spans, store::Database};
use sea_orm::ConnectionTrait;

use super::{
    backends::{self, Backend},
    now, say,
};

/// How long each kind of work is measured.
const WHILE: Duration = Duration::from_secs(2);
/// About as many bytes as are signed in an ID token.
const MESSAGE: &[u8] = &[b'a'; 600];

/// Calls of `work` per second.
fn rate(mut work: impl FnMut()) -> f64 {
    let began = now();
    let mut done = 0_u64;
    while began.elapsed() < WHILE {
        for _ in 0..16 {
            work();
        }
        done += 16;
    }
    per_second(done, began)
}

fn per_second(done: u64, began: Instant) -> f64 {
    f64::from(u32::try_from(done).unwrap()) / began.elapsed().as_secs_f64()
}

/// Measures one upper bound in a pinned process.
pub fn measure(kind: &str) -> f64 {
    let own = std::env::current_exe().unwrap();
    let output = Command::new("taskset")
        .args(["-c", super::SERVER_CORE, own.to_str().unwrap(), "ceiling", kind])
        .env("MENJIN_BENCH_DURABLE", "1")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.trim().parse().unwrap_or_else(|_| panic!("ceiling {kind}: {text}"))
}

/// Runs in the process that [`measure`] starts and prints the rate.
pub async fn run(kind: &str) {
    let rate = match kind {
        "rs256" => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
            let mut signature = vec![0; pair.public_modulus_len()];
            rate(|| {
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), MESSAGE, &mut signature)
                    .unwrap()
            })
        }
        "es256" => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
            rate(|| {
                black_box(pair.sign(&SystemRandom::new(), MESSAGE).unwrap());
            })
        }
        "eddsa" => {
            let pair = Ed25519KeyPair::generate().unwrap();
            rate(|| {
                black_box(pair.sign(MESSAGE));
            })
        }
        "es256-verify" => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
            let signature = pair.sign(&SystemRandom::new(), MESSAGE).unwrap();
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
            rate(|| key.verify(MESSAGE, signature.as_ref()).unwrap())
        }
        // Nothing is recorded in this process: each place looks at that and goes on.
        "span-places-off" => {
            rate(|| {
                spans::attributes(|| vec![("menjin.bench", black_box(1_i64).into())]);
                black_box(spans::traceparent());
            }) * 2.0
        }
        "sqlite-commit" => commits(Backend::SqliteMemory, 1).await,
        "sqlite-select" => selects().await,
        "postgres-commit" => commits(Backend::PostgresRedis, 1).await,
        "postgres-commit-32" => commits(Backend::PostgresRedis, 32).await,
        other => panic!("no ceiling {other}"),
    };
    say(&format!("{rate}"));
}

async fn table(backend: Backend) -> (backends::Storage, Database) {
    let storage = backends::storage(backend).unwrap();
    let url = storage
        .settings
        .iter()
        .find(|(key, _)| key == "MENJIN__DATABASE__URL")
        .unwrap()
        .1
        .clone();
    let database = Database::connect(&url, 32).await.unwrap();
    let create = "CREATE TABLE bench (id BIGINT PRIMARY KEY, body TEXT NOT NULL)";
    database.writer().connection().execute_unprepared(create).await.unwrap();
    (storage, database)
}

/// Single-row transactions per second with the durability the server uses, by this many callers at once.
async fn commits(backend: Backend, callers: i64) -> f64 {
    let (_storage, database) = table(backend).await;
    let began = now();
    let each = (0..callers).map(|caller| {
        let database = database.clone();
        async move {
            let mut done = 0_i64;
            while began.elapsed() < WHILE {
                let id = caller * 1_000_000 + done;
                let insert = format!("INSERT INTO bench VALUES ({id}, 'a row of about the size of a refresh token, forty-three characters')");
                database.writer().connection().execute_unprepared(&insert).await.unwrap();
                done += 1;
            }
            u64::try_from(done).unwrap()
        }
    });
    let done: u64 = futures_util::future::join_all(each).await.into_iter().sum();
    per_second(done, began)
}

/// Point selects per second by one caller, through the same driver as the server's.
async fn selects() -> f64 {
    use sea_orm::{DbBackend, Statement};
    let (_storage, database) = table(Backend::SqliteMemory).await;
    database
        .writer()
        .connection()
        .execute_unprepared("INSERT INTO bench VALUES (1, 'row')")
        .await
        .unwrap();
    let began = now();
    let mut done = 0;
    while began.elapsed() < WHILE {
        let select =
            Statement::from_sql_and_values(DbBackend::Sqlite, "SELECT body FROM bench WHERE id = ?", [1_i64.into()]);
        assert!(database.reader().query_one_raw(select).await.unwrap().is_some());
        done += 1;
    }
    per_second(done, began)
}

/// An actix endpoint that does nothing, with bodies of the sizes given; runs until killed.
pub async fn bare(port: u16, sizes: Vec<usize>) {
    let server = HttpServer::new(move || {
        let mut app = App::new();
        for size in &sizes {
            let body = web::Bytes::from(vec![b'a'; *size]);
            app = app.route(
                &format!("/{size}"),
                web::get().to(move || {
                    let body = body.clone();
                    async move { HttpResponse::Ok().content_type("application/json").body(body) }
                }),
            );
        }
        app
    });
    server
        .workers(1)
        .bind(("127.0.0.1", port))
        .unwrap()
        .run()
        .await
        .unwrap();
}
