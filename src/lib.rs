//! Menjin (门禁): a self-hosted OpenID Connect provider whose employees sign in by scanning with WeCom.
//!
//! The rooms; arrows point down only (`docs/architecture.md`, kept by `tests/tidy.rs`):
//! `cli → demo → app → jobs → console → admin → doctor → requests → oidc → signin → gate → notices → directory → {wecom, outbound} → {web, audit, telemetry} → config → {store, crypto} → kernel`.

pub mod admin;
pub mod app;
pub mod audit;
pub mod cli;
pub mod config;
pub mod console;
pub mod crypto;
#[cfg(feature = "demo")]
pub mod demo;
pub mod directory;
pub mod doctor;
pub mod gate;
pub mod jobs;
pub mod kernel;
pub mod notices;
pub mod oidc;
pub mod outbound;
pub mod requests;
pub mod signin;
pub mod store;
pub mod telemetry;
pub mod web;
pub mod wecom;

use std::{collections::HashMap, sync::LazyLock};

use kernel::failure::Entry;

/// All reference numbers of all rooms, in order of the rooms' letters.
pub fn reference_numbers() -> Vec<&'static Entry> {
    let catalogues = [
        admin::AdminFailure::ENTRIES,
        admin::branding::BrandingFailure::ENTRIES,
        console::ConsoleFailure::ENTRIES,
        crypto::failure::CryptoFailure::ENTRIES,
        directory::DirectoryFailure::ENTRIES,
        directory::wecom_events::CallbackFailure::ENTRIES,
        directory::importing::ImportFailure::ENTRIES,
        directory::probe::ProbeFailure::ENTRIES,
        directory::setup_problem::SetupProblem::ENTRIES,
        directory::record_problem::RecordProblem::ENTRIES,
        doctor::DoctorFinding::ENTRIES,
        gate::failure::GateFailure::ENTRIES,
        oidc::keys::KeyFailure::ENTRIES,
        notices::AlertKind::ENTRIES,
        notices::NoticeFailure::ENTRIES,
        oidc::OidcFailure::ENTRIES,
        oidc::RequestFailure::ENTRIES,
        oidc::AuthenticationFailure::ENTRIES,
        oidc::DpopFailure::ENTRIES,
        oidc::TokenFailure::ENTRIES,
        oidc::ClaimsFailure::ENTRIES,
        oidc::account::AccountFailure::ENTRIES,
        oidc::consent::ConsentFailure::ENTRIES,
        oidc::registration::RegistrationFailure::ENTRIES,
        oidc::registration::dynamic::DynamicFailure::ENTRIES,
        oidc::device::DeviceFailure::ENTRIES,
        oidc::logout::failure::LogoutFailure::ENTRIES,
        outbound::OutboundFailure::ENTRIES,
        requests::RequestFailure::ENTRIES,
        signin::failure::SignInFailure::ENTRIES,
        signin::failure::PasswordFailure::ENTRIES,
        signin::failure::PasskeyFailure::ENTRIES,
        signin::failure::MailFailure::ENTRIES,
        kernel::entity_tag::PreconditionFailure::ENTRIES,
        store::failure::StoreFailure::ENTRIES,
        directory::suite::SuiteFailure::ENTRIES,
        directory::installation::InstallationFailure::ENTRIES,
        directory::name_proof::NameProofFailure::ENTRIES,
        directory::corp_move::MoveFailure::ENTRIES,
        directory::sync::SyncFailure::ENTRIES,
        web::failure::WebFailure::ENTRIES,
        wecom::WeComFailure::ENTRIES,
    ];
    catalogues.into_iter().flatten().collect()
}

/// The entry of a reference number, whichever room's; `None`: no such number is known here.
pub fn entry(number: &str) -> Option<&'static Entry> {
    static BY_NUMBER: LazyLock<HashMap<&str, &'static Entry>> = LazyLock::new(|| {
        let entries = reference_numbers().into_iter();
        entries.map(|entry| (entry.number, entry)).collect()
    });
    BY_NUMBER.get(number).copied()
}

/// `docs/errors.md`: one entry per reference number.
pub fn reference_numbers_as_markdown() -> String {
    let mut text = String::from("# Reference numbers\n\nWritten by `menjin errors` from the catalogues in the code.\n");
    for entry in reference_numbers() {
        let Entry {
            number,
            status,
            en,
            zh,
            remedy,
            remedy_zh,
        } = entry;
        text.push_str(&format!(
            "\n## {number}\n\n{en}  \n{zh}\n\nHTTP {status}. {remedy}  \n{remedy_zh}\n"
        ));
    }
    text
}
