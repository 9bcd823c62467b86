//! Names and reasons with markup, characters that turn the direction of writing, and control characters, by every channel.

use std::collections::BTreeMap;

use menjin::notices::{Card, NewNotice};
use serde_json::{Value, json};
use simulator::sample;

use super::{
    asked, mail_channel, smtp_sink::SmtpSink, subscribe, tell, tick, webhook::hook_for,
    webhook_receiver::WebhookReceiver,
};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

const HOSTILE: &str = "\u{202e}<a href=\"https://evil.example\">Eve</a>\r\nBcc: x@y.example\u{0}\u{7f}\u{2066}\u{200b} {$who} \"'&amp; =?utf-8?q?x?=";

/// Characters that steer or hide.
const STEERING: [char; 6] = ['\u{202e}', '\u{2066}', '\u{200b}', '\u{0}', '\u{7f}', '\r'];

/// All texts in a value.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

scenario!(
    what_strangers_wrote_steers_nothing_and_is_no_markup_by_any_channel,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let (sink, receiver) = (SmtpSink::listen(), WebhookReceiver::listen());
        let mail = mail_channel(&fixture, &sink).await;
        subscribe(&fixture, &mail, json!({})).await;
        subscribe(
            &fixture,
            &mail,
            json!({ "address": "zh@corp.example", "language": "zh-CN" }),
        )
        .await;
        hook_for(&fixture, &receiver.address, "access_requested").await;
        let wecom = json!({ "kind": "wecom", "name": "企业微信", "data_source_id": id(&source) });
        let wecom = fixture.admin().create("notice-channels", wecom).await;
        subscribe(&fixture, id(&wecom), json!({ "address": sample::NORMAL })).await;
        let facts = [
            "name",
            "userid",
            "username",
            "portal",
            "reason",
            "refusal_reason",
            "decided_by",
            "seen",
            "what",
            "where",
        ];
        let facts: BTreeMap<String, String> = facts
            .iter()
            .map(|name| ((*name).to_owned(), HOSTILE.to_owned()))
            .collect();
        let buttons = Card {
            task_id: "access_request-test".to_owned(),
            pressers: vec![sample::NORMAL.to_owned()],
        };
        for card in [None, Some(buttons)] {
            let notice = NewNotice {
                data_source: Some(id(&source).parse().unwrap()),
                facts: facts.clone(),
                card,
                ..asked("access_request:1", "")
            };
            tell(&fixture, &notice).await;
        }
        // A message without a link is a text.
        let notice = NewNotice {
            data_source: Some(id(&source).parse().unwrap()),
            facts,
            path: None,
            ..asked("access_request:2", "")
        };
        tell(&fixture, &notice).await;
        tick(&fixture).await;

        let mails = sink.mails();
        assert_eq!(mails.len(), 6);
        for mail in &mails {
            let readable = mail.readable();
            let (_, html) = readable.split_once("Content-Type: text/html").unwrap();
            assert!(
                !html.contains("<a href=\"https://evil") && html.contains("&lt;a href"),
                "{html}"
            );
            let subject = mail.header("subject").unwrap();
            assert!(!subject.contains("=?utf-8?q?"), "no encoded word of theirs: {subject}");
            assert!(mail.header("bcc").is_none() && mail.to.len() == 1, "{}", mail.text);
        }
        let messages: Vec<_> = fixture
            .wecom
            .messages()
            .into_iter()
            .filter(|one| one.userid == sample::NORMAL)
            .collect();
        assert_eq!(messages.len(), 3, "{messages:?}");
        for message in &messages {
            for said in texts(&message.content) {
                assert!(!said.contains(STEERING), "{said:?}");
            }
            // Where WeCom would take markup; titles and cards with buttons are text.
            for field in ["content", "description"] {
                let said = message.content[field].as_str().unwrap_or_default();
                assert!(!said.contains("<a href"), "{said}");
            }
        }
        let hooks = receiver.told();
        assert_eq!(hooks.len(), 3);
        for hook in hooks {
            let body: Value = serde_json::from_str(&hook.body).unwrap();
            for said in texts(&body["data"]) {
                assert!(!said.contains(STEERING), "{said:?}");
            }
            assert!(
                text(&body["data"]["facts"], "name").contains("<a href"),
                "a program escapes by itself: {body}"
            );
        }
        for notice in fixture.admin().items("notices").await {
            assert!(texts(&notice).iter().all(|said| !said.contains(STEERING)), "{notice}");
        }
    }
);
