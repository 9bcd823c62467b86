//! Handlers of operators: people with a console role.

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
    export::{CSV, Export, streamed},
    listed::listed,
    precondition::Matched,
    query, reply,
};
use crate::admin::openapi::params::{ById, InState, ShownInState};
use crate::directory::user::view::OperatorView;
use crate::kernel::pagination::{Listing, Page};
use crate::{
    admin::{csv_rows, service::Admin},
    directory::user::{input::ConsoleRole, operators::RoleInput},
    kernel::failure::Result,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Operators", description = "People with a console role.")),
    paths(list, export, read, appoint, dismiss)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/operators").get(list))
        .service(web::resource("/operators.csv").get(export))
        .service(web::resource("/operators/{id}").get(read).put(appoint).delete(dismiss));
}

listed!(Wanted, WantedExport, {
    /// Part of the username or of the name, without regard to letter case; up to 200 characters.
    #[param(max_length = 200, example = "li")]
    q: Option<String>,
    /// Only those with this role.
    #[param(value_type = Option<ConsoleRole>, inline)]
    role: Option<String>,
});

/// Lists people with a console role.
#[utoipa::path(get, path = "/operators", operation_id = "list_operators", params(Wanted), responses(
    (status = 200, description = "A page of operators.", body = Listing<OperatorView>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let ([cursor, limit], wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.page(cursor.as_deref(), limit.as_deref());
    let (role, search) = filter(reading, &wanted)?;
    let wanted = (role.as_deref(), search.as_deref());
    Ok(reply::ok(&admin.directory().operators(wanted, page).await?))
}

/// The wanted role and text; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<(Option<String>, Option<String>)> {
    let roles = ConsoleRole::ALL.map(ConsoleRole::word);
    let role = reading.word("role", wanted.role.as_deref(), &roles);
    let search = reading.owned("q", wanted.q.as_deref());
    reading.done().map(|()| (role, search))
}

/// Exports people with a console role as CSV.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/operators.csv", operation_id = "export_operators", params(WantedExport), responses(
    (status = 200, description = "The operators, a line each.", body = String, content_type = "text/csv"),
))]
async fn export(caller: Caller<Reads, WantedExport>, by: Download, admin: web::Data<Admin>) -> Reply {
    let wanted = filter(query::Reading::default(), &caller.query)?;
    let export = Export {
        file: "operators.csv",
        media: CSV,
        head: csv_rows::operators::head(),
        by,
    };
    let read = move |page: Page| {
        let (admin, (role, search)) = (admin.clone(), wanted.clone());
        async move {
            let wanted = (role.as_deref(), search.as_deref());
            admin.directory().operators(wanted, page).await
        }
    };
    streamed(export, read, csv_rows::operators::row).await
}

/// Reads an operator, by their user id.
#[utoipa::path(get, path = "/operators/{id}", operation_id = "read_operator", params(ById, ShownInState), responses(
    (status = 200, description = "The operator.", body = OperatorView),
))]
async fn read(caller: Matched<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    caller.shown_anew(&admin.directory().operator(*id).await?)
}

/// Gives a user a console role, or another one.
///
/// Who had none is signed out everywhere and has to set their password anew.
#[utoipa::path(put, path = "/operators/{id}", operation_id = "appoint_operator", params(ById, InState), request_body = RoleInput, responses(
    (status = 200, description = "The operator as they are now.", body = OperatorView),
))]
async fn appoint(
    caller: Matched<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<RoleInput>,
) -> Reply {
    let appointed = admin
        .directory()
        .appoint(caller.editor(), *id, input.0.role, &caller.if_match);
    Ok(reply::tagged(&appointed.await?))
}

/// Takes somebody's console role; they stay a user.
#[utoipa::path(delete, path = "/operators/{id}", operation_id = "dismiss_operator", params(ById, InState), responses(
    (status = 204, description = "They have no console role any more."),
))]
async fn dismiss(caller: Matched<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    let dismissed = admin.directory().dismiss(caller.editor(), *id, &caller.if_match);
    dismissed.await?;
    Ok(reply::done())
}
