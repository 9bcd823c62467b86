//! What was acknowledged is on the disk, whatever the disk does; and whoever is killed at any moment starts again.

mod events;
mod killed_syncs;
mod kills;
mod logouts;
pub mod process;
mod syncs;

use menjin::store::Database;
use process::Installation;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::{
    actors::{Admin, Portal, text},
    backends::{Backend, storage},
    fixture::{ADMIN_TOKEN, Fixture, database_url},
    replicas::psql,
};

/// What a full disk, a broken one and one that was mounted read-only answer to a write (`errno`).
const DISK_FAULTS: [u32; 3] = [28, 5, 30];

/// Writes of one round: enough to fail at each step of a commit and of the requests after it.
const STEPS: u32 = 24;

/// A server over a fixture's storage, as its admin and its portal see it, and what was acknowledged so far.
struct Witness {
    admin: Admin,
    portal: Portal,
    refresh_token: String,
    created: Vec<String>,
    refused: usize,
}

impl Witness {
    /// One round of writes side by side while the disk may fail: two admin changes, and a refresh through the group commit.
    async fn write(&mut self, round: &str) {
        let create = |n: u32| {
            let username = format!("u-{round}-{n}");
            let admin = &self.admin;
            async move {
                let body = json!({ "username": username });
                let reply = admin.call("POST", "users", Some(body)).await;
                (username, reply.status)
            }
        };
        let refresh = self.portal.refresh(&self.refresh_token);
        let (first, second, refreshed) = futures_util::future::join3(create(1), create(2), refresh).await;
        for (username, status) in [first, second] {
            match status {
                201 => self.created.push(username),
                503 => self.refused += 1,
                other => panic!("{username}: {other}"),
            }
        }
        match refreshed.status {
            200 => self.refresh_token = text(&refreshed.body, "refresh_token").to_owned(),
            503 => self.refused += 1,
            other => panic!("{round}: {other} {}", refreshed.body),
        }
    }

    /// With the disk well again everything that is answered is so, at once.
    async fn verify(&mut self, round: &str) {
        self.write(&format!("{round}-after")).await;
        let username = self.created.last().unwrap().clone();
        let user = self.admin.user(&username).await;
        let path = format!("users/{}", text(&user, "id"));
        let changed = self.admin.change(&path, json!({ "status": "disabled" })).await;
        assert_eq!(changed["status"], "disabled", "{round}");
    }

    /// Every user who was acknowledged is there; the last of the refresh tokens works.
    async fn all_kept(&mut self) {
        for username in &self.created {
            assert_eq!(self.admin.user(username).await["username"], username.as_str());
        }
        let refreshed = self.portal.refresh(&self.refresh_token).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        self.refresh_token = text(&refreshed.body, "refresh_token").to_owned();
    }
}

fn unpooled() -> reqwest::Client {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    client.no_proxy().pool_max_idle_per_host(0).build().unwrap()
}

async fn readiness(fixture: &Fixture, base: &str, wanted: u16) -> Value {
    for _ in 0..400 {
        let answer = fixture.http.get(format!("{base}/readyz")).send().await.unwrap();
        if answer.status().as_u16() == wanted {
            return answer.json().await.unwrap();
        }
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
    panic!("/readyz never answered {wanted}");
}

#[actix_web::test]
async fn on_sqlite_nothing_acknowledged_is_lost_at_any_step_at_which_the_disk_fails() {
    let Some(mut fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    // A server that is gone leaves no connection behind in this client.
    fixture.http = unpooled();
    fixture.advance_to_now();
    let (portal, _, tokens) = fixture.signed_in().await;
    let mut installation = Installation::over(&fixture);
    if !installation.can_fail() {
        return;
    }
    let base = installation.base();
    let mut witness = Witness {
        admin: Admin::new(&fixture.http, &base, ADMIN_TOKEN),
        portal: portal.at(&base),
        refresh_token: text(&tokens, "refresh_token").to_owned(),
        created: Vec::new(),
        refused: 0,
    };
    let mut server = installation.serve(&fixture.http).await;
    for errno in DISK_FAULTS {
        for after in 0..STEPS {
            let round = format!("{errno}-{after}");
            installation.fail(errno, after);
            witness.write(&round).await;
            installation.mend();
            witness.verify(&round).await;
        }
        installation.fail(errno, 0);
        let ill = readiness(&fixture, &base, 503).await;
        assert_eq!(ill, json!({ "database": "failed", "ephemeral": "ready" }));
        installation.mend();
        readiness(&fixture, &base, 200).await;
        server.stop();
        server = installation.serve(&fixture.http).await;
        witness.all_kept().await;
        server.kill();
        server = installation.serve(&fixture.http).await;
        witness.all_kept().await;
    }
    assert!(witness.refused > 20, "the disk did fail: {}", witness.refused);
}

/// A constraint that is checked at COMMIT and never holds: the last statement of a transaction fails, as on a full disk.
const REFUSE_COMMITS: &str = "
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$;
    CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON users
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
    CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON refresh_token
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();";

#[actix_web::test]
async fn on_postgres_a_failed_commit_is_told_and_nothing_of_it_stays() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let (portal, _, tokens) = fixture.signed_in().await;
    let mut witness = Witness {
        admin: fixture.admin(),
        portal,
        refresh_token: text(&tokens, "refresh_token").to_owned(),
        created: Vec::new(),
        refused: 0,
    };
    psql(fixture.database_url(), REFUSE_COMMITS);
    // More rounds than the pool has connections.
    for round in 0..8 {
        witness.write(&format!("refused-{round}")).await;
    }
    assert_eq!((witness.refused, witness.created.len()), (24, 0));
    psql(fixture.database_url(), "DROP FUNCTION refuse CASCADE");
    for round in 0..8 {
        witness.verify(&format!("well-{round}")).await;
    }
    assert_eq!(witness.refused, 24);
    witness.all_kept().await;
}

// PostgreSQL answers the COMMIT of a transaction in which a statement failed with success, after rolling it back.
#[actix_web::test]
async fn no_transaction_in_which_a_statement_failed_is_ever_called_committed() {
    for backend in [Backend::SqliteMemory, Backend::PostgresRedis] {
        let Some(storage) = storage(backend) else { return };
        let database = Database::connect(database_url(&storage), 2).await.unwrap();
        let create = "CREATE TABLE t (id INTEGER PRIMARY KEY)";
        database.writer().connection().execute_unprepared(create).await.unwrap();
        let transaction = database.begin().await.unwrap();
        transaction
            .execute_unprepared("INSERT INTO t VALUES (1)")
            .await
            .unwrap();
        transaction
            .execute_unprepared("INSERT INTO t VALUES (1)")
            .await
            .unwrap_err();
        transaction.commit().await.unwrap_err();
        let again = database.writer().connection();
        let again = again.execute_unprepared("INSERT INTO t VALUES (1)").await;
        assert_eq!(again.unwrap().rows_affected(), 1, "{backend:?}");
    }
}

// Its locks would hold up all others, for as long as its connection seems to live.
#[actix_web::test]
async fn postgresql_ends_a_transaction_in_which_nothing_happens() {
    let Some(storage) = storage(Backend::PostgresRedis) else {
        return;
    };
    let database = Database::connect(database_url(&storage), 2).await.unwrap();
    let asked = Statement::from_string(DbBackend::Postgres, "SHOW idle_in_transaction_session_timeout");
    let told = database.reader().query_one_raw(asked).await.unwrap().unwrap();
    assert_eq!(told.try_get_by_index::<String>(0).unwrap(), "15s");
}
