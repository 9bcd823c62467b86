//! The keyring: all signing keys of this provider, parsed and in memory as long as nothing changes. By the time alone is known what a command changed
//! beside a server that owns its file: there they are read again after a few seconds of use, too.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::{
    alg::Alg,
    rotation_policy::{self, KeyDates, Phase},
    signing_key::SigningKey,
    store::{Row, Store},
    verifying_key::{CompactJws, LONGEST_HEAD, Verification, VerifyingKey},
};
use crate::{
    config::KeysConfig,
    crypto::seal::Sealer,
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Result,
        shared_call::SharedCall,
    },
    oidc::failure::OidcFailure,
    store::{About, Cached, Database, ReadCache, failure::StoreFailure},
};

/// The place private keys are sealed for.
pub(super) const PLACE: &str = "signing_key.private";
/// Keys older than this are read again, where their age counts, by the next request that needs them, while others go on with those they have.
const REFRESH_AFTER: Duration = Duration::from_secs(5);
/// Keys older than this are not used any more, where their age counts. Far below the time for which a key is published before it signs.
const MAX_AGE: Duration = Duration::from_secs(30);

/// A key that signs, or will.
struct Signer {
    from: Timestamp,
    key: Arc<SigningKey>,
}

/// The keys as of one read.
pub struct Keys {
    clock: Clock,
    /// In the order in which they sign.
    signers: Vec<Signer>,
    verifying: HashMap<String, Arc<VerifyingKey>>,
    jwks: Arc<[u8]>,
    read_at: Timestamp,
}

impl Cached for Keys {
    fn about(&self) -> About {
        About::Everybody
    }
}

impl Keys {
    /// The key that signs with this algorithm now: the last whose `activates_at` has come, or the first where none has (the clock is behind,
    /// or was set back).
    ///
    /// # Errors
    /// `OP-180` when there is none.
    pub fn active(&self, alg: Alg) -> Result<&SigningKey> {
        let now = self.clock.now();
        let ours = || self.signers.iter().filter(|signer| signer.key.alg == alg);
        let newest = ours().rev().find(|signer| signer.from <= now);
        let in_use = newest.or_else(|| ours().next());
        in_use.map(|signer| signer.key.as_ref()).ok_or_else(|| {
            OidcFailure::KeyMissing
                .failure()
                .cause(format!("no active {} key", alg.word()))
        })
    }

    /// Signs as [`SigningKey::sign`] with the active key, and caches the signature of a token that will soon be presented to us.
    ///
    /// # Errors
    /// `OP-180` without a key; `OP-181` when the claims do not serialise.
    pub fn sign_and_cache(&self, alg: Alg, typ: &str, claims: &impl Serialize) -> Result<String> {
        let key = self.active(alg)?;
        let token = key.sign(typ, claims)?;
        if let Some(public) = self.verifying.get(&key.kid) {
            public.cache_signature(&token);
        }
        Ok(token)
    }

    /// The JWKS document (RFC 7517 §5), ready to send.
    pub fn jwks(&self) -> Arc<[u8]> {
        Arc::clone(&self.jwks)
    }

    /// Time since they were read; after the clock was set back the distance, so that they are read again rather than taken for new.
    fn age(&self) -> Duration {
        self.clock.now().apart(self.read_at)
    }
}

/// The keyring. Cheap to clone; clones share the keys.
#[derive(Clone)]
pub struct Keyring {
    store: Store,
    sealer: Sealer,
    clock: Clock,
    entropy: Entropy,
    policy: KeysConfig,
    /// One value.
    cached: ReadCache<(), Keys>,
    none: Arc<Keys>,
    /// When a request last took over reading keys that were too old, milliseconds.
    asked_at: Arc<AtomicI64>,
    /// Reads of keys that were too old.
    by_age: Arc<SharedCall<Result<()>>>,
    readings: Arc<AtomicU64>,
}

impl Keyring {
    /// An empty keyring; [`Keyring::ensure`] fills it.
    pub fn new(database: Database, sealer: Sealer, clock: Clock, entropy: Entropy, policy: KeysConfig) -> Self {
        let none = Keys {
            clock: clock.clone(),
            signers: Vec::new(),
            verifying: HashMap::new(),
            jwks: Arc::from(&b"{\"keys\":[]}"[..]),
            read_at: Timestamp::from_millis(i64::MIN),
        };
        Self {
            store: Store::new(database),
            sealer,
            clock,
            entropy,
            policy,
            cached: ReadCache::with_capacity(2),
            none: Arc::new(none),
            asked_at: Arc::new(AtomicI64::new(i64::MIN)),
            by_age: Arc::new(SharedCall::at_most(1)),
            readings: Arc::default(),
        }
    }

    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    pub(super) const fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    pub(super) const fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) const fn entropy(&self) -> &Entropy {
        &self.entropy
    }

    pub(super) const fn policy(&self) -> KeysConfig {
        self.policy
    }

    /// The keys as last read. Before signing, [`Keyring::fresh`] must have been awaited in the same request.
    pub fn keys(&self) -> Arc<Keys> {
        self.cached.last(&()).unwrap_or_else(|| Arc::clone(&self.none))
    }

    /// The keys as they are. Where a command may have changed them beside this server, one of many requests reads them again while the others go on,
    /// unless they are so old that signing with one that was withdrawn would be worse than waiting.
    ///
    /// # Errors
    /// When they are to be read and the database does not answer.
    pub async fn fresh(&self) -> Result<Arc<Keys>> {
        let load = || async { self.read().await.map(Some) };
        let keys = self.cached.get(&self.store.database, &(), load).await?;
        match self.store.database.has_one_writer() {
            true => self.not_too_old().await,
            false => Ok(keys.unwrap_or_else(|| self.keys())),
        }
    }

    /// The keys, read again where they are too old, without asking whether anything changed.
    async fn not_too_old(&self) -> Result<Arc<Keys>> {
        let keys = self.keys();
        let age = keys.age();
        let stale = age >= MAX_AGE;
        if age < REFRESH_AFTER || !(stale || self.may_read()) {
            return Ok(keys);
        }
        // Whoever waited for one that read them meanwhile needs no other read.
        let read = || async {
            match self.keys().age() < REFRESH_AFTER {
                true => Ok(()),
                false => self.reload().await,
            }
        };
        match self.by_age.ask(read).await.0 {
            Err(failure) if !stale => tracing::warn!(%failure, "the signing keys could not be read again"),
            read => read?,
        }
        Ok(self.keys())
    }

    /// The JWKS document: seconds old at most while the database answers, else as it was, since a client without keys can verify nothing at all.
    pub async fn published(&self) -> Arc<[u8]> {
        match self.not_too_old().await {
            Ok(keys) => keys.jwks(),
            Err(failure) => {
                tracing::warn!(%failure, "the signing keys could not be read again");
                self.keys().jwks()
            }
        }
    }

    /// Whether the caller is the one to read, of all who find the keys too old at the same time.
    fn may_read(&self) -> bool {
        let now = self.clock.now();
        let last = self.asked_at.load(Ordering::SeqCst);
        let long_ago = now.apart(Timestamp::from_millis(last)) >= REFRESH_AFTER;
        let swap = || {
            self.asked_at
                .compare_exchange(last, now.millis(), Ordering::SeqCst, Ordering::SeqCst)
        };
        long_ago && swap().is_ok()
    }

    /// Reads all keys again, after a rotation here or elsewhere.
    ///
    /// # Errors
    /// When the database does not answer or a key does not open.
    pub async fn reload(&self) -> Result<()> {
        let version = self.store.version().await?;
        self.cached.insert(version, (), self.read().await?);
        Ok(())
    }

    async fn read(&self) -> Result<Keys> {
        self.readings.fetch_add(1, Ordering::SeqCst);
        let read_at = self.clock.now();
        let rows = self.store.all().await?;
        self.parse(&rows, read_at)
    }

    /// How often the keys were read.
    #[cfg(test)]
    pub(in crate::oidc) fn reads_begun(&self) -> u64 {
        self.readings.load(Ordering::SeqCst)
    }

    /// Keys of the previous read are not unsealed and parsed again. A key whose algorithm only a newer version knows is published, not
    /// used.
    fn parse(&self, rows: &[Row], read_at: Timestamp) -> Result<Keys> {
        let before = self.keys();
        let dates = dates(rows);
        let mut signers = Vec::new();
        let mut verifying = HashMap::new();
        for row in rows {
            let Some(date) = dates.iter().find(|date| date.kid == row.kid) else {
                continue;
            };
            let public = match before.verifying.get(&row.kid) {
                Some(known) => Arc::clone(known),
                None => Arc::new(VerifyingKey::from_jwk(date.alg, &row.public_jwk).ok_or_else(|| {
                    StoreFailure::Corrupt
                        .failure()
                        .cause(format!("signing_key {}", row.kid))
                })?),
            };
            verifying.insert(row.kid.clone(), public);
            if rotation_policy::phase(&dates, date, read_at) != Phase::Retired {
                let known = before.signers.iter().find(|signer| signer.key.kid == row.kid);
                let key = match known {
                    Some(signer) => Arc::clone(&signer.key),
                    None => Arc::new(self.open(date.alg, row)?),
                };
                let from = row.activates_at;
                signers.push(Signer { from, key });
            }
        }
        let published: Vec<_> = rows.iter().map(|row| &row.public_jwk).collect();
        let jwks = serde_json::to_vec(&json!({ "keys": published })).unwrap_or_default();
        Ok(Keys {
            clock: self.clock.clone(),
            signers,
            verifying,
            jwks: jwks.into(),
            read_at,
        })
    }

    fn open(&self, alg: Alg, row: &Row) -> Result<SigningKey> {
        SigningKey::from_pkcs8(alg, self.sealer.open(PLACE, &row.private_sealed)?.expose())
    }

    /// The claims of a JWS that one of our keys signed under this `typ`; `None` for all else. Neither `exp` nor `iss` are checked.
    ///
    /// # Errors
    /// When the keys have to be read again and the database does not answer.
    pub async fn verify<T: DeserializeOwned>(&self, token: &str, typ: &str) -> Result<Option<T>> {
        match self.verify_or_unknown(token, typ).await? {
            Verification::Valid(claims) => Ok(Some(claims)),
            Verification::UnknownKey(_) | Verification::Invalid => Ok(None),
        }
    }

    /// As [`Keyring::verify`], but tells tokens apart whose `kid` is not known (any more).
    ///
    /// # Errors
    /// See [`Keyring::verify`].
    pub async fn verify_or_unknown<T: DeserializeOwned>(&self, token: &str, typ: &str) -> Result<Verification<T>> {
        let Some(jws) = CompactJws::split(token) else {
            return Ok(Verification::Invalid);
        };
        let mut room = [0; LONGEST_HEAD];
        let Some(head) = jws.head(&mut room) else {
            return Ok(Verification::Invalid);
        };
        let keys = self.fresh().await?;
        Ok(match keys.verifying.get(head.kid) {
            Some(key) => key
                .claims(&jws, &head, typ)
                .map_or(Verification::Invalid, Verification::Valid),
            None => jws
                .claims_of_unknown_key(&head, typ)
                .map_or(Verification::Invalid, Verification::UnknownKey),
        })
    }
}

/// The dates rotation needs, of the keys whose algorithm we know; in the order of the rows.
pub(super) fn dates(rows: &[Row]) -> Vec<KeyDates> {
    let known = rows.iter().filter_map(|row| Some((row, Alg::of(&row.alg)?)));
    known
        .map(|(row, alg)| KeyDates {
            kid: row.kid.clone(),
            alg,
            created_at: row.created_at,
            activates_at: row.activates_at,
        })
        .collect()
}
