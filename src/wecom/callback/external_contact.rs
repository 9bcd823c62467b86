//! Events about customers of the corp, its chats with customers and its tags of customers (reference 8).

use super::fields::Fields;
use crate::{wecom::model::is_userid, word_schema};

/// Bytes of an id or word of WeCom at most, as of a userid.
const LONGEST: usize = 64;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExternalChange {
    /// A member added a customer.
    AddExternalContact,
    /// A remark or a tag changed.
    EditExternalContact,
    /// A customer added a member, who has not agreed yet.
    AddHalfExternalContact,
    /// A member deleted a customer.
    DelExternalContact,
    /// A customer deleted a member.
    DelFollowUser,
    /// A customer could not be handed over.
    TransferFail,
    /// A chat with customers was made.
    ChatCreate,
    /// Its members, name, owner or notice changed.
    ChatUpdate,
    /// It was dissolved.
    ChatDismiss,
    /// A tag of customers was made.
    TagCreate,
    /// It was renamed.
    TagUpdate,
    /// It was deleted.
    TagDelete,
    /// Tags were put into another order.
    TagShuffle,
    /// Something that WeCom tells under the same heads and nobody described.
    Other,
}

impl ExternalChange {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::AddExternalContact,
        Self::EditExternalContact,
        Self::AddHalfExternalContact,
        Self::DelExternalContact,
        Self::DelFollowUser,
        Self::TransferFail,
        Self::ChatCreate,
        Self::ChatUpdate,
        Self::ChatDismiss,
        Self::TagCreate,
        Self::TagUpdate,
        Self::TagDelete,
        Self::TagShuffle,
        Self::Other,
    ];

    /// The word in the database and the API: WeCom's `ChangeType`, behind `chat_` or `tag_` where it is about these.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AddExternalContact => "add_external_contact",
            Self::EditExternalContact => "edit_external_contact",
            Self::AddHalfExternalContact => "add_half_external_contact",
            Self::DelExternalContact => "del_external_contact",
            Self::DelFollowUser => "del_follow_user",
            Self::TransferFail => "transfer_fail",
            Self::ChatCreate => "chat_create",
            Self::ChatUpdate => "chat_update",
            Self::ChatDismiss => "chat_dismiss",
            Self::TagCreate => "tag_create",
            Self::TagUpdate => "tag_update",
            Self::TagDelete => "tag_delete",
            Self::TagShuffle => "tag_shuffle",
            Self::Other => "other",
        }
    }

    /// All words.
    pub fn words() -> [&'static str; 14] {
        Self::ALL.map(Self::word)
    }

    /// Reads the word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.word() == word)
    }
}

word_schema!(
    ExternalChange,
    "ExternalContactChange",
    "What happened: `add_external_contact`: a member added a customer; `edit_external_contact`: a remark or a tag changed; `add_half_external_contact`: a \
     customer added a member, who has not agreed yet; `del_external_contact`: a member deleted a customer; `del_follow_user`: a customer deleted a member; \
     `transfer_fail`: a customer could not be handed over; `chat_create`, `chat_update`, `chat_dismiss`: of a chat with customers; `tag_create`, `tag_update`, \
     `tag_delete`, `tag_shuffle`: of the corp's tags of customers; `other`: what nobody described.",
    ExternalChange::words()
);

/// An event about customers. Whom it names is nobody here: an `external_userid` is no userid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalContactEvent {
    /// What happened.
    pub change: ExternalChange,
    /// The member.
    pub userid: Option<String>,
    /// The customer.
    pub external_userid: Option<String>,
    /// The chat.
    pub chat_id: Option<String>,
    /// WeCom's word for how or why: `Source`, `FailReason` or `UpdateDetail`.
    pub detail: Option<String>,
}

impl ExternalContactEvent {
    /// Reads what an event under this head tells; `None`: it is about something else, or does not say what about.
    pub(super) fn read(head: &str, fields: &Fields) -> Option<Self> {
        let word = fields.text("ChangeType")?;
        let (prefix, subject) = match head {
            "change_external_contact" => ("", "ExternalUserID"),
            "change_external_chat" => ("chat_", "ChatId"),
            "change_external_tag" => ("tag_", "Id"),
            _ => return None,
        };
        let change = ExternalChange::of_word(&format!("{prefix}{word}"));
        // An order of all tags is about none of them.
        let needs_subject = !matches!(change, None | Some(ExternalChange::TagShuffle));
        let subject = id(fields, subject);
        if needs_subject && subject.is_none() {
            return None;
        }
        let detail = ["Source", "FailReason", "UpdateDetail"]
            .into_iter()
            .find_map(|path| id(fields, path));
        let (external_userid, chat_id) = match head {
            "change_external_contact" => (subject, None),
            _ => (None, subject.filter(|_| prefix == "chat_")),
        };
        Some(Self {
            change: change.unwrap_or(ExternalChange::Other),
            userid: fields
                .text("UserID")
                .filter(|found| is_userid(found))
                .map(str::to_owned),
            external_userid,
            chat_id,
            detail,
        })
    }
}

/// An id or a word of WeCom; what has another form is none.
fn id(fields: &Fields, path: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'@');
    let found = fields.text(path)?;
    (found.len() <= LONGEST && found.bytes().all(plain)).then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str, change: &str, rest: &str) -> Option<ExternalContactEvent> {
        let document = format!("<xml><Event>{head}</Event><ChangeType>{change}</ChangeType>{rest}</xml>");
        ExternalContactEvent::read(head, &Fields::read(document.as_bytes()).unwrap())
    }

    #[test]
    fn every_change_is_read_with_whom_it_is_about() {
        let heads = [
            ("change_external_contact", "", "ExternalUserID"),
            ("change_external_chat", "chat_", "ChatId"),
            ("change_external_tag", "tag_", "Id"),
        ];
        let of = |change: ExternalChange| {
            let found = heads
                .iter()
                .rev()
                .find(|(_, prefix, _)| change.word().starts_with(prefix));
            found.copied().unwrap()
        };
        for change in ExternalChange::ALL
            .into_iter()
            .filter(|change| *change != ExternalChange::Other)
        {
            let (head, prefix, subject) = of(change);
            let word = change.word().strip_prefix(prefix).unwrap();
            let about = format!("<UserID>lihua</UserID><{subject}>wmAbc-1</{subject}>");
            let found = read(head, word, &about).unwrap();
            assert_eq!(found.change, change);
            assert_eq!(found.external_userid.is_some(), prefix.is_empty(), "{change:?}");
            assert_eq!(found.chat_id.is_some(), prefix == "chat_", "{change:?}");
            if change != ExternalChange::TagShuffle {
                assert_eq!(read(head, word, "<UserID>lihua</UserID>"), None, "{change:?}");
                let odd = format!("<{subject}>li hua</{subject}>");
                assert_eq!(read(head, word, &odd), None, "{change:?}");
            }
        }
    }

    #[test]
    fn what_nobody_described_is_told_as_such_and_other_heads_are_not_read() {
        let found = read("change_external_contact", "msg_audit_approved", "").unwrap();
        assert_eq!((found.change, found.external_userid), (ExternalChange::Other, None));
        assert_eq!(read("change_contact", "create_user", "<UserID>lihua</UserID>"), None);
        assert_eq!(read("change_external_contact", "", ""), None);
    }

    #[test]
    fn how_and_why_are_words_and_nothing_else() {
        let whom = "<UserID>lihua</UserID><ExternalUserID>wm1</ExternalUserID>";
        let told = |rest: &str| {
            read("change_external_contact", "transfer_fail", &format!("{whom}{rest}"))
                .unwrap()
                .detail
        };
        assert_eq!(
            told("<FailReason>customer_refused</FailReason>").as_deref(),
            Some("customer_refused")
        );
        assert_eq!(
            told("<Source>DELETE_BY_TRANSFER</Source>").as_deref(),
            Some("DELETE_BY_TRANSFER")
        );
        assert_eq!(told("<FailReason>a &lt;b&gt;</FailReason>"), None);
        assert_eq!(told(&format!("<FailReason>{}</FailReason>", "x".repeat(65))), None);
        assert_eq!(told("<WelcomeCode>SECRET</WelcomeCode>"), None);
    }
}
