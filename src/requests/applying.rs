//! What the person does: looks where their request stands, applies, withdraws. All of it rests on the proof of the scan just made, in the browser that
//! made it, and on no parameter.

use serde_json::json;

use super::{
    failure::RequestFailure,
    input::check_reason,
    model::{
        A_DAY, AccessRequest, Decision, LIFETIME, LINK_LIFETIME, MOST_OF_MEMBER, MOST_OPEN, SignInMode, Via, tame,
    },
    service::{Requests, record},
    state::State,
    store::{self, Asked, MemberStanding, Outcome},
};
use crate::{
    audit::Kind,
    crypto::digest::sha256_base64url,
    directory::store::Change,
    gate::CONSOLE,
    kernel::failure::Result,
    signin::refused_identity::RefusedIdentity,
    web::{
        context::{self, Company},
        texts::Lang,
    },
};

/// How it stands with whoever looks.
#[derive(Clone, Debug)]
pub struct OwnStanding {
    /// Who they are, in words.
    pub who: String,
    /// Name of the portal they wanted to enter.
    pub portal: Option<String>,
    /// Their last request.
    pub last: Option<AccessRequest>,
    /// They are a user by now, and may sign in.
    pub imported: bool,
    /// They are a user by now, who is disabled.
    pub disabled: bool,
}

impl OwnStanding {
    /// Their request that waits.
    pub fn open(&self) -> Option<&AccessRequest> {
        self.last.as_ref().filter(|last| last.state == State::Open)
    }
}

impl Requests {
    async fn proven(&self, journey: &str, cookie: Option<&str>) -> Result<RefusedIdentity> {
        let identity = self.deps.journeys.refused_identity(journey, cookie).await?;
        let identity = identity.ok_or_else(|| RequestFailure::NotProven.failure())?;
        context::company(|| Company::Source(identity.data_source));
        Ok(identity)
    }

    /// How it stands with whoever was refused in this browser.
    ///
    /// # Errors
    /// `AR-101` without the proof of a scan.
    pub async fn own_standing(&self, journey: &str, cookie: Option<&str>) -> Result<OwnStanding> {
        let identity = self.proven(journey, cookie).await?;
        let database = &self.deps.database;
        let member = (identity.data_source, identity.userid.as_str());
        let last = store::last_of(database, member, self.now().minus(LIFETIME)).await?;
        let standing = store::member_standing(database.reader(), member).await?;
        let portal = match identity.portal {
            CONSOLE => None,
            id => store::portal(database, &id.to_string()).await?,
        };
        let face = store::face(database, identity.data_source, &identity.userid).await?;
        let who = match face.name {
            Some(name) => format!("{} · {name}", identity.userid),
            None => identity.userid,
        };
        Ok(OwnStanding {
            who,
            portal: portal.map(|portal| portal.name),
            last,
            imported: standing == MemberStanding::Imported,
            disabled: standing == MemberStanding::Disabled,
        })
    }

    /// Opens a request. Where one of this member is open nothing new is made: where it stands is the answer.
    ///
    /// # Errors
    /// `AR-101` without the proof of a scan, `AR-106` for who has an account, `AR-107` for a reason that is too long, `AR-111` to `AR-113` by
    /// what they are.
    pub async fn apply(&self, journey: &str, cookie: Option<&str>, (reason, lang): (&str, Lang)) -> Result<()> {
        let identity = self.proven(journey, cookie).await?;
        let reason = tame(reason);
        check_reason(&reason)?;
        // Of whoever had the userid before none may stand in the way.
        self.close_given_on((identity.data_source, &identity.userid)).await?;
        let token = self.deps.entropy.token();
        let request = self.draft(&identity, (reason, lang)).await?;
        let change = self.begin(&request.actor()).await?;
        self.check_bounds(&change, &identity).await?;
        let digest = sha256_base64url(token.expose().as_bytes());
        if !store::open(change.transaction(), &request, digest).await? {
            return Ok(());
        }
        self.tell_approvers(&change, &request, token.expose()).await?;
        let more = json!({ "mode": request.mode, "reason": request.reason });
        let record = record(&change, &request, (Kind::AccessRequested, more));
        change.commit_as(record).await
    }

    /// A request as it will stand once it is opened.
    async fn draft(&self, identity: &RefusedIdentity, (reason, lang): (String, Lang)) -> Result<AccessRequest> {
        let (database, now) = (&self.deps.database, self.now());
        let portal = match identity.portal {
            CONSOLE => None,
            // It may have been removed since they left for it.
            id => store::portal(database, &id.to_string()).await?,
        };
        let face = store::face(database, identity.data_source, &identity.userid).await?;
        Ok(AccessRequest {
            id: self.deps.entropy.id(now),
            data_source: identity.data_source,
            data_source_name: face.source,
            corp_id: identity.corp_id.clone(),
            corp_key: face.corp_key.unwrap_or_else(|| identity.corp_id.clone()),
            userid: identity.userid.clone(),
            name: face.name,
            member: face.member,
            mode: mode(identity).word().to_owned(),
            portal,
            state: State::Open,
            reason,
            created_at: now,
            expires_at: now.plus(LIFETIME),
            decided_at: None,
            decided_by: None,
            decision: None,
            refusal_reason: None,
            reason_shown: false,
            user: None,
            link_expires_at: now.plus(LINK_LIFETIME),
            lang: Some(lang),
            version: 1,
        })
    }

    async fn check_bounds(&self, change: &Change, identity: &RefusedIdentity) -> Result<()> {
        let (tx, member) = (change.transaction(), (identity.data_source, identity.userid.as_str()));
        if store::lock_source(tx, identity.data_source).await? == Asked::SwitchedOff {
            return Err(RequestFailure::SwitchedOff.into());
        }
        if store::member_standing(tx, member).await? != MemberStanding::Outside {
            return Err(RequestFailure::Overtaken.into());
        }
        let counts = store::counts(tx, member, change.now().minus(A_DAY)).await?;
        match counts {
            // Where it stands is the answer.
            counts if counts.waits => Ok(()),
            counts if counts.of_member >= MOST_OF_MEMBER => Err(RequestFailure::TooManyOfMember.into()),
            counts if counts.open >= MOST_OPEN => Err(RequestFailure::TooManyOfCorp.into()),
            _ => Ok(()),
        }
    }

    /// Takes the member's open request back; nothing where there is none.
    ///
    /// # Errors
    /// `AR-101` without the proof of a scan.
    pub async fn withdraw(&self, journey: &str, cookie: Option<&str>) -> Result<()> {
        let identity = self.proven(journey, cookie).await?;
        let member = (identity.data_source, identity.userid.as_str());
        let last = store::last_of(&self.deps.database, member, self.now().minus(LIFETIME)).await?;
        let Some(request) = last.filter(|last| last.state == State::Open) else {
            return Ok(());
        };
        let change = self.begin(&request.actor()).await?;
        let decision = Decision::by(Via::Itself);
        let outcome = Outcome {
            state: State::Withdrawn,
            by: &request.actor(),
            decision: &decision,
            refusal: None,
            reason_shown: false,
            user: None,
        };
        if !store::end(change.transaction(), request.id, &outcome, change.now()).await? {
            return Ok(());
        }
        self.tell_outcome(&change, &request, (State::Withdrawn, &decision, None))
            .await?;
        let record = record(&change, &request, (Kind::AccessRequestWithdrawn, json!({})));
        change.commit_as(record).await
    }
}

const fn mode(identity: &RefusedIdentity) -> SignInMode {
    match identity.in_app {
        true => SignInMode::InApp,
        false => SignInMode::Web,
    }
}
