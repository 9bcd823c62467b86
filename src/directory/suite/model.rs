//! Suites as stored, where their secrets are sealed, their two callbacks, and how long a ticket serves. Pure.

use std::time::Duration;

use uuid::Uuid;

use crate::kernel::{
    clock::Timestamp,
    entity_tag::EntityTag,
    sorting::{Kind, Sort, SortWords},
};

/// Sealing context of the suite's secret.
pub const SECRET: &str = "wecom_suite.secret";
/// Sealing context of the Token of its callbacks.
pub const TOKEN: &str = "wecom_suite.token";
/// Sealing context of their EncodingAESKey.
pub const AES_KEY: &str = "wecom_suite.aes_key";
/// Sealing context of the service provider's secret.
pub const PROVIDER_SECRET: &str = "wecom_suite.provider_secret";
/// Sealing context of the newest ticket.
pub const TICKET: &str = "wecom_suite.ticket";
/// Sealing context of the temporary code that a push brought.
pub const PUSHED_CODE: &str = "suite_push.auth_code";

/// WeCom's word for a change of what a company has authorised.
pub const CHANGE: &str = "change_auth";

/// How long a ticket serves (reference 9.1).
pub const TICKET_LIFE: Duration = Duration::from_secs(30 * 60);
/// So long after a suite was entered its first ticket should have arrived; WeCom sends one every ten minutes.
pub const FIRST_TICKET: Duration = Duration::from_secs(20 * 60);

/// How a list of suites can be sorted.
pub const SORTS: SortWords = SortWords::new(
    &[
        ("created_at", Kind::Id),
        ("name", Kind::Text),
        ("updated_at", Kind::Number),
    ],
    Sort::up("created_at", Kind::Id),
);

/// Until when a ticket of this moment serves.
pub fn ticket_expires(told_at: Timestamp) -> Timestamp {
    told_at.plus(TICKET_LIFE)
}

/// When a ticket was made, by our clock: it arrived `now`, `sent` at WeCom's moment, and was made at another one of WeCom's (seconds since 1970 both). So
/// its age is told by WeCom's clock alone, and counted by ours alone, whatever the two say of each other (reference 9.1).
pub fn ticket_made(now: Timestamp, (sent, stamped): (i64, i64)) -> Timestamp {
    let age = u64::try_from(sent.saturating_sub(stamped)).unwrap_or(0);
    now.minus(Duration::from_secs(age.min(TICKET_LIFE.as_secs())))
}

/// Whether a ticket of this moment still serves.
pub fn is_ticket_valid(told_at: Timestamp, now: Timestamp) -> bool {
    now < ticket_expires(told_at)
}

/// The two callbacks of a suite (reference 6.3). They share Token and EncodingAESKey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callback {
    /// 指令回调: tickets, installations, changes.
    Command,
    /// 数据回调: events of the companies that installed it.
    Data,
}

impl Callback {
    /// The word in the database, the API and the address.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Data => "data",
        }
    }

    /// Reads the word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Command, Self::Data].into_iter().find(|one| one.word() == word)
    }
}

/// What a callback of a suite has accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// When WeCom verified it last; `None`: not since Token and EncodingAESKey were made.
    pub verified_at: Option<Timestamp>,
    /// When something authentic arrived last.
    pub received_at: Option<Timestamp>,
}

impl Accepted {
    /// When anything was accepted last.
    pub fn last(self) -> Option<Timestamp> {
        self.verified_at.max(self.received_at)
    }
}

/// What WeCom refused when the credentials were tried last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Reference number.
    pub number: String,
    /// WeCom's words.
    pub detail: String,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// A suite.
#[derive(Clone, Debug)]
pub struct Suite {
    /// Row id.
    pub id: Uuid,
    /// Changes with whatever can be edited.
    pub etag: EntityTag,
    /// Display name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// WeCom's id.
    pub suite_id: String,
    /// Its secret, still sealed: by it is known whether it was changed meanwhile.
    pub secret_sealed: String,
    /// Corp ID of the service provider.
    pub provider_corp_id: Option<String>,
    /// Whether the provider's secret is stored.
    pub provider_secret_set: bool,
    /// When the newest ticket was made, by our clock.
    pub ticket_at: Option<Timestamp>,
    /// What the command callback accepted.
    pub command: Accepted,
    /// What the data callback accepted.
    pub data: Accepted,
    /// When the credentials were tried last.
    pub checked_at: Option<Timestamp>,
    /// What was refused then.
    pub failing: Option<Failing>,
    /// What was refused of the provider's secret when it was tried last.
    pub provider_failing: Option<Failing>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

impl Suite {
    /// What this callback accepted.
    pub const fn accepted(&self, callback: Callback) -> Accepted {
        match callback {
            Callback::Command => self.command,
            Callback::Data => self.data,
        }
    }
}

/// Why requests at a callback of a suite were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedWith {
    /// The suite.
    pub suite: Uuid,
    /// Where.
    pub callback: Callback,
    /// Reference number.
    pub number: String,
    /// First.
    pub first_at: Timestamp,
    /// Last, to the minute.
    pub last_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tickets_age_is_wecoms_and_its_end_is_ours_whatever_wecoms_clock_says() {
        let now = Timestamp::from_secs(1_000_000);
        for clock in [-1500, 0, 1500] {
            let at = |ago: i64| 1_000_000 + clock - ago;
            assert_eq!(ticket_made(now, (at(0), at(0))), now, "{clock}");
            let late = ticket_made(now, (at(0), at(600)));
            assert_eq!(late, now.minus(Duration::from_secs(600)), "{clock}");
        }
        assert_eq!(ticket_made(now, (1_000_000, 2_000_000)), now, "of the future");
        assert!(!is_ticket_valid(ticket_made(now, (1_000_000, 1)), now), "of long ago");
    }

    #[test]
    fn a_ticket_serves_for_half_an_hour() {
        let told_at = Timestamp::from_secs(1_000_000);
        let after = |secs: u64| is_ticket_valid(told_at, told_at.plus(Duration::from_secs(secs)));
        assert!(after(0) && after(1799) && !after(1800) && !after(86_400));
        assert!(is_ticket_valid(told_at, told_at.minus(Duration::from_secs(60))));
    }
}
