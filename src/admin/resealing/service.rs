//! Use case of resealing.

use super::store::{
    batches::{self, BATCH, Key},
    places::{Place, places},
};
use crate::{admin::service::Admin, crypto::seal::Standing, kernel::failure::Result};

/// How often a column is gone through while others change its rows.
const MOST_PASSES: usize = 10;

/// What became of the values of one column.
#[derive(Clone, Debug, Default)]
pub struct Resealed {
    /// Table and column.
    pub place: String,
    /// Sealed anew by this call.
    pub anew: u64,
    /// Sealed with the present key already.
    pub before: u64,
    /// Still sealed with the previous key: somebody else was changing the row each time.
    pub left: u64,
    /// What neither key opens.
    pub unreadable: u64,
}

impl Admin {
    /// Seals with the present seal key whatever is sealed with the previous one. Where it is interrupted it goes on when it is called again: what is
    /// sealed anew is known by that.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reseal(&self, actor: &str) -> Result<Vec<Resealed>> {
        let mut all = Vec::new();
        for place in places() {
            let mut outcome = self.pass(&place).await?;
            for _ in 1..MOST_PASSES {
                if outcome.left == 0 {
                    break;
                }
                let next = self.pass(&place).await?;
                outcome.anew = outcome.anew.saturating_add(next.anew);
                (outcome.left, outcome.unreadable) = (next.left, next.unreadable);
            }
            all.push(outcome);
        }
        if all.iter().any(|outcome| outcome.anew > 0) {
            self.note(actor, "seal_key".to_owned(), "resealed", &[]).await?;
        }
        Ok(all)
    }

    async fn pass(&self, place: &Place) -> Result<Resealed> {
        let mut outcome = Resealed {
            place: format!("{}.{}", place.column.table, place.column.name),
            ..Resealed::default()
        };
        let mut after = None;
        loop {
            let rows = batches::batch(&self.database, place.column, after).await?;
            let (whole, mut old) = (rows.len() == BATCH, Vec::new());
            after = rows.last().map(|(key, _)| key.clone());
            for (key, sealed) in rows.into_iter().filter(|(key, _)| place.holds(key)) {
                match self.sealer.standing(&place.sealed_for(&key), &sealed) {
                    Standing::Present => outcome.before = outcome.before.saturating_add(1),
                    Standing::Previous => old.push(key),
                    Standing::Unreadable => outcome.unreadable = outcome.unreadable.saturating_add(1),
                }
            }
            if !old.is_empty() {
                let many = u64::try_from(old.len()).unwrap_or(u64::MAX);
                let sealed_for = |key: &Key| place.sealed_for(key);
                let anew = batches::reseal(&self.database, (place.column, old), sealed_for, &self.sealer).await?;
                outcome.anew = outcome.anew.saturating_add(anew);
                outcome.left = outcome.left.saturating_add(many.saturating_sub(anew));
            }
            if !whole {
                return Ok(outcome);
            }
        }
    }
}
