//! `/api/v1`: one file per resource. A handler parses, makes one domain call, replies.

pub mod access_checks;
mod access_query;
pub mod access_requests;
pub mod activity;
pub mod api_docs;
pub mod api_tokens;
pub mod audit_events;
mod audit_query;
pub mod auth_sources;
pub mod authorization;
pub mod branding;
pub mod callbacks;
pub mod clients;
pub mod company_branding;
pub mod conflicts;
mod coverage;
pub mod data_sources;
pub mod departments;
pub mod doctor;
mod download;
pub mod email_verification;
mod export;
pub mod external_contacts;
pub mod grants;
pub mod groups;
pub mod health;
pub(in crate::admin) mod idempotency;
pub mod identity_findings;
pub mod initial_access_tokens;
pub mod installations;
pub mod keys;
mod listed;
pub mod logout_deliveries;
pub mod members;
pub mod moves;
pub mod named_query;
pub mod notice_channels;
pub mod notice_subscriptions;
pub mod notices;
pub mod offboardings;
pub mod openapi;
pub mod operators;
pub mod passkeys;
pub mod passwords;
pub mod personal_notices;
pub mod precondition;
pub mod query;
mod reached_run;
pub mod refusals;
pub mod reply;
pub mod sessions;
pub mod settings;
pub mod source_query;
pub mod suites;
mod sync_events;
pub mod sync_runs;
pub mod tags;
pub mod traces;
pub mod trials;
pub mod users;
pub mod verification_files;
pub mod wecom_apps;

use actix_web::{
    middleware::from_fn,
    web::{self, ServiceConfig},
};

use crate::kernel::failure::{Failure, Result};
use crate::web::{failure::WebFailure, input};

/// Mounts the admin API. Needs `web::Data<Admin>`.
pub fn routes(config: &mut ServiceConfig) {
    let api = web::scope("/api/v1")
        .app_data(input::path())
        .configure(data_sources::routes)
        .configure(callbacks::routes)
        .configure(external_contacts::routes)
        .configure(auth_sources::routes)
        .configure(wecom_apps::routes)
        .configure(suites::routes)
        .configure(installations::routes)
        .configure(moves::routes)
        .configure(access_checks::routes)
        .configure(clients::routes)
        .configure(trials::routes)
        .configure(passwords::routes)
        .configure(passkeys::routes)
        .configure(email_verification::routes)
        .configure(initial_access_tokens::routes)
        .configure(coverage::routes)
        .configure(users::routes)
        .configure(groups::routes)
        .configure(operators::routes)
        .configure(logout_deliveries::routes)
        .configure(offboardings::routes)
        .configure(sessions::routes)
        .configure(grants::routes)
        .configure(members::routes)
        .configure(conflicts::routes)
        .configure(access_requests::routes)
        .configure(departments::routes)
        .configure(identity_findings::routes)
        .configure(tags::routes)
        .configure(verification_files::routes)
        .configure(sync_runs::routes)
        .configure(keys::routes)
        .configure(api_tokens::routes)
        .configure(audit_events::routes)
        .configure(doctor::routes)
        .configure(traces::routes)
        .configure(refusals::routes)
        .configure(activity::routes)
        .configure(health::routes)
        .configure(notice_channels::routes)
        .configure(notice_subscriptions::routes)
        .configure(notices::routes)
        .configure(personal_notices::routes)
        .configure(settings::routes)
        .configure(branding::routes)
        .configure(company_branding::routes)
        .default_service(web::to(nothing_here))
        .wrap(from_fn(idempotency::carry_out_once))
        .wrap(from_fn(authorization::authenticate));
    // Before the scope, which asks for a token.
    api_docs::routes(config);
    openapi::routes(config);
    config.service(api);
}

async fn nothing_here() -> Result<&'static str, Failure> {
    Err(WebFailure::NotFound.into())
}

#[cfg(test)]
mod tests;
