//! The API of service providers: `/cgi-bin/service/…` with tokens of suites and providers, the ids by which suites know members, and their
//! conversion (reference §0.3, §5.6, §9).

pub(super) mod convert;
pub(super) mod ids;
mod install_info;
mod installs;
mod login;
mod png;
pub(super) mod qrcode;
mod service;
mod tokens;

pub(super) use service::answer;
