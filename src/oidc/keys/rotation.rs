//! Key rotation: at the first start, by schedule, by hand, after a leak. Plan, generate the keys, then one compare-and-set.
//!
//! RSA keys take long to generate, so that happens on threads of their own and before the exchange; who loses it discards them.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    alg::Alg,
    failure::KeyFailure,
    keyring::{Keyring, PLACE, dates},
    rotation_policy::{self, KeyDates, Phase, Plan, RETIRED_RETENTION},
    signing_key::SigningKey,
    store::{KeySetChange, Row},
};
use crate::{
    audit::{Kind, Record},
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
    },
    oidc::failure::OidcFailure,
};

/// How often a change that lost to another is planned anew. The next plan has less to do.
const TRIES: usize = 8;
/// Actor in the audit log where nobody asked.
const SYSTEM: &str = "system";

/// A signing key: its dates, never the key itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SigningKey)]
pub struct KeyView {
    /// Key id, as in the published key set.
    pub kid: String,
    /// Its algorithm.
    pub alg: Alg,
    /// Its phase.
    pub state: Phase,
    /// Published since, milliseconds since 1970.
    pub created_at: Timestamp,
    /// Signs from then on, milliseconds since 1970.
    pub activates_at: Timestamp,
    /// Signs until then, milliseconds since 1970; null: it has no successor yet.
    pub retires_at: Option<Timestamp>,
    /// Published until then, milliseconds since 1970; null: it has no successor yet.
    pub removed_at: Option<Timestamp>,
}

impl Keyring {
    /// Makes the keys that are missing and reads all. Any number of replicas may start at once: one key of each algorithm results.
    ///
    /// # Errors
    /// When the database does not answer or a key does not open.
    pub async fn ensure(&self) -> Result<()> {
        self.apply_plan(SYSTEM, TRIES, rotation_policy::missing).await.map(drop)
    }

    /// Applies the rotation schedule; any number of replicas may call it, and what is due happens once.
    ///
    /// # Errors
    /// As [`Keyring::ensure`].
    pub async fn tick(&self) -> Result<()> {
        let policy = self.policy();
        self.apply_plan(SYSTEM, TRIES, |keys, now| rotation_policy::due(keys, policy, now))
            .await
            .map(drop)
    }

    /// Publishes a successor for each of these algorithms; it signs once everybody can know it. Where there is one already, nothing
    /// happens. The algorithms that got a new key by this call; none: nothing changed.
    ///
    /// # Errors
    /// As [`Keyring::ensure`].
    pub async fn rotate(&self, actor: &str, algs: &[Alg]) -> Result<Vec<Alg>> {
        let policy = self.policy();
        self.apply_plan(actor, TRIES, |keys, now| {
            rotation_policy::asked(keys, algs, policy, now)
        })
        .await
    }

    /// Emergency rotation after a leak: new keys sign at once, and all other keys of these algorithms are deleted, so that nothing they
    /// signed is valid any more. Other replicas follow within seconds. The algorithms that got a new key: all of them.
    ///
    /// # Errors
    /// `KY-101` when the keys were changed meanwhile: a second emergency would only invalidate the tokens of the first one's keys.
    pub async fn replace(&self, actor: &str, algs: &[Alg]) -> Result<Vec<Alg>> {
        self.apply_plan(actor, 1, |keys, now| rotation_policy::emergency(keys, algs, now))
            .await
    }

    /// All keys, in the order in which they sign.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self) -> Result<Vec<KeyView>> {
        let keys = dates(&self.store().all().await?);
        let now = self.clock().now();
        Ok(keys.iter().map(|key| view(&keys, key, now)).collect())
    }

    /// The algorithms whose signing key has been due for a successor for so long, and has none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn overdue(&self, late: Duration) -> Result<Vec<Alg>> {
        let keys = dates(&self.store().all().await?);
        let then = self.clock().now().minus(late);
        let plan = rotation_policy::due(&keys, self.policy(), then);
        Ok(plan.add.into_iter().map(|(alg, _)| alg).collect())
    }

    /// Plans, generates and exchanges keys; anew if somebody was faster. On success the keys are read again, also when nothing was due.
    /// The algorithms that got a new key.
    async fn apply_plan(
        &self,
        actor: &str,
        tries: usize,
        plan: impl Fn(&[KeyDates], Timestamp) -> Plan,
    ) -> Result<Vec<Alg>> {
        for _ in 0..tries {
            let rows = self.store().all().await?;
            let now = self.clock().now();
            let plan = plan(&dates(&rows), now);
            if plan.is_empty() {
                return self.reload().await.map(|()| Vec::new());
            }
            let record = record(actor, &plan);
            let created = plan.add.iter().map(|(alg, _)| *alg).collect();
            let exchange = KeySetChange {
                expected_kids: rows.into_iter().map(|row| row.kid).collect(),
                add: self.make(plan.add, now).await?,
                remove: plan.remove,
            };
            if self.store().exchange(exchange, record, self.entropy(), now).await? {
                return self.reload().await.map(|()| created);
            }
        }
        Err(KeyFailure::Changing.into())
    }

    async fn make(&self, wanted: Vec<(Alg, Timestamp)>, now: Timestamp) -> Result<Vec<Row>> {
        let at_work: Vec<_> = wanted
            .into_iter()
            .map(|(alg, from)| (from, tokio::task::spawn_blocking(move || SigningKey::generate(alg))))
            .collect();
        let mut rows = Vec::with_capacity(at_work.len());
        for (activates_at, key) in at_work {
            let key = key.await.map_err(interrupted)??;
            rows.push(Row {
                alg: key.alg.word().to_owned(),
                private_sealed: self.sealer().seal(PLACE, key.to_pkcs8()?.expose())?,
                public_jwk: key.public_jwk()?,
                created_at: now,
                activates_at,
                kid: key.kid,
            });
        }
        Ok(rows)
    }
}

fn interrupted(error: tokio::task::JoinError) -> Failure {
    OidcFailure::KeyMissing.failure().cause(error)
}

fn record(actor: &str, plan: &Plan) -> Record {
    let action = match (plan.add.is_empty(), plan.remove.is_empty()) {
        (false, true) => "created",
        (true, _) => "removed",
        (false, false) => "replaced",
    };
    let algs: Vec<_> = plan.add.iter().map(|(alg, _)| alg.word()).collect();
    Record {
        kind: Kind::Configured,
        actor: actor.to_owned(),
        subject: "signing_keys".to_owned(),
        reference: None,
        number: None,
        detail: json!({ "action": action, "created": algs, "removed": plan.remove }),
    }
}

fn view(keys: &[KeyDates], key: &KeyDates, now: Timestamp) -> KeyView {
    let retires_at = rotation_policy::retires_at(keys, key);
    KeyView {
        kid: key.kid.clone(),
        alg: key.alg,
        state: rotation_policy::phase(keys, key, now),
        created_at: key.created_at,
        activates_at: key.activates_at,
        retires_at,
        removed_at: retires_at.map(|at| at.plus(RETIRED_RETENTION)),
    }
}
