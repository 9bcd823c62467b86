//! Handlers of suites: apps of a service provider, with their callbacks.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Operates, Reads},
    precondition::Matched,
    query::{self, Paged},
    reply,
};
use crate::{
    admin::openapi::{
        params::{ById, InState, Known},
        problems::{Conflict, TooMany},
    },
    directory::suite::{
        Suites,
        input::{NewSuite, SuiteChange},
        model::SORTS,
        view::{IssuedSuite, SuitePushView, SuiteView},
    },
    kernel::{failure::Result, pagination::Listing, sorting::SortedListing},
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Suites", description = "Apps of a service provider (第三方应用), and templates of apps that it develops for customers (代开发应用模板), which companies install.")),
    paths(list, create, read, change, remove, renew, attempt, pushes)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<Suites>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/suites").get(list).post(create))
        .service(web::resource("/suites/{id}").get(read).patch(change).delete(remove))
        .service(web::resource("/suites/{id}/renew").post(renew))
        .service(web::resource("/suites/{id}/check").post(attempt))
        .service(web::resource("/suites/{id}/pushes").get(pushes));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at|name|updated_at)$")]
    sort: Option<String>,
}

/// Lists suites.
#[utoipa::path(get, path = "/suites", operation_id = "list_suites", params(Wanted), responses(
    (status = 200, description = "A page of suites.", body = SortedListing<SuiteView>),
))]
async fn list(caller: Caller<Reads, Wanted>, suites: web::Data<Suites>) -> Reply {
    let wanted = &caller.query;
    let page = query::sorted(&SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort])?;
    Ok(reply::ok(&suites.suites(&page).await?))
}

/// Creates a suite, whose callbacks are to be copied into WeCom's provider console.
///
/// Token and EncodingAESKey that are not given are made, and shown this once. The secret is tried when the first ticket arrives: until then
/// `credential` is `waits_for_ticket`.
#[utoipa::path(post, path = "/suites", operation_id = "create_suite", request_body = NewSuite, responses(
    (status = 201, description = "The suite.", body = IssuedSuite),
    Conflict,
    TooMany,
))]
async fn create(caller: Caller<Configures>, suites: web::Data<Suites>, input: JsonObject<NewSuite>) -> Reply {
    let created = suites.create_suite(caller.actor(), input.0).await?;
    Ok(reply::tagged_created(
        format!("/api/v1/suites/{}", created.suite.id),
        &created,
    ))
}

/// Reads a suite, with its callbacks, its ticket, and what is wrong with it now.
#[utoipa::path(get, path = "/suites/{id}", operation_id = "read_suite", params(ById, Known), responses(
    (status = 200, description = "The suite.", body = SuiteView),
))]
async fn read(caller: Matched<Reads>, suites: web::Data<Suites>, id: web::Path<Uuid>) -> Reply {
    caller.shown_anew(&suites.suite(id.into_inner()).await?)
}

/// Changes a suite: a JSON merge patch (RFC 7396).
///
/// A secret is tried live first, where there is a ticket to try it with: what WeCom refuses is told field by field in `errors` and nothing is
/// saved, unless `save_anyway` is true.
#[utoipa::path(patch, path = "/suites/{id}", operation_id = "change_suite", params(ById, InState), request_body = SuiteChange, responses(
    (status = 200, description = "The suite as it is now.", body = SuiteView),
    Conflict,
    TooMany,
))]
async fn change(
    caller: Matched<Configures>,
    suites: web::Data<Suites>,
    id: web::Path<Uuid>,
    input: JsonObject<SuiteChange>,
) -> Reply {
    let changed = suites.change_suite(caller.actor(), id.into_inner(), input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

/// Deletes a suite that no company has installed.
#[utoipa::path(delete, path = "/suites/{id}", operation_id = "delete_suite", params(ById, InState), responses(
    (status = 204, description = "The suite is gone."),
    Conflict,
))]
async fn remove(caller: Matched<Configures>, suites: web::Data<Suites>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    suites
        .delete_suite(caller.actor(), id.into_inner(), &caller.if_match)
        .await?;
    Ok(reply::done())
}

/// Gives the callbacks of a suite a new Token and EncodingAESKey, which are shown this once.
///
/// What WeCom sends is refused until both are entered in its provider console.
#[utoipa::path(post, path = "/suites/{id}/renew", operation_id = "renew_suite", params(ById, InState), responses(
    (status = 200, description = "The suite, with what to enter in WeCom's console.", body = IssuedSuite),
))]
async fn renew(caller: Matched<Configures>, suites: web::Data<Suites>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    let renewed = suites.renew_suite_keys(caller.actor(), id.into_inner(), &caller.if_match);
    Ok(reply::tagged(&renewed.await?))
}

/// Tries suite ID and secret at WeCom now, with the newest ticket.
#[utoipa::path(post, path = "/suites/{id}/check", operation_id = "check_suite", params(ById), responses(
    (status = 200, description = "The suite; `credential` and `problems` say what WeCom did.", body = SuiteView),
    Conflict,
    TooMany,
))]
async fn attempt(caller: Caller<Operates>, suites: web::Data<Suites>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    Ok(reply::ok(&suites.try_suite(caller.actor(), id.into_inner()).await?))
}

/// Lists what WeCom pushed to a suite besides tickets and changes of contacts, the last push first.
#[utoipa::path(get, path = "/suites/{id}/pushes", operation_id = "list_suite_pushes", params(ById, Paged), responses(
    (status = 200, description = "A page of pushes.", body = Listing<SuitePushView>),
))]
async fn pushes(caller: Caller<Reads, Paged>, suites: web::Data<Suites>, id: web::Path<Uuid>) -> Reply {
    let page = caller.query.page()?;
    Ok(reply::ok(&suites.suite_pushes(id.into_inner(), page).await?))
}
