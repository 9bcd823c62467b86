//! OpenedSuites, opened, beside the secrets of the apps that were installed from them: the one place where the credential of a WeCom app is made. Pure.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    crypto::{failure::CryptoFailure, seal::Sealer},
    directory::wecom_app::model::SECRET,
    kernel::failure::Result,
    wecom::model::{Credential, SecretKind, SuiteCredential},
};

/// An app with its secret as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct SealedApp<'a> {
    /// Corp ID.
    pub corp_id: &'a str,
    /// AgentId.
    pub agent_id: i64,
    /// Sealed for `wecom_app.secret`.
    pub secret: &'a str,
    /// Row id of its suite; `None`: the corp made it itself.
    pub suite: Option<Uuid>,
}

/// OpenedSuites by row id.
#[derive(Clone, Debug, Default)]
pub struct OpenedSuites(HashMap<Uuid, SuiteCredential>);

impl OpenedSuites {
    /// These suites.
    pub const fn new(opened: HashMap<Uuid, SuiteCredential>) -> Self {
        Self(opened)
    }

    /// The credential of an app.
    ///
    /// # Errors
    /// `CR-101` where its secret, or one of its suite, does not open with this seal key.
    pub fn credential(&self, sealer: &Sealer, app: SealedApp<'_>) -> Result<Credential> {
        let suite = match app.suite {
            None => None,
            Some(id) => {
                let known = self.0.get(&id).cloned();
                Some(known.ok_or_else(|| CryptoFailure::Unreadable.failure().detail("the suite of this app"))?)
            }
        };
        Ok(Credential {
            corp_id: app.corp_id.to_owned(),
            secret: sealer.open_text(SECRET, app.secret)?,
            kind: SecretKind::App { agent_id: app.agent_id },
            suite,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{entropy::Entropy, secret::Secret};

    #[test]
    fn an_installed_app_has_no_credential_without_its_suite() {
        let sealer = Sealer::new(&Secret::new(vec![7; 32]), Entropy::system()).unwrap();
        let secret = sealer.seal(SECRET, b"code").unwrap();
        let id = Uuid::from_u128(1);
        let app = |suite| SealedApp {
            corp_id: "wpA",
            agent_id: 1_000_003,
            secret: &secret,
            suite,
        };
        assert!(
            OpenedSuites::default()
                .credential(&sealer, app(None))
                .unwrap()
                .suite
                .is_none()
        );
        let missing = OpenedSuites::default().credential(&sealer, app(Some(id))).unwrap_err();
        assert_eq!(missing.entry.number, "CR-101");
        let suite = SuiteCredential {
            suite_id: "ww9".to_owned(),
            secret: Secret::new("s".to_owned()),
            ticket: None,
            provider: None,
        };
        let suites = OpenedSuites::new(HashMap::from([(id, suite)]));
        let opened = suites.credential(&sealer, app(Some(id))).unwrap();
        assert_eq!(
            (opened.secret.expose().as_str(), opened.suite.unwrap().suite_id.as_str()),
            ("code", "ww9")
        );
    }
}
