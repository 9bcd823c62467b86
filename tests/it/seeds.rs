//! The customer's documents, step by step: `tests/seeds`.

use std::process::{Output, Stdio};

use crate::{
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// Runs the script against this installation; status, and what was printed.
async fn walk(fixture: &Fixture) -> (Option<i32>, String) {
    let mut command = tokio::process::Command::new("python3");
    command
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seeds/run.py"))
        .env("MENJIN", &fixture.base)
        .env("TOKEN", ADMIN_TOKEN)
        .env("WECOM", fixture.wecom.base_url())
        .stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().await.unwrap();
    let told = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    (status.code(), told)
}

scenario!(
    every_step_of_the_documents_is_done_or_told_as_missing,
    |fixture: Fixture| async move {
        let (status, told) = walk(&fixture).await;
        assert_eq!(status, Some(0), "{told}");
        assert!(told.contains("32 steps: 23 done, 9 missing, 0 failed"), "{told}");
        assert_eq!(told.matches(": missing: ").count(), 9, "{told}");
        assert!(!told.contains(ADMIN_TOKEN), "{told}");
    }
);

scenario!(
    a_step_that_is_not_possible_fails_the_walk,
    |fixture: Fixture| async move {
        fixture.break_wecom("/cgi-bin/user/");
        let (status, told) = walk(&fixture).await;
        assert_eq!(status, Some(1), "{told}");
        assert!(told.contains(": FAILED: ") && told.contains(": not reached"), "{told}");
    }
);
