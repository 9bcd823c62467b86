//! Events of external contacts (reference §8).

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
