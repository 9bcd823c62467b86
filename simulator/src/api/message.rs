//! API `message/send` (reference §10): delivers to the message box, names who could not be reached, swallows what was sent before.
//!
//! Not here: media, `message/recall`.

use serde_json::{Map, Value, json};

use super::call::{Answer, ApiCall, number, object, own_app, view};
use super::card::{Card, card};
use super::receivers::{Receivers, receivers};
use crate::errmsg::{Refusal, hex, refusal};
use crate::mailbox::{Message, ResponseCode};
use crate::state::State;
use crate::tokens::Caller;
use crate::world::{MessageSwitches, RepeatedTask};

const LONGEST_TEXT: usize = 2048;
const LONGEST_TITLE: usize = 128;
const LONGEST_DESCRIPTION: usize = 512;
const LONGEST_URL: usize = 2048;
const LONGEST_BUTTON: usize = 4;
/// The interval of the duplicate check, in seconds, where none is given, and the longest.
const INTERVAL: u64 = 1800;
const LONGEST_INTERVAL: u64 = 4 * 3600;

pub(super) fn send(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let own = own_app(call, caller)?;
    let switches = state.world.switches.messages.clone();
    let msgtype = call.text("msgtype").ok_or_else(|| refusal(40063))?.to_owned();
    let given = call.body.get(&msgtype).ok_or_else(|| refusal(40063))?;
    let content = checked(&msgtype, given, &switches)?;
    let card = match msgtype.as_str() {
        "template_card" => Some(card(&content)?),
        _ => None,
    };
    let needs_callback = switches.cards_need_callback && card.as_ref().is_some_and(|card| !card.buttons.is_empty());
    let heard = state.world.app_hears(&caller.corp, own);
    if needs_callback && !heard {
        return Err(refusal(43012));
    }
    let receivers = receivers(&call.body, &view(state, caller)?)?;
    if receivers.userids.is_empty() {
        return Err(refusal(81013));
    }
    within_quota((&caller.corp, own), &receivers, call.now, state)?;
    let swallowed = is_swallowed(call, (&caller.corp, own), (&msgtype, &content, card.as_ref()), state)?;
    let msgid = hex(&mut state.rng, 32);
    let message = Message {
        id: 0,
        corp: caller.corp.clone(),
        agentid: own,
        userid: String::new(),
        msgtype,
        content,
        at: call.now,
        msgid,
        task_id: card.as_ref().and_then(|card| card.task_id.clone()),
        buttons: card.as_ref().map(|card| card.buttons.clone()).unwrap_or_default(),
        replaced_by: None,
    };
    let mut reply = named(&receivers);
    if !swallowed || switches.swallowed_has_ids {
        reply.insert("msgid".to_owned(), json!(message.msgid));
        if card.is_some() {
            let code = response_code(&message, switches.send_response_code_seconds, state);
            reply.insert("response_code".to_owned(), json!(code));
        }
    }
    if !swallowed {
        deliver(&message, receivers.userids, state);
    }
    Ok(reply)
}

/// The content as it is delivered: too long texts are cut, not refused.
fn checked(msgtype: &str, given: &Value, switches: &MessageSwitches) -> Result<Value, Refusal> {
    let mut content = given.clone();
    let bounds: &[(&str, usize)] = match msgtype {
        "text" => &[("content", LONGEST_TEXT)],
        "textcard" => &[("title", LONGEST_TITLE), ("description", LONGEST_DESCRIPTION)],
        _ => &[],
    };
    for (field, longest) in bounds {
        let text = content.get(*field).and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() {
            return Err(refusal(if msgtype == "text" { 44004 } else { 40058 }));
        }
        let cut = cut(text, *longest, switches.lengths_in_characters).to_owned();
        put(&mut content, field, cut);
    }
    if msgtype == "textcard" {
        let url = content.get("url").and_then(Value::as_str).unwrap_or_default();
        if url.is_empty() || url.len() > LONGEST_URL {
            return Err(refusal(40058));
        }
        if !url.contains("://") {
            return Err(refusal(45034));
        }
        let button = content.get("btntxt").and_then(Value::as_str).unwrap_or("详情");
        let button = cut(button, LONGEST_BUTTON, true).to_owned();
        put(&mut content, "btntxt", button);
    }
    Ok(content)
}

fn put(content: &mut Value, field: &str, text: String) {
    if let Some(fields) = content.as_object_mut() {
        fields.insert(field.to_owned(), Value::String(text));
    }
}

fn cut(text: &str, longest: usize, in_characters: bool) -> &str {
    let fits = |(at, (start, letter)): &(usize, (usize, char))| {
        let size = if in_characters {
            at + 1
        } else {
            start + letter.len_utf8()
        };
        size <= longest
    };
    let ends = text.char_indices().enumerate().take_while(fits);
    let end = ends.last().map_or(0, |(_, (start, letter))| start + letter.len_utf8());
    text.get(..end).unwrap_or_default()
}

/// Whether nothing is delivered because the same was sent before; 42014 where a repeated task id is refused instead.
fn is_swallowed(
    call: &ApiCall,
    app: (&str, u32),
    (msgtype, content, card): (&str, &Value, Option<&Card>),
    state: &mut State,
) -> Result<bool, Refusal> {
    let State { world, mailbox, .. } = state;
    let switches = &world.switches.messages;
    if number(call.body.get("enable_duplicate_check")) == Some(1) {
        let interval = number(call.body.get("duplicate_check_interval")).unwrap_or(INTERVAL);
        let receivers = ["touser", "toparty", "totag"].map(|key| call.body.get(key).cloned().unwrap_or_default());
        let receivers = json!(receivers).to_string().to_lowercase();
        let receivers = if switches.duplicate_check_ignores_receivers {
            ""
        } else {
            &receivers
        };
        let words = format!("{msgtype} {content} {receivers}");
        if mailbox.repeats(app, words, call.now, interval.min(LONGEST_INTERVAL)) {
            return Ok(true);
        }
    }
    let Some(task_id) = card.and_then(|card| card.task_id.as_deref()) else {
        return Ok(false);
    };
    let new = mailbox.take_task(app, task_id);
    match switches.repeated_task {
        RepeatedTask::Refused if !new => Err(refusal(42014)),
        RepeatedTask::Swallowed => Ok(!new),
        RepeatedTask::Refused | RepeatedTask::Delivered => Ok(false),
    }
}

fn within_quota(app: (&str, u32), receivers: &Receivers, now: u64, state: &mut State) -> Result<(), Refusal> {
    let State { world, counters, .. } = state;
    let accounts = world.corps.get(app.0).map_or(0, |corp| corp.members.len()) as u64;
    let most = accounts.saturating_mul(u64::from(world.limits.messages_per_account));
    if counters.quota(app, receivers.userids.len(), most, now) {
        Ok(())
    } else {
        Err(refusal(45009))
    }
}

fn named(receivers: &Receivers) -> Map<String, Value> {
    object(json!({
        "invaliduser": receivers.invalid_users.join("|"), "invalidparty": receivers.invalid_parties.join("|"),
        "invalidtag": receivers.invalid_tags.join("|"), "unlicenseduser": receivers.unlicensed.join("|"),
    }))
}

fn response_code(message: &Message, seconds: u64, state: &mut State) -> String {
    let code = hex(&mut state.rng, 40);
    let good_for = ResponseCode {
        corp: message.corp.clone(),
        agentid: message.agentid,
        msgid: message.msgid.clone(),
        only: None,
        until: message.at + seconds,
        used: false,
    };
    state.mailbox.give_code(code.clone(), good_for);
    code
}

/// Puts a copy for each receiver into the box, but for those to whom it vanishes.
fn deliver(message: &Message, userids: Vec<String>, state: &mut State) {
    let State {
        world,
        counters,
        mailbox,
        ..
    } = state;
    for userid in userids {
        let vanishes = &world.switches.messages.vanish_for;
        let vanishes = vanishes.iter().any(|other| other.eq_ignore_ascii_case(&userid));
        let free = counters.message(&message.corp, message.agentid, &userid, message.at, &world.limits);
        if free && !vanishes {
            mailbox.put(Message {
                userid,
                ..message.clone()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn texts_are_cut_between_characters_by_bytes_or_by_characters() {
        assert_eq!(
            (cut("李华李华", 7, false), cut("李华李华", 3, true)),
            ("李华", "李华李")
        );
        assert_eq!(
            (cut("ab", 5, false), cut("", 5, true), cut("李", 2, false)),
            ("ab", "", "")
        );
    }
}
