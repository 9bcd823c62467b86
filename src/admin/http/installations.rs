//! Handlers of installations: companies that installed an app of the service provider, and the invitations by which admins connect them.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Operates, Reads},
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    query, reply,
};
use crate::{
    admin::{
        csv_rows,
        openapi::{
            params::{ById, ByInvitation},
            problems::{BadGateway, Conflict, NotFound},
        },
    },
    directory::installation::{
        Installations,
        input::{InstallReturn, NewInvitation, ScanInput, ScanReturn},
        model::{Filter, SORTS},
        state::Status,
        view::{InstallationView, InvitationView, ScanView},
    },
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    web::input::{JsonObject, NoBody, OptionalObject},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Installations", description = "Companies that installed an app of the service provider, and connecting them.")),
    paths(list, export, read, check, returned, scanned, invite, invitation, scan)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<Installations>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/installations").get(list))
        .service(web::resource("/installations.csv").get(export))
        .service(web::resource("/installations/returned").post(returned))
        .service(web::resource("/installations/scanned").post(scanned))
        .service(web::resource("/installations/{id}").get(read))
        .service(web::resource("/installations/{id}/check").post(check))
        .service(web::resource("/suites/{id}/invitations").post(invite))
        .service(web::resource("/suites/{id}/invitations/{invitation}").get(invitation))
        .service(web::resource("/suites/{id}/invitations/{invitation}/scan").post(scan));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(created_at|corp_name)$")] {
    /// Part of the company's name or corp ID, without regard to letter case; up to 200 characters.
    #[param(max_length = 200, example = "qingyun")]
    q: Option<String>,
    /// Only of the suite with this row id.
    suite: Option<Uuid>,
    /// Only those that stand there.
    #[param(value_type = Option<Status>, inline)]
    status: Option<String>,
});

/// Lists installations, newest first.
#[utoipa::path(get, path = "/installations", operation_id = "list_installations", params(Wanted), responses(
    (status = 200, description = "A page of installations.", body = SortedListing<InstallationView>),
))]
async fn list(caller: Caller<Reads, Wanted>, installations: web::Data<Installations>) -> Reply {
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, page.each_ref());
    let filter = filter(reading, &wanted)?;
    Ok(reply::ok(&installations.list(&filter, &page).await?))
}

/// The wanted installations; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<Filter> {
    let status = reading.word("status", wanted.status.as_deref(), &Status::ALL.map(Status::word));
    let filter = Filter {
        suite: wanted.suite,
        status: status.as_deref().and_then(Status::of),
        search: reading.owned("q", wanted.q.as_deref()),
    };
    reading.done().map(|()| filter)
}

/// Exports installations as CSV, newest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/installations.csv", operation_id = "export_installations", params(WantedExport), responses(
    (status = 200, description = "The installations, a line each.", body = String, content_type = "text/csv"),
))]
async fn export(caller: Caller<Reads, WantedExport>, by: Download, installations: web::Data<Installations>) -> Reply {
    let filter = filter(query::Reading::default(), &caller.query)?;
    let export = Export {
        file: "installations.csv",
        media: CSV,
        head: csv_rows::installations::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (installations, filter) = (installations.clone(), filter.clone());
        async move { installations.list(&filter, &page).await }
    };
    let line = (|one: &InstallationView| one.id, csv_rows::installations::row);
    streamed_in_order(export, SORTS, read, line).await
}

/// Reads an installation.
#[utoipa::path(get, path = "/installations/{id}", operation_id = "read_installation", params(ById), responses(
    (status = 200, description = "The installation.", body = InstallationView),
))]
async fn read(_: Caller<Reads>, installations: web::Data<Installations>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&installations.shown(*id).await?))
}

/// Asks WeCom now whether the app is installed, and what was authorised.
///
/// Menjin does so each hour by itself, since WeCom's pushes may be lost. Where the company deleted the app, the access of its people ends.
#[utoipa::path(post, path = "/installations/{id}/check", operation_id = "check_installation", params(ById), responses(
    (status = 200, description = "The installation as it is now; `problems` says what WeCom did not answer.", body = InstallationView),
))]
async fn check(_: Caller<Operates>, installations: web::Data<Installations>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    installations.check(*id).await?;
    Ok(reply::ok(&installations.shown(*id).await?))
}

/// Makes an invitation to install an app of the service provider, and asks WeCom for its install page or QR code.
///
/// Of the browser way `install_url` leads to WeCom's install page, which comes back to the console; of the phone way `qr` is what the QR code holds. Only
/// whoever made it can redeem it.
#[utoipa::path(post, path = "/suites/{id}/invitations", operation_id = "invite_to_suite", params(ById), request_body = NewInvitation, responses(
    (status = 201, description = "The invitation.", body = InvitationView),
    Conflict,
    BadGateway,
))]
async fn invite(
    caller: Caller<Configures>,
    installations: web::Data<Installations>,
    id: web::Path<Uuid>,
    input: JsonObject<NewInvitation>,
) -> Reply {
    let made = installations.invite(caller.actor(), *id, &input.0).await?;
    let place = format!("/api/v1/suites/{id}/invitations/{}", made.id);
    Ok(reply::created(place, &made))
}

/// Reads an invitation.
#[utoipa::path(get, path = "/suites/{id}/invitations/{invitation}", operation_id = "read_invitation", params(ByInvitation), responses(
    (status = 200, description = "The invitation; its install page is not shown again.", body = InvitationView),
))]
async fn invitation(
    _: Caller<Configures>,
    installations: web::Data<Installations>,
    ids: web::Path<(Uuid, Uuid)>,
) -> Reply {
    let (suite, id) = *ids;
    Ok(reply::ok(&installations.invitation_shown(suite, id).await?))
}

/// Begins the scan that connects a company which installed the app on a phone; the body may be left out.
///
/// A member for whom the app was authorised scans on the page that `login_url` names, which comes back to the console.
#[utoipa::path(post, path = "/suites/{id}/invitations/{invitation}/scan", operation_id = "begin_installation_scan", params(ByInvitation), request_body = Option<ScanInput>, responses(
    (status = 200, description = "Where to scan.", body = ScanView),
    Conflict,
))]
async fn scan(
    caller: Caller<Configures>,
    installations: web::Data<Installations>,
    ids: web::Path<(Uuid, Uuid)>,
    input: OptionalObject<ScanInput>,
) -> Reply {
    let begun = installations.begin_scan(caller.actor(), *ids, &input.0).await?;
    Ok(reply::ok(&begun))
}

/// Redeems an invitation with what WeCom's install page came back with, and connects the company.
///
/// The console does so when the browser comes back. The same return again is answered as the first time.
#[utoipa::path(post, path = "/installations/returned", operation_id = "finish_browser_installation", request_body = InstallReturn, responses(
    (status = 200, description = "The invitation: `connected`, or `redeemed` while something is still being tried.", body = InvitationView),
    Conflict,
    BadGateway,
    NotFound,
))]
async fn returned(
    caller: Caller<Configures>,
    installations: web::Data<Installations>,
    input: JsonObject<InstallReturn>,
) -> Reply {
    Ok(reply::ok(&installations.returned(caller.actor(), &input.0).await?))
}

/// Connects the company of whoever scanned, with what WeCom's login page came back with.
///
/// The console does so when the browser comes back.
#[utoipa::path(post, path = "/installations/scanned", operation_id = "finish_installation_scan", request_body = ScanReturn, responses(
    (status = 200, description = "The invitation, which is `connected`.", body = InvitationView),
    Conflict,
    BadGateway,
    NotFound,
))]
async fn scanned(
    caller: Caller<Configures>,
    installations: web::Data<Installations>,
    input: JsonObject<ScanReturn>,
) -> Reply {
    Ok(reply::ok(&installations.scanned(caller.actor(), &input.0).await?))
}
