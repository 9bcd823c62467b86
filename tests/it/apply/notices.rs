//! Channels, subscriptions and approvers of a file.

use serde_json::json;
use simulator::sample;

use super::{Folder, PLAIN};
use crate::{
    actors::{id, text},
    fixture::{ADMIN_TOKEN, Fixture},
    notices::{smtp_sink::SmtpSink, webhook_receiver::WebhookReceiver},
    scenario,
};

/// A mailbox, a robot and two people who are told.
const NOTICES: &str = r#"
[[notice_channel]]
kind = "email"
name = "Company mail"
host = "127.0.0.1"
port = 2525
security = "none"
username = "menjin@corp.example"
secret_file = "secrets/mail"
sender = "menjin@corp.example"

[[notice_channel]]
kind = "webhook"
name = "Robot"
url_file = "secrets/robot"
secret_file = "secrets/key"

[[notice_subscription]]
channel = "Company mail"
address = "ops@corp.example"
topics = ["alert", "access_requested"]
language = "en"

[[notice_subscription]]
channel = "Robot"
data_source = "青云科技"
topics = ["access_requested"]
"#;

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx";

/// A folder with that, and where the robot is called.
fn folder(fixture: &Fixture, robot: &str) -> Folder {
    let folder = Folder::new(fixture, &format!("{PLAIN}{NOTICES}"));
    folder.write("secrets/mail", "mail-password\n");
    folder.write("secrets/robot", robot);
    folder.write("secrets/key", KEY);
    folder
}

/// Applies; what was printed has none of these secrets.
async fn applied(fixture: &Fixture, folder: &Folder, arguments: &[&str]) -> (i32, String) {
    let (status, told) = folder.apply(fixture, arguments).await;
    for secret in [
        "mail-password",
        "another-password",
        "robot-secret",
        "other-path",
        "MfKQ9r8G",
    ] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    (status, told)
}

scenario!(
    channels_and_subscriptions_are_made_once_and_work,
    |fixture: Fixture| async move {
        let (sink, receiver) = (SmtpSink::listen(), WebhookReceiver::listen());
        let folder = folder(&fixture, &format!("{}?key=robot-secret", receiver.address));
        folder.edit("port = 2525", &format!("port = {}", sink.port));
        folder.edit(
            "username = \"menjin@corp.example\"\nsecret_file = \"secrets/mail\"\n",
            "",
        );
        let (status, told) = applied(&fixture, &folder, &["--plan"]).await;
        assert_eq!(status, 2, "{told}");
        for line in [
            "+ notice channel \"Robot\"",
            "    url: from secrets/robot",
            "+ notice subscription \"Company mail: ops@corp.example\"",
            "+ notice subscription \"Robot (青云科技)\"",
            "To create: 5, to change: 0, to delete: 0, unchanged: 0.",
        ] {
            assert!(told.lines().any(|told| told == line), "{line} in:\n{told}");
        }
        assert_eq!(applied(&fixture, &folder, &["--yes"]).await.0, 0);
        let admin = fixture.admin();
        let source = admin.items("data-sources").await.remove(0);
        let subscriptions = admin.items("notice-subscriptions").await;
        let robot = subscriptions.iter().find(|one| one["channel"] == "Robot").unwrap();
        assert_eq!(robot["data_source_id"], source["id"], "{robot}");
        for arguments in [&["--plan"][..], &["--yes"], &["--yes", "--prune"]] {
            let (status, told) = applied(&fixture, &folder, arguments).await;
            assert_eq!(status, 0, "{arguments:?}: {told}");
            assert!(told.contains("Nothing to do."), "{told}");
        }
        let path = format!("notice-channels/{}/test", text(robot, "channel_id"));
        let tested = admin.create(&path, json!({})).await;
        assert_eq!(text(&tested["deliveries"][0], "state"), "delivered", "{tested}");
        assert!(receiver.told()[0].is_signed_with(KEY));
    }
);

scenario!(
    another_path_key_or_password_is_a_change_and_none_of_them_is_shown,
    |fixture: Fixture| async move {
        let folder = folder(&fixture, "https://robot.corp.example/send?key=robot-secret");
        assert_eq!(applied(&fixture, &folder, &["--yes"]).await.0, 0);
        for (file, before, after, line) in [
            (
                "secrets/robot",
                "https://robot.corp.example/send?key=robot-secret",
                "https://robot.corp.example/other-path",
                "    url: from secrets/robot, sent",
            ),
            ("secrets/key", KEY, OTHER_KEY, "    secret: from secrets/key, sent"),
            (
                "secrets/mail",
                "mail-password",
                "another-password",
                "    secret: from secrets/mail, sent",
            ),
        ] {
            folder.write(file, after);
            let (status, told) = applied(&fixture, &folder, &["--plan"]).await;
            assert_eq!(status, 2, "{file}: {told}");
            assert!(told.lines().any(|told| told == line), "{line} in:\n{told}");
            assert!(told.contains("to change: 1"), "{told}");
            folder.write(file, before);
            let (status, told) = applied(&fixture, &folder, &["--plan"]).await;
            assert_eq!(status, 0, "{file}: {told}");
            folder.write(file, after);
            assert_eq!(applied(&fixture, &folder, &["--yes"]).await.0, 0);
            assert_eq!(applied(&fixture, &folder, &["--plan"]).await.0, 0);
        }
        // In the file itself the address is compared too, and told as the console shows it.
        folder.edit(
            "url_file = \"secrets/robot\"",
            "url = \"https://robot.corp.example/send?key=robot-secret\"",
        );
        let (status, told) = applied(&fixture, &folder, &["--plan"]).await;
        assert_eq!(status, 2, "{told}");
        assert!(
            told.contains("url: \"https://robot.corp.example/…\" → \"https://robot.corp.example/…\""),
            "{told}"
        );
        // Who may only read plans by what is shown, and is told no secret by asking.
        let auditor = fixture.admin_with_role("auditor").await;
        let channel = fixture.admin().items("notice-channels").await.remove(0);
        let asked = json!({ "secret": "another-password" });
        let path = format!("notice-channels/{}/compare", id(&channel));
        assert_eq!(auditor.call("POST", &path, Some(asked.clone())).await.status, 403);
        let told = fixture.admin().call("POST", &path, Some(asked)).await;
        assert_eq!(
            (told.status, &told.body),
            (200, &json!({ "url": null, "secret": true }))
        );
    }
);

scenario!(
    another_mail_server_gets_the_password_along_and_what_is_not_in_the_file_goes_with_prune_only,
    |fixture: Fixture| async move {
        let folder = folder(&fixture, "https://robot.corp.example/robot-secret");
        assert_eq!(applied(&fixture, &folder, &["--yes"]).await.0, 0);
        folder.edit("port = 2525", "port = 2526");
        let (_, told) = applied(&fixture, &folder, &["--yes"]).await;
        assert!(
            told.contains("port: 2525 → 2526") && told.contains("secret: from secrets/mail, sent"),
            "{told}"
        );
        assert_eq!(applied(&fixture, &folder, &["--plan"]).await.0, 0);

        let admin = fixture.admin();
        let mail = admin.items("notice-channels").await.remove(0);
        let by_hand = json!({ "channel_id": mail["id"], "address": "hand@corp.example", "topics": ["alert"] });
        admin.create("notice-subscriptions", by_hand).await;
        folder.edit(
            "topics = [\"alert\", \"access_requested\"]",
            "topics = [\"access_requested\", \"alert\"]",
        );
        assert_eq!(
            applied(&fixture, &folder, &["--plan"]).await.0,
            0,
            "their order means nothing"
        );
        folder.edit(
            "language = \"en\"",
            "language = \"zh-CN\"\nquiet_from = 1320\nquiet_to = 420",
        );
        let (status, told) = applied(&fixture, &folder, &["--yes", "--prune"]).await;
        assert_eq!(status, 0, "{told}");
        assert!(
            told.contains("- notice subscription \"Company mail: hand@corp.example\""),
            "{told}"
        );
        let left = admin.items("notice-subscriptions").await;
        assert_eq!(left.len(), 2, "{left:?}");
        let mail = left.iter().find(|one| one["address"] == "ops@corp.example").unwrap();
        assert_eq!(
            (&mail["language"], &mail["quiet_from"]),
            (&json!("zh-CN"), &json!(1320)),
            "{mail}"
        );
    }
);

scenario!(
    faults_of_subscriptions_are_told_before_a_server_is_asked,
    |fixture: Fixture| async move {
        let folder = folder(&fixture, "https://robot.corp.example/robot-secret");
        folder.edit("address = \"ops@corp.example\"", "address = \"no address\"");
        folder.edit("channel = \"Robot\"", "channel = \"Nobody\"");
        folder.edit("topics = [\"access_requested\"]", "topics = [\"weather\"]");
        let (status, told) = folder.apply_at("http://127.0.0.1:1", ADMIN_TOKEN, &["--yes"]).await;
        assert_eq!(status, 1, "{told}");
        for said in [
            "notice_subscription[0].address: is an e-mail address",
            "notice_subscription[1].channel: there is no notice channel of this name in the file",
            "notice_subscription[1].topics[0]: ",
        ] {
            assert!(told.contains(said), "{said} in {told}");
        }
        assert!(told.contains("Faults in the file: 3."), "{told}");
    }
);

scenario!(approvers_are_named_by_their_usernames, |fixture: Fixture| async move {
    let folder = Folder::new(&fixture, PLAIN);
    // A username may look like an id.
    let username = "0198a3f41c2d7e3f8a4b5c6d7e8f9a0b";
    let approvers = format!(
        "\naccess_requests = true\napprovers = [\"{username}\", \"{}\"]",
        sample::NORMAL
    );
    folder.edit(
        "corp_id = \"ww5ample0000000001\"",
        &format!("corp_id = \"ww5ample0000000001\"{approvers}"),
    );
    let admin = fixture.admin();
    let approver = admin.create("users", json!({ "username": username })).await;
    let (status, told) = folder.apply(&fixture, &["--yes"]).await;
    assert_eq!(status, 0, "{told}");
    assert!(
        told.contains("there is no user \"") && told.contains("once they were synced"),
        "{told}"
    );
    let source = admin.items("data-sources").await.remove(0);
    assert_eq!(
        (&source["access_requests"], &source["approvers"]),
        (&json!(true), &json!([approver["id"]]))
    );
    // People come with the first sync.
    fixture.sync(id(&source)).await;
    let (status, told) = folder.apply(&fixture, &["--yes"]).await;
    assert_eq!(status, 0, "{told}");
    let member = admin.user_id(sample::NORMAL).await;
    let source = admin.items("data-sources").await.remove(0);
    let mut both: Vec<&str> = source["approvers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    both.sort_unstable();
    let mut wanted = [id(&approver), member.as_str()];
    wanted.sort_unstable();
    assert_eq!(both, wanted);
    assert_eq!(folder.apply(&fixture, &["--plan"]).await.0, 0);
});
