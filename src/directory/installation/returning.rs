//! WeCom's install page came back: whoever made the invitation redeems it, once, and the corp is bound at once.

use uuid::Uuid;

use super::{
    exchanging::{Came, Exchanged},
    failure::InstallationFailure,
    input::InstallReturn,
    model::{AUTH_CODE, CODE_LIFE, Invitation, Stage, UNFINISHED, Way},
    service::Installations,
    store::{self, invitations, turns},
    view::InvitationView,
};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
        secret::Secret,
        spans,
    },
    store::request_versions,
};

impl Installations {
    /// Redeems an invitation with what WeCom's install page came back with, and binds the corp. Answers the invitation: `connected` with its
    /// installation, or `redeemed` where something after the exchange is still being tried. The same return again is answered likewise.
    ///
    /// # Errors
    /// `IN-102` for what is no code, `IN-104` for a `state` that is unknown or another admin's, `IN-105` where another code redeemed it, `IN-106`
    /// where it is too late, `WC-161` for a code that is used or too old; `IN-108`, `IN-109`, `IN-121`, `IN-140` and `DI-280` where the corp cannot be bound.
    /// Where WeCom does not answer the invitation stays as it was.
    pub async fn returned(&self, actor: &str, input: &InstallReturn) -> Result<InvitationView> {
        input.check()?;
        let database = &self.deps.database;
        let found = invitations::of_state(database, &sha256_base64url(input.state.as_bytes())).await?;
        let found = found.filter(|found| found.created_by == actor && found.way == Way::Browser);
        let invitation = found.ok_or(InstallationFailure::ForeignState)?;
        if let Some((entry, detail)) = invitation
            .refused
            .as_ref()
            .and_then(|(number, detail)| Some((crate::entry(number)?, detail)))
        {
            return Err(Failure::of(entry).detail(detail));
        }
        let code = input.auth_code.expose().as_bytes();
        let digest = sha256_base64url(code);
        self.suite(invitation.suite).await?;
        // What it is redeemed with is kept until it is exchanged: whoever is killed meanwhile is followed by another.
        let sealed = self.deps.sealer.seal(AUTH_CODE, code)?;
        if !invitations::redeem(database, invitation.id, (&digest, sealed), self.now()).await? {
            // The same return again, by a reload or a double click, goes on where the first stopped.
            self.is_same(&invitation, &digest).await?;
        }
        let (suite, id) = (invitation.suite, invitation.id);
        self.in_its_own_task(invitation, input.auth_code.clone()).await?;
        self.invitation_shown(suite, id).await
    }

    /// A task of its own: a browser that gives up waiting takes nothing with it that WeCom gives only once.
    async fn in_its_own_task(&self, invitation: Invitation, code: Secret<String>) -> Result<()> {
        let this = self.clone();
        let work = async move { this.finish_return(&invitation, &code).await };
        let done = self.deps.home.spawn(spans::carry(Box::pin(work))).await;
        // What it changed, the task knows and this one does not.
        request_versions::forget();
        done.map_err(|error| InstallationFailure::Unread.failure().cause(error))?
    }

    async fn finish_return(&self, invitation: &Invitation, code: &Secret<String>) -> Result<()> {
        let came = Came {
            suite: invitation.suite,
            code,
            told_at: self.now().millis(),
            state: None,
            reset: false,
        };
        let exchanged = match self.suite(invitation.suite).await {
            Ok(suite) => self.exchange(&suite, &came).await,
            Err(failure) => Err(failure),
        };
        match exchanged {
            Ok(Exchanged::Kept(id) | Exchanged::Late(id)) => self.settle_returned(id).await,
            Ok(Exchanged::Busy) => {
                // Whoever exchanges it finds this invitation by the code, or has just looked for it.
                let digest = sha256_base64url(code.expose().as_bytes());
                turns::hurry(&self.deps.database, (invitation.suite, &digest), self.now()).await
            }
            Err(failure) => self.not_exchanged(invitation, code, failure).await,
        }
    }

    /// What WeCom did not take. A code that is used up may be that of a company which another replica kept meanwhile: then the return goes on.
    async fn not_exchanged(&self, invitation: &Invitation, code: &Secret<String>, failure: Failure) -> Result<()> {
        let digest = sha256_base64url(code.expose().as_bytes());
        if let Some(kept) = store::of_code(&self.deps.database, invitation.suite, &digest).await? {
            return self.settle_returned(kept.id).await;
        }
        self.give_back(invitation.id, &failure).await?;
        Err(failure)
    }

    /// Exchanges the codes that came back and whose exchange nobody finished; what is older than such a code lives is given up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn take_up_returns(&self) -> Result<()> {
        let before = self.now().minus(UNFINISHED);
        for (invitation, sealed) in invitations::unfinished(&self.deps.database, before).await? {
            let used_at = invitation.used_at.map(Timestamp::from_millis);
            if used_at.is_none_or(|at| at.plus(CODE_LIFE) <= self.now()) {
                let late = InstallationFailure::InvitationExpired.entry().number;
                invitations::give_up(&self.deps.database, invitation.id, (late, "")).await?;
                continue;
            }
            let code = self.deps.sealer.open_text(AUTH_CODE, &sealed)?;
            if let Err(failure) = self.finish_return(&invitation, &code).await {
                tracing::warn!(%failure, invitation = %invitation.id, "an installation that was interrupted could not be finished");
            }
        }
        Ok(())
    }

    /// Whether this is the return by which the invitation was redeemed.
    async fn is_same(&self, invitation: &Invitation, digest: &str) -> Result<()> {
        let same = invitations::of_code(self.deps.database.reader(), invitation.suite, digest).await?;
        match same {
            Some(same) if same.id == invitation.id => Ok(()),
            _ if invitation.stage(self.now()) == Stage::Expired => Err(InstallationFailure::InvitationExpired.into()),
            _ => Err(InstallationFailure::InvitationUsed.into()),
        }
    }

    /// An invitation whose code WeCom did not take is as it was before.
    async fn give_back(&self, invitation: Uuid, failure: &Failure) -> Result<()> {
        tracing::info!(%failure, %invitation, "an installation could not be finished");
        invitations::release(&self.deps.database, invitation).await
    }
}
