//! Typed values in the ephemeral store, kept as JSON.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use super::{Ephemeral, Shelf};
use crate::{kernel::failure::Result, store::failure::StoreFailure};

impl Ephemeral {
    /// Stores a value as [`Ephemeral::put`] does.
    ///
    /// # Errors
    /// When the store does not answer; `ST-103` when the value cannot be written as JSON.
    pub async fn put_json(&self, key: &str, value: &(impl Serialize + Sync), ttl: Duration) -> Result<()> {
        self.put(key, &written(value)?, ttl).await
    }

    /// Stores a value as [`Ephemeral::put_on`] does.
    ///
    /// # Errors
    /// See [`Ephemeral::put_json`].
    pub async fn put_json_on(
        &self,
        shelf: Shelf,
        key: &str,
        value: &(impl Serialize + Sync),
        ttl: Duration,
    ) -> Result<()> {
        self.put_on(shelf, key, &written(value)?, ttl).await
    }

    /// The value under a key, if there is one.
    ///
    /// # Errors
    /// When the store does not answer; `ST-103` when what lies there is another shape.
    pub async fn get_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        self.get(key).await?.map(read).transpose()
    }

    /// Removes a value and returns it, as [`Ephemeral::take`] does.
    ///
    /// # Errors
    /// See [`Ephemeral::get_json`].
    pub async fn take_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        self.take(key).await?.map(read).transpose()
    }

    /// Replaces a value and returns the one before, in one atomic step as [`Ephemeral::exchange`] does.
    ///
    /// # Errors
    /// See [`Ephemeral::get_json`].
    pub async fn exchange_json<T>(&self, key: &str, new: &T, ttl: Duration) -> Result<Option<T>>
    where
        T: Serialize + DeserializeOwned + Sync,
    {
        self.exchange(key, &written(new)?, ttl).await?.map(read).transpose()
    }
}

fn written(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| StoreFailure::Corrupt.failure().cause(error))
}

fn read<T: DeserializeOwned>(value: Vec<u8>) -> Result<T> {
    serde_json::from_slice(&value).map_err(|error| StoreFailure::Corrupt.failure().cause(error))
}
