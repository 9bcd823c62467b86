//! Counts anew, for admins to look at (nobody is judged by it, so it is not fenced), whom the visible scopes of a corp's apps cover: after a sync, and when an app was read and has another scope.

use uuid::Uuid;

use super::{
    scope_tally::Tallies,
    store::scope_tally::{by_departments, load, named, write},
};
use crate::{kernel::failure::Result, store::Database};

/// Counts for all apps of a data source's corp.
///
/// # Errors
/// When the database does not answer.
pub async fn recount(db: &Database, data_source: Uuid) -> Result<()> {
    let Some(corp) = load(db, data_source).await? else {
        return Ok(());
    };
    let tallies = Tallies::new(&corp);
    let by_departments = by_departments(db, data_source).await?;
    let keys: Vec<String> = tallies.named().into_iter().collect();
    let named = named(db, data_source, &keys).await?;
    write(db, &tallies.count(by_departments, &named)).await
}
