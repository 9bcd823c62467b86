//! Trying the credentials of a suite: before they are saved, when an admin says so, and when a ticket arrives (reference 13.1).

use uuid::Uuid;

use super::{
    failure::SuiteFailure,
    input::SuiteChange,
    model::PROVIDER_SECRET,
    service::Suites,
    store::{
        open, reading,
        state::{self, Outcome},
        ticketed,
    },
    trial::{Tried, is_due},
    view::SuiteView,
};
use crate::{
    directory::{
        console_place::place_of,
        probe::{
            bound::Bound,
            model::{Capability, Probed, Row},
        },
    },
    kernel::failure::{Failure, FieldFault, Result},
    wecom::{
        WeComError,
        model::{ProviderCredential, SuiteCredential},
    },
};

/// What WeCom said when it was asked for a token.
type Answer = std::result::Result<(), WeComError>;

impl Suites {
    /// Tries a secret that is about to be saved; `None`: it cannot be, or nothing was entered. Another suite ID has no ticket yet.
    ///
    /// # Errors
    /// `SU-110`, `SU-111` for what WeCom refuses, unless it is to be saved anyway; `DI-242` after too many such ones; `DI-102` when there is
    /// no such suite.
    pub(super) async fn try_entered(&self, actor: &str, id: Uuid, input: &SuiteChange) -> Result<Option<Outcome>> {
        let deps = &self.deps;
        let row = reading::existing(&deps.database, id).await?;
        let Some(secret) = &input.secret else { return Ok(None) };
        if input.suite_id.as_ref().is_some_and(|new| *new != row.suite_id) {
            return Ok(None);
        }
        let Some(stored) = ticketed(&deps.sealer, deps.clock.now(), &row)? else {
            return Ok(None);
        };
        let credential = SuiteCredential {
            secret: secret.clone(),
            ..stored
        };
        let Some(tried) = self.tried(actor, &credential).await? else {
            return Ok(None);
        };
        match tried.refusal().filter(|_| !input.save_anyway) {
            Some(refusal) => Err(refused(refusal)),
            None => Ok(Some(Outcome::from(&tried))),
        }
    }

    /// Tries a provider's credentials that are about to be saved; the default: there is no secret, or they are saved untried, since too much was asked a
    /// moment ago. They need no ticket.
    ///
    /// # Errors
    /// `SU-112`, `SU-113` for what WeCom refuses, unless it is to be saved anyway; `DI-242` after too many such ones.
    pub(super) async fn try_provider(
        &self,
        actor: &str,
        provider: Option<ProviderCredential>,
        save_anyway: bool,
    ) -> Result<Outcome> {
        let Some(provider) = provider else {
            return Ok(Outcome::default());
        };
        let Some(tried) = self.tried_provider(actor, &provider).await? else {
            return Ok(Outcome::default());
        };
        match tried.refusal().filter(|_| !save_anyway) {
            Some(refusal) => Err(refused(refusal)),
            None => Ok(Outcome::from(&tried)),
        }
    }

    /// The provider's credentials as they would stand after this change; `None`: nothing of them changes, or they are not complete.
    pub(super) async fn provider_after(&self, id: Uuid, input: &SuiteChange) -> Result<Option<ProviderCredential>> {
        if input.provider_corp_id.is_none() && input.provider_secret.is_none() {
            return Ok(None);
        }
        let deps = &self.deps;
        let row = reading::existing(&deps.database, id).await?;
        let corp_id = input.provider_corp_id.clone().unwrap_or(row.provider_corp_id);
        let secret = match (&input.provider_secret, &row.provider_secret_sealed) {
            (Some(entered), _) => entered.clone(),
            (None, Some(sealed)) => Some(deps.sealer.open_text(PROVIDER_SECRET, sealed)?),
            (None, None) => None,
        };
        let both = corp_id.zip(secret);
        Ok(both.map(|(corp_id, secret)| ProviderCredential { corp_id, secret }))
    }

    /// Tries the stored credentials now: the provider's, and with a ticket those of the suite.
    ///
    /// # Errors
    /// `DI-102` when there is no such suite, `SU-127` without a ticket that serves, `DI-242` after too many that WeCom refused.
    pub async fn try_suite(&self, actor: &str, id: Uuid) -> Result<SuiteView> {
        let deps = &self.deps;
        let row = reading::existing(&deps.database, id).await?;
        if let Some(provider) = open(&deps.sealer, deps.clock.now(), &row)?.provider
            && let Some(tried) = self.tried_provider(actor, &provider).await?
        {
            let of = (id, &*provider.corp_id, row.provider_secret_sealed.as_deref());
            self.keep_provider(of, &tried).await?;
        }
        let credential = ticketed(&deps.sealer, deps.clock.now(), &row)?;
        let credential = credential.ok_or(SuiteFailure::WaitsForTicket)?;
        if let Some(tried) = self.tried(actor, &credential).await? {
            let (suite, now) = (reading::suite(row), deps.clock.now());
            state::record(&deps.database, &suite, Outcome::from(&tried), now).await?;
        }
        self.suite(id).await
    }

    /// Keeps what was said of a provider, unless its corp ID or secret is another one by now.
    async fn keep_provider(&self, (id, corp_id, secret): (Uuid, &str, Option<&str>), tried: &Tried) -> Result<()> {
        let (now, of) = (self.deps.clock.now(), (id, corp_id, secret.unwrap_or_default()));
        state::record_provider(&self.deps.database, of, Outcome::from(tried), now).await
    }

    /// Asks WeCom, within the bounds of whoever asks; `None`: too much was asked a moment ago.
    async fn tried(&self, actor: &str, credential: &SuiteCredential) -> Result<Option<Tried>> {
        let answer = self.bounded(actor, self.deps.wecom.check_suite(credential));
        Ok(answer.await?.map(Tried::of))
    }

    /// The same of a provider.
    async fn tried_provider(&self, actor: &str, provider: &ProviderCredential) -> Result<Option<Tried>> {
        let answer = self.bounded(actor, self.deps.wecom.check_provider(provider));
        Ok(answer.await?.map(Tried::of_provider))
    }

    async fn bounded(&self, actor: &str, asking: impl Future<Output = Answer>) -> Result<Option<Answer>> {
        let bound = Bound::of(&self.deps.ephemeral, actor);
        if bound.admit(1).await?.is_some() {
            return Ok(None);
        }
        let answer = asking.await;
        bound.settle(&[&probed(&answer)]).await;
        Ok(Some(answer))
    }

    /// A ticket arrived: where that is due, the credentials are tried with it in the background, since WeCom waits for the reply.
    pub(super) fn try_later(&self, id: Uuid) {
        let suites = self.clone();
        let begun = self.background.start(async move {
            if let Err(failure) = suites.try_if_due(id).await {
                tracing::warn!(suite = %id, %failure, "the credentials of a suite could not be tried");
            }
        });
        if !begun {
            tracing::warn!(suite = %id, "too much is tried already; this suite's credentials wait for its next ticket");
        }
    }

    async fn try_if_due(&self, id: Uuid) -> Result<()> {
        let deps = &self.deps;
        let Some(row) = reading::find(&deps.database, id).await? else {
            return Ok(());
        };
        let Some(credential) = ticketed(&deps.sealer, deps.clock.now(), &row)? else {
            return Ok(());
        };
        let suite = reading::suite(row.clone());
        let now = deps.clock.now();
        let due = |is_failing| is_due(suite.checked_at, is_failing, now);
        if let Some(provider) = credential
            .provider
            .as_ref()
            .filter(|_| due(suite.provider_failing.is_some()))
        {
            let tried = Tried::of_provider(deps.wecom.check_provider(provider).await);
            let of = (id, &*provider.corp_id, row.provider_secret_sealed.as_deref());
            self.keep_provider(of, &tried).await?;
        }
        // That something is wrong with the provider is no reason to try the suite.
        if !due(suite.failing.is_some()) {
            return Ok(());
        }
        let tried = Tried::of(deps.wecom.check_suite(&credential).await);
        state::record(&deps.database, &suite, Outcome::from(&tried), deps.clock.now()).await
    }
}

/// As the bounds of probes count it.
fn probed(answer: &Answer) -> Probed {
    let row = match answer {
        Ok(()) => Row::yes(Capability::Token, ""),
        Err(error) => Row::failed(Capability::Token, error),
    };
    Probed {
        rows: vec![row],
        app: None,
    }
}

fn refused((pointer, failure, words): (&'static str, SuiteFailure, &str)) -> Failure {
    let entry = failure.entry();
    let fault = FieldFault {
        pointer: pointer.into(),
        parameter: None,
        entry,
        detail: words.to_owned(),
        place: place_of(entry.number),
    };
    let told = format!("{}: {words}", pointer.trim_start_matches('/'));
    Failure::of(entry).detail(told).faults(vec![fault])
}
