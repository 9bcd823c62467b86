//! Calls of a service provider (reference 9): a suite's own token, the installation of a suite by a corp, and sign-ins at a suite.

mod installing;
mod model;
#[cfg(test)]
mod names_tests;
mod signing_in;
#[cfg(test)]
mod tests;

pub use model::{InstallationInfo, NewInstallation, PreAuthCode, SuiteAdmin, SuiteIdentity};
