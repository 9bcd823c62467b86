//! Template cards: what `message/send` demands of them, and `message/update_template_card` (reference §7.6, §10).

use serde_json::{Value, json};

use super::call::{Answer, ApiCall, object, own_app};
use crate::errmsg::{Refusal, refusal};
use crate::mailbox::{Button, Message};
use crate::state::State;
use crate::tokens::Caller;

/// Kinds of cards.
const KINDS: [&str; 5] = [
    "text_notice",
    "news_notice",
    "button_interaction",
    "vote_interaction",
    "multiple_interaction",
];
const MOST_BUTTONS: usize = 6;
const LONGEST_KEY: usize = 1024;
const LONGEST_TASK: usize = 128;

/// What matters of a card.
pub(super) struct Card {
    pub task_id: Option<String>,
    /// The buttons that call back; others lead to an address.
    pub buttons: Vec<Button>,
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Checks a card.
pub(super) fn card(content: &Value) -> Result<Card, Refusal> {
    let kind = text(content, "card_type");
    let titled = content
        .get("main_title")
        .is_some_and(|title| !text(title, "title").is_empty());
    let says_nothing = !titled && text(content, "sub_title_text").is_empty();
    if says_nothing || !KINDS.contains(&kind) {
        return Err(refusal(40058));
    }
    let task_id = Some(text(content, "task_id").to_owned()).filter(|task| !task.is_empty());
    if task_id.as_deref().is_some_and(|task| !is_task_id(task)) {
        return Err(refusal(42014));
    }
    let buttons = match kind {
        "button_interaction" => buttons(content)?,
        "text_notice" | "news_notice" if content.get("card_action").is_none() => return Err(refusal(40058)),
        _ => Vec::new(),
    };
    if !buttons.is_empty() && task_id.is_none() {
        return Err(refusal(42014));
    }
    Ok(Card { task_id, buttons })
}

fn is_task_id(task: &str) -> bool {
    task.len() <= LONGEST_TASK && task.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-@".contains(&b))
}

fn buttons(content: &Value) -> Result<Vec<Button>, Refusal> {
    let listed = content.get("button_list").and_then(Value::as_array);
    let listed = listed.ok_or_else(|| refusal(40058))?;
    if listed.is_empty() || listed.len() > MOST_BUTTONS {
        return Err(refusal(40058));
    }
    let mut found = Vec::new();
    for button in listed {
        let (words, key) = (text(button, "text"), text(button, "key"));
        let leads = button.get("type").and_then(Value::as_u64) == Some(1);
        if words.is_empty() || (!leads && (key.is_empty() || key.len() > LONGEST_KEY)) {
            return Err(refusal(40058));
        }
        if !leads {
            found.push(Button {
                text: words.to_owned(),
                key: key.to_owned(),
            });
        }
    }
    Ok(found)
}

/// What takes the place of the buttons.
enum Change {
    Words(String),
    Card(Value),
}

/// `message/update_template_card`.
pub(super) fn update(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let own = own_app(call, caller)?;
    let code = call.text("response_code").ok_or_else(|| refusal(40063))?;
    let State { world, mailbox, .. } = state;
    let switches = &world.switches.messages;
    let change = change(&call.body, switches.card_replacement)?;
    let unknown = || refusal(switches.unknown_response_code);
    let good_for = mailbox.code(code).ok_or_else(unknown)?;
    if good_for.corp != caller.corp || good_for.agentid != own {
        return Err(refusal(42015));
    }
    if good_for.used || call.now >= good_for.until {
        return Err(refusal(switches.spent_response_code));
    }
    let asked = asked_for(&call.body);
    if asked.as_ref().is_some_and(Vec::is_empty) {
        return Err(refusal(82001));
    }
    good_for.used = true;
    let (msgid, only) = (good_for.msgid.clone(), good_for.only.clone());
    let mut invalid: Vec<String> = asked.iter().flatten().map(|userid| userid.to_lowercase()).collect();
    for message in mailbox.copies_mut(&msgid) {
        let key = message.userid.to_lowercase();
        let meant = asked.is_none() || invalid.contains(&key);
        if meant && only.as_ref().is_none_or(|only| *only == message.userid) {
            invalid.retain(|userid| *userid != key);
            replace(message, &change);
        }
    }
    let named = if switches.update_names_in_list {
        json!(invalid)
    } else {
        json!(invalid.join("|"))
    };
    Ok(object(json!({"invaliduser": named})))
}

fn change(body: &Value, takes_cards: bool) -> Result<Change, Refusal> {
    let words = body.get("button").map(|button| text(button, "replace_name"));
    match (words.filter(|words| !words.is_empty()), body.get("template_card")) {
        (Some(words), _) => Ok(Change::Words(words.to_owned())),
        (None, Some(new)) if takes_cards => {
            card(new)?;
            Ok(Change::Card(new.clone()))
        }
        _ => Err(refusal(40058)),
    }
}

/// Whose cards are meant; `None`: everybody's.
fn asked_for(body: &Value) -> Option<Vec<String>> {
    if body.get("atall").and_then(Value::as_u64) == Some(1) {
        return None;
    }
    let listed = body.get("userids").and_then(Value::as_array);
    let userids = listed.into_iter().flatten().filter_map(Value::as_str);
    Some(userids.map(str::to_owned).collect())
}

fn replace(message: &mut Message, change: &Change) {
    message.buttons.clear();
    match change {
        Change::Words(words) => message.replaced_by = Some(words.clone()),
        Change::Card(new) => {
            message.content = new.clone();
            message.buttons = buttons(new).unwrap_or_default();
        }
    }
}
