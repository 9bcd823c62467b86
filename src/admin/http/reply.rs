//! Successful replies of the admin API. None may be cached: a reply can hold a secret shown once.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, ETAG, LOCATION},
};
use serde::Serialize;

use crate::kernel::entity_tag::Tagged;

/// 200 with a body.
pub fn ok(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(body)
}

/// 200 with a resource that has an entity tag.
pub fn tagged(body: &(impl Serialize + Tagged)) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((ETAG, body.entity_tag().to_string()))
        .json(body)
}

/// 201 with the location of what was created, and its entity tag.
pub fn tagged_created(place: String, body: &(impl Serialize + Tagged)) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((LOCATION, place))
        .insert_header((ETAG, body.entity_tag().to_string()))
        .json(body)
}

/// 201 with the location of what was created.
pub fn created(place: String, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((LOCATION, place))
        .json(body)
}

/// 202 with the location to poll.
pub fn accepted(place: String, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((LOCATION, place))
        .json(body)
}

/// 204.
pub fn done() -> HttpResponse {
    HttpResponse::NoContent().finish()
}
