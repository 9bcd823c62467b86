//! Handlers of *who can sign in*: one person at a portal, everybody at a portal, how many. Needs `web::Data<Gate>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    access_query::{AllOf, CountOf, OnePerson, PageOf},
    authorization::{Caller, OrPortal, Reads},
    download::Download,
    export::{CSV, Export, streamed},
    query, reply,
};
use crate::admin::openapi::{
    params::{ByClient, ById},
    problems::{NotFound, TooMany},
};
use crate::gate::explain::view::{Counts, Explanation, PersonLine, PortalAccess};
use crate::kernel::{
    pagination::{Listing, Page},
    sorting::{Position, SortValue, SortedListing, SortedPage},
};
use crate::{
    admin::{access_csv, service::Admin},
    gate::{
        Gate,
        explain::{DOOR_SORTS, Filter, Question, SORTS, WhatIf},
    },
    kernel::failure::Result,
    oidc::registration::RegistrationFailure,
};

type Reply = Result<HttpResponse>;

/// The portals of one person, page by page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Doors {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at|name)$")]
    sort: Option<String>,
}

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Access checks", description = "Who can sign in where, why not, and what would let them in.")),
    paths(explain, list, export, counts, everywhere)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/access-checks").get(explain))
        .service(web::resource("/clients/{id}/access-checks").get(list))
        .service(web::resource("/clients/{id}/access-checks.csv").get(export))
        .service(web::resource("/clients/{id}/access-checks/counts").get(counts))
        .service(web::resource("/users/{id}/access-checks").get(everywhere));
}

/// What is asked about a portal, if the caller reaches it.
async fn question<Q>(
    caller: &Caller<OrPortal<Reads>, Q>,
    (admin, client): (&Admin, &str),
    what_if: Option<WhatIf>,
) -> Result<Question> {
    let portal = admin.registrations().client(client).await?.id;
    caller.reaches_portal(portal, RegistrationFailure::NotFound)?;
    Ok(Question { portal, what_if })
}

/// Explains whether one person can sign in at a portal: the chain of checks, and what would let them in.
///
/// Without `live` WeCom is not asked: what was read last is taken for its answer. The other parameters imagine that something were
/// different.
#[utoipa::path(get, path = "/access-checks", operation_id = "explain_access", params(OnePerson), responses(
    (status = 200, description = "The whole answer.", body = Explanation),
    NotFound,
    TooMany,
))]
async fn explain(caller: Caller<OrPortal<Reads>, OnePerson>, admin: web::Data<Admin>, gate: web::Data<Gate>) -> Reply {
    let wanted = &caller.query;
    let (who, live, what_if) = wanted.wanted()?;
    let question = question(&caller, (&admin, &wanted.client_id), what_if).await?;
    Ok(reply::ok(&gate.explain(&who, &question, live).await?))
}

/// Lists everybody at a portal and whether they can sign in there.
#[utoipa::path(get, path = "/clients/{id}/access-checks", operation_id = "list_access_checks", params(ByClient, PageOf), responses(
    (status = 200, description = "A page of people.", body = SortedListing<PersonLine>),
))]
async fn list(
    caller: Caller<OrPortal<Reads>, PageOf>,
    admin: web::Data<Admin>,
    gate: web::Data<Gate>,
    id: web::Path<String>,
) -> Reply {
    let (filter, what_if, page) = caller.query.wanted()?;
    let question = question(&caller, (&admin, &id), what_if).await?;
    Ok(reply::ok(&gate.access_page(&question, &filter, &page).await?))
}

/// Counts who can sign in at a portal.
#[utoipa::path(get, path = "/clients/{id}/access-checks/counts", operation_id = "count_access_checks", params(ByClient, CountOf), responses(
    (status = 200, description = "How many people can.", body = Counts),
))]
async fn counts(
    caller: Caller<OrPortal<Reads>, CountOf>,
    admin: web::Data<Admin>,
    gate: web::Data<Gate>,
    id: web::Path<String>,
) -> Reply {
    let (filter, most, what_if) = caller.query.wanted()?;
    let question = question(&caller, (&admin, &id), what_if).await?;
    Ok(reply::ok(&gate.access_counts(&question, &filter, most).await?))
}

/// Lists every portal and whether a user can sign in there.
///
/// WeCom is not asked: what was read last is taken for its answer.
#[utoipa::path(get, path = "/users/{id}/access-checks", operation_id = "list_access_checks_of_user", params(ById, Doors), responses(
    (status = 200, description = "A page of portals.", body = SortedListing<PortalAccess>),
))]
async fn everywhere(caller: Caller<Reads, Doors>, gate: web::Data<Gate>, id: web::Path<Uuid>) -> Reply {
    let wanted = &caller.query;
    let page = query::sorted(&DOOR_SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort])?;
    Ok(reply::ok(&gate.access_everywhere(*id, &page).await?))
}

/// Exports everybody at a portal as CSV.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/clients/{id}/access-checks.csv", operation_id = "export_access_checks", params(ByClient, AllOf), responses(
    (status = 200, description = "A line for each person and way.", body = String, content_type = "text/csv"),
))]
async fn export(
    caller: Caller<OrPortal<Reads>, AllOf>,
    by: Download,
    admin: web::Data<Admin>,
    gate: web::Data<Gate>,
    id: web::Path<String>,
) -> Reply {
    let (filter, what_if) = caller.query.wanted()?;
    let question = question(&caller, (&admin, &id), what_if).await?;
    let file = format!("access-{}.csv", question.portal);
    let export = Export {
        file: &file,
        media: CSV,
        head: access_csv::head(),
        by,
    };
    let read = move |page: Page| {
        let (gate, question, filter) = (gate.clone(), question.clone(), filter.clone());
        async move { in_order(&gate, (&question, &filter), page).await }
    };
    streamed(export, read, access_csv::lines).await
}

/// A page of an export: in the order of their ids.
async fn in_order(gate: &Gate, (question, filter): (&Question, &Filter), page: Page) -> Result<Listing<PersonLine>> {
    let place = |id| Position {
        value: SortValue::Id,
        id,
    };
    let page = SortedPage {
        sort: SORTS.unasked(),
        after: page.after.map(place),
        limit: page.limit,
    };
    let found = gate.access_page(question, filter, &page).await?;
    // Where a filter finds few, it goes on behind the last who was looked at, not the last who was found.
    let next = page.after_that(found.next_cursor.as_deref());
    Ok(Listing {
        next_cursor: next.and_then(|next| next.after).map(|after| after.id),
        items: found.items,
    })
}
