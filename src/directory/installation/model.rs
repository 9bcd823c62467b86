//! Installations and invitations as values, and their bounds. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::state::{Status, Weight, weigh};
use crate::{
    directory::importing::rules::ImportMode,
    kernel::{
        clock::Timestamp,
        sorting::{Kind, Sort, SortWords},
    },
};

/// Sealing context of a permanent code.
pub const PERMANENT_CODE: &str = "suite_installation.permanent_code";
/// Sealing context of the code that WeCom's install page came back with.
pub const AUTH_CODE: &str = "suite_invitation.auth_code";
/// Sealing context of what a QR code holds.
pub const QR: &str = "suite_invitation.qr";

/// How long an installation waits for an admin to bind it.
pub const UNBOUND_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long an invitation to install by phone can be used.
pub const PHONE_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long the scan that binds may take.
pub const SCAN_LIFE: Duration = Duration::from_secs(10 * 60);
/// How often WeCom is asked whether the app is still installed: pushes may be lost (reference 6.5).
pub const CHECK_GAP: Duration = Duration::from_secs(3600);
/// For so long what is being done about an installation, or about a push, is kept from other replicas.
pub const CLAIM: Duration = Duration::from_secs(60);
/// An answer that nothing is authorised is confirmed by a second one after this time, unless WeCom told that the app was deleted.
pub const CONFIRM: Duration = Duration::from_secs(60);
/// How far our clock and WeCom's may be apart.
const SKEW: Duration = Duration::from_secs(5 * 60);
/// After this time whoever was to exchange a code that came back is taken for dead.
pub const UNFINISHED: Duration = Duration::from_secs(30);
/// How long a push is tried that brought a code, which lives for ten minutes (reference 9.3).
pub const CODE_LIFE: Duration = Duration::from_secs(10 * 60);
/// How long any other push is tried.
pub const PUSH_LIFE: Duration = Duration::from_secs(24 * 3600);

/// How a list of installations can be sorted.
pub const SORTS: SortWords = SortWords::new(
    &[("created_at", Kind::Id), ("corp_name", Kind::Text)],
    Sort::down("created_at", Kind::Id),
);

/// How long to wait after so many failures in a row: from a second to five minutes.
pub fn back_off(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts).unwrap_or(0).min(9);
    Duration::from_secs(2_u64.saturating_pow(doublings).min(300))
}

/// How a suite is installed: `browser`: on WeCom's install page, which comes back here; `phone`: by the app's QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = InstallationWay)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// On WeCom's install page, which comes back here and so proves who asked.
    Browser,
    /// By the app's QR code: nothing comes back, so a member must scan to bind.
    Phone,
}

impl Way {
    /// All.
    pub const ALL: [Self; 2] = [Self::Browser, Self::Phone];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Phone => "phone",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.word() == word)
    }
}

/// A corp that installed a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Row id.
    pub id: Uuid,
    /// Row id of the suite.
    pub suite: Uuid,
    /// Corp ID, as the suite knows it.
    pub corp_id: String,
    /// As WeCom named it; may be empty.
    pub corp_name: String,
    /// As WeCom names the app; empty until first read.
    pub app_name: String,
    /// `None`: not read yet.
    pub agent_id: Option<i64>,
    /// Where it stands. One whose data source was removed is unbound again, without an end.
    pub status: Status,
    /// How it was installed last.
    pub way: Way,
    /// The permanent code, sealed.
    pub code_sealed: Option<String>,
    /// A code that came late, sealed.
    pub candidate_sealed: Option<String>,
    /// Digest of the auth code it was got by.
    pub code_digest: Option<String>,
    /// Digest of the one that a code which came late was got by.
    pub candidate_digest: Option<String>,
    /// When, how and by whom it was installed by that code.
    pub candidate_told: Option<Told>,
    /// The invitation it came from, or that its `state` names.
    pub invitation: Option<Uuid>,
    /// userid of who installed it.
    pub installed_by: Option<String>,
    /// Milliseconds, by WeCom's clock where it told.
    pub installed_at: i64,
    /// Milliseconds.
    pub expires_at: Option<i64>,
    /// Not by the corp's admin.
    pub by_member: bool,
    /// What was authorised.
    pub scope: ScopeCounts,
    /// Digest of that.
    pub scope_digest: Option<String>,
    /// When WeCom told that last.
    pub read_at: Option<i64>,
    /// What it is bound to.
    pub data_source: Option<Uuid>,
    /// Its data source was removed here while the corp has the app.
    pub has_lost_source: bool,
    /// By whom and when.
    pub bound: Option<(String, i64)>,
    /// Since when WeCom says that nothing is authorised.
    pub missing_since: Option<i64>,
    /// When the corp deleted the app.
    pub cancelled_at: Option<i64>,
    /// The corp's data is still to be removed.
    pub removal_due: bool,
    /// When it was.
    pub removed_at: Option<i64>,
    /// When there is something to do.
    pub next_at: Option<i64>,
    /// How often that failed in a row.
    pub attempts: i32,
    /// Number and detail of why.
    pub problem: Option<(String, String)>,
    /// Milliseconds.
    pub created_at: i64,
}

impl Installation {
    /// As the audit log names it.
    pub fn subject(&self) -> String {
        subject(self.id)
    }

    /// What a deletion that WeCom told at this moment (milliseconds) is worth. Of an install in the browser WeCom tells no moment: ours may be off.
    pub fn weigh_deletion(&self, told_at: i64) -> Weight {
        let slack = match self.way {
            Way::Browser => i64::try_from(SKEW.as_millis()).unwrap_or(i64::MAX),
            Way::Phone => 0,
        };
        weigh(told_at, Some(self.installed_at.saturating_add(slack)))
    }
}

/// What an installation is told with: when, how and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When WeCom told it, milliseconds.
    pub at: i64,
    /// How it was installed.
    pub way: Way,
    /// userid of who agreed, where WeCom tells it.
    pub by: Option<String>,
    /// Name of the corp, where WeCom tells it.
    pub corp_name: Option<String>,
    /// The invitation it came from.
    pub invitation: Option<Uuid>,
    /// The permanent code was reset, nothing else.
    pub reset: bool,
}

/// As the audit log names an installation.
pub fn subject(id: Uuid) -> String {
    format!("installation:{id}")
}

/// How many of each were picked when the corp authorised the app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScopeCounts {
    /// Members picked singly.
    pub members: i64,
    /// Departments, each with all that is below it.
    pub departments: i64,
    /// Tags.
    pub tags: i64,
}

/// Which installations are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this suite.
    pub suite: Option<Uuid>,
    /// In this status.
    pub status: Option<Status>,
    /// Of companies whose name or corp ID contains this text, without regard to letter case.
    pub search: Option<String>,
}

/// An admin who wants to connect a corp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Row id.
    pub id: Uuid,
    /// Row id of the suite.
    pub suite: Uuid,
    /// How.
    pub way: Way,
    /// Who becomes a user.
    pub import: ImportMode,
    /// What the QR code holds, sealed.
    pub qr_sealed: Option<String>,
    /// Who made it, as in the audit log.
    pub created_by: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub expires_at: i64,
    /// When it was redeemed.
    pub used_at: Option<i64>,
    /// Whether the code it was redeemed with may still lead to something.
    pub has_code: bool,
    /// When the corp was bound by it.
    pub fulfilled_at: Option<i64>,
    /// What it led to, or, before that, what is taken for it.
    pub installation: Option<Uuid>,
    /// Number and words of why nothing came of it.
    pub refused: Option<(String, String)>,
}

impl Invitation {
    /// Where it stands now.
    pub fn stage(&self, now: Timestamp) -> Stage {
        match (self.fulfilled_at, self.used_at) {
            (Some(_), _) => Stage::Connected,
            (None, Some(_)) if !self.has_code => Stage::Failed,
            (None, Some(_)) => Stage::Redeemed,
            (None, None) if self.expires_at <= now.millis() => Stage::Expired,
            (None, None) => Stage::Open,
        }
    }
}

/// Where an invitation stands: `open`; `redeemed`: WeCom came back, and the company is being connected; `connected`; `failed`: it could not be;
/// `expired`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = InvitationStage)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It can be used.
    Open,
    /// WeCom came back, and the company is being connected.
    Redeemed,
    /// It led to a connected company.
    Connected,
    /// The company could not be connected by it.
    Failed,
    /// Its time is over.
    Expired,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_from_a_second_to_five_minutes() {
        let waits: Vec<u64> = (-1..12).map(|attempts| back_off(attempts).as_secs()).collect();
        assert_eq!(waits, [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    }
}
