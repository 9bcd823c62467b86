//! Handlers of coverage: how many people have which field, by data source and by portal.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    reply,
};
use crate::{
    admin::{
        openapi::params::{ByClient, ById},
        service::Admin,
    },
    directory::user::{
        coverage::{AskedAgain, Coverage},
        listing::{LetIn, UserFilter},
    },
    kernel::failure::Result,
    oidc::registration::view::ClientView,
    web::input::NoBody,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Coverage", description = "How many people have which field, and what a portal needs of them.")),
    paths(of_source, of_client, ask_again)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/data-sources/{id}/coverage").get(of_source))
        .service(web::resource("/data-sources/{id}/ask-again").post(ask_again))
        .service(web::resource("/clients/{id}/coverage").get(of_client));
}

/// Counts which fields the people of a data source have.
///
/// Active users are counted. Who lacks a field: `GET /users?data_source=…&status=active&lacks=…`.
#[utoipa::path(get, path = "/data-sources/{id}/coverage", operation_id = "read_data_source_coverage", params(ById), responses(
    (status = 200, description = "What was counted.", body = Coverage),
))]
async fn of_source(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let source = admin.directory().source(*id).await?;
    let filter = UserFilter {
        data_source: Some(source.id),
        ..active()
    };
    Ok(reply::ok(&admin.directory().coverage(&filter, &[]).await?))
}

/// Lets people be asked again for what WeCom did not pass on.
///
/// For after a field was ticked in WeCom's admin console, or the app was shown to more people: they are asked the next time they open,
/// inside WeCom, a portal that requires it. Who declined is not asked.
#[utoipa::path(post, path = "/data-sources/{id}/ask-again", operation_id = "ask_again_for_private_fields", params(ById), responses(
    (status = 200, description = "How many people that is.", body = AskedAgain),
))]
async fn ask_again(caller: Caller<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    let source = admin.directory().source(*id).await?;
    let asked = admin
        .directory()
        .ask_again_for_private_fields(caller.actor(), source.id);
    Ok(reply::ok(&asked.await?))
}

/// Counts which fields the people have whom a portal's lists let in, and who lacks what it requires.
///
/// Active users are counted; what the gate looks at besides is not asked. Who lacks a field: `GET /users?client=…&status=active&lacks=…`.
#[utoipa::path(get, path = "/clients/{id}/coverage", operation_id = "read_client_coverage", params(ByClient), responses(
    (status = 200, description = "What was counted.", body = Coverage),
))]
async fn of_client(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<String>) -> Reply {
    let client = admin.registrations().client(&id).await?;
    let filter = UserFilter {
        let_in: Some(let_in(&client)),
        ..active()
    };
    let needed = &client.metadata.required_fields;
    Ok(reply::ok(&admin.directory().coverage(&filter, needed).await?))
}

fn active() -> UserFilter {
    UserFilter {
        status: Some("active".to_owned()),
        ..UserFilter::default()
    }
}

/// The lists by which a portal lets people in.
pub(super) fn let_in(client: &ClientView) -> LetIn {
    let ids = |list: &[String]| list.iter().filter_map(|id| id.parse().ok()).collect();
    LetIn {
        auth_sources: client.auth_sources.as_deref().map(ids),
        departments: ids(&client.allowed_departments),
        groups: ids(&client.allowed_groups),
        users: ids(&client.allowed_users),
    }
}
