//! Parses the command line and hands over to the room that does the work.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    menjin::cli::run(menjin::cli::Arguments::parse())
}
