//! `menjin admin` on the database of an installation, and over the API.

use serde_json::{Value, json};

use crate::{
    actors::{Admin, id, text},
    backends::{Backend, free_port},
    fixture::{ADMIN_TOKEN, Fixture},
    password::{GOOD, OTHER, choose},
    scenario,
};

/// Runs `menjin admin …` on this installation; status, standard output, standard error.
async fn command(fixture: &Fixture, arguments: &[&str]) -> (i32, String, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_menjin"));
    command
        .arg("admin")
        .args(arguments)
        .envs(fixture.environment())
        .env("MENJIN_TOKEN", ADMIN_TOKEN)
        .env("MENJIN__SERVER__LISTEN", format!("127.0.0.1:{}", free_port()))
        .current_dir(fixture.directory());
    let output = command.output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// The same, which must succeed; standard output.
pub async fn done(fixture: &Fixture, arguments: &[&str]) -> String {
    let (status, told, why) = command(fixture, arguments).await;
    assert_eq!(status, 0, "{arguments:?}: {told}{why}");
    told
}

async fn actors(fixture: &Fixture, subject: &str) -> Vec<Value> {
    let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
    let about = events.into_iter().filter(|event| event["subject"] == subject);
    about.map(|event| event["actor"].clone()).collect()
}

fn is_of_the_system(actor: &Value) -> bool {
    actor
        .as_str()
        .is_some_and(|actor| actor.starts_with("cli:") && actor.len() > 4)
}

scenario!(
    tokens_are_made_listed_and_revoked_beside_a_running_server,
    |fixture: Fixture| async move {
        fixture.advance_to_now();
        let made = [
            "token",
            "create",
            "--name",
            "ci",
            "--role",
            "operator",
            "--expires-in-days",
            "30",
        ];
        let (status, token, why) = command(&fixture, &made).await;
        assert_eq!(status, 0, "{why}");
        assert!(why.contains("\"ci\" with the role operator"), "{why}");
        assert!(!why.contains(&token), "{why}");
        let caller = Admin::new(&fixture.http, &fixture.base, &token);
        assert_eq!(caller.call("GET", "users", None).await.status, 200, "at once");
        assert_eq!(
            caller.call("DELETE", "clients/x", None).await.refusal(),
            (403, "AD-103")
        );
        let list = fixture.admin().items("api-tokens").await;
        let ci = list.iter().find(|token| token["name"] == "ci").unwrap();
        let days = (ci["expires_at"].as_i64().unwrap() - ci["created_at"].as_i64().unwrap()) / 86_400_000;
        assert!((29..=30).contains(&days), "{ci}");
        let subject = format!("api_token:{}", id(ci));
        let actors = actors(&fixture, &subject).await;
        assert!(actors.len() == 1 && actors.iter().all(is_of_the_system), "{actors:?}");

        let told = done(&fixture, &["token", "list"]).await;
        let line = told.lines().find(|line| line.ends_with("  ci")).unwrap();
        assert!(
            line.starts_with(id(ci)) && line.contains("operator") && line.contains("expires in"),
            "{line}"
        );
        assert!(told.contains("bootstrap") && told.contains("never expires"), "{told}");
        done(&fixture, &["token", "revoke", "ci"]).await;
        assert_eq!(caller.call("GET", "users", None).await.refusal(), (401, "AD-102"));
        assert!(done(&fixture, &["token", "list"]).await.contains("revoked"));

        for (arguments, said) in [
            (&["token", "revoke", "ci"][..], "There is no token of this id"),
            (&["token", "revoke", "bootstrap"], "AD-107"),
            (&["token", "create", "--name", "x", "--role", "emperor"], "role: "),
            (&["token", "create", "--name", " ", "--role", "admin"], "AD-105"),
            (
                &[
                    "token",
                    "create",
                    "--name",
                    "x",
                    "--role",
                    "admin",
                    "--scope",
                    "colour=red",
                ],
                "colour: is not known here",
            ),
        ] {
            let (status, told, why) = command(&fixture, arguments).await;
            assert_eq!((status, told.as_str()), (1, ""), "{arguments:?}");
            assert!(why.contains(said), "{arguments:?}: {why}");
        }
    }
);

/// The path of a one-time link, on this server.
pub fn link(url: &str) -> Value {
    json!({ "url": url })
}

scenario!(
    an_owner_is_made_and_let_in_again_over_the_api_of_a_running_server,
    |fixture: Fixture| async move {
        let over = ["--server", fixture.base.as_str()];
        let url = done(&fixture, &[&["owner", "create", "anna"], &over[..]].concat()).await;
        assert!(url.starts_with(&format!("{}/password/", fixture.base)), "{url}");
        assert_eq!(choose(&fixture, &link(&url), GOOD).await.status, 200);
        let anna = fixture.admin().user("anna").await;
        assert!(anna["console_role"].is_string(), "{anna}");
        let again = done(&fixture, &[&["owner", "reset", "Anna"], &over[..]].concat()).await;
        assert_ne!(url, again);
        let forgotten = fixture.admin().user("anna").await;
        assert_eq!(
            (&anna["password_set"], &forgotten["password_set"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(choose(&fixture, &link(&again), OTHER).await.status, 200);
        let operator = json!({ "username": "bert" });
        fixture.admin().create("users", operator).await;
        for (name, said) in [("bert", "has no console role"), ("carla", "no user of this name")] {
            let (status, _, why) = command(&fixture, &[&["owner", "reset", name], &over[..]].concat()).await;
            assert_eq!(status, 1, "{why}");
            assert!(why.contains(said), "{why}");
        }
    }
);

/// On a SQLite file that a running server holds, owners are not touched, because the server keeps users and sessions in memory; PostgreSQL is
/// shared, and a server there reads each time.
async fn beside_a_server(backend: Backend) {
    let Some(fixture) = Fixture::open(backend).await else {
        return;
    };
    fixture.advance_to_now();
    let (status, url, why) = command(&fixture, &["owner", "create", "anna"]).await;
    if backend == Backend::SqliteMemory {
        assert_eq!((status, url.as_str()), (1, ""));
        assert!(why.contains("ST-104") && why.contains("--server"), "{why}");
        assert_eq!(fixture.admin().items("users").await, [] as [Value; 0]);
        return;
    }
    assert_eq!(status, 0, "{why}");
    assert_eq!(choose(&fixture, &link(&url), GOOD).await.status, 200);
    let anna = fixture.admin().user("anna").await;
    let subject = format!("user:{}", id(&anna));
    let (first, again) = (url, done(&fixture, &["owner", "reset", "anna"]).await);
    assert_eq!(choose(&fixture, &link(&first), GOOD).await.status, 404);
    assert_eq!(choose(&fixture, &link(&again), OTHER).await.status, 200);
    let actors = actors(&fixture, &subject).await;
    assert!(
        actors.iter().filter(|actor| is_of_the_system(actor)).count() >= 3,
        "{actors:?}"
    );
    let (status, _, why) = command(&fixture, &["owner", "create", "anna"]).await;
    assert_eq!(status, 1);
    assert!(why.contains("DI-105"), "{why}");
}

#[actix_web::test]
async fn owners_beside_a_server_on_sqlite() {
    beside_a_server(Backend::SqliteMemory).await;
}

#[actix_web::test]
async fn owners_beside_a_server_on_postgresql() {
    beside_a_server(Backend::PostgresRedis).await;
}

/// An installation that was never started: the schema is made by `menjin migrate`, then there are an owner and a token before any server.
#[actix_web::test]
async fn before_the_first_start() {
    let directory = crate::backends::directory();
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_menjin"))
            .args(arguments)
            .env("MENJIN__SERVER__PUBLIC_URL", "https://sso.corp.example")
            .current_dir(&directory)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (status, _, why) = run(&["admin", "token", "create", "--name", "first", "--role", "admin"]);
    assert_eq!(status, Some(1), "{why}");
    assert!(why.contains("menjin migrate"), "{why}");
    assert_eq!(run(&["migrate"]).0, Some(0));
    let (status, url, why) = run(&["admin", "owner", "create", "anna"]);
    assert_eq!(status, Some(0), "{why}");
    assert!(url.starts_with("https://sso.corp.example/password/"), "{url}");
    let (status, token, why) = run(&["admin", "token", "create", "--name", "first", "--role", "admin"]);
    assert_eq!((status, token.len()), (Some(0), 43), "{why}");
    assert!(text(&json!({ "list": run(&["admin", "token", "list"]).1 }), "list").contains("first"));
    let (status, again, why) = run(&["admin", "owner", "reset", "anna"]);
    assert_eq!(status, Some(0), "{why}");
    assert!(again.starts_with("https://sso.corp.example/password/") && again != url);
    std::fs::remove_dir_all(directory).unwrap();
}

scenario!(
    an_owner_s_link_is_mailed_instead_of_printed,
    |fixture: Fixture| async move {
        fixture.advance_to_now();
        let sink = crate::notices::smtp_sink::SmtpSink::listen();
        let made = [
            "owner",
            "create",
            "olga",
            "--mail",
            "olga@corp.example",
            "--server",
            &fixture.base,
        ];
        let (status, told, why) = command(&fixture, &made).await;
        assert!(
            status != 0 && told.is_empty() && why.contains("SI-240"),
            "no channel stands: {told} {why}"
        );
        crate::notices::mail_channel(&fixture, &sink).await;
        let olga = format!("users/{}", fixture.admin().user_id("olga").await);
        fixture.admin().change(&olga, json!({ "locale": "en" })).await;
        let reset = ["owner", "reset", "olga", "--mail", "--server", &fixture.base];
        let (status, told, why) = command(&fixture, &reset).await;
        assert_eq!((status, told.as_str()), (0, ""), "{why}");
        assert!(why.contains("olga@corp.example"), "{why}");
        fixture.app.tick().await.unwrap();
        let mails = sink.mails();
        assert!(
            mails.iter().any(|mail| mail.readable().contains("/password/")),
            "{}",
            mails.len()
        );
    }
);
