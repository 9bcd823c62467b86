//! The directory: which corps' contacts we mirror (data sources), through which apps their people sign in (auth sources), and who they
//! are here (users). What WeCom owns (members, departments, tags) is only read here; `sync` writes it.
//!
//! Every change is one transaction that also writes its audit event; secrets are sealed before they reach a query and never come back.

pub mod auth_source;
pub mod console_place;
pub mod contacts;
pub mod corp_move;
pub mod data_source;
pub mod email;
pub mod failure;
pub mod freshness;
pub mod group;
pub mod identity;
pub mod importing;
pub mod installation;
pub mod listing;
pub mod name_proof;
pub mod offboarding;
pub mod private_fields;
pub mod probe;
pub mod problems;
pub mod record_problem;
pub mod session_end;
pub mod setup;
pub mod setup_problem;
pub mod store;
pub mod suite;
pub mod sync;
pub mod sync_runs;
pub mod user;
pub mod verification_file;
pub mod wecom_app;
pub mod wecom_events;

pub use failure::DirectoryFailure;
pub use probe::{AskWeCom, ProbeSchedule, Probed};

pub mod corp_id;
pub mod service;

pub use service::{Dependencies, Directory, FindRefusals, ForgetToken};
