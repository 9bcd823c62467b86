//! The OpenAPI document of the admin API: put together from the resources, printed by `menjin openapi`, kept as `docs/openapi.json`, and served
//! without a token, since it holds nothing but what the source says.

#![expect(
    clippy::indexing_slicing,
    reason = "the document is made in this program and is the same each time; a test makes it"
)]

use std::sync::OnceLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, ETAG},
    web::{self, Bytes, ServiceConfig},
};
use serde_json::{Value, json};
use utoipa::{OpenApi, ToSchema};

use super::{
    access_checks, access_requests, activity, api_tokens, audit_events, auth_sources, branding, callbacks, clients,
    company_branding, conflicts, coverage, data_sources, departments, doctor, email_verification, external_contacts,
    grants, groups, health, identity_findings, initial_access_tokens, installations, keys, logout_deliveries, members,
    moves, notice_channels, notice_subscriptions, notices, offboardings, operators, passkeys, passwords,
    personal_notices, refusals, sessions, settings, suites, sync_runs, tags, traces, trials, users, verification_files,
    wecom_apps,
};
use crate::{
    admin::openapi::refine,
    crypto::digest,
    kernel::entity_tag::EntityTag,
    web::{failure::Problem, input},
};

/// The resources, in the order the document has them; a new one gets its line here.
fn resources() -> Vec<utoipa::openapi::OpenApi> {
    vec![
        data_sources::Operations::openapi(),
        callbacks::Operations::openapi(),
        external_contacts::Operations::openapi(),
        auth_sources::Operations::openapi(),
        wecom_apps::Operations::openapi(),
        suites::Operations::openapi(),
        installations::Operations::openapi(),
        moves::Operations::openapi(),
        verification_files::Operations::openapi(),
        clients::Operations::openapi(),
        initial_access_tokens::Operations::openapi(),
        access_checks::Operations::openapi(),
        trials::Operations::openapi(),
        users::Operations::openapi(),
        groups::Operations::openapi(),
        coverage::Operations::openapi(),
        operators::Operations::openapi(),
        passwords::Operations::openapi(),
        passkeys::Operations::openapi(),
        email_verification::Operations::openapi(),
        sessions::Operations::openapi(),
        grants::Operations::openapi(),
        logout_deliveries::Operations::openapi(),
        offboardings::Operations::openapi(),
        members::Operations::openapi(),
        conflicts::Operations::openapi(),
        access_requests::Operations::openapi(),
        departments::Operations::openapi(),
        tags::Operations::openapi(),
        identity_findings::Operations::openapi(),
        sync_runs::Operations::openapi(),
        keys::Operations::openapi(),
        api_tokens::Operations::openapi(),
        audit_events::Operations::openapi(),
        refusals::Operations::openapi(),
        activity::Operations::openapi(),
        traces::Operations::openapi(),
        doctor::Operations::openapi(),
        health::Operations::openapi(),
        notice_channels::Operations::openapi(),
        notice_subscriptions::Operations::openapi(),
        notices::Operations::openapi(),
        personal_notices::Operations::openapi(),
        settings::Operations::openapi(),
        branding::Operations::openapi(),
        company_branding::Operations::openapi(),
    ]
}

/// What stands above all operations.
const ABOUT: &str = "\
Everything about a Menjin installation that can be looked at or changed.

**Authentication.** Every request needs an API token: `Authorization: Bearer …`. The first one is printed by the first start or set in the \
configuration; further ones are made with `POST /api/v1/api-tokens`. A token has a role: `auditor` reads, `operator` also starts syncs and \
manages people without a console role, `admin` sets up everything but owners, `owner` does everything; `sync` and `portal` reach only the data \
sources or portals in their scope.

**Bodies.** JSON objects of at most 1 MiB. A field or parameter that is not known is refused, all faults are told at once. Changes are JSON \
merge patches (RFC 7396): an absent field stays as it is. Moments are milliseconds since 1970 in UTC, durations say their unit.

**Lists.** They have pages: `limit` entries (50 unless asked otherwise, 200 at most), and `next_cursor`, which is the `cursor` of the next \
page, or null on the last. Filters stay the same from page to page.

**Failures.** Every reply from 400 up is a problem (RFC 9457) with a reference number, explained in `docs/errors.md`, what to do about it, and \
the reference of this occurrence, under which the log has it.";

/// The document.
pub fn document() -> Value {
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Menjin admin API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": "/", "description": "The server that this document comes from." }],
        "security": [{ "token": [] }],
        "tags": [],
        "paths": {},
        "components": {
            "securitySchemes": { "token": {
                "type": "http", "scheme": "bearer", "description": "An API token (RFC 6750 §2.1).",
            } },
            "schemas": {},
        },
    });
    let problems = [problem_schemas()];
    for part in resources().into_iter().chain(problems) {
        let mut part = serde_json::to_value(part).unwrap_or_default();
        refine::resource(&mut part);
        lay(&mut document["tags"], part["tags"].take());
        lay(&mut document["paths"], part["paths"].take());
        lay(
            &mut document["components"]["schemas"],
            part["components"]["schemas"].take(),
        );
    }
    refine::whole(&mut document);
    document
}

/// The schemas of problems, to which no handler refers by type.
fn problem_schemas() -> utoipa::openapi::OpenApi {
    let mut schemas = Vec::new();
    Problem::schemas(&mut schemas);
    schemas.push((
        Problem::name().into_owned(),
        <Problem as utoipa::PartialSchema>::schema(),
    ));
    let components = utoipa::openapi::ComponentsBuilder::new().schemas_from_iter(schemas);
    utoipa::openapi::OpenApiBuilder::new()
        .components(Some(components.build()))
        .build()
}

/// Adds members to an object, or items to a list.
fn lay(whole: &mut Value, part: Value) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => whole.extend(part),
        (Value::Array(whole), Value::Array(part)) => whole.extend(part),
        _ => {}
    }
}

/// The document as `docs/openapi.json` has it: sorted by name, so that a change of it is a change of what it says.
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

/// The document as it is served; made once.
struct Served {
    text: Bytes,
    etag: EntityTag,
}

fn served() -> &'static Served {
    static SERVED: OnceLock<Served> = OnceLock::new();
    SERVED.get_or_init(|| {
        let text = text();
        Served {
            etag: EntityTag::new(digest::sha256_base64url(text.as_bytes())),
            text: text.into(),
        }
    })
}

/// Mounts the document, beside the resources that need a token.
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        web::resource("/api/v1/openapi.json")
            .route(input::get_or_head().to(serve))
            .default_service(input::method_not_allowed("GET, HEAD")),
    );
}

async fn serve(request: HttpRequest) -> HttpResponse {
    let served = served();
    let known = input::reader_has(&request, &served.etag);
    let mut reply = match known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    reply
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((ETAG, served.etag.to_string()));
    match known {
        true => reply.finish(),
        false => reply.content_type("application/json").body(served.text.clone()),
    }
}
