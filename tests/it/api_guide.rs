//! `docs/api.md` and `docs/api.zh-CN.md`, tried word for word: every block of calls is run by bash, one after another, with a `curl` before the
//! real one that keeps what was answered. Each call must be answered with the status that stands behind its `#`, and the last of a block
//! with the shape that the guide shows.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::As,
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// A piece of the guide.
#[derive(Debug, PartialEq)]
enum Piece {
    /// Calls to be copied.
    Calls(String),
    /// The shape of the last answer.
    Shape(Value),
    /// Somebody tries to sign in to the wiki, and is let in or not.
    SignsIn(String, bool),
}

fn guide(name: &str) -> Vec<Piece> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let mut pieces = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut block = || {
            let lines: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            lines.join("\n")
        };
        match line {
            "```sh" => pieces.push(Piece::Calls(block())),
            "```json" => pieces.push(Piece::Shape(serde_json::from_str(&block()).unwrap())),
            _ => {
                let said = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
                let Some(said) = said else { continue };
                let in_all = said.strip_suffix(" signs in to wiki").map(|who| (who, true));
                let (who, let_in) = in_all
                    .or_else(|| said.strip_suffix(" is refused at wiki").map(|who| (who, false)))
                    .unwrap_or_else(|| panic!("{said} is not known to this test"));
                pieces.push(Piece::SignsIn(who.to_owned(), let_in));
            }
        }
    }
    pieces
}

/// The statuses that stand behind `#` at the ends of lines.
fn stated(calls: &str) -> Vec<u16> {
    let behind = calls.lines().filter_map(|line| line.rsplit_once("# "));
    behind.filter_map(|(_, status)| status.parse().ok()).collect()
}

/// A shell that remembers its variables and functions from one block to the next.
struct Shell {
    folder: PathBuf,
}

/// Keeps head and body of each answer, by number.
const CURL: &str = r#"#!/bin/bash
set -o pipefail
number=$(printf %03d "$(find "$CALLS" -name '*.head' | wc -l)")
PATH=${PATH#*:} curl -D "$CALLS/$number.head" "$@" | tee "$CALLS/$number.body"
"#;

impl Shell {
    fn new(fixture: &Fixture) -> Self {
        let folder = fixture.directory().join("guide");
        std::fs::create_dir_all(folder.join("bin")).unwrap();
        let curl = folder.join("bin/curl");
        std::fs::write(&curl, CURL).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&curl, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        Self { folder }
    }

    /// Runs a block, which must succeed; status and body of each answer.
    async fn run(&self, fixture: &Fixture, calls: &str) -> Vec<(u16, String)> {
        let answers = self.folder.join("answers");
        drop(std::fs::remove_dir_all(&answers));
        std::fs::create_dir(&answers).unwrap();
        let path = format!("{}:{}", self.folder.join("bin").display(), path_of_the_machine());
        let agent_id = sample::AGENT_ID.to_string();
        let script = format!(
            "set -eo pipefail\n[ ! -e state ] || . ./state\n{calls}\n\
             {{ declare -p | grep -vE '^declare -[a-zA-Z]*[rx]'; declare -f; }} >state\n"
        );
        let mut command = tokio::process::Command::new("bash");
        command
            .args(["-c", &script])
            .current_dir(&self.folder)
            .env("PATH", path)
            .env("CALLS", &answers)
            .envs([("MENJIN", fixture.base.as_str()), ("TOKEN", ADMIN_TOKEN)])
            .envs([("CORP_ID", sample::CORP), ("CONTACTS_SECRET", sample::CONTACTS_SECRET)])
            .envs([("AGENT_ID", agent_id.as_str()), ("APP_SECRET", sample::APP_SECRET)])
            .stdin(std::process::Stdio::null());
        let output = command.output().await.unwrap();
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{calls}\n{told}");
        let mut answered = Vec::new();
        while let Ok(head) = std::fs::read_to_string(answers.join(format!("{:03}.head", answered.len()))) {
            let body = std::fs::read_to_string(answers.join(format!("{:03}.body", answered.len()))).unwrap();
            let status = head.split(' ').nth(1).unwrap().parse().unwrap();
            answered.push((status, body));
        }
        answered
    }
}

#[expect(clippy::disallowed_methods, reason = "the machine's own programs are run")]
fn path_of_the_machine() -> String {
    std::env::var("PATH").unwrap()
}

/// Words that are told exactly, not only of which type they are.
const EXACT: [&str; 9] = [
    "active", "admitted", "mode", "number", "outcome", "role", "state", "status", "way",
];

/// Whether an answer has the shape that is shown: every field that is named, of the same type; of a list the first item.
fn fits(place: &str, shown: &Value, answered: &Value) {
    match (shown, answered) {
        (Value::Object(shown), Value::Object(answered)) => {
            for (name, shown) in shown {
                let inside = format!("{place}.{name}");
                let answered = answered.get(name).unwrap_or_else(|| panic!("{inside} is not answered"));
                fits(&inside, shown, answered);
                if EXACT.contains(&name.as_str()) {
                    assert_eq!(answered, shown, "{inside}");
                }
            }
        }
        (Value::Array(shown), Value::Array(answered)) => {
            if let Some(shown) = shown.first() {
                let answered = answered.first().unwrap_or_else(|| panic!("{place} is empty"));
                fits(&format!("{place}[0]"), shown, answered);
            }
        }
        (Value::Null, _) => {}
        _ => {
            let alike = std::mem::discriminant(shown) == std::mem::discriminant(answered);
            assert!(alike, "{place}: {shown} is shown, {answered} answered");
        }
    }
}

/// Somebody scans for the wiki.
async fn scans(fixture: &Fixture, userid: &str, let_in: bool) {
    let address = reqwest::Url::parse_with_params(
        &format!("{}/oauth2/authorize", fixture.base),
        [
            ("response_type", "code"),
            ("client_id", "wiki"),
            ("redirect_uri", "https://wiki.corp.example/callback"),
            ("scope", "openid"),
            ("state", "guide"),
        ],
    );
    let browser = fixture.browser();
    let login = browser.open(address.unwrap().as_str()).await;
    let shown = browser.open(&login.link("/go/")).await;
    let mut next = Some(fixture.phone().scan(&browser, &shown, As::Member(userid)).await);
    while let Some(address) = next {
        if address.starts_with("https://wiki.corp.example/callback?code=") {
            assert!(let_in, "{userid} was let in");
            return;
        }
        next = browser.get(&address).await.location;
    }
    assert!(!let_in, "{userid} was refused");
    fixture.wait_for_background_work().await;
}

scenario!(the_guide_to_the_api_works_as_it_stands, |fixture: Fixture| async move {
    let shell = Shell::new(&fixture);
    let mut last = json!(null);
    let mut calls = 0;
    for piece in guide("api.md") {
        match piece {
            Piece::Calls(block) => {
                let answered = shell.run(&fixture, &block).await;
                let statuses: Vec<u16> = answered.iter().map(|(status, _)| *status).collect();
                assert_eq!(statuses, stated(&block), "{block}\n{answered:?}");
                calls += answered.len();
                last = answered
                    .last()
                    .and_then(|(_, body)| serde_json::from_str(body).ok())
                    .unwrap_or_default();
            }
            Piece::Shape(shown) => fits("answer", &shown, &last),
            Piece::SignsIn(userid, let_in) => scans(&fixture, &userid, let_in).await,
        }
    }
    assert!(calls > 40, "{calls}");
});

#[test]
fn both_languages_have_the_same_calls_and_answers() {
    let (english, chinese) = (guide("api.md"), guide("api.zh-CN.md"));
    assert!(english.len() > 30, "{}", english.len());
    for (english, chinese) in english.iter().zip(&chinese) {
        assert_eq!(english, chinese);
    }
    assert_eq!(english.len(), chinese.len());
}

#[test]
fn every_page_calls_the_api_by_the_same_function() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let in_docs = std::fs::read_dir(root.join("docs")).unwrap();
    let in_docs = in_docs.map(|entry| entry.unwrap().path());
    let mut made: Vec<String> = Vec::new();
    for page in in_docs.chain(["README.md", "README.zh-CN.md"].map(|name| root.join(name))) {
        if page.extension().is_none_or(|kind| kind != "md") {
            continue;
        }
        for line in std::fs::read_to_string(&page).unwrap().lines() {
            let other = ["GET", "POST", "PATCH", "PUT", "DELETE"].map(|method| format!("api {method} "));
            assert!(
                !other.iter().any(|call| line.contains(call)),
                "{}: {line}",
                page.display()
            );
            if line.starts_with("api() ") {
                made.push(line.to_owned());
            }
        }
    }
    assert!(made.len() > 3, "{made:?}");
    made.dedup();
    assert_eq!(made.len(), 1, "{made:#?}");
}
