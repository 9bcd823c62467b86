//! The customer's documents, step by step: `tests/seeds`.

use std::{
    process::{Output, Stdio},
    time::Duration,
};

use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// Begins the line by which the script says that it waits for what comes by itself.
const WAITS: &str = "  (waits";

/// Runs the script against this installation, for so many seconds patient with what does not come; status, and what was printed. What is due by itself is done when it says that it waits.
async fn walk(fixture: &Fixture, patience: &str) -> (Option<i32>, String) {
    let mut walking = tokio::process::Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seeds/run.py"))
        .env("MENJIN", &fixture.base)
        .env("TOKEN", ADMIN_TOKEN)
        .env("WECOM", fixture.wecom.base_url())
        .env("SEEDS_PATIENCE", patience)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(walking.stdout.take().unwrap()).lines();
    let mut told = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.starts_with(WAITS) {
            fixture.advance(Duration::from_secs(60));
            for _ in 0..2 {
                drop(fixture.app.tick().await);
                fixture.wait_for_background_work().await;
            }
        } else {
            told.push_str(&line);
            told.push('\n');
        }
    }
    let Output { status, stderr, .. } = walking.wait_with_output().await.unwrap();
    told.push_str(&String::from_utf8_lossy(&stderr));
    (status.code(), told)
}

scenario!(
    every_step_of_the_documents_is_done_or_told_as_missing,
    |fixture: Fixture| async move {
        let (status, told) = walk(&fixture, "30").await;
        assert_eq!(status, Some(0), "{told}");
        assert!(told.contains("33 steps: 33 done, 0 missing, 0 failed"), "{told}");
        assert_eq!(told.matches(": missing: ").count(), 0, "{told}");
        assert!(!told.contains(ADMIN_TOKEN), "{told}");
    }
);

scenario!(
    a_step_that_is_not_possible_fails_the_walk,
    |fixture: Fixture| async move {
        fixture.break_wecom("/cgi-bin/user/");
        let (status, told) = walk(&fixture, "2").await;
        assert_eq!(status, Some(1), "{told}");
        assert!(told.contains(": FAILED: ") && told.contains(": not reached"), "{told}");
    }
);
