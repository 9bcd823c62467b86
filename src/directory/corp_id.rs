//! Validation of corp IDs. Pure.

use crate::kernel::validation::ValidationErrors;

/// Checks a corp ID. Corp IDs are opaque to us; blanks and other paste accidents are not part of one.
pub(in crate::directory) fn check_corp_id(faults: &mut ValidationErrors, corp_id: &str) {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let fits = (1..=64).contains(&corp_id.len()) && corp_id.chars().all(word);
    faults.check(fits, "corp_id", "needs 1 to 64 ASCII letters and digits without blanks");
}
