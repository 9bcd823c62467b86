//! All keys of this provider, parsed, in memory.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use serde::de::DeserializeOwned;
use serde_json::json;

use super::{
    material::{Alg, SigningKey, VerifyingKey},
    store::{Row, Store},
};
use crate::{
    crypto::seal::Sealer,
    kernel::{
        clock::{Clock, Timestamp},
        failure::Result,
    },
    oidc::failure::OidcFailure,
    store::{Database, failure::StoreFailure},
};

/// Where private keys are sealed for.
const PLACE: &str = "signing_key.private";
/// An unknown `kid` makes the ring read the database at most this often, since anybody can make one up.
const REREAD_EVERY: Duration = Duration::from_secs(5);

/// The keys of one reading.
pub struct Keys {
    signing: Vec<SigningKey>,
    verifying: HashMap<String, VerifyingKey>,
    jwks: Arc<[u8]>,
    read_at: Timestamp,
}

impl Keys {
    /// The active key of this algorithm.
    ///
    /// # Errors
    /// `OP-180` when there is none.
    pub fn active(&self, alg: Alg) -> Result<&SigningKey> {
        let newest = self.signing.iter().rev().find(|key| key.alg == alg);
        newest.ok_or_else(|| {
            OidcFailure::KeyMissing
                .failure()
                .cause(format!("no active {} key", alg.word()))
        })
    }

    /// The JWKS document (RFC 7517 §5), ready to send.
    pub fn jwks(&self) -> Arc<[u8]> {
        Arc::clone(&self.jwks)
    }
}

/// The ring. Cheap to clone; clones share the keys.
#[derive(Clone)]
pub struct Keyring {
    store: Store,
    sealer: Sealer,
    clock: Clock,
    keys: Arc<RwLock<Arc<Keys>>>,
}

impl Keyring {
    /// An empty ring; [`Keyring::ensure`] fills it.
    pub fn new(database: Database, sealer: Sealer, clock: Clock) -> Self {
        let empty = Keys {
            signing: Vec::new(),
            verifying: HashMap::new(),
            jwks: Arc::from(&b"{\"keys\":[]}"[..]),
            read_at: Timestamp::from_millis(i64::MIN),
        };
        Self {
            store: Store::new(database),
            sealer,
            clock,
            keys: Arc::new(RwLock::new(Arc::new(empty))),
        }
    }

    /// The keys as last read.
    pub fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes the keys that are missing and reads all. Any number of replicas may start at once: one key of each kind results.
    ///
    /// # Errors
    /// When the database does not answer or a key does not open.
    pub async fn ensure(&self) -> Result<()> {
        for alg in Alg::ALL {
            let rows = self.store.all().await?;
            if rows.iter().any(|row| row.active && row.alg == alg.word()) {
                continue;
            }
            let key = SigningKey::generate(alg)?;
            let row = Row {
                kid: key.kid.clone(),
                alg: alg.word().to_owned(),
                private_sealed: self.sealer.seal(PLACE, key.to_pkcs8()?.expose())?,
                public_jwk: key.public_jwk()?,
                active: true,
            };
            self.store.add_first(row, self.clock.now()).await?;
        }
        self.reload().await
    }

    /// Reads all keys again, after a rotation here or elsewhere.
    ///
    /// # Errors
    /// As [`Keyring::ensure`].
    pub async fn reload(&self) -> Result<()> {
        let read_at = self.clock.now();
        let rows = self.store.all().await?;
        let keys = Arc::new(self.parse(&rows, read_at)?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    fn parse(&self, rows: &[Row], read_at: Timestamp) -> Result<Keys> {
        let corrupt = |row: &Row| {
            StoreFailure::Corrupt
                .failure()
                .cause(format!("signing_key {}", row.kid))
        };
        let mut signing = Vec::new();
        let mut verifying = HashMap::new();
        for row in rows {
            let alg = Alg::of(&row.alg).ok_or_else(|| corrupt(row))?;
            let public = VerifyingKey::from_jwk(alg, &row.public_jwk).ok_or_else(|| corrupt(row))?;
            verifying.insert(row.kid.clone(), public);
            if row.active {
                let key = SigningKey::from_pkcs8(alg, self.sealer.open(PLACE, &row.private_sealed)?.expose())?;
                signing.push(key);
            }
        }
        let published: Vec<_> = rows.iter().map(|row| &row.public_jwk).collect();
        let jwks = serde_json::to_vec(&json!({ "keys": published })).unwrap_or_default();
        Ok(Keys {
            signing,
            verifying,
            jwks: jwks.into(),
            read_at,
        })
    }

    /// The claims of a JWS that one of our keys signed under this `typ`; `None` for all else. Neither `exp` nor `iss` are judged.
    ///
    /// # Errors
    /// When the keys have to be read again and the database does not answer.
    pub async fn verify<T: DeserializeOwned>(&self, token: &str, typ: &str) -> Result<Option<T>> {
        let Ok(header) = jsonwebtoken::decode_header(token) else {
            return Ok(None);
        };
        let Some(kid) = header.kid else { return Ok(None) };
        let mut keys = self.keys();
        if !keys.verifying.contains_key(&kid) && self.clock.now().since(keys.read_at) >= REREAD_EVERY {
            self.reload().await?;
            keys = self.keys();
        }
        Ok(keys.verifying.get(&kid).and_then(|key| key.signed_claims(token, typ)))
    }
}
