//! A consent taken back while a code is redeemed. Only PostgreSQL lets both write at once; here the database itself holds the one back.

use std::{
    io::Write,
    pin::pin,
    process::{Child, Command, Stdio},
};

use actix_web::rt::spawn;
use simulator::sample;

use super::{answer, questioned};
use crate::{
    backends::{Backend, newest_postgres},
    fixture::Fixture,
    replicas::{psql, somebody_holds, somebody_waits},
};

/// Somebody else's session at the database, which holds what the trigger below waits for. Closing its input ends it.
fn holder(url: &str) -> Child {
    let mut child = Command::new(newest_postgres().unwrap().join("psql"))
        .args([url, "-q"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let input = child.stdin.as_mut().unwrap();
    input.write_all(b"SELECT pg_advisory_lock(42);\n").unwrap();
    input.flush().unwrap();
    child
}

async fn two_wait(url: &str) {
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while psql(url, waiting) != "2" {
        tokio::task::yield_now().await;
    }
}

const HOLD_BACK: &str = "
    CREATE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NEW; END $$;
    CREATE TRIGGER hold_back BEFORE INSERT ON audit_event FOR EACH ROW
    WHEN (NEW.kind = 'consent_withdrawn') EXECUTE FUNCTION hold_back()";

#[actix_web::test]
async fn a_code_redeemed_while_the_consent_is_taken_back_leaves_nothing_behind() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let (portal, browser, question) = questioned(&fixture).await;
    let back = answer(&browser, &question, "allow").await;
    let url = fixture.database_url();
    psql(url, HOLD_BACK);
    let mut other = holder(url);
    somebody_holds(url).await;
    let person = fixture.admin().user_id(sample::NORMAL).await;
    let path = format!("users/{person}/consents/{}", portal.id);
    let admin = fixture.admin();
    let withdrawal = spawn(async move { admin.call("DELETE", &path, None).await.status });
    somebody_waits(url).await;
    // Consent and grants were gone through, and nothing of it is to be seen yet.
    let code = back.returned("code").unwrap();
    let mut redeemed = pin!(portal.redeem(&code));
    let early = tokio::select! {
        tokens = &mut redeemed => Some(tokens),
        // Or the redemption waits for the withdrawal, which is as good.
        () = two_wait(url) => None,
    };
    drop(other.stdin.take());
    let tokens = match early {
        Some(tokens) => tokens,
        None => redeemed.await,
    };
    other.wait().unwrap();
    assert_eq!(withdrawal.await.unwrap(), 204);
    if let Some(access) = tokens.body["access_token"].as_str() {
        assert_eq!(
            portal.userinfo(access).await.status,
            401,
            "a grant outlived its consent"
        );
    }
    if let Some(refresh) = tokens.body["refresh_token"].as_str() {
        assert_eq!(portal.refresh(refresh).await.status, 400);
    }
}
