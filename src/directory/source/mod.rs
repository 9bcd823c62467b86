//! Data sources: one corp's contacts that we sync, with which rules, and how its people may sign in.

pub mod input;
pub mod store;
pub mod view;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::{
    input::{NewSource, SourceChange},
    store::{Edit, Sealed},
    view::SourceView,
};
use super::{Directory, app, failure::DirectoryFailure};
use crate::kernel::{
    failure::Result,
    page::{Listing, Page},
};

/// Where the contacts-sync secret is sealed.
pub const CONTACTS_SECRET: &str = "data_source.contacts_secret";

/// What happens when a member duplicates an existing user (同步规则).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// How the people of a data source sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// For people.
    pub name: String,
    /// For people; may be empty.
    pub description: String,
    /// Corp ID.
    pub corp_id: String,
    /// 4, 12 or 24; `None`: by hand only.
    pub auto_sync_hours: Option<i32>,
    /// On duplicates.
    pub duplicate_rule: DuplicateRule,
    /// Password login.
    pub login_password: bool,
    /// WeCom login.
    pub login_wecom: bool,
    /// A run that would remove a larger share of the members pauses.
    pub removal_threshold_percent: i32,
    /// Synced, and its users may sign in.
    pub enabled: bool,
}

/// A data source without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Row id.
    pub id: Uuid,
    /// As the admin wants it.
    pub settings: Settings,
    /// Whether a contacts-sync secret is stored.
    pub contacts_secret_set: bool,
    /// The integration app.
    pub app_id: Option<Uuid>,
    /// Milliseconds.
    pub next_sync_at: Option<i64>,
    /// Milliseconds.
    pub last_synced_at: Option<i64>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

const HOUR: i64 = 3_600_000;

/// When the schedule runs next after an edit: at once if never synced, else one interval after the last run; an unchanged interval keeps
/// its appointment.
pub fn next_sync(before: Option<&Source>, wanted: Option<i32>, now: i64) -> Option<i64> {
    let hours = wanted?;
    let Some(before) = before else { return Some(now) };
    if before.settings.auto_sync_hours == Some(hours) && before.next_sync_at.is_some() {
        return before.next_sync_at;
    }
    let due = before
        .last_synced_at
        .map_or(now, |last| last.saturating_add(i64::from(hours).saturating_mul(HOUR)));
    Some(due.max(now))
}

impl Directory {
    /// Adds a data source. With WeCom login and an app it adds the auth source in the same transaction (the first of the two ways).
    ///
    /// # Errors
    /// `DI-101` for unacceptable fields, `DI-103` for a corp ID that is taken.
    pub async fn create_source(&self, actor: &str, input: NewSource) -> Result<SourceView> {
        let settings = input.settings()?;
        let app_secret = input.app.as_ref().and_then(|app| app.secret.as_ref());
        let sealed = Sealed {
            contacts: self.seal(CONTACTS_SECRET, input.contacts_secret.as_ref())?.map(Some),
            app: self.seal(app::SECRET, app_secret)?,
        };
        let agent_id = input.app.as_ref().and_then(|app| app.agent_id);
        let change = self.change(actor).await?;
        let id = store::create(change, settings, agent_id, sealed).await?;
        self.forget(store::credentials(&self.parts.database, &self.parts.sealer, id).await?)
            .await;
        self.source(id).await
    }

    /// Changes a data source.
    ///
    /// # Errors
    /// As for creating; also `DI-104` when the corp ID of a synced data source would change.
    pub async fn change_source(&self, actor: &str, id: Uuid, input: SourceChange) -> Result<SourceView> {
        input.check()?;
        let app_secret = input.app.as_ref().and_then(|app| app.as_ref()?.secret.as_ref());
        let sealed = Sealed {
            contacts: match &input.contacts_secret {
                Some(secret) => Some(self.seal(CONTACTS_SECRET, secret.as_ref())?),
                None => None,
            },
            app: self.seal(app::SECRET, app_secret)?,
        };
        let secrets_edited = sealed.contacts.is_some() || sealed.app.is_some();
        let mut stale = store::credentials(&self.parts.database, &self.parts.sealer, id).await?;
        let change = self.change(actor).await?;
        store::change(change, id, &Edit { input, sealed }).await?;
        if secrets_edited {
            stale.extend(store::credentials(&self.parts.database, &self.parts.sealer, id).await?);
            self.forget(stale).await;
        }
        self.source(id).await
    }

    /// Removes a data source with all that is mirrored from its corp. Its users stay, so that their `sub` survives, but they are disabled,
    /// their sessions ended and their grants revoked in the same transaction.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn delete_source(&self, actor: &str, id: Uuid) -> Result<()> {
        store::delete(self.change(actor).await?, id).await
    }

    /// One data source with its problems, found now.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn source(&self, id: Uuid) -> Result<SourceView> {
        let land = super::store::landscape(&self.parts.database).await?;
        let source = land.sources.iter().find(|source| source.id == id);
        let source = source.ok_or(DirectoryFailure::NotFound)?;
        Ok(SourceView::new(&land, source, &self.parts.callback_domain))
    }

    /// Data sources by id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sources(&self, page: Page) -> Result<Listing<SourceView>> {
        let land = super::store::landscape(&self.parts.database).await?;
        let listing = Listing::of_all(land.sources.iter().collect(), page, |source| source.id);
        Ok(listing.map(|source| SourceView::new(&land, source, &self.parts.callback_domain)))
    }

    /// Writes down that `actor` asks for a sync by hand, before it is started.
    ///
    /// # Errors
    /// `DI-102` when there is no such data source, `DI-108` when it is disabled.
    pub async fn request_sync(&self, actor: &str, id: Uuid) -> Result<()> {
        if !self.source(id).await?.enabled {
            return Err(DirectoryFailure::SourceDisabled.into());
        }
        let change = self.change(actor).await?;
        change.commit(format!("data_source:{id}"), "sync_requested", &[]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(hours: Option<i32>, next: Option<i64>, last: Option<i64>) -> Source {
        Source {
            id: Uuid::nil(),
            settings: Settings {
                name: String::new(),
                description: String::new(),
                corp_id: String::new(),
                auto_sync_hours: hours,
                duplicate_rule: DuplicateRule::Skip,
                login_password: true,
                login_wecom: false,
                removal_threshold_percent: 20,
                enabled: true,
            },
            contacts_secret_set: false,
            app_id: None,
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
    }
}
