//! Control API: editing corps, members, apps, switches, limits, scenarios.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use serde_json::{Value, json};

use super::reply::{done, failed, patch};
use crate::state::Shared;
use crate::world::{Corp, Department, Member, Scope, Tag, World, generator};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/world", web::get().to(summary))
        .route("/scenario", web::post().to(load))
        .route("/generate", web::post().to(generate))
        .route("/switches", web::get().to(switches))
        .route("/switches", web::patch().to(patch_switches))
        .route("/limits", web::patch().to(patch_limits))
        .route("/caller-ip", web::put().to(caller_ip))
        .route("/corps/{corp}", web::patch().to(patch_corp))
        .route("/corps/{corp}/members", web::get().to(list_members))
        .route("/corps/{corp}/members", web::post().to(add_member))
        .route("/corps/{corp}/members/{userid}", web::get().to(show_member))
        .route("/corps/{corp}/members/{userid}", web::patch().to(patch_member))
        .route("/corps/{corp}/members/{userid}", web::delete().to(remove_member))
        .route("/corps/{corp}/departments", web::put().to(put_department))
        .route("/corps/{corp}/departments/{id}", web::delete().to(remove_department))
        .route("/corps/{corp}/tags", web::put().to(put_tag))
        .route("/corps/{corp}/tags/{id}", web::delete().to(remove_tag))
        .route("/corps/{corp}/apps/{agentid}", web::patch().to(patch_app))
        .route("/corps/{corp}/apps/{agentid}/scope", web::put().to(put_scope));
}

async fn summary(shared: Data<Shared>) -> HttpResponse {
    let state = shared.lock();
    let corps: Vec<Value> = state.world.corps.values().map(corp_summary).collect();
    let World {
        switches,
        limits,
        faults,
        caller_ip,
        ..
    } = &state.world;
    HttpResponse::Ok().json(json!({
        "now": shared.clock.now(), "corps": corps,
        "switches": switches, "limits": limits, "faults": faults, "caller_ip": caller_ip,
    }))
}

fn corp_summary(corp: &Corp) -> Value {
    json!({
        "corpid": corp.corpid, "name": corp.name, "contacts_secret": corp.contacts_secret,
        "contacts_callback": corp.contacts_callback, "contacts_ip_is_new": corp.contacts_ip_is_new,
        "members": corp.members.len(), "departments": corp.departments.len(), "tags": corp.tags.values().collect::<Vec<_>>(),
        "apps": corp.apps.values().collect::<Vec<_>>(),
    })
}

/// Replaces the world by a scenario file. Tokens and codes stay; those of vanished corps stop working.
async fn load(text: String, shared: Data<Shared>) -> HttpResponse {
    match World::from_toml(&text) {
        Err(error) => failed(StatusCode::UNPROCESSABLE_ENTITY, error),
        Ok(world) => {
            shared.lock().edit(|current| *current = world);
            done()
        }
    }
}

async fn generate(body: Json<HashMap<String, u64>>, shared: Data<Shared>) -> HttpResponse {
    let number = |key: &str, otherwise: u64| body.get(key).copied().unwrap_or(otherwise);
    let size = |key: &str, otherwise: u64| u32::try_from(number(key, otherwise)).unwrap_or(u32::MAX);
    let corp = generator::corp(number("seed", 1), size("members", 1000), size("departments", 50));
    shared
        .lock()
        .edit(|world| world.corps.insert(corp.corpid.clone(), corp));
    done()
}

async fn switches(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(&shared.lock().world.switches)
}

async fn patch_switches(body: Json<Value>, shared: Data<Shared>) -> HttpResponse {
    patch(&shared, &body, |world| Some(&mut world.switches))
}

async fn patch_limits(body: Json<Value>, shared: Data<Shared>) -> HttpResponse {
    patch(&shared, &body, |world| Some(&mut world.limits))
}

/// Sets the caller IP that WeCom sees; body: `"203.0.113.9"` or `null`.
async fn caller_ip(body: Json<Option<String>>, shared: Data<Shared>) -> HttpResponse {
    shared.lock().edit(|world| world.caller_ip = body.into_inner());
    done()
}

/// Patches the fields of the corp itself. Its members are patched one by one: a patch of a big corp would copy all of them.
async fn patch_corp(corp: Path<String>, body: Json<Value>, shared: Data<Shared>) -> HttpResponse {
    if body.get("members").is_some() {
        return failed(StatusCode::UNPROCESSABLE_ENTITY, "patch members one by one");
    }
    let mut state = shared.lock();
    let result = state.edit(|world| {
        let corp = world.corp_mut(&corp)?;
        let members = std::mem::take(&mut corp.members);
        let result = super::reply::merge(corp, &body);
        corp.members = members;
        Some(result)
    });
    match result {
        None => failed(StatusCode::NOT_FOUND, "no such corp"),
        Some(Err(error)) => failed(StatusCode::UNPROCESSABLE_ENTITY, error),
        Some(Ok(())) => done(),
    }
}

async fn list_members(corp: Path<String>, query: Query<HashMap<String, String>>, shared: Data<Shared>) -> HttpResponse {
    let state = shared.lock();
    let Some(corp) = state.world.corps.get(corp.as_str()) else {
        return failed(StatusCode::NOT_FOUND, "no such corp");
    };
    let words = query.get("q").map(|words| words.to_lowercase()).unwrap_or_default();
    let found = corp
        .members
        .iter()
        .filter(|(key, member)| key.contains(&words) || member.name.contains(&words));
    HttpResponse::Ok().json(found.map(|(_, member)| member).take(1000).collect::<Vec<_>>())
}

async fn add_member(corp: Path<String>, body: Json<Member>, shared: Data<Shared>) -> HttpResponse {
    let mut state = shared.lock();
    let added = state.edit(|world| world.corp_mut(&corp).map(|corp| corp.add_member(body.into_inner())));
    added.map_or_else(|| failed(StatusCode::NOT_FOUND, "no such corp"), |()| done())
}

async fn show_member(path: Path<(String, String)>, shared: Data<Shared>) -> HttpResponse {
    let state = shared.lock();
    let member = state.world.corps.get(&path.0).and_then(|corp| corp.member(&path.1));
    member.map_or_else(
        || failed(StatusCode::NOT_FOUND, "no such member"),
        |member| HttpResponse::Ok().json(member),
    )
}

/// Patches a member; a patch with another `userid` renames them.
async fn patch_member(path: Path<(String, String)>, body: Json<Value>, shared: Data<Shared>) -> HttpResponse {
    let mut body = body.into_inner();
    let renamed = body.as_object_mut().and_then(|fields| fields.remove("userid"));
    let reply = patch(&shared, &body, |world| world.corp_mut(&path.0)?.member_mut(&path.1));
    if let Some(new) = renamed
        .as_ref()
        .and_then(Value::as_str)
        .filter(|_| reply.status().is_success())
    {
        shared
            .lock()
            .edit(|world| world.corp_mut(&path.0).map(|corp| corp.rename_member(&path.1, new)));
    }
    reply
}

async fn remove_member(path: Path<(String, String)>, shared: Data<Shared>) -> HttpResponse {
    let removed = shared
        .lock()
        .edit(|world| world.corp_mut(&path.0)?.remove_member(&path.1));
    removed.map_or_else(|| failed(StatusCode::NOT_FOUND, "no such member"), |_| done())
}

async fn put_department(corp: Path<String>, body: Json<Department>, shared: Data<Shared>) -> HttpResponse {
    let put = shared
        .lock()
        .edit(|world| world.corp_mut(&corp).map(|corp| corp.add_department(body.into_inner())));
    put.map_or_else(|| failed(StatusCode::NOT_FOUND, "no such corp"), |()| done())
}

/// Removes a department; its members keep naming it.
async fn remove_department(path: Path<(String, u32)>, shared: Data<Shared>) -> HttpResponse {
    let removed = shared
        .lock()
        .edit(|world| world.corp_mut(&path.0)?.departments.remove(&path.1));
    removed.map_or_else(|| failed(StatusCode::NOT_FOUND, "no such department"), |_| done())
}

async fn remove_tag(path: Path<(String, u32)>, shared: Data<Shared>) -> HttpResponse {
    let removed = shared
        .lock()
        .edit(|world| world.corp_mut(&path.0)?.tags.remove(&path.1));
    removed.map_or_else(|| failed(StatusCode::NOT_FOUND, "no such tag"), |_| done())
}

async fn put_tag(corp: Path<String>, body: Json<Tag>, shared: Data<Shared>) -> HttpResponse {
    let tag = body.into_inner();
    let put = shared
        .lock()
        .edit(|world| world.corp_mut(&corp).map(|corp| corp.tags.insert(tag.id, tag)));
    put.map_or_else(|| failed(StatusCode::NOT_FOUND, "no such corp"), |_| done())
}

async fn patch_app(path: Path<(String, u32)>, body: Json<Value>, shared: Data<Shared>) -> HttpResponse {
    patch(&shared, &body, |world| world.corp_mut(&path.0)?.apps.get_mut(&path.1))
}

async fn put_scope(path: Path<(String, u32)>, body: Json<Scope>, shared: Data<Shared>) -> HttpResponse {
    let mut state = shared.lock();
    let put = state.edit(|world| {
        world.corp_mut(&path.0)?.apps.get_mut(&path.1)?.scope = body.into_inner();
        Some(())
    });
    put.map_or_else(|| failed(StatusCode::NOT_FOUND, "no such app"), |()| done())
}
