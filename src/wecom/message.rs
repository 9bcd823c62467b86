//! App messages to members (reference 10): texts and cards for admins and applicants.
//!
//! WeCom cuts long texts in the middle of a character; here they are cut between characters first. `@all` cannot be addressed.

use serde_json::{Value, json};

use super::{
    error::{Class, WeComError},
    model::is_userid,
    reply::Reply,
    response_code::ResponseCode,
    text,
};

/// All recipients unknown or out of scope: WeCom refuses the whole message.
pub(super) const NOBODY_LEFT: i64 = 81013;
/// The token's app is not the one named; also what WeCom means when a secret has no app.
const NO_SUCH_APP: i64 = 301_002;
/// Recipients per call.
const GROUP: usize = 1_000;
const LONGEST_TEXT: usize = 2_048;
pub(super) const LONGEST_TITLE: usize = 128;
pub(super) const LONGEST_DESCRIPTION: usize = 512;
const LONGEST_BUTTON: usize = 4;
/// The same message within this many seconds is swallowed by WeCom, so a repeated job does not notify twice. Two messages that are to be told apart
/// differ in what they say: in their links, or in a mark.
const DUPLICATE_CHECK_SECS: u32 = 1_800;

/// A card with a link.
#[derive(Clone, Copy, Debug)]
pub struct TextCard<'a> {
    /// At most 128 bytes; longer is cut.
    pub title: &'a str,
    /// Plain text, at most 512 bytes after escaping; longer is cut.
    pub description: &'a str,
    /// Absolute URL.
    pub url: &'a str,
    /// At most four characters; longer is cut.
    pub button: &'a str,
}

impl TextCard<'_> {
    pub(super) fn content(&self) -> Content {
        Content::new(
            "textcard",
            json!({
                "title": cut(&clean(self.title), LONGEST_TITLE),
                "description": escaped(&clean(self.description), LONGEST_DESCRIPTION),
                "url": self.url,
                "btntxt": self.button.chars().take(LONGEST_BUTTON).collect::<String>(),
            }),
        )
    }
}

/// A message before it is addressed.
pub(super) struct Content {
    kind: &'static str,
    value: Value,
}

impl Content {
    /// Content of this kind.
    pub(super) const fn new(kind: &'static str, value: Value) -> Self {
        Self { kind, value }
    }

    /// The body of `message/send`.
    pub(super) fn addressed(&self, agent_id: i64, to: &[&str]) -> Value {
        json!({
            "touser": to.join("|"),
            "msgtype": self.kind,
            "agentid": agent_id,
            (self.kind): self.value,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_CHECK_SECS,
        })
    }
}

/// A text of at most 2048 bytes after escaping; longer is cut.
pub(super) fn text(text: &str) -> Content {
    Content::new("text", json!({ "content": escaped(&clean(text), LONGEST_TEXT) }))
}

/// Lines without characters that nobody sees or that turn the direction of writing.
pub(super) fn clean(raw: &str) -> String {
    let lines = raw
        .lines()
        .map(|line| text::line(line, usize::MAX).text.unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Result of sending a message. Being accepted is not being read: over its limits WeCom drops messages silently (reference 12).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// userids WeCom did not accept, lower-cased as WeCom does (reference 10).
    pub undelivered: Vec<String>,
    /// WeCom's ids of the messages sent, one per thousand recipients; none where WeCom swallowed it as a repetition.
    pub message_ids: Vec<String>,
    /// Updates the cards of the message, once.
    pub response_code: Option<ResponseCode>,
}

impl Delivery {
    /// Recipients in groups that fit one call. What is no userid (reference 0.2), such as `@all` or `a|b`, counts as undelivered.
    pub(super) fn groups<'a>(&mut self, to: &[&'a str]) -> Vec<Vec<&'a str>> {
        let (good, bad): (Vec<&'a str>, Vec<&'a str>) = to.iter().copied().partition(|userid| is_userid(userid));
        self.add_undelivered(&bad);
        good.chunks(GROUP).map(<[_]>::to_vec).collect()
    }

    pub(super) fn add_undelivered(&mut self, userids: &[&str]) {
        self.undelivered
            .extend(userids.iter().map(|userid| userid.to_lowercase()));
    }

    /// Adds a reply: partial failure comes with errcode 0 (trap 31).
    pub(super) fn add(&mut self, reply: &Reply) -> Result<(), WeComError> {
        for key in ["invaliduser", "unlicenseduser"] {
            let listed = reply
                .row()
                .exact(key)
                .map_err(|reason| reply.unreadable(reason))?
                .unwrap_or_default();
            let listed: Vec<&str> = listed.split('|').filter(|userid| !userid.is_empty()).collect();
            self.add_undelivered(&listed);
        }
        self.message_ids.extend(reply.row().exact("msgid").ok().flatten());
        let code = reply.row().exact("response_code").ok().flatten();
        self.response_code = code.map(ResponseCode::new).or(self.response_code.take());
        Ok(())
    }
}

/// The refusal WeCom would give, without asking: a contacts-sync secret has no app.
pub(super) fn no_app(call: &'static str) -> WeComError {
    WeComError {
        errcode: Some(NO_SUCH_APP),
        ..WeComError::without_code(call, Class::Admin, "the contacts-sync secret belongs to no app")
    }
}

pub(super) fn cut(text: &str, bytes: usize) -> &str {
    let ends = text.char_indices().map(|(start, c)| start + c.len_utf8());
    let end = ends.take_while(|end| *end <= bytes).last().unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// Escapes what WeCom reads as markup, and stops before the character that no longer fits.
fn escaped(text: &str, bytes: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let mut buffer = [0; 4];
        let piece: &str = match c {
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            c => c.encode_utf8(&mut buffer),
        };
        if out.len() + piece.len() > bytes {
            break;
        }
        out.push_str(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::{
        model::SecretKind,
        testing::{Stub, app, bench},
    };

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("李华李华", 7), "李华");
        assert_eq!(escaped("a<b>&李", 11), "a&lt;b&gt;");
        assert_eq!(escaped("李李", 5), "李");
        assert_eq!(clean("a\u{202e}b\u{0}\n\n c\td "), "ab\n\nc d");
    }

    #[test]
    fn a_repetition_of_a_text_is_swallowed_for_as_long_as_one_of_a_card() {
        let card = TextCard {
            title: "hi",
            description: "hi",
            url: "https://sso.corp.example/#1",
            button: "Open",
        };
        for content in [text("hi #a1b2"), card.content()] {
            let body = content.addressed(1_000_002, &["lihua"]);
            assert_eq!(body["duplicate_check_interval"], 1_800, "{body}");
            assert_eq!(body["enable_duplicate_check"], 1);
        }
    }

    #[tokio::test]
    async fn a_card_reaches_members_and_the_unreached_are_named() {
        let stub = Stub::scripted(&[(
            "message/send",
            r#"{"errcode":0,"errmsg":"ok","invaliduser":"wang|zhao","unlicenseduser":"","msgid":"m1"}"#,
        )]);
        let card = TextCard {
            title: "Access request",
            description: "<Li Hua> asks",
            url: "https://sso.corp.example/r/1",
            button: "Open it",
        };
        let to = ["LiHua", "@all", "a|b", "Wang", "zhao"];
        let delivery = bench(&stub).wecom.send_text_card(&app(), &to, &card).await.unwrap();
        assert_eq!(delivery.undelivered, ["@all", "a|b", "wang", "zhao"]);
        assert_eq!(delivery.message_ids, ["m1"]);
        let sent: Value = serde_json::from_str(&stub.calls().pop().unwrap().body).unwrap();
        assert_eq!(
            (sent["touser"].as_str(), sent["agentid"].as_i64()),
            (Some("LiHua|Wang|zhao"), Some(1_000_002))
        );
        assert_eq!(sent["textcard"]["description"], "&lt;Li Hua&gt; asks");
        assert_eq!(sent["textcard"]["btntxt"], "Open");
    }

    #[tokio::test]
    async fn nobody_left_and_nobody_asked_are_outcomes() {
        let stub = Stub::scripted(&[("message/send", r#"{"errcode":81013,"errmsg":"all invalid"}"#)]);
        let wecom = bench(&stub).wecom;
        assert_eq!(
            wecom.send_text(&app(), &["Gone"], "hi").await.unwrap().undelivered,
            ["gone"]
        );
        assert_eq!(wecom.send_text(&app(), &[], "hi").await.unwrap(), Delivery::default());
        assert_eq!(stub.count("message/send"), 1);
        let mut contacts = app();
        contacts.kind = SecretKind::ContactsSync;
        assert_eq!(
            wecom.send_text(&contacts, &["x"], "hi").await.unwrap_err().errcode,
            Some(301_002)
        );
    }
}
