//! Use cases of probes: before a credential is saved, when an admin says so, and what was seen last.

use futures_util::future::{join_all, join3};
use uuid::Uuid;

use super::{
    bound::Bound,
    entered::{Entered, Proof, refusal, refused_fields},
    holder::Holder,
    model::{AGAIN, AskWeCom, Kept, Probed},
    store,
    view::{CredentialView, ProbeView},
};
use crate::{
    directory::{
        failure::DirectoryFailure,
        service::{Dependencies, Directory},
        setup::Setup,
        store::setup,
    },
    kernel::{clock::Clock, entropy::Entropy, failure::Result},
    store::Database,
    wecom::model::Credential,
};

/// Probes credentials that are stored. Cheap to clone.
#[derive(Clone)]
pub struct Probes {
    /// The database.
    pub database: Database,
    /// Time.
    pub clock: Clock,
    /// Spreads the daily probes.
    pub entropy: Entropy,
    /// Asks WeCom.
    pub ask: AskWeCom,
}

impl Probes {
    /// Probes a credential and keeps what was seen, unless another replica is at it or it was saved anew.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn probe(&self, holder: Holder, credential: Credential, before: Option<&Kept>) -> Result<()> {
        let until = self.clock.now().plus(AGAIN);
        if !store::claim(&self.database, holder, before, until).await? {
            return Ok(());
        }
        let probed = (self.ask)(credential).await;
        store::record(&self.database, holder, until, &self.kept(probed, before)).await
    }

    /// What is kept after a probe.
    fn kept(&self, probed: Probed, before: Option<&Kept>) -> Kept {
        let jitter = u16::from_be_bytes(self.entropy.bytes());
        Kept::after(probed, before, self.clock.now(), jitter)
    }
}

impl Directory {
    fn probes(&self) -> Probes {
        Probes {
            database: self.deps.database.clone(),
            clock: self.deps.clock.clone(),
            entropy: self.deps.entropy.clone(),
            ask: self.deps.ask.clone(),
        }
    }

    /// Probes the credentials that a request brings, before anything is written.
    ///
    /// # Errors
    /// `DI-236` to `DI-241`, `DI-247`, `DI-248` where WeCom refuses one and `save_anyway` is not set, `DI-242` after too many such ones.
    pub(in crate::directory) async fn probe_entered(&self, actor: &str, entered: Entered) -> Result<Proof> {
        let proof = Proof {
            corp_id: entered.corp_id.clone(),
            agent_id: entered.agent_id,
            ..Proof::default()
        };
        let credentials: Vec<Credential> = [&entered.contacts, &entered.customers, &entered.app]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let bound = Bound::of(&self.deps.ephemeral, actor);
        self.forget_refused(&bound, &entered.again).await;
        if credentials.is_empty() {
            return Ok(proof);
        }
        if let Some(why) = bound.admit(credentials.len()).await? {
            let untried = || Kept::untried(self.deps.clock.now(), why);
            return Ok(Proof {
                contacts: entered.contacts.is_some().then(untried),
                customers: entered.customers.is_some().then(untried),
                app: entered.app.is_some().then(untried),
                ..proof
            });
        }
        self.forget_unstored(credentials).await?;
        let asked = |credential: Option<Credential>| async {
            match credential {
                Some(credential) => Some((self.deps.ask)(credential).await),
                None => None,
            }
        };
        let (contacts, customers, app) =
            join3(asked(entered.contacts), asked(entered.customers), asked(entered.app)).await;
        let probed: Vec<&Probed> = [&contacts, &customers, &app].into_iter().flatten().collect();
        bound.settle(&probed).await;
        let failure = refusal(refused_fields(
            entered.form,
            contacts.as_ref(),
            customers.as_ref(),
            app.as_ref(),
        ));
        let overruled = failure.is_some();
        if let Some(failure) = failure.filter(|_| !entered.save_anyway) {
            return Err(failure);
        }
        let probes = self.probes();
        Ok(Proof {
            contacts: contacts.map(|probed| probes.kept(probed, None)),
            customers: customers.map(|probed| probes.kept(probed, None)),
            app: app.map(|probed| probes.kept(probed, None)),
            overruled,
            ..proof
        })
    }

    /// Drops the refusals that stand of secrets which were sent once more, so that their next use asks.
    async fn forget_refused(&self, bound: &Bound<'_>, again: &[Credential]) {
        let mut refused = Vec::new();
        for credential in again {
            if !(self.deps.refusals)(credential.clone()).await.is_empty() {
                refused.push(credential.clone());
            }
        }
        if !refused.is_empty() && bound.asks_again(refused.len()).await {
            self.forget(refused).await;
        }
    }

    /// Drops the tokens and the refusals that stand of secrets that are not stored: of those just entered, of which whoever enters one knows
    /// more than what WeCom said before, and of those replaced. One that is stored is asked about when that is due.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::directory) async fn forget_unstored(&self, mut credentials: Vec<Credential>) -> Result<()> {
        let Dependencies { database, sealer, .. } = &*self.deps;
        let stored = setup::credentials(database, sealer, self.deps.clock.now()).await?;
        credentials.retain(|one| {
            let same =
                |other: &Credential| other.corp_id == one.corp_id && other.secret.expose() == one.secret.expose();
            !stored.iter().any(|(_, other)| same(other))
        });
        self.forget(credentials).await;
        Ok(())
    }

    /// Probes the credentials of a data source now. One that WeCom refuses is asked about only when that is due.
    ///
    /// # Errors
    /// `DI-102` when there is no such data source, `DI-242` beyond the bound of probes.
    pub async fn probe_source(&self, actor: &str, id: Uuid) -> Result<ProbeView> {
        let setup = self.setup().await?;
        self.probe_now(actor, holders_of_source(&setup, id)?).await?;
        self.source_probe(id).await
    }

    /// Probes the credential of an app now, as [`Directory::probe_source`].
    ///
    /// # Errors
    /// As for data sources.
    pub async fn probe_app(&self, actor: &str, id: Uuid) -> Result<ProbeView> {
        let setup = self.setup().await?;
        setup.app(id).ok_or(DirectoryFailure::NotFound)?;
        self.probe_now(actor, vec![Holder::App(id)]).await?;
        self.app_probe(id).await
    }

    /// What the last probes of a data source's credentials saw.
    ///
    /// # Errors
    /// `DI-102` when there is no such data source.
    pub async fn source_probe(&self, id: Uuid) -> Result<ProbeView> {
        let setup = self.setup().await?;
        let holders = holders_of_source(&setup, id)?;
        let source = setup.sources.iter().find(|source| source.id == id);
        Ok(ProbeView {
            credentials: shown(&setup, &holders),
            problems: source
                .map(|source| setup.data_source_problems(source))
                .unwrap_or_default(),
        })
    }

    /// What the last probe of an app's credential saw.
    ///
    /// # Errors
    /// `DI-102` when there is no such app.
    pub async fn app_probe(&self, id: Uuid) -> Result<ProbeView> {
        let setup = self.setup().await?;
        setup.app(id).ok_or(DirectoryFailure::NotFound)?;
        Ok(ProbeView {
            credentials: shown(&setup, &[Holder::App(id)]),
            problems: setup.app_problems(id),
        })
    }

    async fn probe_now(&self, actor: &str, holders: Vec<Holder>) -> Result<()> {
        let Dependencies { database, sealer, .. } = &*self.deps;
        let mut credentials = setup::credentials(database, sealer, self.deps.clock.now()).await?;
        credentials.retain(|(holder, _)| holders.contains(holder));
        let bound = Bound::of(&self.deps.ephemeral, actor);
        bound.count(credentials.len()).await?;
        let probes = self.probes();
        let probing = credentials.into_iter().map(|(holder, credential)| {
            let probes = probes.clone();
            async move {
                let before = store::find(&probes.database, holder).await?;
                probes.probe(holder, credential, before.as_ref()).await
            }
        });
        join_all(probing).await.into_iter().collect()
    }
}

/// The credentials that a data source uses.
fn holders_of_source(setup: &Setup, id: Uuid) -> Result<Vec<Holder>> {
    let source = setup.sources.iter().find(|source| source.id == id);
    let source = source.ok_or(DirectoryFailure::NotFound)?;
    let own = [
        source.contacts_secret_set.then_some(Holder::Contacts(id)),
        source.customer_secret_set.then_some(Holder::ExternalContacts(id)),
        source.app_id.map(Holder::App),
    ];
    Ok(own.into_iter().flatten().collect())
}

fn shown(setup: &Setup, holders: &[Holder]) -> Vec<CredentialView> {
    let views = holders.iter().map(|holder| {
        let agent_id = match holder {
            Holder::Contacts(_) | Holder::ExternalContacts(_) => None,
            Holder::App(id) => setup.app(*id).map(|app| app.agent_id),
        };
        CredentialView::new(holder.word(), holder.id(), agent_id, setup.probes.get(holder))
    });
    views.collect()
}
