//! The whole product through its public interfaces: one binary, named actors, every storage pairing.
//!
//! The application is built by the same function as in `main`; WeCom is played by the simulator, which shares no code with it.

// A test awaits what awaits the whole application: the compiler looks deeper into that than its usual limit.
#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod actors;
mod backends;
mod contract;
mod fixture;

mod access_checks;
mod access_requests;
mod admin_api;
mod admin_command;
mod anonymous_limit;
mod answers;
mod api_docs;
mod api_guide;
mod api_style;
mod app_notices;
mod apply;
mod assertions;
mod assistant;
mod audit;
mod back_channel_logout;
mod bodies;
mod bounds;
mod branding;
mod callbacks;
mod certificates;
mod chromium;
mod claims;
mod client_secrets;
mod company_branding;
mod conformance;
mod connections;
mod consent;
mod console;
mod consumption;
mod coverage;
mod demo;
mod device;
mod device_misuse;
mod device_terms;
mod doctor;
mod dpop;
mod durability;
mod egress;
mod email_addresses;
mod email_verification;
mod employee_pages;
mod exactness;
mod export;
mod freshness;
mod fuzz;
mod grants;
mod groups;
mod hardening;
mod held_rows;
mod hints;
mod id_token_claims;
mod identity;
mod importing;
mod input;
mod installations;
mod kept_for_strangers;
mod keys;
mod last_sign_in;
mod leavers;
mod list_exports;
mod long_lists;
mod loopback;
mod metrics;
mod moving;
mod name_display;
mod named_rows;
mod notices;
mod odd_values;
mod offboarding;
mod oidc;
mod one_shape;
mod openapi;
mod operators;
mod otlp;
mod passkeys;
mod password;
mod people_lists;
mod planning;
mod polled;
mod private_fields;
mod probes;
mod process;
mod provenance;
mod proxies;
mod races;
mod read_cache;
mod readiness;
mod records;
mod refresh_retry;
mod refusal_list;
mod refusals;
mod registration;
mod repeated_failures;
mod replicas;
mod resealing;
mod roles;
mod seeds;
mod server_logout;
mod sessions_end;
mod settings;
mod shutdown;
mod signin;
mod signing_out;
mod single_use;
mod statement_budget;
mod suite_sign_in;
mod suites;
mod sync;
mod sync_command;
mod sync_large;
mod sync_unchanged;
mod sync_undo;
mod template;
mod tokens;
mod traces;
mod trials;
mod verification_files;
mod wecom_apps;
mod wecom_calls;
mod wecom_faults;
mod wecom_outages;
