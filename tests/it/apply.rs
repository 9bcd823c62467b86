//! `menjin apply FILE` against a server that runs.

mod branding;
mod customers;
mod groups;
mod notices;
mod roles;

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use serde_json::json;
use simulator::sample;

use crate::{
    actors::id,
    backends::free_port,
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// A folder with a set-up and its secrets.
struct Folder(PathBuf);

impl Folder {
    /// A folder with these files and the secrets of the first sample corp.
    fn new(fixture: &Fixture, text: &str) -> Self {
        let folder = Self(fixture.directory().join("setup"));
        std::fs::create_dir_all(folder.0.join("secrets")).unwrap();
        folder.write("secrets/contacts", &format!("{}\n", sample::CONTACTS_SECRET));
        folder.write("secrets/app", sample::APP_SECRET);
        folder.write("setup.toml", text);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Replaces something that is in the set-up.
    fn edit(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path("setup.toml")).unwrap();
        assert!(text.contains(from), "{from}");
        self.write("setup.toml", &text.replace(from, to));
    }

    /// Runs `menjin apply` with this token at this server; status, and what was printed.
    async fn apply_at(&self, server: &str, token: &str, arguments: &[&str]) -> (i32, String) {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_menjin"));
        command
            .args(["apply", "setup/setup.toml", "--server", server])
            .args(arguments)
            .env("MENJIN_TOKEN", token)
            .stdin(std::process::Stdio::null())
            .current_dir(self.0.parent().unwrap());
        let Output { status, stdout, stderr } = command.output().await.unwrap();
        let told = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
        for secret in [
            sample::CONTACTS_SECRET,
            sample::CUSTOMER_SECRET,
            sample::APP_SECRET,
            ADMIN_TOKEN,
        ] {
            assert!(!told.contains(secret), "{told}");
        }
        (status.code().unwrap(), told)
    }

    async fn apply(&self, fixture: &Fixture, arguments: &[&str]) -> (i32, String) {
        self.apply_at(&fixture.base, ADMIN_TOKEN, arguments).await
    }
}

const EXAMPLE: &str = include_str!("../../config/apply.example.toml");

/// A data source and its auth source, without anything optional.
const PLAIN: &str = r#"
[[data_source]]
name = "青云科技"
corp_id = "ww5ample0000000001"
contacts_secret_file = "secrets/contacts"
app = { agent_id = 1000002, secret_file = "secrets/app" }
"#;

async fn counts(fixture: &Fixture) -> [usize; 3] {
    let admin = fixture.admin();
    [
        admin.items("data-sources").await.len(),
        admin.items("auth-sources").await.len(),
        admin.items("clients").await.len(),
    ]
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777
}

scenario!(
    the_example_is_planned_applied_and_then_nothing_is_to_do,
    |fixture: Fixture| async move {
        let folder = Folder::new(&fixture, EXAMPLE);
        let (status, told) = folder.apply(&fixture, &["--plan"]).await;
        assert_eq!(status, 2, "{told}");
        assert!(told.contains("+ data source \"青云科技\""), "{told}");
        assert!(
            told.contains("client_secret: made, and kept in secrets/wiki")
                && told.contains("To create: 4, to change: 0"),
            "{told}"
        );
        assert_eq!(counts(&fixture).await, [0, 0, 0], "a plan does nothing");
        assert!(!folder.path("secrets/wiki").exists());
        let (status, told) = folder.apply(&fixture, &[]).await;
        assert_eq!(status, 1, "{told}");
        assert!(told.contains("--yes is needed"), "{told}");
        assert_eq!(counts(&fixture).await, [0, 0, 0], "nobody was asked");

        let (status, told) = folder.apply(&fixture, &["--yes"]).await;
        assert_eq!(status, 0, "{told}");
        // The auth source that comes with a data source is the one of the file.
        assert_eq!(counts(&fixture).await, [1, 1, 2], "{told}");
        let secret = std::fs::read_to_string(folder.path("secrets/wiki")).unwrap();
        assert!(!told.contains(secret.trim()), "{told}");
        #[cfg(unix)]
        assert_eq!(mode(&folder.path("secrets/wiki")), 0o600);
        let answer = fixture
            .http
            .post(format!("{}/oauth2/introspect", fixture.base))
            .basic_auth("wiki", Some(secret.trim()))
            .form(&[("token", "x")])
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "the secret is the portal's");
        let source = fixture.admin().items("data-sources").await.remove(0);
        assert_eq!(source["guard"]["departures"], json!({ "count": 20, "percent": null }));
        let auth_source = fixture.admin().items("auth-sources").await.remove(0);
        assert_eq!(auth_source["name"], "青云科技扫码");
        assert_eq!(auth_source["data_source_id"], source["id"]);
        let wiki = fixture.admin().get("clients/wiki").await;
        assert_eq!(wiki["auth_sources"], json!([auth_source["id"]]));
        assert_eq!(
            wiki["metadata"]["backchannel_logout_uri"],
            "https://wiki.corp.example/logout"
        );

        let events = fixture.admin().items("audit-events?limit=200").await.len();
        for arguments in [&["--plan"][..], &["--yes"], &["--yes", "--prune"]] {
            let (status, told) = folder.apply(&fixture, arguments).await;
            assert_eq!(status, 0, "{arguments:?}: {told}");
            assert!(told.contains("Nothing to do."), "{told}");
        }
        assert_eq!(fixture.admin().items("audit-events?limit=200").await.len(), events);
    }
);

scenario!(
    what_differs_is_changed_and_what_the_file_does_not_name_stays,
    |fixture: Fixture| async move {
        let folder = Folder::new(&fixture, EXAMPLE);
        assert_eq!(folder.apply(&fixture, &["--yes"]).await.0, 0);
        let source = fixture.admin().items("data-sources").await.remove(0);
        let path = format!("data-sources/{}", id(&source));
        let by_hand =
            json!({ "description": "by hand", "auto_sync_hours": 24, "guard": { "outside": { "count": 7 } } });
        fixture.admin().change(&path, by_hand).await;
        folder.edit("name = \"青云科技\"\ncorp_id", "name = \"青云\"\ncorp_id");
        folder.edit("data_source = \"青云科技\"", "data_source = \"ww5ample0000000001\"");
        folder.edit("guard.departures.count = 20", "unset = [\"guard.departures.count\"]");
        folder.edit(
            "https://wiki.corp.example/logout",
            "https://wiki.corp.example/signed-out",
        );
        let (status, told) = folder.apply(&fixture, &["--plan"]).await;
        assert_eq!(status, 2, "{told}");
        for line in [
            "~ data source \"青云\"",
            "    name: \"青云科技\" → \"青云\"",
            "    auto_sync_hours: 24 → 4",
            "    guard.departures.count: 20 → (nothing)",
            "= auth source \"青云科技扫码\"",
            "~ portal \"wiki\"",
            "    metadata.backchannel_logout_uri: \"https://wiki.corp.example/logout\" → \"https://wiki.corp.example/signed-out\"",
            "= portal \"board\"",
            "To create: 0, to change: 2, to delete: 0, unchanged: 2.",
        ] {
            assert!(told.lines().any(|told| told == line), "{line} in:\n{told}");
        }
        assert!(told.contains("--secrets sends them again"), "{told}");
        assert_eq!(folder.apply(&fixture, &["--yes"]).await.0, 0);
        let changed = fixture.admin().get(&path).await;
        assert_eq!(changed["name"], "青云");
        assert_eq!(changed["description"], "by hand");
        assert_eq!(changed["guard"]["outside"]["count"], 7);
        assert_eq!(changed["guard"]["departures"]["count"], json!(null));
        assert_eq!(folder.apply(&fixture, &["--plan"]).await.0, 0);

        let (status, told) = folder.apply(&fixture, &["--plan", "--secrets"]).await;
        assert_eq!(status, 2, "{told}");
        assert!(
            told.contains("    contacts_secret: from secrets/contacts, sent"),
            "{told}"
        );
        folder.write("secrets/app", "nonsense-secret");
        let (status, told) = folder.apply(&fixture, &["--yes", "--secrets"]).await;
        assert_eq!(status, 1, "{told}");
        assert!(told.contains("DI-237") && !told.contains("nonsense-secret"), "{told}");
    }
);

scenario!(
    faults_are_told_together_before_a_server_is_asked,
    |fixture: Fixture| async move {
        let folder = Folder::new(
            &fixture,
            r#"
colour = "red"
[[data_source]]
name = "a"
corp_id = "ww5ample0000000001"
contacts_secret = "in-the-clear"
app = { agent_id = "7", secret_file = "secrets/nowhere" }
shade = 1
[[data_source]]
name = "a"
corp_id = "ww5ample0000000002"
auto_sync_hours = 5
[[auth_source]]
name = "b"
corp_id = "ww5ample0000000001"
data_source = "nobody"
[[portal]]
client_id = "wiki"
name = "Wiki"
redirect_uris = "https://wiki.corp.example"
auth_sources = ["b", "c"]
metadata.consent = "maybe"
unset = ["name"]
[[portal]]
name = "without a client_id"
auth_method = "none"
redirect_uris = ["https://x.corp.example"]
client_secret_file = "secrets/app"
"#,
        );
        let nobody = format!("http://127.0.0.1:{}", free_port());
        let (status, told) = folder.apply_at(&nobody, ADMIN_TOKEN, &["--yes"]).await;
        assert_eq!(status, 1, "{told}");
        for (line, said) in [
            (
                2,
                "colour: is not known here; known are data_source, auth_source, group, portal, notice_channel, notice_subscription",
            ),
            (6, "data_source[0].contacts_secret: stands here in the clear"),
            (7, "data_source[0].app.agent_id: must be a whole number"),
            (
                7,
                "data_source[0].app.secret_file: setup/secrets/nowhere cannot be read",
            ),
            (8, "data_source[0].shade: is not known here"),
            (10, "data_source[1].name: stands in line 4 already"),
            (12, "data_source[1].auto_sync_hours: must be 4, 12, 24 or null"),
            (13, "auth_source[0].agent_id: is needed"),
            (
                16,
                "auth_source[0].data_source: there is no data source of this name in the file",
            ),
            (20, "portal[0].redirect_uris: must be a list"),
            (
                21,
                "portal[0].auth_sources[1]: there is no auth source of this name in the file",
            ),
            (22, "portal[0].metadata.consent: must be one of"),
            (23, "portal[0].unset: name is no field to be unset"),
            (24, "portal[1].client_id: is needed"),
            (28, "portal[1].client_secret_file: the auth_method works without one"),
        ] {
            let found = format!("setup/setup.toml:{line}: {said}");
            assert!(told.lines().any(|told| told.starts_with(&found)), "{found} in:\n{told}");
        }
        assert!(told.contains("Faults in the file: 15."), "{told}");
        assert!(
            !told.contains("in-the-clear") && !told.contains("cannot be reached"),
            "{told}"
        );

        folder.write("setup.toml", "[[portal]\nsecret = hunter2");
        let (status, told) = folder.apply_at(&nobody, ADMIN_TOKEN, &[]).await;
        assert_eq!(status, 1, "{told}");
        assert!(
            told.contains("setup.toml:1: is no TOML") && !told.contains("hunter2"),
            "{told}"
        );
        folder.write("setup.toml", PLAIN);
        let (status, told) = folder.apply_at(&nobody, ADMIN_TOKEN, &["--plan"]).await;
        assert_eq!(status, 1, "{told}");
        assert!(told.contains("cannot be reached"), "{told}");
    }
);

scenario!(
    nothing_is_deleted_without_prune_and_with_it_only_of_kinds_that_the_file_mentions,
    |fixture: Fixture| async move {
        let second = fixture.connect_second(json!({})).await;
        let portal = json!({ "client_id": "old", "name": "Old", "redirect_uris": ["https://old.corp.example/"] });
        fixture.admin().create("clients", portal).await;
        let folder = Folder::new(&fixture, PLAIN);
        let (status, told) = folder.apply(&fixture, &["--yes"]).await;
        assert_eq!(status, 0, "{told}");
        assert_eq!(counts(&fixture).await, [2, 2, 1], "{told}");

        let (status, told) = folder.apply(&fixture, &["--plan", "--prune"]).await;
        assert_eq!(status, 2, "{told}");
        assert!(
            told.contains("- data source \"白石设计\"\n    its people lose their access\n"),
            "{told}"
        );
        assert!(!told.contains("- portal") && !told.contains("- auth source"), "{told}");
        let (status, told) = folder.apply(&fixture, &["--yes", "--prune"]).await;
        assert_eq!(status, 0, "{told}");
        let gone = fixture
            .admin()
            .call("GET", &format!("data-sources/{}", id(&second)), None)
            .await;
        assert_eq!(gone.status, 404);
        assert_eq!(fixture.admin().get("clients/old").await["name"], "Old");
        assert_eq!(folder.apply(&fixture, &["--yes", "--prune"]).await.0, 0);
    }
);

scenario!(
    what_is_refused_midway_ends_it_and_it_goes_on_when_run_again,
    |fixture: Fixture| async move {
        let folder = Folder::new(
            &fixture,
            &format!(
                r#"{PLAIN}
[[data_source]]
name = "白石设计"
corp_id = "ww5ample0000000002"
app = {{ agent_id = 1000002, secret_file = "secrets/second" }}
[[portal]]
client_id = "wiki"
name = "Wiki"
redirect_uris = ["https://wiki.corp.example/callback"]
"#
            ),
        );
        folder.write("secrets/second", "nonsense-secret");
        let (status, told) = folder.apply(&fixture, &["--yes"]).await;
        assert_eq!(status, 1, "{told}");
        assert!(told.contains("client_secret_out to have one made: wiki"), "{told}");
        assert_eq!(counts(&fixture).await, [0, 0, 0]);
        folder.edit(
            "client_id = \"wiki\"",
            "client_id = \"wiki\"\nclient_secret_out = \"secrets/wiki\"",
        );
        let (status, told) = folder.apply(&fixture, &["--yes"]).await;
        assert_eq!(status, 1, "{told}");
        assert!(
            told.contains("created data source \"青云科技\"\n") && told.contains("data source \"白石设计\": DI-237"),
            "{told}"
        );
        assert_eq!(counts(&fixture).await, [1, 1, 0], "{told}");
        // An interruption after the secret was written and before the portal was there.
        folder.write("secrets/wiki", "0123456789abcdef0123456789abcdef\n");
        folder.edit("name = \"白石设计\"", "name = \"白石设计\"\nsave_anyway = true");
        let (status, told) = folder.apply(&fixture, &["--yes"]).await;
        assert_eq!(status, 0, "{told}");
        assert!(!told.contains("created data source \"青云科技\""), "{told}");
        assert!(told.contains("\n    WC-110 "), "its problem is told: {told}");
        assert_eq!(counts(&fixture).await, [2, 2, 1], "{told}");
        let secret = std::fs::read_to_string(folder.path("secrets/wiki")).unwrap();
        assert_eq!(secret, "0123456789abcdef0123456789abcdef\n", "never replaced");
        folder.edit("save_anyway = true", "");
        assert_eq!(folder.apply(&fixture, &["--plan"]).await.0, 0);
    }
);
