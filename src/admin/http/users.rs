//! Handlers of users.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    coverage::let_in,
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    precondition::Matched,
    query, reply,
};
use crate::{
    admin::{
        openapi::{
            params::{ById, InState, Known},
            problems::{Conflict, NotFound},
        },
        role::Role,
        service::Admin,
        users_csv,
    },
    directory::user::{
        input::{ConsoleRole, NewUser, Status, UserChange},
        listing::{LetIn, SORTS, STATUSES, SignedIn, UserFilter},
        provenance::Field,
        view::UserView,
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
    tags((name = "Users", description = "People who sign in, wherever they came from.")),
    paths(list, export, create, read, change, remove)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/users").get(list).post(create))
        .service(web::resource("/users.csv").get(export))
        .service(web::resource("/users/{id}").get(read).patch(change).delete(remove));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(created_at|username|updated_at|last_sign_in_at)$")] {
    /// Part of the username or display name, without regard to letter case; up to 200 characters.
    #[param(max_length = 200, example = "zhang")]
    q: Option<String>,
    /// Only those with these row ids, at most 100, with commas between them.
    #[param(max_length = 4000, example = "01890b7c-3f4d-7c3a-9d0e-5b1f2a6c8e11")]
    ids: Option<String>,
    /// Only whoever has this username, without regard to letter case; up to 200 characters.
    #[param(max_length = 200, example = "zhangsan")]
    username: Option<String>,
    /// Only those with this status.
    #[param(value_type = Option<Status>, inline)]
    status: Option<String>,
    /// Only those who come from the data source with this row id.
    data_source: Option<Uuid>,
    /// Only those with this console role.
    #[param(value_type = Option<ConsoleRole>, inline)]
    console_role: Option<String>,
    /// Only those who are in the group with this row id.
    group: Option<Uuid>,
    /// Only those whose member in WeCom is in the department with this row id itself.
    department: Option<Uuid>,
    /// Only those who lack at least one of these fields, with commas between them.
    #[param(example = "email,phone_number")]
    lacks: Option<String>,
    /// Only those whom the lists of this portal let in (`client_id` or row id): its auth sources, departments and users. What the gate looks
    /// at besides is not asked.
    #[param(max_length = 200, example = "intranet")]
    client: Option<String>,
    /// Only those who signed in then: `never`; `within-30d`: in the last thirty days; `before-90d`: once, but not in the last ninety days. Any
    /// number of days up to 3650.
    #[param(pattern = "^(never|(within|before)-[1-9][0-9]{0,3}d)?$", example = "never")]
    signed_in: Option<String>,
});

/// Lists users, oldest first.
#[utoipa::path(get, path = "/users", operation_id = "list_users", params(Wanted), responses(
    (status = 200, description = "A page of users.", body = SortedListing<UserView>),
    NotFound,
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, page.each_ref());
    let filter = filter(&admin, reading, &wanted).await?;
    Ok(reply::ok(&admin.directory().users(&filter, &page).await?))
}

/// The wanted users; whatever is wrong with the query is told here.
async fn filter(admin: &Admin, mut reading: query::Reading, wanted: &WantedExport) -> Result<UserFilter> {
    let roles = Role::ALL.map(Role::word);
    let filter = UserFilter {
        ids: reading.ids("ids", wanted.ids.as_deref()),
        search: reading.owned("q", wanted.q.as_deref()),
        username: reading.owned("username", wanted.username.as_deref()),
        status: reading.word("status", wanted.status.as_deref(), &STATUSES),
        data_source: wanted.data_source,
        group: wanted.group,
        department: wanted.department,
        console_role: reading.word("console_role", wanted.console_role.as_deref(), &roles),
        lacks: lacks(&mut reading, wanted.lacks.as_deref()),
        signed_in: signed_in(&mut reading, wanted.signed_in.as_deref(), admin.clock.now().millis()),
        let_in: None,
    };
    let client = reading.owned("client", wanted.client.as_deref());
    reading.done()?;
    Ok(UserFilter {
        let_in: lists_of(admin, client.as_deref()).await?,
        ..filter
    })
}

/// When they signed in last.
fn signed_in(reading: &mut query::Reading, word: Option<&str>, now: i64) -> Option<SignedIn> {
    let word = reading.owned("signed_in", word)?;
    let read = SignedIn::read(&word, now);
    reading.check(read.is_some(), "signed_in", SignedIn::EXPECTED);
    read
}

/// The fields that are wanted missing.
fn lacks(reading: &mut query::Reading, words: Option<&str>) -> Vec<Field> {
    let Some(words) = reading.owned("lacks", words) else {
        return Vec::new();
    };
    let known = |word: &str| Field::of(word).filter(|field| field.is_filled_by_wecom());
    let fields: Option<Vec<Field>> = words.split(',').map(known).collect();
    let names = Field::FILLED_BY_WECOM.map(Field::word).join(", ");
    reading.check(
        fields.is_some(),
        "lacks",
        format_args!("takes some of {names}, with commas between them"),
    );
    fields.unwrap_or_default()
}

/// The lists of a portal.
async fn lists_of(admin: &Admin, client: Option<&str>) -> Result<Option<LetIn>> {
    match client {
        Some(client) => Ok(Some(let_in(&admin.registrations().client(client).await?))),
        None => Ok(None),
    }
}

/// Exports users as CSV, oldest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/users.csv", operation_id = "export_users", params(WantedExport), responses(
    (status = 200, description = "The users, a line each.", body = String, content_type = "text/csv"),
    NotFound,
))]
async fn export(caller: Caller<Reads, WantedExport>, by: Download, admin: web::Data<Admin>) -> Reply {
    let filter = filter(&admin, query::Reading::default(), &caller.query).await?;
    let export = Export {
        file: "users.csv",
        media: CSV,
        head: users_csv::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.directory().users(&filter, &page).await }
    };
    streamed_in_order(export, SORTS, read, (|user: &UserView| user.id, users_csv::row)).await
}

/// Creates a user who comes from no data source.
#[utoipa::path(post, path = "/users", operation_id = "create_user", request_body = NewUser, responses(
    (status = 201, description = "The user.", body = UserView), Conflict,
))]
async fn create(caller: Caller<Operates>, admin: web::Data<Admin>, input: JsonObject<NewUser>) -> Reply {
    let created = admin.directory().create_user(caller.editor(), input.0).await?;
    Ok(reply::tagged_created(format!("/api/v1/users/{}", created.id), &created))
}

/// Reads a user.
#[utoipa::path(get, path = "/users/{id}", operation_id = "read_user", params(ById, Known), responses(
    (status = 200, description = "The user.", body = UserView),
))]
async fn read(caller: Matched<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    caller.shown(&admin.directory().user(id.into_inner()).await?)
}

/// Changes a user: a JSON merge patch (RFC 7396).
///
/// Disabling ends their sessions at once and revokes their tokens. What is entered by hand is pinned, so that no sync changes it, unless `pinned` says otherwise.
#[utoipa::path(patch, path = "/users/{id}", operation_id = "change_user", params(ById, InState), request_body = UserChange, responses(
    (status = 200, description = "The user as they are now.", body = UserView), Conflict,
))]
async fn change(
    caller: Matched<Operates>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<UserChange>,
) -> Reply {
    let changed = admin
        .directory()
        .change_user(caller.editor(), id.into_inner(), input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

/// Deletes a user, with their sessions, consents and tokens.
#[utoipa::path(delete, path = "/users/{id}", operation_id = "delete_user", params(ById, InState), responses(
    (status = 204, description = "The user is gone."), Conflict,
))]
async fn remove(caller: Matched<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    let removed = admin
        .directory()
        .delete_user(caller.editor(), id.into_inner(), &caller.if_match);
    removed.await?;
    Ok(reply::done())
}
