//! After a permanent code is kept: WeCom says what was authorised, what came late is weighed by its answer, and what an admin proved to be theirs is
//! bound. Whatever fails here is tried again.

use std::{collections::BTreeSet, time::Duration};

use uuid::Uuid;

use super::{
    failure::InstallationFailure,
    model::{CHECK_GAP, Installation, Invitation, ScopeCounts, back_off},
    service::Installations,
    state::Status,
    store::{
        self, binding,
        binding::Binding,
        invitations, keeping, standing,
        turns::{self, Read},
    },
};
use crate::{
    crypto::digest::sha256_base64url,
    directory::DirectoryFailure,
    kernel::failure::{Failure, Result},
    wecom::{model::SuiteCredential, suite::InstallationInfo},
};

/// Longest detail that is kept, characters.
const LONGEST: usize = 300;

impl Installations {
    /// Does whatever is next about an installation. What fails is noted at it and tried again: nothing of that is a failure here.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn settle(&self, id: Uuid) -> Result<()> {
        match self.settle_returned(id).await {
            // The invitation says so.
            Err(failure) if is_final(&failure) => Ok(()),
            settled => settled,
        }
    }

    /// The same for whoever came back from WeCom's install page: they are told why nothing comes of it.
    ///
    /// # Errors
    /// Why the corp cannot be bound by this invitation.
    pub(super) async fn settle_returned(&self, id: Uuid) -> Result<()> {
        let one = self.installation(id).await?;
        match self.settle_now(&one).await {
            Err(failure) if !is_final(&failure) => self.note(&one, &failure).await,
            settled => settled,
        }
    }

    /// Notes why something failed, and when it is tried again.
    pub(super) async fn note(&self, one: &Installation, failure: &Failure) -> Result<()> {
        tracing::warn!(%failure, installation = %one.id, "an installation could not be brought up to date");
        let next = self.now().plus(back_off(one.attempts));
        let detail = short(failure);
        turns::failed(&self.deps.database, one, ((failure.entry.number, &detail), next)).await
    }

    async fn settle_now(&self, one: &Installation) -> Result<()> {
        if one.removal_due {
            self.remove_data(one).await?;
            let one = self.installation(one.id).await?;
            return Box::pin(self.go_on(&one)).await;
        }
        self.go_on(one).await
    }

    async fn go_on(&self, one: &Installation) -> Result<()> {
        if one.candidate_sealed.is_some() {
            return Box::pin(self.weigh_candidate(one)).await;
        }
        if !one.status.is_live() {
            return turns::again_at(&self.deps.database, one, None).await;
        }
        let suite = self.suite(one.suite).await?;
        if !self.read(&suite, one).await? {
            return Ok(());
        }
        let Some(digest) = &one.code_digest else { return Ok(()) };
        let proven = invitations::of_code(self.deps.database.reader(), one.suite, digest).await?;
        match proven.filter(|proven| proven.fulfilled_at.is_none()) {
            Some(proven) => self.fulfil(one.id, &proven).await,
            None => Ok(()),
        }
    }

    /// Reads what was authorised; false where nothing is any more, or the installation is another one by now.
    pub(super) async fn read(&self, suite: &SuiteCredential, one: &Installation) -> Result<bool> {
        let code = self.code(one.code_sealed.as_deref())?;
        let info = match self.deps.wecom.installation(suite, &one.corp_id, &code).await {
            Ok(info) => info,
            Err(error) if error.is_not_installed() => {
                self.missing(one).await?;
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        self.keep_read(one, &info).await
    }

    pub(super) async fn keep_read(&self, one: &Installation, info: &InstallationInfo) -> Result<bool> {
        let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
        let read = Read {
            corp_name: info.corp_name.clone(),
            app_name: info.app_name.clone(),
            agent_id: info.agent_id,
            by_member: info.by_member,
            scope: ScopeCounts {
                members: count(info.users.len()),
                departments: count(info.departments.len()),
                tags: count(info.tags.len()),
            },
            scope_digest: scope_digest(info),
        };
        let again = self.now().plus(CHECK_GAP);
        match read.is_known(one) {
            true => turns::confirm(&self.deps.database, one, (self.now(), again)).await,
            false => turns::keep_read(self.begin("system").await?, one, (&read, again)).await,
        }
    }

    /// A code that came late counts where WeCom answers by it.
    async fn weigh_candidate(&self, one: &Installation) -> Result<()> {
        let suite = self.suite(one.suite).await?;
        let asked = one.candidate_sealed.as_deref();
        let code = self.code(asked)?;
        match self.deps.wecom.installation(&suite, &one.corp_id, &code).await {
            Ok(_) => {
                self.forget_tokens(&suite, one).await;
                let change = self.begin("system").await?;
                match keeping::adopt(change, (one.id, asked), &self.sealed(&code)?).await? {
                    true => Box::pin(self.settle(one.id)).await,
                    // Another one is there by now, and due.
                    false => Ok(()),
                }
            }
            Err(error) if error.is_not_installed() => {
                if !keeping::drop_candidate(self.begin("system").await?, (one.id, asked)).await? {
                    return Ok(());
                }
                // By the code that counts nothing has changed.
                turns::again_at(&self.deps.database, one, Some(self.now().plus(Duration::from_secs(1)))).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Binds what an admin proved to be theirs by coming back from WeCom's install page with the code of this installation. A company that is bound
    /// already was brought up to date by that.
    async fn fulfil(&self, id: Uuid, invitation: &Invitation) -> Result<()> {
        let database = &self.deps.database;
        if self.installation(id).await?.status == Status::Bound {
            return Ok(invitations::fulfil(database.writer(), invitation.id, id, self.now()).await?);
        }
        let bound = match standing::may_configure(database, &invitation.created_by, self.now()).await? {
            true => self.bind(&invitation.created_by, id, invitation).await,
            false => Err(InstallationFailure::NoStanding.into()),
        };
        match bound {
            Err(failure) if is_final(&failure) => {
                let detail = short(&failure);
                match invitations::give_up(database, invitation.id, (failure.entry.number, &detail)).await? {
                    true => Err(failure),
                    // The same return at the same moment was quicker.
                    false => Ok(()),
                }
            }
            bound => bound.map(drop),
        }
    }

    /// Binds an installation in the name of an admin.
    ///
    /// # Errors
    /// `IN-108` where somebody else did, `IN-109` where the corp is connected by another suite; see [`binding::why_not`].
    pub(super) async fn bind(&self, actor: &str, id: Uuid, invitation: &Invitation) -> Result<Uuid> {
        let one = self.installation(id).await?;
        if one.status != Status::Unbound {
            return Err(binding::why_not(&one));
        }
        // What was told of the corp before goes first.
        self.remove_data(&one).await?;
        let code = self.code(one.code_sealed.as_deref())?;
        let sealed = self.sealed(&code)?;
        let wanted = Binding {
            invitation: invitation.id,
            way: invitation.way,
            import: invitation.import,
            code: one.code_sealed.as_deref().unwrap_or_default(),
            secret: &sealed.secret,
        };
        let change = self.begin(actor).await?;
        binding::bind((change, &self.deps.database), id, &wanted).await
    }

    /// Asks WeCom about an installation now, in the name of an admin.
    ///
    /// # Errors
    /// `IN-101` when there is none.
    pub async fn check(&self, id: Uuid) -> Result<()> {
        self.settle(id).await
    }

    /// Drops what is cached of the tokens of an installed app.
    pub(super) async fn forget_tokens(&self, suite: &SuiteCredential, one: &Installation) {
        if let Ok(credential) = self.app(suite, one) {
            self.deps.wecom.forget(&credential).await;
        }
    }

    /// The installation of a suite in a corp.
    pub(super) async fn installed(&self, suite: Uuid, corp_id: &str) -> Result<Option<Installation>> {
        store::of_corp(&self.deps.database, suite, corp_id).await
    }
}

/// The detail of a failure as it is kept.
fn short(failure: &Failure) -> String {
    let detail = failure.detail.iter().flat_map(|detail| detail.chars());
    detail.take(LONGEST).collect()
}

/// Tells what was authorised apart, in whatever order WeCom lists it.
fn scope_digest(info: &InstallationInfo) -> String {
    let users: BTreeSet<&String> = info.users.iter().collect();
    let departments: BTreeSet<&i64> = info.departments.iter().collect();
    let tags: BTreeSet<&i64> = info.tags.iter().collect();
    sha256_base64url(format!("{users:?}{departments:?}{tags:?}").as_bytes())
}

/// Whether an invitation leads nowhere any more.
fn is_final(failure: &Failure) -> bool {
    let last = [
        InstallationFailure::AlreadyBound,
        InstallationFailure::MovedAway,
        InstallationFailure::BoundElsewhere,
        InstallationFailure::NoStanding,
    ];
    let by_hand = failure.entry == DirectoryFailure::AppTaken.entry();
    by_hand || last.iter().any(|last| failure.entry == last.entry())
}
