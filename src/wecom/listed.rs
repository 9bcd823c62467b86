//! Lists of members that stay unread where they are, word for word, what came before ([`super::reply_record`]), and how calls are recorded.

use std::sync::Arc;

use super::{
    api_request::ApiRequest,
    client::{WeCom, members_in},
    error::WeComError,
    held_body::{HeldBody, Room},
    list_reader::ListReader,
    members,
    model::{Credential, Member, Rows, SecretKind},
    reply::Reply,
    reply_reader::ReplyReader,
    reply_record::{Digest, ReplyRecord, of_code},
    transport::Transport,
};
use crate::crypto::digest::sha256;

/// What is asked, and by whom; the token does not matter.
fn of_call(credential: &Credential, ask: &ApiRequest) -> Digest {
    let kind = match credential.kind {
        SecretKind::App { agent_id } => ("app", agent_id),
        SecretKind::ContactsSync => ("contacts", 0),
        SecretKind::ExternalContacts => ("external_contacts", 0),
    };
    let suite = credential.suite.as_ref().map(|suite| suite.suite_id.as_str());
    let asker = (credential.corp_id.as_str(), kind, suite);
    let whole = (asker, ask.call, &ask.query, &ask.body);
    sha256(&serde_json::to_vec(&whole).unwrap_or_default())
}

impl Transport {
    /// The same transport, whose calls are recorded here. Replies that came before are held back in the room.
    pub(super) fn recording(&self, record: &ReplyRecord, room: &Room) -> Self {
        let mut recording = self.clone();
        recording.record = Some(record.clone());
        recording.room = room.clone();
        recording
    }

    /// Has a call recorded, where there is a record.
    pub(super) fn recorded(&self, credential: &Credential, mut ask: ApiRequest) -> ApiRequest {
        ask.digest = self.record.as_ref().map(|_| of_call(credential, &ask));
        ask
    }

    /// Records the answer of a call.
    pub(super) fn note_answer(&self, call: Option<Digest>, answer: &Result<Reply, WeComError>) {
        let Some((record, call)) = self.record.as_ref().zip(call) else {
            return;
        };
        let answer = match answer {
            Ok(reply) => reply.digest,
            Err(error) => error.errcode.map(|code| of_code(&call, code)),
        };
        record.note(call, answer);
    }
}

impl WeCom {
    /// The same client, whose replies are recorded here. Those that came before are held back in the room.
    #[must_use]
    pub fn recording(&self, record: &ReplyRecord, room: &Room) -> Self {
        let mut recording = self.clone();
        recording.transport = Arc::new(self.transport.recording(record, room));
        recording
    }

    /// Where its replies are recorded.
    pub fn record(&self) -> Option<&ReplyRecord> {
        self.transport.record.as_ref()
    }

    /// As [`WeCom::members_of`]; where the reply is the one that came before ([`ReplyRecord`]) and there is room for it, it stays unread.
    ///
    /// # Errors
    /// See [`WeCom::agent`].
    pub async fn members_listed(&self, credential: &Credential, department: i64) -> Result<Listed, WeComError> {
        let list = members::list(credential.suite.is_some());
        let ask = members_in(department).listing(&list).may_stay_unread();
        let reply = self.call(credential, ask).await?;
        let call = reply.call;
        match reply.unread {
            Some(body) => Ok(Listed::Unread(UnreadMembers { call, body, list })),
            None => list.rows_of(&reply).map(Listed::Read),
        }
    }
}

/// A list of members.
#[derive(Debug)]
pub enum Listed {
    /// Its rows.
    Read(Rows<Member>),
    /// As it came: it is the one that came before.
    Unread(UnreadMembers),
}

/// A list of members as it came.
#[derive(Debug)]
pub struct UnreadMembers {
    call: &'static str,
    body: HeldBody,
    list: Arc<ListReader<Member>>,
}

impl UnreadMembers {
    /// Reads it.
    ///
    /// # Errors
    /// As when it would have been read at once.
    pub fn read(self) -> Result<Rows<Member>, WeComError> {
        let mut reader = ReplyReader::new(self.call, Some(&*self.list));
        for (part, _place) in self.body.into_parts() {
            reader.take(&part)?;
        }
        self.list.rows_of(&reader.finish(str::to_owned)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::testing::{Stub, app, bench};

    const LIST: &str = r#"{"errcode":0,"userlist":[{"userid":"a","name":"A","department":[7]}]}"#;

    async fn heard(replies: &[(&'static str, &'static str)], before: &[Digest]) -> (ReplyRecord, Vec<bool>) {
        let stub = Stub::scripted(replies.to_vec().leak());
        let record = ReplyRecord::default();
        record.expect(before.iter().copied().collect());
        let wecom = bench(&stub).wecom.recording(&record, &Room::default());
        let mut unread = Vec::new();
        for department in [7, 8] {
            let listed = wecom.members_listed(&app(), department).await;
            unread.push(matches!(listed, Ok(Listed::Unread(_))));
            if let Ok(Listed::Unread(list)) = listed {
                assert_eq!(list.read().unwrap().rows[0].userid, "a");
            }
        }
        drop(wecom.tags(&app()).await);
        (record, unread)
    }

    #[tokio::test]
    async fn what_was_replied_before_stays_unread_and_reads_the_same() {
        let replies = [("user/list", LIST), ("tag/list", r#"{"errcode":0,"taglist":[]}"#)];
        let (first, unread) = heard(&replies, &[]).await;
        assert!(!first.is_as_before() && first.has_differed());
        assert_eq!(unread, [false, false]);
        let before = first.answers().unwrap();
        assert_eq!(before.len(), 3);
        let (second, unread) = heard(&replies, &before).await;
        assert!(second.is_as_before() && !second.has_differed());
        assert_eq!(unread, [true, true]);
    }

    #[tokio::test]
    async fn another_word_another_order_and_a_lacking_call_differ() {
        let tags = ("tag/list", r#"{"errcode":0,"taglist":[{"tagid":1},{"tagid":2}]}"#);
        let (first, _) = heard(&[("user/list", LIST), tags], &[]).await;
        let before = first.answers().unwrap();
        for changed in [
            (
                "user/list",
                r#"{"errcode":0,"userlist":[{"userid":"a","name":"B","department":[7]}]}"#,
            ),
            (
                "user/list",
                r#"{"errcode":0,"userlist":[{"name":"A","userid":"a","department":[7]}]}"#,
            ),
            ("user/list", r#"{"errcode":60011}"#),
        ] {
            let (second, unread) = heard(&[changed, tags], &before).await;
            assert!(!second.is_as_before() && second.has_differed(), "{changed:?}");
            assert_eq!(unread, [false, false]);
        }
        let swapped = ("tag/list", r#"{"errcode":0,"taglist":[{"tagid":2},{"tagid":1}]}"#);
        let (second, unread) = heard(&[("user/list", LIST), swapped], &before).await;
        assert!(!second.is_as_before() && second.has_differed());
        assert_eq!(unread, [true, true]);
        let more: Vec<Digest> = before.iter().copied().chain([[0; 32]]).collect();
        let (second, _) = heard(&[("user/list", LIST), tags], &more).await;
        assert!(!second.is_as_before() && !second.has_differed());
    }

    #[tokio::test]
    async fn the_same_refusal_is_the_same_answer_whatever_its_words() {
        let tags = ("tag/list", r#"{"errcode":0,"taglist":[]}"#);
        let (first, _) = heard(&[("user/list", r#"{"errcode":60011,"errmsg":"hint: [1]"}"#), tags], &[]).await;
        let before = first.answers().unwrap();
        let (second, _) = heard(
            &[("user/list", r#"{"errcode":60011,"errmsg":"hint: [2]"}"#), tags],
            &before,
        )
        .await;
        assert!(second.is_as_before());
    }

    #[tokio::test]
    async fn a_call_without_an_answer_equals_nothing() {
        let (record, _) = heard(&[("user/list", "no JSON")], &[]).await;
        assert!(record.answers().is_none() && !record.is_as_before());
    }
}
