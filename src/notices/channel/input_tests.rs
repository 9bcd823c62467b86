//! Tests of what is accepted as a channel.

use serde_json::{Value, json};

use super::{ChannelChange, NewChannel};
use crate::notices::{channel::settings::Settings, delivery::ChannelKind};

fn entered(fields: Value) -> Result<super::Desired, String> {
    let input: NewChannel = serde_json::from_value(fields).map_err(|error| error.to_string())?;
    input.desired().map_err(|failure| failure.detail.unwrap_or_default())
}

fn mail(more: Value) -> Value {
    let mut fields =
        json!({ "kind": "email", "name": "Mail", "host": "mail.corp.example", "sender": "menjin@corp.example" });
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    fields
}

#[test]
fn a_mailbox_is_secured_unless_it_is_on_this_machine() {
    let Settings::Email(mailbox) = entered(mail(json!({}))).unwrap().settings else {
        panic!("no mailbox")
    };
    assert_eq!((mailbox.port, mailbox.security.word()), (587, "starttls"));
    for host in ["localhost", "127.0.0.1", "::1"] {
        assert!(
            entered(mail(json!({ "host": host, "security": "none" }))).is_ok(),
            "{host}"
        );
    }
    for host in ["mail.corp.example", "10.0.0.1", "localhost.evil.example"] {
        let refused = entered(mail(json!({ "host": host, "security": "none" }))).unwrap_err();
        assert!(refused.starts_with("security:"), "{refused}");
    }
}

#[test]
fn fields_that_could_carry_more_than_they_say_are_refused() {
    for (field, value) in [
        ("host", json!("mail\r\nx")),
        ("host", json!("")),
        ("port", json!(0)),
        ("port", json!(65_536)),
        ("sender", json!("a@b.example\r\nBcc: c@d.example")),
        ("sender", json!("a@b.example, c@d.example")),
        ("sender_name", json!("a\r\nBcc: c@d.example")),
        ("username", json!("a\nb")),
        ("url", json!("https://x.example")),
        ("name", json!(" ")),
    ] {
        let refused = entered(mail(json!({ field: value }))).unwrap_err();
        assert!(refused.contains(&format!("{field}:")), "{field}: {refused}");
    }
    assert!(
        entered(mail(json!({ "username": "a" })))
            .unwrap_err()
            .starts_with("secret:")
    );
}

#[test]
fn a_webhook_is_https_and_its_key_long_enough() {
    let hook = |url: &str, secret: Option<&str>| {
        entered(json!({ "kind": "webhook", "name": "Hook", "url": url, "secret": secret }))
    };
    assert!(hook("https://robot.example/x", None).is_ok());
    assert!(hook("http://127.0.0.1:8080/x", None).is_ok());
    assert!(hook("http://robot.example/x", None).is_err());
    assert!(hook("https://u:p@robot.example/", None).is_err());
    // What was shown of one is no address.
    assert!(hook("https://robot.example/…", None).is_err());
    assert!(hook("https://robot.example/", Some("short")).is_err());
    assert!(hook("https://robot.example/", Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).is_ok());
}

#[test]
fn a_change_leaves_alone_what_it_does_not_name() {
    let before = entered(mail(json!({ "sender_name": "门禁" }))).unwrap();
    let change: ChannelChange =
        serde_json::from_value(json!({ "host": "other.example", "sender_name": null })).unwrap();
    let Settings::Email(mailbox) = change.merged(&before, ChannelKind::Email, false).unwrap().settings else {
        panic!("no mailbox")
    };
    assert_eq!(
        (mailbox.host.as_str(), mailbox.port, mailbox.sender_name),
        ("other.example", 587, None)
    );
    assert_eq!(change.fields(), ["host", "sender_name"]);
    let with_login = entered(mail(json!({ "username": "menjin", "secret": "hunter2" }))).unwrap();
    let refused = change.merged(&with_login, ChannelKind::Email, true).unwrap_err();
    assert!(
        refused.detail.unwrap().starts_with("secret:"),
        "a password goes to no other server"
    );
    let weaker: ChannelChange = serde_json::from_value(json!({ "security": "none" })).unwrap();
    assert!(weaker.merged(&before, ChannelKind::Email, false).is_err());
}

#[test]
fn a_mail_server_is_no_link_local_address() {
    for host in ["169.254.169.254", "fe80::1", "100.100.100.200", "2852039166"] {
        let told = entered(mail(json!({ "host": host }))).unwrap_err();
        assert!(told.contains("host: is not a link-local address"), "{told}");
    }
    for host in ["10.0.0.5", "192.168.1.25", "fd00::25", "mail"] {
        assert!(
            entered(mail(json!({ "host": host }))).is_ok(),
            "{host}: private networks are allowed"
        );
    }
}
