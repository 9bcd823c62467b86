//! Output of the command line.

use std::io::Write;

use crate::kernel::failure::Failure;

/// A failure as text for the terminal: the operator reads it instead of a log, so it includes the cause and the remedy.
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

/// Prints a line on standard output; a closed pipe is ignored.
pub(in crate::cli) fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

pub(in crate::cli) fn complain(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}
