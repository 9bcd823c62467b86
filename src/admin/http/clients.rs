//! Handlers of clients (portals). `{id}` is the row id or the `client_id`. Needs `web::Data<Provider>` for claims.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::{IntoParams, OpenApi};

use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, OrPortal, Reads},
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    precondition::Matched,
    query, reply,
};
use crate::admin::openapi::{
    params::{ByClient, InState, Known},
    problems::Conflict,
};
use crate::kernel::sorting::{SortedListing, SortedPage};
use crate::oidc::{
    ClaimsPreview, Provider,
    registration::view::{ClientView, Registered, Rotated},
};
use crate::{
    admin::{csv_rows, failure::AdminFailure, portal_activity::ClientLine, service::Admin},
    directory::DirectoryFailure,
    kernel::failure::{Failure, Result},
    oidc::registration::{
        RegistrationFailure,
        input::{ClientChange, NewClient, Rotation},
        listing::{ClientFilter, SORTS},
        portal_fields::{Changer, not_own},
    },
    web::input::{JsonObject, NoBody, OptionalObject},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Clients", description = "Portals that people sign in at: OpenID Connect relying parties.")),
    paths(list, export, create, read, change, remove, rotate, claims)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/clients").get(list).post(create))
        .service(web::resource("/clients.csv").get(export))
        .service(web::resource("/clients/{id}").get(read).patch(change).delete(remove))
        .service(web::resource("/clients/{id}/secret").post(rotate))
        .service(web::resource("/clients/{id}/claims").get(claims));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(created_at|name|client_id|updated_at)$")] {
    /// Part of the name or `client_id`, without regard to letter case.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Only those that name the auth source with this row id.
    auth_source: Option<Uuid>,
    /// Only those that are switched on, or only those that are not.
    #[param(value_type = Option<bool>)]
    enabled: Option<String>,
});

/// Lists clients, with the last sign-in at each and the logouts that it has not confirmed.
#[utoipa::path(get, path = "/clients", operation_id = "list_clients", params(Wanted), responses(
    (status = 200, description = "A page of clients.", body = SortedListing<ClientLine>),
))]
async fn list(caller: Caller<OrPortal<Reads>, Wanted>, admin: web::Data<Admin>) -> Reply {
    let among = caller.portals().map(<[Uuid]>::to_vec);
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, page.each_ref());
    let filter = filter(reading, among, &wanted)?;
    Ok(reply::ok(&admin.portals(&filter, &page).await?))
}

/// The wanted clients, of these if only some are reached; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, among: Option<Vec<Uuid>>, wanted: &WantedExport) -> Result<ClientFilter> {
    let filter = ClientFilter {
        among,
        search: reading.owned("q", wanted.q.as_deref()),
        auth_source: wanted.auth_source,
        enabled: reading.flag("enabled", wanted.enabled.as_deref()),
    };
    reading.done().map(|()| filter)
}

/// Exports clients as CSV, oldest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/clients.csv", operation_id = "export_clients", params(WantedExport), responses(
    (status = 200, description = "The clients, a line each; never with a secret.", body = String, content_type = "text/csv"),
))]
async fn export(caller: Caller<OrPortal<Reads>, WantedExport>, by: Download, admin: web::Data<Admin>) -> Reply {
    let among = caller.portals().map(<[Uuid]>::to_vec);
    let filter = filter(query::Reading::default(), among, &caller.query)?;
    let export = Export {
        file: "portals.csv",
        media: CSV,
        head: csv_rows::portals::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.portals(&filter, &page).await }
    };
    let line = (|line: &ClientLine| line.client.id, csv_rows::portals::row);
    streamed_in_order(export, SORTS, read, line).await
}

/// The client, if the caller reaches it.
async fn reached<N, Q>(caller: &Caller<OrPortal<N>, Q>, admin: &Admin, id: &str) -> Result<ClientView> {
    let client = admin.registrations().client(id).await?;
    caller.reaches_portal(client.id, RegistrationFailure::NotFound)?;
    Ok(client)
}

/// The caller, as who changes a client.
fn changer<N, Q>(caller: &Caller<OrPortal<N>, Q>) -> Changer<'_> {
    Changer {
        actor: caller.actor(),
        refusal: caller.portals().map(|_| forbidden as fn(&str) -> Failure),
    }
}

fn forbidden(fields: &str) -> Failure {
    AdminFailure::FieldForbidden.failure().detail(fields)
}

/// Registers a client.
#[utoipa::path(post, path = "/clients", operation_id = "create_client", params(query::Judging), request_body = NewClient, responses(
    (status = 201, description = "The client, with its secret.", body = Registered),
    (status = 204, description = "By `dry_run`: nothing is wrong with it."),
    Conflict,
))]
async fn create(
    caller: Caller<Configures, query::Judging>,
    admin: web::Data<Admin>,
    input: JsonObject<NewClient>,
) -> Reply {
    if caller.query.dry_run()? {
        admin.registrations().judge(&input.0).await?;
        return Ok(reply::done());
    }
    let created = admin.registrations().create(caller.actor(), input.0).await?;
    Ok(reply::tagged_created(
        format!("/api/v1/clients/{}", created.client.id),
        &created,
    ))
}

/// Reads a client.
#[utoipa::path(get, path = "/clients/{id}", operation_id = "read_client", params(ByClient, Known), responses(
    (status = 200, description = "The client.", body = ClientView),
))]
async fn read(caller: Matched<OrPortal<Reads>>, admin: web::Data<Admin>, id: web::Path<String>) -> Reply {
    caller.shown(&reached(&caller, &admin, &id).await?)
}

/// Changes a client: a JSON merge patch (RFC 7396).
///
/// A token of the role `portal` changes what is the portal's own, not who may sign in there.
#[utoipa::path(patch, path = "/clients/{id}", operation_id = "change_client", params(ByClient, InState), request_body = ClientChange, responses(
    (status = 200, description = "The client as it is now.", body = ClientView),
    Conflict,
))]
async fn change(
    caller: Matched<OrPortal<Configures>>,
    admin: web::Data<Admin>,
    id: web::Path<String>,
    input: JsonObject<ClientChange>,
) -> Reply {
    let id = reached(&caller, &admin, &id).await?.id.to_string();
    let others = not_own(&input.0);
    if caller.portals().is_some() && !others.is_empty() {
        return Err(forbidden(&others.join(", ")));
    }
    let changed = admin
        .registrations()
        .modify(changer(&caller), &id, input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

/// Deletes a client; what was granted to it ends.
#[utoipa::path(delete, path = "/clients/{id}", operation_id = "delete_client", params(ByClient, InState), responses(
    (status = 204, description = "The client is gone."),
))]
async fn remove(caller: Matched<Configures>, admin: web::Data<Admin>, id: web::Path<String>, _: NoBody) -> Reply {
    admin
        .registrations()
        .delete(caller.actor(), &id, &caller.if_match)
        .await?;
    Ok(reply::done())
}

/// Replaces the secret of a client; the body may be left out.
#[utoipa::path(post, path = "/clients/{id}/secret", operation_id = "rotate_client_secret", params(ByClient, InState), request_body = Option<Rotation>, responses(
    (status = 200, description = "The new secret, shown this once.", body = Rotated),
    Conflict,
))]
async fn rotate(
    caller: Matched<OrPortal<Configures>>,
    admin: web::Data<Admin>,
    id: web::Path<String>,
    rotation: OptionalObject<Rotation>,
) -> Reply {
    let id = reached(&caller, &admin, &id).await?.id.to_string();
    let rotated = admin
        .registrations()
        .rotate_secret(changer(&caller), &id, rotation.0, &caller.if_match);
    Ok(reply::tagged(&rotated.await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct About {
    /// Row id of the user.
    user_id: Uuid,
    /// What the portal asks for, with spaces between scopes; absent: all that it is registered for.
    #[param(max_length = 200)]
    scope: Option<String>,
}

/// Tells which claims about a user a portal would get, in the ID token and in userinfo.
///
/// The gate is not asked: `access-checks` tells whether the user may enter. Claims that a request asks for by name are not there.
#[utoipa::path(get, path = "/clients/{id}/claims", operation_id = "preview_claims", params(ByClient, About), responses(
    (status = 200, description = "The claims about the person, without those about a sign-in.", body = ClaimsPreview),
))]
async fn claims(
    caller: Caller<Reads, About>,
    admin: web::Data<Admin>,
    provider: web::Data<Provider>,
    id: web::Path<String>,
) -> Reply {
    let about = &caller.query;
    let mut reading = query::Reading::default();
    let scope = reading.text("scope", about.scope.as_deref());
    reading.done()?;
    let client = admin.registrations().client(&id).await?.id;
    let claims = provider.preview_claims(client, (about.user_id, None), scope).await?;
    Ok(reply::ok(&claims.ok_or(DirectoryFailure::NotFound)?))
}
