//! API `export/*`: the directory as encrypted files, made in the background and fetched from a CDN (reference §5.7).

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::http::header::RANGE;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use rand::RngExt;
use serde_json::{Map, Value, json};

use super::call::{Answer, ApiCall, object, view};
use super::shaping;
use super::tag::tagged;
use crate::crypto::{Key, envelope, pad, seal_bytes};
use crate::errmsg::{alphanumeric, refusal};
use crate::exports::{File, Job};
use crate::state::{Shared, State};
use crate::tokens::Caller;
use crate::world::ExportFiles;

/// Rows in one file, where the call does not say.
const BLOCK: u64 = 1_000_000;

type Rows = (&'static str, Vec<Value>);

pub(super) fn simple_user(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let view = view(state, caller)?;
    let seen = view.corp.members.values().filter(|member| view.sees(member));
    let rows = seen.map(|member| view.brief(member)).collect();
    submit(
        call,
        (caller, "export_simple_user"),
        ("userlist", rows),
        Map::new(),
        state,
    )
}

pub(super) fn user(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let view = view(state, caller)?;
    let seen = view.corp.members.values().filter(|member| view.sees(member));
    let rows = seen.map(|member| Value::Object(view.details(member))).collect();
    submit(call, (caller, "export_user"), ("userlist", rows), Map::new(), state)
}

pub(super) fn department(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let view = view(state, caller)?;
    let rows = view
        .departments(None)?
        .into_iter()
        .map(|department| view.department_json(department))
        .collect();
    submit(
        call,
        (caller, "export_department"),
        ("department", rows),
        Map::new(),
        state,
    )
}

pub(super) fn tag_user(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let id = call.body.get("tagid").and_then(Value::as_u64);
    let id = id.and_then(|id| id.try_into().ok()).ok_or_else(|| refusal(40068))?;
    let (_, users, parties) = tagged(&view(state, caller)?, id)?;
    let rest = object(json!({"partylist": parties}));
    submit(call, (caller, "export_tag"), ("userlist", users), rest, state)
}

/// Encrypts the rows in blocks; `rest` stands beside the rows of the first.
fn submit(
    call: &ApiCall,
    job: (&Caller, &'static str),
    (key, mut rows): Rows,
    rest: Map<String, Value>,
    state: &mut State,
) -> Answer {
    let aes_key = call.text("encoding_aeskey").and_then(Key::parse);
    let aes_key = aes_key.ok_or_else(|| refusal(40035))?;
    let block = match call.body.get("block_size") {
        None => BLOCK,
        Some(size) => size
            .as_u64()
            .filter(|size| (10_000..=BLOCK).contains(size))
            .ok_or_else(|| refusal(40058))?,
    };
    let block = usize::try_from(block).map_err(|_| refusal(40058))?;
    let most = state.world.switches.export_rows_per_file.unwrap_or(block);
    let block = block.min(most.max(1));
    if state.world.switches.export_files == ExportFiles::Placeless {
        let fields = rows.iter_mut().filter_map(Value::as_object_mut);
        fields.for_each(|fields| drop(fields.remove("department")));
    }
    let nothing = rows.is_empty() && rest.values().all(|value| *value == json!([]));
    let blocks: Vec<&[Value]> = if nothing && state.world.switches.export_of_nothing_has_no_file {
        Vec::new()
    } else if rows.is_empty() {
        vec![&[]]
    } else {
        rows.chunks(block).collect()
    };
    let mut files = Vec::new();
    for (at, rows) in blocks.into_iter().enumerate() {
        let mut content = if at == 0 { rest.clone() } else { Map::new() };
        content.insert(key.to_owned(), json!(rows));
        let shapes = state.world.switches.shapes.of(&call.path);
        let content = shaping::written(Value::Object(content), &shapes);
        files.push(encrypted(&content, &aes_key, &job.0.corp, state));
    }
    let id = format!("jobid_{}", alphanumeric(&mut state.rng, 22));
    let done = call.now + state.world.limits.export_seconds;
    state.exports.submit(&id, job, done, files);
    state
        .exports
        .secrets
        .extend(call.text("encoding_aeskey").map(str::to_owned));
    Ok(object(json!({"jobid": id})))
}

fn encrypted(content: &[u8], key: &Key, corp: &str, state: &mut State) -> Vec<u8> {
    let files = state.world.switches.export_files;
    let content = if files == ExportFiles::NotJson {
        b"<html>soon</html>"
    } else {
        content
    };
    let mut plain = if state.world.switches.export_has_envelope {
        envelope(state.rng.random(), content, corp)
    } else {
        content.to_vec()
    };
    pad(&mut plain);
    if files == ExportFiles::OtherKey {
        return seal_bytes(&key.spoiled(), plain);
    }
    seal_bytes(key, plain)
}

/// `export/get_result`, for who submitted the job: 0 queued, 1 running, 2 done, 3 failed.
pub(super) fn get_result(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let unknown = || refusal(40035);
    let id = call.param("jobid").ok_or_else(unknown)?;
    let own = |job: &Job| job.corp == caller.corp && job.caller == caller.kind;
    let job = state.exports.jobs.get_mut(id).filter(|job| own(job));
    let job = job.ok_or_else(unknown)?;
    job.polls = job.polls.saturating_add(1);
    let (waits, polls) = (job.done > call.now, job.polls);
    let switches = &state.world.switches;
    let status = |status: u8| {
        let status = if switches.export_status_is_text {
            json!(status.to_string())
        } else {
            json!(status)
        };
        object(json!({"status": status}))
    };
    if waits || polls <= state.world.limits.export_polls {
        return Ok(status(u8::from(polls > 1 || waits)));
    }
    if switches.exports_fail {
        return Ok(status(3));
    }
    let base = switches.export_host.clone();
    let base = base.unwrap_or_else(|| format!("http://{}", call.host));
    let files: &HashMap<String, File> = &state.exports.files;
    let described = |name: &String| {
        let file = files.get(name)?;
        Some(json!({"url": format!("{base}/export/{name}"), "size": file.bytes.len(), "md5": file.md5}))
    };
    let list: Vec<Value> = job.files.iter().filter_map(described).collect();
    let mut done = status(2);
    done.insert("data_list".to_owned(), json!(list));
    Ok(done)
}

/// `GET /export/{file}`: what the CDN answers. Part of it for `Range: bytes=from-to`.
pub(crate) async fn download(request: HttpRequest, name: Path<String>, shared: Data<Shared>) -> HttpResponse {
    let now = shared.clock.now();
    let state = shared.lock();
    let Some(file) = state.exports.files.get(name.as_str()).filter(|file| file.expires > now) else {
        return HttpResponse::NotFound().finish();
    };
    let mut bytes = file.bytes.clone();
    match state.world.switches.export_files {
        ExportFiles::Gone => return HttpResponse::NotFound().finish(),
        // Whoever follows gets it whole.
        ExportFiles::Redirected if request.query_string() == "there" => {}
        ExportFiles::Redirected => {
            let there = ("location", format!("/export/{name}?there"));
            return HttpResponse::Found().insert_header(there).finish();
        }
        ExportFiles::Truncated => bytes.truncate(bytes.len() / 2),
        ExportFiles::Changed => bytes.iter_mut().take(1).for_each(|byte| *byte ^= 1),
        ExportFiles::Sound | ExportFiles::OtherKey | ExportFiles::NotJson | ExportFiles::Placeless => {}
    }
    let wanted = request.headers().get(RANGE).and_then(|range| range.to_str().ok());
    let size = bytes.len();
    match wanted.map(|range| part(range, size)) {
        None => HttpResponse::Ok().content_type("application/octet-stream").body(bytes),
        Some(Some((from, to))) => HttpResponse::PartialContent()
            .content_type("application/octet-stream")
            .insert_header(("content-range", format!("bytes {from}-{to}/{size}")))
            .body(bytes.get(from..=to).unwrap_or_default().to_vec()),
        Some(None) => HttpResponse::build(StatusCode::RANGE_NOT_SATISFIABLE).finish(),
    }
}

/// First and last byte of `bytes=from-to` or `bytes=from-`.
fn part(range: &str, size: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (from, last) = (from.parse().ok()?, size.checked_sub(1)?);
    let to = if to.is_empty() { last } else { to.parse().ok()? };
    (from <= to && from <= last).then(|| (from, to.min(last)))
}
