//! Data sources: their settings, their rows and when the next sync is due. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::guard::Guard;
use crate::directory::{email::model::EmailSettings, importing::rules::ImportRules, wecom_app::model::WeComApp};

/// Sealing context of the contacts-sync secret.
pub const CONTACTS_SECRET: &str = "data_source.contacts_secret";
/// Sealing context of the secret of 客户联系.
pub const CUSTOMER_SECRET: &str = "data_source.customer_secret";

/// What happens when a member duplicates an existing user (同步规则): `overwrite` takes the user over, unless that is a console admin or
/// another corp's user; `skip` leaves the member out, with a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateRule {
    /// 覆盖: the member takes the user over, unless that is a console admin or another corp's user.
    Overwrite,
    /// 不同步: the member is left out, with a reason.
    #[default]
    Skip,
}

impl DuplicateRule {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overwrite => "overwrite",
            Self::Skip => "skip",
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Overwrite, Self::Skip]
            .into_iter()
            .find(|rule| rule.word() == word)
    }
}

/// What happens while an admin has not decided whether somebody is the person they were: `wait`: nobody enters by that account, and nothing
/// ends; `continue`: whoever has the userid goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoubtfulIdentity {
    /// Nobody enters by that account; nothing ends.
    #[default]
    Wait,
    /// Whoever has the userid goes on.
    Continue,
}

impl DoubtfulIdentity {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Continue => "continue",
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Wait, Self::Continue]
            .into_iter()
            .find(|rule| rule.word() == word)
    }
}

/// How a sync reads the contacts: `lists`: department by department; `export`: by WeCom's asynchronous export, encrypted files of
/// everything the secret sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadBy {
    /// Department by department, by WeCom's lists.
    #[default]
    Lists,
    /// By WeCom's asynchronous export: encrypted files of everything the secret sees.
    Export,
}

impl ReadBy {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lists => "lists",
            Self::Export => "export",
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Lists, Self::Export].into_iter().find(|way| way.word() == word)
    }
}

/// How people sign in: with a `password`, or by `wecom_qr`, which scans a QR code, or is silent inside the WeCom client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoginMethod {
    /// Password.
    Password,
    /// WeCom: QR code, or silently inside the client.
    WecomQr,
}

/// What an admin decides about a data source, besides its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Display name.
    pub name: String,
    /// Free text; may be empty.
    pub description: String,
    /// Corp ID.
    pub corp_id: String,
    /// 4, 12 or 24; `None`: by hand only.
    pub auto_sync_hours: Option<i32>,
    /// How a sync reads the contacts.
    pub read_by: ReadBy,
    /// The rule for duplicates.
    pub duplicate_rule: DuplicateRule,
    /// What happens while it is in doubt who somebody is.
    pub doubtful_identity: DoubtfulIdentity,
    /// Who becomes a user, and who is one already.
    pub import: ImportRules,
    /// Password login.
    pub login_password: bool,
    /// WeCom login.
    pub login_wecom: bool,
    /// A run that would remove a larger share of the members pauses.
    pub removal_threshold_percent: i32,
    /// What else a run may do unasked.
    pub guard: Guard,
    /// Synced, and its users may sign in.
    pub enabled: bool,
    /// Where its people's addresses come from, and which are verified.
    pub email: EmailSettings,
    /// Members who are not imported may ask to be.
    pub access_requests: bool,
    /// Users who may decide about that without a console role.
    pub approvers: Vec<Uuid>,
}

/// A data source without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSource {
    /// Row id.
    pub id: Uuid,
    /// What the admin decided.
    pub settings: Settings,
    /// The suite by which it is connected; `None`: by an app of its own.
    pub suite: Option<Uuid>,
    /// Whether a contacts-sync secret is stored.
    pub contacts_secret_set: bool,
    /// Whether a secret of 客户联系 is stored.
    pub customer_secret_set: bool,
    /// The integration app.
    pub app_id: Option<Uuid>,
    /// Why it is off although no admin switched it off.
    pub disabled_reason: Option<String>,
    /// The run that was taken back last: until an admin starts or confirms one by hand, none is applied by itself.
    pub undone_run: Option<Uuid>,
    /// Milliseconds.
    pub next_sync_at: Option<i64>,
    /// Milliseconds.
    pub last_synced_at: Option<i64>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

impl DataSource {
    /// Whether an app is one of its corp, in the same mode.
    pub fn has(&self, app: &WeComApp) -> bool {
        self.settings.corp_id == app.corp_id && self.suite == app.suite
    }
}

const HOUR: i64 = 3_600_000;

/// When the next sync is due after an edit: at once if never synced, else one interval after the last run; an unchanged interval keeps its
/// due time, and so does a run to be made up for where there is no schedule.
pub fn next_sync(before: Option<&DataSource>, wanted: Option<i32>, now: i64) -> Option<i64> {
    let Some(hours) = wanted else {
        return before
            .filter(|before| before.settings.auto_sync_hours.is_none())?
            .next_sync_at;
    };
    let Some(before) = before else { return Some(now) };
    if before.settings.auto_sync_hours == Some(hours) && before.next_sync_at.is_some() {
        return before.next_sync_at;
    }
    let due = before
        .last_synced_at
        .map_or(now, |last| last.saturating_add(i64::from(hours).saturating_mul(HOUR)));
    Some(due.max(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(hours: Option<i32>, next: Option<i64>, last: Option<i64>) -> DataSource {
        DataSource {
            id: Uuid::nil(),
            settings: Settings {
                name: String::new(),
                description: String::new(),
                corp_id: String::new(),
                auto_sync_hours: hours,
                read_by: ReadBy::Lists,
                duplicate_rule: DuplicateRule::Skip,
                doubtful_identity: DoubtfulIdentity::Wait,
                import: ImportRules::default(),
                login_password: true,
                login_wecom: false,
                removal_threshold_percent: 20,
                guard: Guard::default(),
                enabled: true,
                email: EmailSettings::default(),
                access_requests: false,
                approvers: Vec::new(),
            },
            contacts_secret_set: false,
            customer_secret_set: false,
            app_id: None,
            disabled_reason: None,
            suite: None,
            undone_run: None,
            next_sync_at: next,
            last_synced_at: last,
            created_at: 0,
            updated_at: 0,
        }
    }

    #[test]
    fn the_schedule_follows_the_interval() {
        let now = 100 * HOUR;
        assert_eq!(next_sync(None, Some(4), now), Some(now));
        assert_eq!(next_sync(None, None, now), None);
        let idle = source(None, None, None);
        assert_eq!(next_sync(Some(&idle), Some(12), now), Some(now));
        let synced = source(Some(24), Some(120 * HOUR), Some(96 * HOUR));
        assert_eq!(next_sync(Some(&synced), Some(24), now), Some(120 * HOUR));
        assert_eq!(next_sync(Some(&synced), Some(12), now), Some(108 * HOUR));
        assert_eq!(next_sync(Some(&synced), Some(4), now), Some(now));
        assert_eq!(next_sync(Some(&synced), None, now), None);
        let interrupted = source(None, Some(now + 1), None);
        assert_eq!(next_sync(Some(&interrupted), None, now), Some(now + 1));
    }
}
