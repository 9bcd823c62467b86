//! Parses the command line and hands over to the room that does the work.

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    menjin::cli::run(menjin::cli::Arguments::parse())
}
