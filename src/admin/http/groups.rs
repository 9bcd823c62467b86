//! Handlers of groups: users whom admins put together, for the lists of portals and for what portals are told.

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
    precondition::Matched,
    query, reply,
};
use crate::{
    admin::{
        csv_rows,
        openapi::{
            params::{ById, InState, ShownInState},
            problems::Conflict,
        },
        service::Admin,
    },
    directory::{
        group::{
            input::{GroupChange, NewGroup, NewGroupUsers},
            listing::{GroupFilter, SORTS},
            view::GroupView,
        },
        user::{listing::SORTS as SORTS_OF_USERS, view::UserView},
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
    tags((name = "Groups", description = "Users whom admins put together: named in the lists of portals, and told to portals in a claim.")),
    paths(list, export, create, read, change, remove, list_users, add_users, remove_user)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/groups").get(list).post(create))
        .service(web::resource("/groups.csv").get(export))
        .service(web::resource("/groups/{id}").get(read).patch(change).delete(remove))
        .service(web::resource("/groups/{id}/users").get(list_users).post(add_users))
        .service(web::resource("/groups/{id}/users/{user}").delete(remove_user));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(created_at|name|updated_at)$")] {
    /// Part of the name, without regard to letter case; up to 200 characters.
    #[param(max_length = 200, example = "wiki")]
    q: Option<String>,
    /// Only the one of this name, without regard to letter case; up to 200 characters.
    #[param(max_length = 200, example = "wiki-editors")]
    name: Option<String>,
    /// Only those in which the user with this row id is.
    user: Option<Uuid>,
});

/// Lists groups, oldest first.
#[utoipa::path(get, path = "/groups", operation_id = "list_groups", params(Wanted), responses(
    (status = 200, description = "A page of groups.", body = SortedListing<GroupView>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, page.each_ref());
    let filter = filter(reading, &wanted)?;
    Ok(reply::ok(&admin.directory().groups(&filter, &page).await?))
}

/// The wanted groups; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<GroupFilter> {
    let filter = GroupFilter {
        search: reading.owned("q", wanted.q.as_deref()),
        name: reading.owned("name", wanted.name.as_deref()),
        user: wanted.user,
    };
    reading.done().map(|()| filter)
}

/// Exports groups as CSV, oldest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/groups.csv", operation_id = "export_groups", params(WantedExport), responses(
    (status = 200, description = "The groups, a line each.", body = String, content_type = "text/csv"),
))]
async fn export(caller: Caller<Reads, WantedExport>, by: Download, admin: web::Data<Admin>) -> Reply {
    let filter = filter(query::Reading::default(), &caller.query)?;
    let export = Export {
        file: "groups.csv",
        media: CSV,
        head: csv_rows::groups::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.directory().groups(&filter, &page).await }
    };
    let line = (|group: &GroupView| group.id, csv_rows::groups::row);
    streamed_in_order(export, SORTS, read, line).await
}

/// Creates a group that nobody is in yet.
#[utoipa::path(post, path = "/groups", operation_id = "create_group", request_body = NewGroup, responses(
    (status = 201, description = "The group.", body = GroupView), Conflict,
))]
async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewGroup>) -> Reply {
    let created = admin.directory().create_group(caller.actor(), input.0).await?;
    Ok(reply::tagged_created(
        format!("/api/v1/groups/{}", created.id),
        &created,
    ))
}

/// Reads a group.
#[utoipa::path(get, path = "/groups/{id}", operation_id = "read_group", params(ById, ShownInState), responses(
    (status = 200, description = "The group.", body = GroupView),
))]
async fn read(caller: Matched<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    // Who is in it, and which portals name it, change with other things than the group.
    caller.shown_anew(&admin.directory().group(*id).await?)
}

/// Changes a group: a JSON merge patch (RFC 7396).
#[utoipa::path(patch, path = "/groups/{id}", operation_id = "change_group", params(ById, InState), request_body = GroupChange, responses(
    (status = 200, description = "The group as it is now.", body = GroupView), Conflict,
))]
async fn change(
    caller: Matched<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<GroupChange>,
) -> Reply {
    let changed = admin
        .directory()
        .change_group(caller.actor(), *id, input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

/// Deletes a group that no client names; its users stay.
#[utoipa::path(delete, path = "/groups/{id}", operation_id = "delete_group", params(ById, InState), responses(
    (status = 204, description = "The group is gone."), Conflict,
))]
async fn remove(caller: Matched<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .directory()
        .delete_group(caller.actor(), *id, &caller.if_match)
        .await?;
    Ok(reply::done())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct WantedUsers {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at|username|updated_at)$")]
    sort: Option<String>,
}

/// Lists the users of a group, oldest first.
#[utoipa::path(get, path = "/groups/{id}/users", operation_id = "list_group_users", params(ById, WantedUsers), responses(
    (status = 200, description = "A page of users.", body = SortedListing<UserView>),
))]
async fn list_users(caller: Caller<Reads, WantedUsers>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let wanted = &caller.query;
    let page = query::sorted(&SORTS_OF_USERS, [&wanted.cursor, &wanted.limit, &wanted.sort])?;
    Ok(reply::ok(&admin.directory().users_of_group(*id, &page).await?))
}

/// Puts users into a group: all of them, or nobody where one does not exist.
#[utoipa::path(post, path = "/groups/{id}/users", operation_id = "add_group_users", params(ById), request_body = NewGroupUsers, responses(
    (status = 200, description = "The group as it is now.", body = GroupView),
))]
async fn add_users(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<NewGroupUsers>,
) -> Reply {
    let group = admin.directory().add_to_group(caller.actor(), *id, &input.0).await?;
    Ok(reply::ok(&group))
}

/// Takes a user out of a group.
///
/// What the group alone let them into is closed at their next request; their sessions stay, for what they may enter besides.
#[utoipa::path(delete, path = "/groups/{id}/users/{user}", operation_id = "remove_group_user", params(
    ("id" = Uuid, Path, description = "Row id of the group."), ("user" = Uuid, Path, description = "Row id of the user."),
), responses(
    (status = 204, description = "They are not in the group any more."),
))]
async fn remove_user(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    path: web::Path<(Uuid, Uuid)>,
    _: NoBody,
) -> Reply {
    let (group, user) = *path;
    admin.directory().remove_from_group(caller.actor(), group, user).await?;
    Ok(reply::done())
}
