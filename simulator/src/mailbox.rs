//! The message box: app messages as their receivers see them, what can be done with the cards among them, and what is swallowed instead
//! (reference §10).
//!
//! A response code is good for one update of the cards of one message, within its time.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde::Serialize;
use serde_json::Value;

/// Messages kept.
const KEPT: usize = 1000;

/// A button that can be pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Button {
    /// Its words.
    pub text: String,
    /// `EventKey` of the event that pressing it causes.
    pub key: String,
}

/// An app message which WeCom delivered to one member.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// Number of this copy; another receiver's has another.
    pub id: u64,
    /// Corpid.
    pub corp: String,
    /// App which sent it.
    pub agentid: u32,
    /// Canonical userid of the receiver.
    pub userid: String,
    /// `msgtype`, e.g. `textcard`.
    pub msgtype: String,
    /// The object under the key named by `msgtype`, cut to WeCom's bounds; of a card that was replaced, the new one.
    pub content: Value,
    /// Unix seconds.
    pub at: u64,
    /// `msgid` of the reply; copies of one message share it.
    pub msgid: String,
    /// `task_id` of a card.
    pub task_id: Option<String>,
    /// The buttons that can be pressed.
    pub buttons: Vec<Button>,
    /// The words that an update put in the place of the buttons.
    pub replaced_by: Option<String>,
}

/// What a response code is good for.
#[derive(Debug, Clone)]
pub(crate) struct ResponseCode {
    pub corp: String,
    pub agentid: u32,
    pub msgid: String,
    /// Only the card of this member; `None`: of all receivers.
    pub only: Option<String>,
    pub until: u64,
    pub used: bool,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Mailbox {
    messages: VecDeque<Message>,
    last: u64,
    codes: HashMap<String, ResponseCode>,
    /// When a content was sent last, by app and words.
    sent: HashMap<(String, u32, String), u64>,
    tasks: BTreeSet<(String, u32, String)>,
}

impl Mailbox {
    /// Puts a copy into the box.
    pub(crate) fn put(&mut self, message: Message) {
        self.last += 1;
        self.messages.push_back(Message {
            id: self.last,
            ..message
        });
        while self.messages.len() > KEPT {
            self.messages.pop_front();
        }
    }

    /// The copies, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter()
    }

    pub(crate) fn find(&self, id: u64) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    pub(crate) fn find_mut(&mut self, id: u64) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.id == id)
    }

    /// The copies of one message.
    pub(crate) fn copies_mut(&mut self, msgid: &str) -> impl Iterator<Item = &mut Message> {
        self.messages.iter_mut().filter(move |message| message.msgid == msgid)
    }

    /// Empties the box; codes, task ids and the duplicate check stay.
    pub(crate) fn clear(&mut self) {
        self.messages.clear();
    }

    /// Whether the same was sent within the interval; if not, it counts as sent now.
    pub(crate) fn repeats(&mut self, app: (&str, u32), words: String, now: u64, interval: u64) -> bool {
        let key = (app.0.to_owned(), app.1, words);
        if self.sent.get(&key).is_some_and(|at| now < at + interval) {
            return true;
        }
        self.sent.insert(key, now);
        false
    }

    /// Takes a task id; false when the app used it before.
    pub(crate) fn take_task(&mut self, app: (&str, u32), task_id: &str) -> bool {
        self.tasks.insert((app.0.to_owned(), app.1, task_id.to_owned()))
    }

    pub(crate) fn give_code(&mut self, code: String, good_for: ResponseCode) {
        self.codes.insert(code, good_for);
    }

    pub(crate) fn code(&mut self, code: &str) -> Option<&mut ResponseCode> {
        self.codes.get_mut(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_counts_as_the_same_within_the_interval_only() {
        let mut mailbox = Mailbox::default();
        let mut sent = |app, words: &str, now| mailbox.repeats(app, words.to_owned(), now, 1800);
        assert!(!sent(("ww1", 1), "hi", 1000));
        assert!(sent(("ww1", 1), "hi", 2799));
        assert!(!sent(("ww1", 1), "hello", 1000) && !sent(("ww1", 2), "hi", 1000) && !sent(("ww2", 1), "hi", 1000));
        assert!(!sent(("ww1", 1), "hi", 2800));
        assert!(sent(("ww1", 1), "hi", 2801));
    }
}
