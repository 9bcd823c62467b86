//! Where a value came from. Pure.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Origin {
    /// WeCom gave it.
    Wecom {
        /// By way of this data source, which may be gone by now; null: one that was gone before this was written down.
        data_source_id: Option<Uuid>,
    },
    /// A data source's template made the address.
    Template,
    /// Somebody typed it in, or emptied it.
    Admin {
        /// As in the audit log; null: before this was written down.
        actor: Option<String>,
    },
    /// It stood there before this was written down.
    Unknown,
    /// WeCom gave it because the person agreed to that inside WeCom.
    Consent {
        /// The data source whose member they are, which may be gone by now.
        data_source_id: Uuid,
        /// Of an address, which of the two it is; absent: it is no address, or this was not written down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email_source: Option<EmailSource>,
    },
}

/// Which of the two addresses that WeCom holds of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailSource {
    /// The corporate mailbox (企业邮箱), which the corp assigns.
    BizMail,
    /// Their own address (邮箱), which they may have typed in.
    Email,
}

impl Origin {
    /// Whether the value says something about the person: what was typed in here or made up says nothing about who stands behind a userid.
    pub const fn tells_of_the_person(&self) -> bool {
        matches!(self, Self::Wecom { .. } | Self::Consent { .. } | Self::Unknown)
    }
}
