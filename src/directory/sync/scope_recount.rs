//! Counts anew, for admins to look at (nobody is judged by it, so it is not fenced), whom the visible scopes of a corp's apps cover: after a sync, and when an app was read and has another scope.

use uuid::Uuid;

use super::{
    scope_tally::Tallies,
    store::scope_tally::{load, members, write},
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
    let mut tallies = Tallies::new(&corp);
    let mut last = Uuid::nil();
    loop {
        let page = members(db, data_source, last).await?;
        let Some(end) = page.last() else { break };
        last = end.id;
        page.iter().for_each(|member| tallies.add(member));
    }
    write(db, &tallies.finish()).await
}
