//! What the command line prints.

use std::io::Write;

use crate::kernel::failure::Failure;

/// A failure for whoever sits at the terminal: they are the one who reads logs, so the cause and the remedy belong to it.
pub(in crate::cli) fn told(failure: &Failure) -> String {
    let entry = failure.entry;
    let more = [failure.detail.as_deref(), failure.cause.as_deref(), Some(entry.remedy)];
    let more: String = more.into_iter().flatten().map(|line| format!("\n  {line}")).collect();
    format!("{} {}{more}", entry.number, entry.en)
}

pub(in crate::cli) fn write_out(text: &str) -> Result<(), String> {
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| error.to_string())
}

/// A line on standard output; a closed pipe is nobody's problem.
pub(in crate::cli) fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

pub(in crate::cli) fn complain(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}
