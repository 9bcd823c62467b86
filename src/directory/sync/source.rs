//! A data source as the sync needs it: its rules, and the secrets opened for this run only.

use std::{collections::HashMap, sync::Arc};

use uuid::Uuid;

use super::failure::SyncFailure;
use crate::{
    crypto::{digest::sha256, seal::Sealer},
    directory::{
        data_source::{guard::Guard, model::ReadBy},
        email::VouchedDomain,
        importing::rules::ImportRules,
        suite::opened::{OpenedSuites, SealedApp},
    },
    kernel::failure::Result,
    wecom::{
        Digest,
        model::{Credential, SecretKind},
    },
};

/// What to do when a member duplicates an existing user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuplicateRule {
    /// 覆盖: the user becomes the member's, with WeCom's values.
    Overwrite,
    /// 不同步: the user stays as it is.
    Skip,
}

/// A data source.
#[derive(Clone, Debug)]
pub struct Source {
    /// Row id.
    pub id: Uuid,
    /// WeCom corp ID.
    pub corp_id: String,
    /// Names its corp in its mode, as users keep it.
    pub corp_key: String,
    /// The suite by which it is connected; `None`: by an app of its own.
    pub suite: Option<Uuid>,
    /// Whether it may be synced.
    pub enabled: bool,
    /// How the contacts are read.
    pub read_by: ReadBy,
    /// The rule for duplicates.
    pub rule: DuplicateRule,
    /// Whether people go on while it is in doubt who they are, rather than wait for an admin.
    pub doubtful_continue: bool,
    /// Who becomes a user, and who is one already.
    pub import: ImportRules,
    /// Domains whose addresses are verified, because an admin vouches for them.
    pub vouched_domains: Vec<VouchedDomain>,
    /// Share of members that may vanish in one run, percent.
    pub removal_threshold_percent: u32,
    /// What else a run may do unasked.
    pub guard: Guard,
    /// From where its people's addresses are taken.
    pub email_sources: Vec<String>,
    /// The run that was taken back last: until an admin starts or confirms one by hand, none is applied by itself.
    pub undone_run: Option<Uuid>,
    /// Sealed for `data_source.contacts_secret`.
    pub contacts_secret_sealed: Option<String>,
    /// The integration app.
    pub app: Option<App>,
    /// A move to this app is only rehearsed: with these ids.
    pub rehearsal: Option<Arc<Rehearsal>>,
}

/// Ids that members would have.
#[derive(Debug, Default)]
pub struct Rehearsal {
    /// Names the corp in its mode until then.
    pub corp_key: String,
    /// The app by which people sign in until then.
    pub leaves: Option<Uuid>,
    /// By member: userid and key.
    pub ids: HashMap<Uuid, (String, String)>,
}

/// A WeCom app.
#[derive(Clone, Debug)]
pub struct App {
    /// Row id.
    pub id: Uuid,
    /// WeCom corp ID.
    pub corp_id: String,
    /// WeCom AgentId.
    pub agent_id: i64,
    /// Sealed for `wecom_app.secret`.
    pub secret_sealed: String,
    /// The suite that it was installed from.
    pub suite: Option<Uuid>,
}

/// The credentials a run may use; at least one is there.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Of the contacts-sync helper: the whole corp, often ids only.
    pub contacts: Option<Credential>,
    /// Of the integration app: its visible scope, with details.
    pub app: Option<Credential>,
}

impl App {
    /// Opens the secret.
    ///
    /// # Errors
    /// `CR-101` when it does not open.
    pub fn credential(&self, sealer: &Sealer, suites: &OpenedSuites) -> Result<Credential> {
        let app = SealedApp {
            corp_id: &self.corp_id,
            agent_id: self.agent_id,
            secret: &self.secret_sealed,
            suite: self.suite,
        };
        suites.credential(sealer, app)
    }
}

impl Source {
    /// Names its corp in its mode as the data source's row does, also while a move is rehearsed.
    pub fn held_corp_key(&self) -> &str {
        let rehearsal = self.rehearsal.as_ref();
        rehearsal.map_or(&self.corp_key, |rehearsal| &rehearsal.corp_key)
    }

    /// Tells states of its settings apart, and with them the programs that plan by them: what they make of the same settings may differ. That a run
    /// was taken back is none: it decides whether a plan is applied, not what it says.
    pub fn digest(&self, program: &Digest) -> Digest {
        let settings = Self {
            undone_run: None,
            ..self.clone()
        };
        sha256(format!("{program:?} {settings:?}").as_bytes())
    }

    /// Opens the secrets.
    ///
    /// # Errors
    /// `SY-102` without any, `SY-115` when the app is another corp's, `CR-101` when they do not open.
    pub fn credentials(&self, sealer: &Sealer, suites: &OpenedSuites) -> Result<Credentials> {
        // A secret of the company's own would read its plain ids and names.
        if self.suite.is_some() && self.contacts_secret_sealed.is_some() {
            return Err(SyncFailure::AppOfOtherCorp.failure());
        }
        let contacts = match &self.contacts_secret_sealed {
            Some(sealed) => Some(Credential {
                corp_id: self.corp_id.clone(),
                secret: sealer.open_text("data_source.contacts_secret", sealed)?,
                kind: SecretKind::ContactsSync,
                suite: None,
            }),
            None => None,
        };
        let app = match &self.app {
            Some(app) if app.corp_id != self.corp_id || app.suite != self.suite => {
                return Err(SyncFailure::AppOfOtherCorp.failure());
            }
            Some(app) => Some(app.credential(sealer, suites)?),
            None => None,
        };
        if contacts.is_none() && app.is_none() {
            return Err(SyncFailure::NoCredentials.failure());
        }
        Ok(Credentials { contacts, app })
    }
}

#[cfg(test)]
mod tests {
    use super::{App, DuplicateRule, ImportRules, OpenedSuites, Sealer, SecretKind, Source, Uuid};
    use crate::kernel::{entropy::Entropy, secret::Secret};

    fn sealer() -> Sealer {
        Sealer::new(&Secret::new(vec![7; 32]), Entropy::seeded(1)).unwrap()
    }

    fn source(contacts: Option<&str>, app_corp: Option<&str>) -> Source {
        let seal = |context, secret: &str| sealer().seal(context, secret.as_bytes()).unwrap();
        Source {
            id: Uuid::nil(),
            corp_id: "ww1".to_owned(),
            corp_key: "ww1".to_owned(),
            suite: None,
            enabled: true,
            read_by: crate::directory::data_source::model::ReadBy::Lists,
            rule: DuplicateRule::Skip,
            doubtful_continue: false,
            import: ImportRules::default(),
            vouched_domains: Vec::new(),
            removal_threshold_percent: 20,
            guard: crate::directory::data_source::guard::Guard::default(),
            email_sources: Vec::new(),
            undone_run: None,
            contacts_secret_sealed: contacts.map(|secret| seal("data_source.contacts_secret", secret)),
            app: app_corp.map(|corp_id| App {
                id: Uuid::nil(),
                corp_id: corp_id.to_owned(),
                agent_id: 9,
                secret_sealed: seal("wecom_app.secret", "app"),
                suite: None,
            }),
            rehearsal: None,
        }
    }

    #[test]
    fn each_secret_opens_as_its_kind() {
        let opened = source(Some("contacts"), Some("ww1"))
            .credentials(&sealer(), &OpenedSuites::default())
            .unwrap();
        let (contacts, app) = (opened.contacts.unwrap(), opened.app.unwrap());
        assert_eq!(
            (contacts.kind, contacts.secret.expose().as_str()),
            (SecretKind::ContactsSync, "contacts")
        );
        assert_eq!(
            (app.kind, app.secret.expose().as_str()),
            (SecretKind::App { agent_id: 9 }, "app")
        );
    }

    #[test]
    fn no_secret_and_a_foreign_app_are_refused() {
        let number = |source: Source| {
            source
                .credentials(&sealer(), &OpenedSuites::default())
                .unwrap_err()
                .entry
                .number
        };
        assert_eq!(number(source(None, None)), "SY-102");
        assert_eq!(number(source(Some("contacts"), Some("ww2"))), "SY-115");
    }
}
