//! Cards with buttons (reference 7.6 and 10): sent to members, and updated once what they ask is settled.
//!
//! What the reference leaves open is tolerated both ways: texts hold nothing that markup could be made of, a card that WeCom does not replace as a whole
//! gets other words for its buttons, and whom an update did not reach is told as a list or as a text.

use serde_json::{Value, json};

use super::{
    api_request::ApiRequest,
    client::WeCom,
    error::{Class, WeComError},
    message::{self, Content, Delivery, LONGEST_DESCRIPTION, LONGEST_TITLE, clean, cut},
    model::{Credential, SecretKind},
    reply::Reply,
    response_code::ResponseCode,
};

/// Longest words of a button, in characters: longer ones are not seen.
const LONGEST_BUTTON: usize = 10;
/// Longest task id, in bytes.
const LONGEST_TASK: usize = 128;
/// Says that an app without a callback may not send cards with buttons (reference 1.5).
const NEEDS_CALLBACK: i64 = 43012;

/// A card with buttons. Pressing one comes back as the event `template_card_event`.
#[derive(Clone, Copy, Debug)]
pub struct ButtonCard<'a> {
    /// At most 128 bytes; longer is cut.
    pub title: &'a str,
    /// Plain text, at most 512 bytes; longer is cut.
    pub text: &'a str,
    /// Absolute URL that the card itself leads to.
    pub url: &'a str,
    /// Names the card in its events. The app uses each once: WeCom swallows a second card of the same.
    pub task_id: &'a str,
    /// At most six.
    pub buttons: &'a [CardButton<'a>],
}

/// A button of a card.
#[derive(Clone, Copy, Debug)]
pub struct CardButton<'a> {
    /// At most ten characters; longer is cut.
    pub text: &'a str,
    /// Names the button in the event, at most 1024 bytes.
    pub key: &'a str,
    /// Whether it warns.
    pub warns: bool,
}

/// What a card shows once it is settled; its buttons are gone.
#[derive(Clone, Copy, Debug)]
pub struct SettledCard<'a> {
    /// At most 128 bytes; longer is cut.
    pub title: &'a str,
    /// Who decided and how, at most 512 bytes; longer is cut.
    pub text: &'a str,
    /// Absolute URL that the card leads to.
    pub url: &'a str,
    /// In the place of the buttons, where WeCom does not replace the whole card.
    pub button: &'a str,
}

/// Result of updating a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardUpdate {
    /// It shows what was decided.
    Updated,
    /// WeCom says that it is not this member's.
    NotTheirs,
    /// The response code is good for nothing (any more): used, too old, or another app's. Holds WeCom's words.
    Spent(String),
}

impl ButtonCard<'_> {
    fn content(&self) -> Content {
        let button = |button: &CardButton<'_>| {
            json!({
                "type": 0,
                "text": button_words(button.text),
                "style": if button.warns { 2 } else { 1 },
                "key": button.key,
            })
        };
        Content::new(
            "template_card",
            json!({
                "card_type": "button_interaction",
                "main_title": { "title": plain(self.title, LONGEST_TITLE) },
                "sub_title_text": plain(self.text, LONGEST_DESCRIPTION),
                "card_action": { "type": 1, "url": self.url },
                "task_id": self.task_id,
                "button_list": self.buttons.iter().map(button).collect::<Vec<Value>>(),
            }),
        )
    }
}

impl SettledCard<'_> {
    fn whole(&self) -> Value {
        json!({
            "card_type": "text_notice",
            "main_title": { "title": plain(self.title, LONGEST_TITLE) },
            "sub_title_text": plain(self.text, LONGEST_DESCRIPTION),
            "card_action": { "type": 1, "url": self.url },
        })
    }
}

/// The task id of one delivery of a card: its own, since WeCom swallows a second card with the same. [`card_of`] gives the card back.
pub fn task_id(card: &str, delivery: &str) -> String {
    let longest = LONGEST_TASK.saturating_sub(delivery.len() + 1);
    format!("{}@{delivery}", cut(card, longest))
}

/// The card that a task id names, without its delivery.
pub fn card_of(task_id: &str) -> &str {
    task_id.rsplit_once('@').map_or(task_id, |(card, _)| card)
}

/// The delivery that a task id of [`task_id`] names.
pub fn delivery_of(task_id: &str) -> Option<&str> {
    task_id.rsplit_once('@').map(|(_, delivery)| delivery)
}

impl WeComError {
    /// Whether the app may send no cards with buttons, because nobody would hear of a press.
    pub fn needs_callback(&self) -> bool {
        self.errcode == Some(NEEDS_CALLBACK)
    }
}

impl WeCom {
    /// Sends a card with buttons to members (`message/send`); see [`ButtonCard`] for its limits.
    ///
    /// # Errors
    /// 301002 with a contacts-sync secret, without asking; 43012 where the app has no callback ([`WeComError::needs_callback`]).
    pub async fn send_card(
        &self,
        credential: &Credential,
        to: &[&str],
        card: &ButtonCard<'_>,
    ) -> Result<Delivery, WeComError> {
        self.deliver(credential, to, &card.content()).await
    }

    /// Updates the card of one member (`message/update_template_card`): its buttons go, and it says what was decided.
    ///
    /// # Errors
    /// When WeCom did not say what became of it: the code may still be good. As [`WeCom::send_card`] besides.
    pub async fn settle_card(
        &self,
        credential: &Credential,
        (userid, code): (&str, &ResponseCode),
        settled: &SettledCard<'_>,
    ) -> Result<CardUpdate, WeComError> {
        let whole = json!({ "template_card": settled.whole() });
        match self.update_card(credential, (userid, code), whole).await {
            Err(error) if is_final(&error) => {}
            answer => return reached(answer?, userid),
        }
        let words = json!({ "button": { "replace_name": button_words(settled.button) } });
        match self.update_card(credential, (userid, code), words).await {
            Err(error) if is_final(&error) => Ok(CardUpdate::Spent(error.to_string())),
            answer => reached(answer?, userid),
        }
    }

    async fn update_card(
        &self,
        credential: &Credential,
        (userid, code): (&str, &ResponseCode),
        mut change: Value,
    ) -> Result<Reply, WeComError> {
        const CALL: &str = "message/update_template_card";
        let SecretKind::App { agent_id } = credential.kind else {
            return Err(message::no_app(CALL));
        };
        if let Some(fields) = change.as_object_mut() {
            fields.insert("userids".to_owned(), json!([userid]));
            fields.insert("agentid".to_owned(), json!(agent_id));
            fields.insert("response_code".to_owned(), json!(code.expose()));
        }
        self.call(credential, ApiRequest::new(CALL).body(change)).await
    }
}

/// Whether WeCom refused it for what was asked, and not for who asked or when.
fn is_final(error: &WeComError) -> bool {
    let about_what = matches!(error.class, Class::Defect | Class::Outcome | Class::Restart);
    error.errcode.is_some() && about_what
}

fn reached(reply: Reply, userid: &str) -> Result<CardUpdate, WeComError> {
    let row = reply.row();
    let missed = match row.list("invaliduser") {
        Ok(listed) => listed
            .iter()
            .filter_map(Value::as_str)
            .any(|other| is_same(other, userid)),
        Err(_) => {
            let listed = row.exact("invaliduser").map_err(|reason| reply.unreadable(reason))?;
            listed
                .unwrap_or_default()
                .split('|')
                .any(|other| is_same(other, userid))
        }
    };
    Ok(if missed {
        CardUpdate::NotTheirs
    } else {
        CardUpdate::Updated
    })
}

fn is_same(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other)
}

fn button_words(text: &str) -> String {
    let words = plain(text, usize::MAX);
    words.chars().take(LONGEST_BUTTON).collect()
}

/// Text of a card. Nobody says whether WeCom reads markup in it, so it gets letters that look like those of markup and are none.
fn plain(text: &str, longest: usize) -> String {
    let cleaned = clean(text);
    let letters = cleaned.chars().map(|letter| match letter {
        '<' => '＜',
        '>' => '＞',
        '&' => '＆',
        letter => letter,
    });
    let letters: String = letters.collect();
    cut(&letters, longest).to_owned()
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
