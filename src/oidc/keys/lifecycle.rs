//! Changing the keys: at the first start, by schedule, by hand, after a leak. Plan, make the keys, then one conditional exchange.
//!
//! RSA keys take long to make, so they are made on threads of their own and before the exchange; who loses it throws them away.

use serde::Serialize;
use serde_json::json;

use super::{
    alg::Alg,
    failure::KeyFailure,
    keyring::{Keyring, PLACE, dates},
    rotation::{self, Dates, KEPT, Phase, Plan},
    signing_key::SigningKey,
    store::{Exchange, Row},
};
use crate::{
    audit::{Kind, Record},
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
    },
    oidc::failure::OidcFailure,
};

/// How often a change that lost to another is decided anew. Whoever loses finds less to do.
const TRIES: usize = 8;
/// Who acts when nobody asked.
const SYSTEM: &str = "system";

/// A key as admins see it. All moments are milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct KeyView {
    /// Key id.
    pub kid: String,
    /// How it signs.
    pub alg: Alg,
    /// Where it stands.
    pub state: Phase,
    /// Published since.
    pub created_at: Timestamp,
    /// Signs from then on.
    pub activates_at: Timestamp,
    /// Signs until then; `None`: nobody follows yet.
    pub retires_at: Option<Timestamp>,
    /// Published until then.
    pub removed_at: Option<Timestamp>,
}

impl Keyring {
    /// Makes the keys that are missing and reads all. Any number of replicas may start at once: one key of each kind results.
    ///
    /// # Errors
    /// When the database does not answer or a key does not open.
    pub async fn ensure(&self) -> Result<()> {
        self.carry_out(SYSTEM, TRIES, rotation::missing).await
    }

    /// One look at the schedule, by any number of replicas: what is due happens once.
    ///
    /// # Errors
    /// As [`Keyring::ensure`].
    pub async fn tick(&self) -> Result<()> {
        let policy = self.policy();
        self.carry_out(SYSTEM, TRIES, |keys, now| rotation::due(keys, policy, now))
            .await
    }

    /// Publishes a successor for each of these algorithms; it signs once everybody can know it. Where one waits already, nothing happens.
    ///
    /// # Errors
    /// As [`Keyring::ensure`].
    pub async fn rotate(&self, actor: &str, algs: &[Alg]) -> Result<()> {
        let policy = self.policy();
        self.carry_out(actor, TRIES, |keys, now| rotation::asked(keys, algs, policy, now))
            .await
    }

    /// After a leak: new keys sign at once, and what any other key of these algorithms signed is not believed any more. Other replicas
    /// follow within seconds.
    ///
    /// # Errors
    /// `KY-101` when the keys were changed meanwhile: a second emergency would only kill the tokens of the first one's keys.
    pub async fn replace(&self, actor: &str, algs: &[Alg]) -> Result<()> {
        self.carry_out(actor, 1, |keys, now| rotation::emergency(keys, algs, now))
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

    /// Decides, makes, exchanges; anew if somebody was faster. In the end the keys are read again in any case.
    async fn carry_out(&self, actor: &str, tries: usize, plan: impl Fn(&[Dates], Timestamp) -> Plan) -> Result<()> {
        for _ in 0..tries {
            let rows = self.store().all().await?;
            let now = self.clock().now();
            let plan = plan(&dates(&rows), now);
            if plan.is_empty() {
                return self.reload().await;
            }
            let record = record(actor, &plan);
            let exchange = Exchange {
                seen: rows.into_iter().map(|row| row.kid).collect(),
                add: self.make(plan.add, now).await?,
                remove: plan.remove,
            };
            if self.store().exchange(exchange, record, self.entropy(), now).await? {
                return self.reload().await;
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

fn view(keys: &[Dates], key: &Dates, now: Timestamp) -> KeyView {
    let retires_at = rotation::retires_at(keys, key);
    KeyView {
        kid: key.kid.clone(),
        alg: key.alg,
        state: rotation::phase(keys, key, now),
        created_at: key.created_at,
        activates_at: key.activates_at,
        retires_at,
        removed_at: retires_at.map(|at| at.plus(KEPT)),
    }
}
