//! `menjin notices` against a server that runs.

use serde_json::json;

use super::{asked, mail_channel, notices, smtp_sink::SmtpSink, subscribe, tell, tick};
use crate::{
    actors::id,
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// Runs `menjin notices …`; status, and what was printed.
async fn command(fixture: &Fixture, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_menjin"));
    command
        .arg("notices")
        .args(arguments)
        .args(["--server", &fixture.base])
        .env("MENJIN_TOKEN", ADMIN_TOKEN)
        .current_dir(fixture.directory());
    let output = command.output().await.unwrap();
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.code(), told)
}

scenario!(
    the_command_tries_a_channel_lists_what_failed_and_sends_it_again,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        subscribe(&fixture, &channel, json!({})).await;
        let name = format!("mail {}", sink.port);
        let to = ["--address", "ops@corp.example"];
        let (status, told) = command(&fixture, &["test", &name, to[0], to[1]]).await;
        assert_eq!((status, sink.mails().len()), (Some(0), 1), "{told}");
        sink.answer("RCPT", "550 5.1.1 no \u{1b}[31mbody");
        let (status, told) = command(&fixture, &["test", &channel, to[0], to[1]]).await;
        assert_eq!(status, Some(1), "{told}");
        assert!(told.contains("NO-113") && !told.contains('\u{1b}'), "{told}");
        let (status, told) = command(&fixture, &["test", "nothing of the kind"]).await;
        assert_eq!(status, Some(1), "{told}");
        tell(&fixture, &asked("matter:1", "Li \u{1b}[2J Hua")).await;
        tick(&fixture).await;
        sink.accept();
        let (_, told) = command(&fixture, &["list", "--state", "failed", "--topic", "access_requested"]).await;
        assert!(
            told.contains("Hua") && told.contains("failed email ops@corp.example"),
            "{told}"
        );
        assert!(!told.contains('\u{1b}'), "{told}");
        let failed = notices(&fixture, "?state=failed&topic=access_requested")
            .await
            .remove(0);
        let (status, told) = command(&fixture, &["resend", id(&failed)]).await;
        assert_eq!(status, Some(0), "{told}");
        tick(&fixture).await;
        assert_eq!(sink.mails().len(), 2);
        for (listing, part) in [("channels", name.as_str()), ("subscriptions", "ops@corp.example")] {
            let (status, told) = command(&fixture, &[listing]).await;
            assert_eq!(status, Some(0), "{told}");
            assert!(told.contains(part), "{told}");
        }
    }
);

// A set-up as a file has channels too.
scenario!(
    apply_makes_a_channel_sends_its_secret_with_another_host_and_wants_a_key_for_a_webhook,
    |fixture: Fixture| async move {
        let folder = fixture.directory().to_owned();
        std::fs::write(folder.join("mail.secret"), "hunter2-hunter2").unwrap();
        let file = |host: &str, more: &str| {
            let text = format!(
                "[[notice_channel]]\nkind = \"email\"\nname = \"Mail\"\nhost = \"{host}\"\nusername = \"menjin\"\n\
                 secret_file = \"mail.secret\"\nsender = \"menjin@corp.example\"\n{more}"
            );
            std::fs::write(folder.join("setup.toml"), text).unwrap();
        };
        let apply = async || {
            let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_menjin"));
            command
                .args(["apply", "setup.toml", "--yes", "--server", &fixture.base])
                .env("MENJIN_TOKEN", ADMIN_TOKEN)
                .stdin(std::process::Stdio::null())
                .current_dir(&folder);
            let output = command.output().await.unwrap();
            let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(!told.contains("hunter2"), "{told}");
            (output.status.code(), told)
        };
        file("mail.corp.example", "");
        let (status, told) = apply().await;
        assert_eq!(status, Some(0), "{told}");
        file("other.corp.example", "");
        let (status, told) = apply().await;
        assert_eq!(status, Some(0), "{told}");
        let channel = fixture.admin().items("notice-channels").await.remove(0);
        assert_eq!(
            (&channel["host"], &channel["secret_set"]),
            (&json!("other.corp.example"), &json!(true))
        );
        let hook = "[[notice_channel]]\nkind = \"webhook\"\nname = \"Hook\"\nurl = \"https://hook.corp.example/\"\n";
        file("other.corp.example", hook);
        let (status, told) = apply().await;
        assert_ne!(status, Some(0), "{told}");
        assert!(told.contains("secret") && told.contains("is needed here"), "{told}");
        assert_eq!(fixture.admin().items("notice-channels").await.len(), 1);
    }
);
