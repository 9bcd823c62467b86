//! Handlers of moves: companies that go from an app of the service provider to one of their own.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    precondition::Matched,
    query::{self, Paged},
    reply,
};
use crate::{
    admin::openapi::{
        params::{ById, ByMove, InState, ShownInState},
        problems::{BadGateway, Conflict, TooMany},
    },
    directory::corp_move::{
        CorpMoves,
        input::{ChangeInput, MoveChange, NewMove, PairInput},
        model::{How, SORTS},
        view::{JoinerView, MoveView, PairView},
    },
    kernel::{failure::Result, pagination::Listing, sorting::SortedListing},
    web::input::{JsonObject, NoBody, OptionalObject},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Moves", description = "Companies that move from an app of the service provider to one of their own.")),
    paths(list, plan, read, change, drop_planned, pair, pairs, enter_pair, joined, rehearse, carry_out, undo, finish)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<CorpMoves>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/data-sources/{id}/moves").get(list).post(plan))
        .service(
            web::resource("/data-sources/{id}/moves/{move}")
                .get(read)
                .patch(change)
                .delete(drop_planned),
        )
        .service(web::resource("/data-sources/{id}/moves/{move}/pair").post(pair))
        .service(web::resource("/data-sources/{id}/moves/{move}/pairs").get(pairs))
        .service(web::resource("/data-sources/{id}/moves/{move}/pairs/{member}").put(enter_pair))
        .service(web::resource("/data-sources/{id}/moves/{move}/joined").get(joined))
        .service(web::resource("/data-sources/{id}/moves/{move}/rehearse").post(rehearse))
        .service(web::resource("/data-sources/{id}/moves/{move}/change").post(carry_out))
        .service(web::resource("/data-sources/{id}/moves/{move}/undo").post(undo))
        .service(web::resource("/data-sources/{id}/moves/{move}/finish").post(finish));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at)$")]
    sort: Option<String>,
}

/// Lists the moves of a data source, newest first.
#[utoipa::path(get, path = "/data-sources/{id}/moves", operation_id = "list_moves", params(ById, Wanted), responses(
    (status = 200, description = "A page of moves.", body = SortedListing<MoveView>),
))]
async fn list(caller: Caller<Reads, Wanted>, moves: web::Data<CorpMoves>, id: web::Path<Uuid>) -> Reply {
    let wanted = &caller.query;
    let page = query::sorted(&SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort])?;
    Ok(reply::ok(&moves.moves(*id, &page).await?))
}

/// Plans a move to an app that the company made itself, which is tried live; nothing changes by that.
#[utoipa::path(post, path = "/data-sources/{id}/moves", operation_id = "plan_move", params(ById), request_body = NewMove, responses(
    (status = 201, description = "The move.", body = MoveView), Conflict, TooMany, BadGateway,
))]
async fn plan(
    caller: Caller<Configures>,
    moves: web::Data<CorpMoves>,
    id: web::Path<Uuid>,
    input: JsonObject<NewMove>,
) -> Reply {
    let planned = moves.plan(caller.actor(), *id, &input.0).await?;
    let place = format!("/api/v1/data-sources/{id}/moves/{}", planned.id);
    Ok(reply::tagged_created(place, &planned))
}

/// Reads a move as it stands now.
#[utoipa::path(get, path = "/data-sources/{id}/moves/{move}", operation_id = "read_move", params(ByMove, ShownInState), responses(
    (status = 200, description = "The move.", body = MoveView),
))]
async fn read(caller: Matched<Reads>, moves: web::Data<CorpMoves>, ids: web::Path<(Uuid, Uuid)>) -> Reply {
    // Its rehearsal goes on without an edit.
    caller.shown_anew(&moves.shown(ids.0, ids.1).await?)
}

/// Changes a planned move: a JSON merge patch (RFC 7396). It has to be rehearsed again.
#[utoipa::path(patch, path = "/data-sources/{id}/moves/{move}", operation_id = "change_move", params(ByMove, InState), request_body = MoveChange, responses(
    (status = 200, description = "The move as it is now.", body = MoveView), Conflict, TooMany, BadGateway,
))]
async fn change(
    caller: Matched<Configures>,
    moves: web::Data<CorpMoves>,
    ids: web::Path<(Uuid, Uuid)>,
    input: JsonObject<MoveChange>,
) -> Reply {
    let changed = moves.change(caller.actor(), *ids, (&input.0, &caller.if_match)).await?;
    Ok(reply::tagged(&changed))
}

/// Gives a planned move up; nothing has changed by it.
#[utoipa::path(delete, path = "/data-sources/{id}/moves/{move}", operation_id = "drop_move", params(ByMove, InState), responses(
    (status = 204, description = "It is dropped; the list still has it."), Conflict,
))]
async fn drop_planned(
    caller: Matched<Configures>,
    moves: web::Data<CorpMoves>,
    ids: web::Path<(Uuid, Uuid)>,
    _: NoBody,
) -> Reply {
    moves.drop_planned(caller.actor(), *ids, &caller.if_match).await?;
    Ok(reply::done())
}

/// Pairs the members: WeCom converts their IDs from one app to the other, for those whom both apps see. What was entered by hand stays.
#[utoipa::path(post, path = "/data-sources/{id}/moves/{move}/pair", operation_id = "pair_members_of_move", params(ByMove, InState), responses(
    (status = 200, description = "The move; `problems` says what WeCom did not convert.", body = MoveView), Conflict, BadGateway,
))]
async fn pair(
    caller: Matched<Configures>,
    moves: web::Data<CorpMoves>,
    ids: web::Path<(Uuid, Uuid)>,
    _: NoBody,
) -> Reply {
    Ok(reply::tagged(
        &moves.pair(caller.actor(), *ids, &caller.if_match).await?,
    ))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct WantedPairs {
    cursor: Option<String>,
    limit: Option<String>,
    /// Only those that are paired so.
    #[param(value_type = Option<How>, inline)]
    how: Option<String>,
}

/// Lists who is whom in the new app, member by member; of a move that is over for good nothing is left.
#[utoipa::path(get, path = "/data-sources/{id}/moves/{move}/pairs", operation_id = "list_move_pairs", params(ByMove, WantedPairs), responses(
    (status = 200, description = "A page of pairs.", body = Listing<PairView>),
))]
async fn pairs(caller: Caller<Reads, WantedPairs>, moves: web::Data<CorpMoves>, ids: web::Path<(Uuid, Uuid)>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.page(wanted.cursor.as_deref(), wanted.limit.as_deref());
    let words: Vec<&str> = How::ALL.iter().map(|how| how.word()).collect();
    let how = reading.word("how", wanted.how.as_deref(), &words);
    reading.done()?;
    let how = how.as_deref().and_then(How::of);
    Ok(reply::ok(&moves.pairs(*ids, how, page).await?))
}

/// Enters who a member is in the new app, which must see them, or that nobody is.
#[utoipa::path(put, path = "/data-sources/{id}/moves/{move}/pairs/{member}", operation_id = "enter_move_pair", params(
    ("id" = Uuid, Path, description = "Row id of the data source."), ("move" = Uuid, Path, description = "Row id of the move."),
    ("member" = Uuid, Path, description = "Row id of the member."), InState,
), request_body = PairInput, responses(
    (status = 200, description = "The pair as it is now.", body = PairView), Conflict, BadGateway,
))]
async fn enter_pair(
    caller: Matched<Configures>,
    moves: web::Data<CorpMoves>,
    ids: web::Path<(Uuid, Uuid, Uuid)>,
    input: JsonObject<PairInput>,
) -> Reply {
    let (source, id, member) = *ids;
    let entered = moves
        .enter_pair(caller.actor(), ((source, id), member), (&input.0, &caller.if_match))
        .await?;
    Ok(reply::ok(&entered))
}

/// Lists the members who joined after the change.
///
/// Whom the service provider's app does not know is a stranger to it where the move is taken back; of a move that cannot be, nobody is listed.
#[utoipa::path(get, path = "/data-sources/{id}/moves/{move}/joined", operation_id = "list_move_joiners", params(ByMove, Paged), responses(
    (status = 200, description = "A page of members.", body = Listing<JoinerView>),
))]
async fn joined(caller: Caller<Reads, Paged>, moves: web::Data<CorpMoves>, ids: web::Path<(Uuid, Uuid)>) -> Reply {
    Ok(reply::ok(&moves.joined(*ids, caller.query.page()?).await?))
}

/// Rehearses a move: a run shows what the sync that follows would do. It changes nothing, and may be repeated.
#[utoipa::path(post, path = "/data-sources/{id}/moves/{move}/rehearse", operation_id = "rehearse_move", params(ByMove, InState), responses(
    (status = 202, description = "The move; `rehearsal` names the run.", body = MoveView), Conflict,
))]
async fn rehearse(
    caller: Matched<Configures>,
    moves: web::Data<CorpMoves>,
    ids: web::Path<(Uuid, Uuid)>,
    _: NoBody,
) -> Reply {
    let begun = moves.rehearse(caller.actor(), *ids, &caller.if_match).await?;
    let place = format!("/api/v1/data-sources/{}/moves/{}", ids.0, ids.1);
    Ok(reply::accepted(place, &begun))
}

/// Changes the app of the data source as it was rehearsed. The body may be left out.
///
/// From this moment people sign in by the company's own app and no longer by the service provider's; a sync follows at once. Users stay, with their
/// `sub`, sessions, grants and groups. It can be taken back until the company deletes the service provider's app.
#[utoipa::path(post, path = "/data-sources/{id}/moves/{move}/change", operation_id = "carry_out_move", params(ByMove, InState), request_body = Option<ChangeInput>, responses(
    (status = 200, description = "The move, which is `done`.", body = MoveView), Conflict, TooMany, BadGateway,
))]
async fn carry_out(
    caller: Matched<Configures>,
    moves: web::Data<CorpMoves>,
    ids: web::Path<(Uuid, Uuid)>,
    input: OptionalObject<ChangeInput>,
) -> Reply {
    let done = moves
        .carry_out(caller.actor(), *ids, (&input.0, &caller.if_match))
        .await?;
    Ok(reply::tagged(&done))
}

/// Takes a move back: the service provider's app, its IDs and its sign-in are there again, and a sync by it follows.
///
/// Whoever joined meanwhile is a stranger to it (`joined`).
#[utoipa::path(post, path = "/data-sources/{id}/moves/{move}/undo", operation_id = "undo_move", params(ByMove, InState), responses(
    (status = 200, description = "The move, which is `undone`.", body = MoveView), Conflict, BadGateway,
))]
async fn undo(
    caller: Matched<Configures>,
    moves: web::Data<CorpMoves>,
    ids: web::Path<(Uuid, Uuid)>,
    _: NoBody,
) -> Reply {
    Ok(reply::tagged(
        &moves.undo(caller.actor(), *ids, &caller.if_match).await?,
    ))
}

/// Says that a move is not taken back any more: the IDs of the service provider's app are forgotten.
#[utoipa::path(post, path = "/data-sources/{id}/moves/{move}/finish", operation_id = "finish_move", params(ByMove, InState), responses(
    (status = 200, description = "The move, which is `final`.", body = MoveView), Conflict,
))]
async fn finish(
    caller: Matched<Configures>,
    moves: web::Data<CorpMoves>,
    ids: web::Path<(Uuid, Uuid)>,
    _: NoBody,
) -> Reply {
    Ok(reply::tagged(
        &moves.finish(caller.actor(), *ids, &caller.if_match).await?,
    ))
}
