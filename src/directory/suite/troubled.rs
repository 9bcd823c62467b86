//! All suites with what is wrong with each, for who asks whether anything is.

use uuid::Uuid;

use super::{
    model::Suite,
    problems::{self, Refused},
    store::{reading, refusals},
};
use crate::{
    directory::setup_problem::Problem,
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

/// Every suite with its problems.
///
/// # Errors
/// When the database does not answer.
pub(in crate::directory) async fn troubled(database: &Database, now: Timestamp) -> Result<Vec<(Suite, Vec<Problem>)>> {
    let suites = reading::all(database).await?;
    let ids: Vec<Uuid> = suites.iter().map(|suite| suite.id).collect();
    let recorded = refusals::find(database, &ids).await?;
    let judged = suites.into_iter().map(|suite| {
        let own = recorded.iter().filter(|one| one.suite == suite.id);
        let refused: Vec<Refused> = own.filter_map(Refused::of).collect();
        let problems = problems::of(&suite, &refused, now);
        (suite, problems)
    });
    Ok(judged.collect())
}
