//! Free space where the SQLite file lies.

use std::path::Path;

use futures_util::FutureExt;

use crate::{
    doctor::{
        blocking,
        check::{Check, Of},
        disk,
        failure::DoctorFinding,
        report::{Finding, Looked},
        surroundings::Surroundings,
    },
    kernel::failure::Result,
    store::database::file_of,
};

pub const CHECK: Check = Check {
    name: "disk",
    about: "space of the database's disk",
    rests_on: &[],
    look: Of::Installation(|around| look(around).boxed()),
};

async fn look(around: &Surroundings) -> Result<Looked> {
    let Some(file) = file_of(around.config.database_url.expose())? else {
        return Ok(Looked::well(
            "PostgreSQL does not tell how much is free on its disk: watch it there",
        ));
    };
    let asked = file.clone();
    Ok(match blocking::apart(move || disk::free_megabytes(&asked)).await? {
        Some(free) => judged(free, around.config.database_free_megabytes, &file),
        None => Looked::well(format!("{}: the free space is not known", file.display())),
    })
}

/// Fewer than `bound` is a warning, fewer than a tenth of it an error.
fn judged(free: u64, bound: u64, file: &Path) -> Looked {
    let seen = format!("{}: {free} MB are free", file.display());
    let (entry, place) = (DoctorFinding::DiskLow.entry(), file.display().to_string());
    let finding = match (free < bound, free < bound / 10) {
        (_, true) => Some(Finding::error(entry, seen.clone(), place)),
        (true, false) => Some(Finding::warning(entry, seen.clone(), place)),
        (false, false) => None,
    };
    Looked::with(seen, finding.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::judged;
    use crate::doctor::Severity;

    #[test]
    fn little_is_a_warning_and_a_tenth_of_that_an_error() {
        for (free, worst) in [
            (1024, None),
            (1023, Some(Severity::Warning)),
            (102, Some(Severity::Warning)),
            (101, Some(Severity::Error)),
            (0, Some(Severity::Error)),
        ] {
            let looked = judged(free, 1024, Path::new("menjin.db"));
            assert_eq!(looked.findings.first().map(|found| found.severity), worst, "{free}");
        }
        assert!(judged(0, 0, Path::new("menjin.db")).findings.is_empty(), "switched off");
    }
}
