//! `menjin doctor`: asks the server that runs, and looks by itself where none does.

use std::{collections::BTreeMap, process::Output};

use serde_json::Value;

use super::{AGAIN, findings, healthy, installation::with_own_redis, numbers, sql};
use crate::{
    actors::text,
    backends::{self, Backend, free_port},
    fixture::{self, ADMIN_TOKEN, Fixture},
    scenario,
};

/// Runs `menjin doctor …` in this environment; status, standard output, standard error.
async fn command(fixture: &Fixture, environment: &[(String, String)], arguments: &[&str]) -> (i32, String, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_menjin"));
    command
        .arg("doctor")
        .args(arguments)
        .envs(environment.iter().cloned())
        .current_dir(fixture.directory());
    let Output { status, stdout, stderr } = command.output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code().unwrap(), text(&stdout), text(&stderr))
}

fn token(token: &str) -> Vec<(String, String)> {
    vec![("MENJIN_TOKEN".to_owned(), token.to_owned())]
}

/// The environment of the installation, with nobody listening at its address.
fn beside_a_dead_server(fixture: &Fixture) -> Vec<(String, String)> {
    let mut environment = fixture.environment();
    let listen = format!("127.0.0.1:{}", free_port());
    environment.push(("MENJIN__SERVER__LISTEN".to_owned(), listen));
    environment.extend(token(ADMIN_TOKEN));
    environment
}

scenario!(
    the_command_shows_the_servers_report_and_ends_with_0_1_or_2,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        fixture.advance(AGAIN);
        let at = ["--server", fixture.base.as_str()];
        let environment = token(ADMIN_TOKEN);
        let (status, told, _) = command(&fixture, &environment, &at).await;
        assert_eq!(status, 0, "{told}");
        assert!(
            told.contains("last_sync") && told.ends_with("Nothing is wrong.\n"),
            "{told}"
        );

        sql(&fixture, "UPDATE member SET checked_at = 0").await;
        fixture.advance(AGAIN);
        let (status, told, _) = command(&fixture, &environment, &at).await;
        assert_eq!(status, 1, "{told}");
        assert!(
            told.contains("DR-220 warning: ") && told.contains("Errors: 0, warnings: 1."),
            "{told}"
        );

        sql(&fixture, "UPDATE data_source SET last_synced_at = 1").await;
        fixture.advance(AGAIN);
        let (status, told, _) = command(&fixture, &environment, &[&at[..], &["--json"]].concat()).await;
        assert_eq!(status, 2, "{told}");
        let report: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(report["severity"], "error", "{report}");
        assert_eq!(findings(&report)[0]["number"], "DR-190", "{report}");
        let one = [&at[..], &["--check", "clock"]].concat();
        let (status, told, _) = command(&fixture, &environment, &one).await;
        assert_eq!((status, told.lines().count()), (0, 3), "{told}");

        for (environment, number) in [(token("wrong"), "AD-102"), (token(""), "API token is needed")] {
            let (status, _, told) = command(&fixture, &environment, &at).await;
            assert_eq!(status, 2, "{told}");
            assert!(told.contains(number), "{told}");
        }
        let nobody = format!("http://127.0.0.1:{}", free_port());
        let (status, _, told) = command(&fixture, &token("x"), &["--server", &nobody]).await;
        assert_eq!(status, 2, "{told}");
        assert!(told.contains("cannot be reached"), "{told}");
    }
);

scenario!(
    beside_a_dead_server_the_command_looks_by_itself,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        let environment = beside_a_dead_server(&fixture);
        let (status, told, why) = command(&fixture, &environment, &["--json"]).await;
        assert_eq!(status, 2, "{told}{why}");
        assert!(why.contains("no answer at http://127.0.0.1:"), "{why}");
        let report: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(report["by_server"], false, "{report}");
        assert_eq!(numbers(&report), [("DR-103".to_owned(), "error".to_owned())]);
        let states: BTreeMap<&str, &str> = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (text(row, "check"), text(row, "state")))
            .collect();
        for check in [
            "configuration",
            "database",
            "migrations",
            "ephemeral",
            "seal_key",
            "disk",
            "last_sync",
        ] {
            assert_eq!(states.get(check), Some(&"ok"), "{report}");
        }
        assert!(!states.contains_key("public_url"), "that needs a server: {report}");

        sql(&fixture, "DELETE FROM seaql_migrations WHERE version LIKE 'm0025%'").await;
        let (status, told, _) = command(&fixture, &environment, &[]).await;
        assert_eq!(status, 2, "{told}");
        assert!(
            told.contains("DR-115 error: ") && told.contains("were left out."),
            "{told}"
        );

        // A seal key that opens nothing in this database.
        sql(
            &fixture,
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m0025_verification_file', 1)",
        )
        .await;
        let file = fixture.directory().join("seal.key");
        let key = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, key.replace('0', "1")).unwrap();
        let (status, told, _) = command(&fixture, &environment, &[]).await;
        assert_eq!(status, 2, "{told}");
        assert!(told.contains("DR-151 error: "), "{told}");
    }
);

scenario!(
    one_check_beside_a_dead_server_is_made_or_refused,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        let environment = beside_a_dead_server(&fixture);
        let (status, told, why) = command(&fixture, &environment, &["--check", "disk"]).await;
        assert_eq!((status, told.lines().count()), (0, 3), "{told}");
        assert!(why.contains("no answer at http://127.0.0.1:"), "{why}");
        assert_eq!(
            probes(&fixture).await,
            0,
            "the check of the database, which writes, was not made"
        );
        for (check, said) in [
            ("nothing", "there is no check 'nothing'; the checks are configuration, "),
            ("public_url", "'public_url' is made by the running server alone"),
        ] {
            let (status, told, why) = command(&fixture, &environment, &["--check", check]).await;
            assert_eq!((status, told.as_str()), (2, ""), "{check}");
            assert!(why.contains(said), "{why}");
        }
    }
);

/// How often the doctor's check of the database has written its row.
async fn probes(fixture: &Fixture) -> i64 {
    let count = "SELECT count(*) FROM setting WHERE name = 'doctor_probe'";
    crate::backends::number(fixture.database_url(), count).await
}

scenario!(
    a_token_file_that_cannot_be_read_is_a_mistake_and_not_the_want_of_a_token,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        let listen = fixture.base.trim_start_matches("http://").to_owned();
        let mut environment = fixture.environment();
        environment.push(("MENJIN__SERVER__LISTEN".to_owned(), listen));
        environment.extend(token(ADMIN_TOKEN));
        let (status, told, why) = command(&fixture, &environment, &["--token-file", "nowhere"]).await;
        assert_eq!((status, told.as_str()), (2, ""), "{why}");
        assert!(why.contains("nowhere cannot be read"), "{why}");
    }
);

async fn never_migrated(backend: Backend) {
    let Some(storage) = backends::storage(backend) else {
        return;
    };
    if backend == Backend::SqliteMemory {
        std::fs::write(storage.directory.join("menjin.db"), "").unwrap();
    }
    let base = format!("http://127.0.0.1:{}", free_port());
    let mut environment = fixture::environment(&storage.settings, &base, "http://127.0.0.1:1");
    let listen = base.trim_start_matches("http://").to_owned();
    environment.push(("MENJIN__SERVER__LISTEN".to_owned(), listen));
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_menjin"))
        .args(["doctor", "--json"])
        .envs(environment)
        .current_dir(&storage.directory)
        .output();
    let output = output.await.unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let error = |number: &str| (number.to_owned(), "error".to_owned());
    assert_eq!(numbers(&report), ["DR-103", "DR-115"].map(error), "{report:#}");
}

#[actix_web::test]
async fn a_sqlite_database_that_was_never_migrated_lacks_migrations_and_nothing_else() {
    never_migrated(Backend::SqliteMemory).await;
}

#[actix_web::test]
async fn a_postgres_database_that_was_never_migrated_lacks_migrations_and_nothing_else() {
    never_migrated(Backend::PostgresRedis).await;
}

scenario!(
    a_server_that_cannot_be_asked_for_want_of_a_token_is_told,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        let listen = fixture.base.trim_start_matches("http://").to_owned();
        let mut environment = fixture.environment();
        environment.push(("MENJIN__SERVER__LISTEN".to_owned(), listen));
        environment.extend(token(""));
        let (status, told, why) = command(&fixture, &environment, &["--json"]).await;
        assert_eq!(status, 1, "{told}{why}");
        let report: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(numbers(&report), [("DR-104".to_owned(), "warning".to_owned())]);
        assert!(
            text(findings(&report)[0], "seen").contains("API token is needed"),
            "{report}"
        );
    }
);

scenario!(
    a_configuration_with_faults_is_named_fault_by_fault,
    |fixture: Fixture| async move {
        let mut environment = beside_a_dead_server(&fixture);
        environment.push(("MENJIN__SERVER__PUBLIC_URL".to_owned(), "nowhere".to_owned()));
        environment.push(("MENJIN__SEAL__KEY_FILE".to_owned(), String::new()));
        let (status, told, _) = command(&fixture, &environment, &[]).await;
        assert_eq!(status, 2, "{told}");
        assert_eq!(told.matches("DR-101 error: ").count(), 2, "{told}");
        assert!(
            told.contains("server.public_url") && told.contains("seal.key_file"),
            "{told}"
        );
    }
);

#[actix_web::test]
async fn where_nothing_was_ever_started_nothing_is_made() {
    let directory = crate::backends::directory();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_menjin"))
        .args(["doctor"])
        .env("MENJIN_TOKEN", "none")
        .env("MENJIN__SERVER__LISTEN", format!("127.0.0.1:{}", free_port()))
        .current_dir(&directory)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("DR-110") && told.contains("DR-150"), "{told}");
    assert_eq!(
        std::fs::read_dir(&directory).unwrap().count(),
        0,
        "neither database nor key"
    );
    std::fs::remove_dir_all(directory).unwrap();
}

#[actix_web::test]
async fn without_redis_the_command_names_that_alone_with_a_server_and_beside_a_dead_one() {
    let Some((fixture, server, _)) = with_own_redis().await else {
        return;
    };
    drop(server);
    fixture.advance(AGAIN);
    let at = ["--json", "--server", fixture.base.as_str()];
    let named = async |environment: &[(String, String)], arguments: &[&str]| {
        let (status, told, why) = command(&fixture, environment, arguments).await;
        assert_eq!(status, 2, "{told} {why}");
        let report: Value = serde_json::from_str(&told).unwrap();
        numbers(&report)
            .into_iter()
            .map(|(number, _)| number)
            .collect::<Vec<_>>()
    };
    assert_eq!(named(&token(ADMIN_TOKEN), &at).await, ["DR-120"]);
    let alone = beside_a_dead_server(&fixture);
    assert_eq!(named(&alone, &["--json"]).await, ["DR-103", "DR-120"]);
}
