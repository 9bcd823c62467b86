//! What the use cases of installations share: their dependencies, reading, and the credentials of a suite and of an installed app.

use uuid::Uuid;

use super::{
    failure::InstallationFailure,
    model::{Filter, Installation, Invitation, PERMANENT_CODE, QR},
    store::{self, counts, invitations, keeping::Code},
    view::{InstallationView, InvitationView},
};
use crate::{
    crypto::seal::Sealer,
    directory::{offboarding::Offboarding, store::Change, suite, wecom_app},
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Result,
        home_runtime::HomeRuntime,
        secret::Secret,
        sorting::{SortedListing, SortedPage},
    },
    store::{Database, Ephemeral},
    wecom::{
        WeCom,
        model::{Credential, SecretKind, SuiteCredential},
    },
};

/// Dependencies of installations.
#[derive(Clone)]
pub struct Dependencies {
    /// Database.
    pub database: Database,
    /// Where codes are claimed.
    pub ephemeral: Ephemeral,
    /// Seals permanent codes.
    pub sealer: Sealer,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Asks WeCom.
    pub wecom: WeCom,
    /// Ends access.
    pub offboarding: Offboarding,
    /// `public_url`, to which WeCom comes back.
    pub public_url: String,
    /// Where what must not end with a request goes on.
    pub home: HomeRuntime,
}

/// The use cases of installations. Cheap to clone.
#[derive(Clone)]
pub struct Installations {
    pub(in crate::directory::installation) deps: Dependencies,
}

impl Installations {
    /// Over these parts.
    pub const fn new(deps: Dependencies) -> Self {
        Self { deps }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }

    pub(super) async fn begin(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.deps.database, &self.deps.entropy, self.now(), actor).await
    }

    /// Lists the wanted installations.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, filter: &Filter, page: &SortedPage) -> Result<SortedListing<InstallationView>> {
        let found = store::list(&self.deps.database, filter, page).await?;
        let beside = counts::beside(&self.deps.database, &found.items).await?;
        Ok(found.map(|one| InstallationView::of(one, &beside)))
    }

    /// One installation as the API shows it.
    ///
    /// # Errors
    /// `IN-101` when there is none.
    pub async fn shown(&self, id: Uuid) -> Result<InstallationView> {
        let one = self.installation(id).await?;
        let beside = counts::beside(&self.deps.database, std::slice::from_ref(&one)).await?;
        Ok(InstallationView::of(one, &beside))
    }

    pub(super) async fn installation(&self, id: Uuid) -> Result<Installation> {
        let found = store::find(&self.deps.database, id).await?;
        found.ok_or_else(|| InstallationFailure::NotFound.into())
    }

    /// An invitation of a suite as the API shows it; the address of the install page is not shown again.
    ///
    /// # Errors
    /// `IN-101` when there is none.
    pub async fn invitation_shown(&self, suite: Uuid, id: Uuid) -> Result<InvitationView> {
        let one = self.invitation(suite, id).await?;
        let qr = match &one.qr_sealed {
            Some(sealed) => Some(self.deps.sealer.open_text(QR, sealed)?.expose().clone()),
            None => None,
        };
        Ok(InvitationView {
            qr,
            ..InvitationView::of(one, self.now())
        })
    }

    pub(super) async fn invitation(&self, suite: Uuid, id: Uuid) -> Result<Invitation> {
        let found = invitations::find(&self.deps.database, id).await?;
        let found = found.filter(|found| found.suite == suite);
        found.ok_or_else(|| InstallationFailure::NotFound.into())
    }

    /// The credential of a suite, which must have a good ticket.
    pub(super) async fn suite(&self, id: Uuid) -> Result<SuiteCredential> {
        let Dependencies { database, sealer, .. } = &self.deps;
        let found = suite::store::credential(database, sealer, self.now(), id).await?;
        let found = found.ok_or(InstallationFailure::NotFound)?;
        match found.ticket {
            Some(_) => Ok(found),
            None => Err(InstallationFailure::NoTicket.into()),
        }
    }

    /// Opens the permanent code of an installation.
    pub(super) fn code(&self, sealed: Option<&str>) -> Result<Secret<String>> {
        let sealed = sealed.ok_or(InstallationFailure::Cancelled)?;
        self.deps.sealer.open_text(PERMANENT_CODE, sealed)
    }

    /// Seals a permanent code for the places where it stands.
    pub(super) fn sealed(&self, code: &Secret<String>) -> Result<Code> {
        let bytes = code.expose().as_bytes();
        Ok(Code {
            kept: self.deps.sealer.seal(PERMANENT_CODE, bytes)?,
            secret: self.deps.sealer.seal(wecom_app::SECRET, bytes)?,
        })
    }

    /// The credential of an installed app, by which WeCom is asked about its members.
    pub(super) fn app(&self, suite: &SuiteCredential, one: &Installation) -> Result<Credential> {
        let agent_id = one.agent_id.ok_or(InstallationFailure::NotRead)?;
        Ok(Credential {
            corp_id: one.corp_id.clone(),
            secret: self.code(one.code_sealed.as_deref())?,
            kind: SecretKind::App { agent_id },
            suite: Some(suite.clone()),
        })
    }
}
