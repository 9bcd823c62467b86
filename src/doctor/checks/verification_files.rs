//! Whether WeCom finds its verification files at the public URL.

use futures_util::{FutureExt, future::join_all};

use crate::{
    directory::verification_file::model::{SORTS, VerificationFileView},
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked},
        surroundings::{Server, Surroundings},
    },
    kernel::{failure::Result, pagination::MAX_LIMIT, sorting::SortedPage},
};

pub const CHECK: Check = Check {
    name: "verification_files",
    about: "verification files of WeCom",
    rests_on: &["database", "migrations", "public_url"],
    look: Of::Server(|around, server| look(around, server).boxed()),
};

async fn look(around: &Surroundings, server: &Server) -> Result<Looked> {
    // There are fewer than a page has.
    let page = SortedPage::first(SORTS.unasked(), MAX_LIMIT);
    let files = server.directory.verification_files(&page).await?.items;
    let asked = files
        .iter()
        .map(|file| missing(&around.config.public_url, server, file).boxed());
    let findings: Result<Vec<Option<Finding>>> = join_all(asked).await.into_iter().collect();
    let findings = findings?.into_iter().flatten().collect();
    Ok(Looked::with(format!("{} uploaded", files.len()), findings))
}

/// What is wrong with this file at the public URL, if anything is.
async fn missing(public_url: &str, server: &Server, file: &VerificationFileView) -> Result<Option<Finding>> {
    let name = &file.name;
    let address = format!("{public_url}/{name}");
    let answer = server.own.get(&address).await;
    let held = server.directory.verification_content(name).await?.unwrap_or_default();
    let seen = match answer {
        Ok(answer) if answer.status == 200 && answer.body == held.as_bytes() => return Ok(None),
        Ok(answer) if answer.status == 200 => format!("{address}: another content"),
        Ok(answer) => format!("{address}: HTTP status {}", answer.status),
        Err(failure) => format!("{address}: {failure}"),
    };
    let entry = DoctorFinding::VerificationFileMissing.entry();
    Ok(Some(Finding {
        resource: Some(format!("verification-files/{}", file.id)),
        ..Finding::error(entry, seen, "the TLS proxy")
    }))
}
