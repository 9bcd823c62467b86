//! Handlers of offboarding reports. Needs `web::Data<Admin>` and `web::Data<Provider>`.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    query, reply,
};
use crate::{
    admin::{
        offboardings::{ReportFilter, csv, model::SORTS},
        service::Admin,
    },
    directory::offboarding::model::EndReason,
    kernel::failure::Result,
    oidc::Provider,
    web::input::NoBody,
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/offboardings").get(list))
        .service(web::resource("/offboardings/{id}").get(read))
        .service(web::resource("/offboardings/{id}/export").get(export))
        .service(web::resource("/offboardings/{id}/resend").post(resend));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    sort: Option<String>,
    user_id: Option<Uuid>,
    data_source_id: Option<Uuid>,
    reason: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort]);
    let words = EndReason::ALL.map(EndReason::word);
    let reason = reading.word("reason", wanted.reason.as_deref(), &words);
    let filter = ReportFilter {
        user: wanted.user_id,
        data_source: wanted.data_source_id,
        reason: reason.as_deref().and_then(EndReason::of),
    };
    reading.done()?;
    Ok(reply::ok(&admin.offboardings(&filter, &page).await?))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.offboarding(*id).await?))
}

async fn export(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let report = admin.offboarding(*id).await?;
    let name = format!("attachment; filename=\"offboarding-{id}.csv\"");
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(csv(&report)))
}

async fn resend(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    provider: web::Data<Provider>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let report = admin.resend_offboarding(caller.actor(), &provider, *id).await?;
    Ok(reply::accepted(format!("/api/v1/offboardings/{id}"), &report))
}
