//! Handlers of API tokens.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    query, reply,
};
use crate::{
    admin::{
        api_tokens::model::{Created, EXPORTED, NewToken, SORTS, TokenFilter, TokenState, TokenView},
        csv_rows,
        openapi::{params::ById, problems::Conflict},
        role::Role,
        service::Admin,
    },
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "API tokens", description = "Tokens for this API, with their roles.")),
    paths(list, export, create, read, revoke)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api-tokens").get(list).post(create))
        .service(web::resource("/api-tokens.csv").get(export))
        .service(web::resource("/api-tokens/{id}").get(read).delete(revoke));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(created_at|name)$")] {
    /// Part of the name, without regard to letter case; up to 200 characters.
    #[param(max_length = 200, example = "monitoring")]
    q: Option<String>,
    /// Only those with this role.
    #[param(value_type = Option<Role>, inline)]
    role: Option<String>,
    /// Only those in this state.
    #[param(value_type = Option<TokenState>, inline)]
    state: Option<String>,
});

/// Lists API tokens, without the tokens themselves.
#[utoipa::path(get, path = "/api-tokens", operation_id = "list_api_tokens", params(Wanted), responses(
    (status = 200, description = "A page of tokens.", body = SortedListing<TokenView>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, page.each_ref());
    let filter = filter(reading, &wanted)?;
    Ok(reply::ok(&admin.tokens(&filter, &page).await?))
}

/// The wanted tokens; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<TokenFilter> {
    let states = TokenState::ALL.map(TokenState::word);
    let state = reading.word("state", wanted.state.as_deref(), &states);
    let filter = TokenFilter {
        role: reading.word("role", wanted.role.as_deref(), &Role::ALL.map(Role::word)),
        state: state.as_deref().and_then(TokenState::of),
        search: reading.owned("q", wanted.q.as_deref()),
    };
    reading.done().map(|()| filter)
}

/// Exports API tokens as CSV, oldest first, without the tokens themselves.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/api-tokens.csv", operation_id = "export_api_tokens", params(WantedExport), responses(
    (status = 200, description = "The tokens, a line each.", body = String, content_type = "text/csv"),
))]
async fn export(caller: Caller<Reads, WantedExport>, by: Download, admin: web::Data<Admin>) -> Reply {
    let filter = filter(query::Reading::default(), &caller.query)?;
    let export = Export {
        file: "api-tokens.csv",
        media: CSV,
        head: csv_rows::api_tokens::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.tokens(&filter, &page).await }
    };
    let line = (|token: &TokenView| token.id, csv_rows::api_tokens::row);
    streamed_in_order(export, EXPORTED, read, line).await
}

/// Creates an API token, which is shown this once.
#[utoipa::path(post, path = "/api-tokens", operation_id = "create_api_token", request_body = NewToken, responses(
    (status = 201, description = "The token.", body = Created),
))]
async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewToken>) -> Reply {
    let created = admin.create_token(caller.giver(), input.0).await?;
    Ok(reply::created(
        format!("/api/v1/api-tokens/{}", created.about.id),
        &created,
    ))
}

/// Reads an API token, without the token itself.
#[utoipa::path(get, path = "/api-tokens/{id}", operation_id = "read_api_token", params(ById), responses(
    (status = 200, description = "The token.", body = TokenView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.token(id.into_inner()).await?))
}

/// Revokes an API token; the last one with the role owner that never expires stays.
#[utoipa::path(delete, path = "/api-tokens/{id}", operation_id = "revoke_api_token", params(ById), responses(
    (status = 204, description = "The token is revoked."),
    Conflict,
))]
async fn revoke(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin.revoke_token(caller.giver(), id.into_inner()).await?;
    Ok(reply::done())
}
