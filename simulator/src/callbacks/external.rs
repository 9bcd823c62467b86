//! Events of external contacts, of chats with them and of their tags (reference §8).

use serde::{Deserialize, Serialize};

use super::render::Node;

/// Something happened between a member and a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalContact {
    /// What happened.
    pub change: ExternalChange,
    /// Userid.
    pub userid: String,
    /// `external_userid` of the customer.
    pub external_userid: String,
    /// `State` of the QR code that the customer scanned. An empty one is left out, as are the following two.
    #[serde(default)]
    pub state: String,
    /// `Source` of `del_external_contact`.
    #[serde(default)]
    pub source: String,
    /// `FailReason` of `transfer_fail`.
    #[serde(default)]
    pub fail_reason: String,
}

/// `ChangeType` of `change_external_contact`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExternalChange {
    /// A customer was added.
    AddExternalContact,
    /// A remark or a tag changed.
    EditExternalContact,
    /// A customer added the member, who has not agreed.
    AddHalfExternalContact,
    /// The member deleted the customer.
    DelExternalContact,
    /// The customer deleted the member.
    DelFollowUser,
    /// The customer refused to be handed over.
    TransferFail,
}

impl ExternalChange {
    fn name(self) -> &'static str {
        match self {
            Self::AddExternalContact => "add_external_contact",
            Self::EditExternalContact => "edit_external_contact",
            Self::AddHalfExternalContact => "add_half_external_contact",
            Self::DelExternalContact => "del_external_contact",
            Self::DelFollowUser => "del_follow_user",
            Self::TransferFail => "transfer_fail",
        }
    }
}

impl ExternalContact {
    /// Its elements, with the userid as the receiver knows it.
    pub(super) fn fields(&self, userid: &str) -> Vec<Node> {
        let always = [
            Node::text("ChangeType", self.change.name()),
            Node::text("UserID", userid),
            Node::text("ExternalUserID", &self.external_userid),
        ];
        let given = [
            ("State", &self.state),
            ("Source", &self.source),
            ("FailReason", &self.fail_reason),
        ];
        let given = given.into_iter().filter(|(_, text)| !text.is_empty());
        always
            .into_iter()
            .chain(given.map(|(name, text)| Node::text(name, text)))
            .collect()
    }
}

/// Something happened to a chat with customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalChat {
    /// What happened.
    pub change: ChatChange,
    /// `ChatId`.
    pub chat_id: String,
    /// `UpdateDetail`, e.g. `add_member`. An empty one is left out.
    #[serde(default)]
    pub update_detail: String,
    /// `MemChangeCnt`: how many came or went.
    #[serde(default)]
    pub members: Option<u32>,
}

/// `ChangeType` of `change_external_chat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatChange {
    /// It was made.
    Create,
    /// Something of it changed.
    Update,
    /// It was dissolved.
    Dismiss,
}

impl ExternalChat {
    pub(super) fn fields(&self) -> Vec<Node> {
        let change = match self.change {
            ChatChange::Create => "create",
            ChatChange::Update => "update",
            ChatChange::Dismiss => "dismiss",
        };
        let detail = Some(&self.update_detail).filter(|detail| !detail.is_empty());
        let always = [Node::text("ChatId", &self.chat_id), Node::text("ChangeType", change)];
        always
            .into_iter()
            .chain(detail.map(|detail| Node::text("UpdateDetail", detail)))
            .chain(self.members.map(|count| Node::number("MemChangeCnt", count)))
            .collect()
    }
}

/// Something happened to a tag of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalTag {
    /// What happened.
    pub change: TagChange,
    /// `Id` of the tag.
    pub id: String,
}

/// `ChangeType` of `change_external_tag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagChange {
    /// It was made.
    Create,
    /// It was renamed.
    Update,
    /// It was deleted.
    Delete,
    /// Tags were put into another order.
    Shuffle,
}

impl ExternalTag {
    pub(super) fn fields(&self) -> Vec<Node> {
        let change = match self.change {
            TagChange::Create => "create",
            TagChange::Update => "update",
            TagChange::Delete => "delete",
            TagChange::Shuffle => "shuffle",
        };
        vec![
            Node::text("Id", &self.id),
            Node::text("TagType", "tag"),
            Node::text("ChangeType", change),
        ]
    }
}
