//! The branding on pages: carried along each request that may be answered with one, and served as a picture and a style sheet.

use actix_web::{
    Error, HttpRequest, HttpResponse, HttpResponseBuilder,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{CACHE_CONTROL, ETAG},
    middleware::Next,
    web::{Data, ServiceConfig, resource},
};

use crate::{
    admin::Admin,
    kernel::{entity_tag::EntityTag, failure::Result},
    signin::Journeys,
    web::{
        accent_colour::{Colour, LEAST},
        brand,
        failure::WebFailure,
        input,
    },
};

/// Where programs ask, and browsers for what belongs to a page: they get no pages.
const OF_PROGRAMS: &[&str] = &[
    "/healthz",
    "/readyz",
    "/assets/",
    "/oauth2/token",
    "/oauth2/userinfo",
    "/oauth2/introspect",
    "/oauth2/revoke",
    "/oauth2/par",
    "/oauth2/device_authorization",
    "/oauth2/register",
    "/oauth2/jwks",
    "/.well-known/",
    "/api/",
];

/// An address with the digest of what it shows never shows anything else.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Any other address is asked for again each time.
const ASK_AGAIN: &str = "no-cache";

/// Middleware: pages made while the request is served bear the brand of the installation, or of the company that is noted meanwhile.
///
/// # Errors
/// What the handlers themselves fail with.
pub(super) async fn carry(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let for_people = !is_of_programs(request.path());
    let admin = request.app_data::<Data<Admin>>().cloned();
    match admin.filter(|_| for_people) {
        Some(admin) => brand::scope(admin.brands().await, next.call(request)).await,
        None => next.call(request).await,
    }
}

fn is_of_programs(path: &str) -> bool {
    OF_PROGRAMS.iter().any(|place| path.starts_with(place))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    for (path, shown) in [
        ("/branding/logo", input::get_or_head().to(logo)),
        ("/branding/portal-logo", input::get_or_head().to(portal_logo)),
        ("/branding/accent.css", input::get_or_head().to(accent)),
    ] {
        config.service(
            resource(path)
                .route(shown)
                .default_service(input::method_not_allowed("GET, HEAD")),
        );
    }
}

async fn logo(request: HttpRequest, admin: Data<Admin>) -> Result<HttpResponse, Error> {
    let brands = admin.brands().await;
    let installations = brands.installation().logo.as_ref().map(|logo| logo.digest.as_str());
    let wanted = version(&request).or(installations);
    let file = match wanted {
        Some(digest) => admin.logo_file(digest).await.ok().flatten(),
        None => None,
    };
    let (Some(digest), Some((media_type, file))) = (wanted, file) else {
        return Err(input::refused(WebFailure::NotFound.failure(), &request));
    };
    Ok(shown(&request, digest, |mut answer| {
        answer.content_type(media_type).body(file)
    }))
}

async fn portal_logo(request: HttpRequest, journeys: Data<Journeys>) -> Result<HttpResponse, Error> {
    let file = match version(&request) {
        Some(digest) => journeys.portal_logo_file(digest).await.ok().flatten(),
        None => None,
    };
    let (Some(digest), Some((media_type, file))) = (version(&request), file) else {
        return Err(input::refused(WebFailure::NotFound.failure(), &request));
    };
    Ok(shown(&request, digest, |mut answer| {
        answer.content_type(media_type).body(file)
    }))
}

async fn accent(request: HttpRequest, admin: Data<Admin>) -> Result<HttpResponse, Error> {
    // What a colour makes of our pages depends on nothing else.
    let wanted = version(&request).and_then(|digits| Colour::of(&format!("#{digits}")));
    let wanted = wanted.filter(|colour| colour.contrast_with_paper() >= LEAST);
    let Some(colour) = wanted.or(admin.brands().await.installation().accent) else {
        return Err(input::refused(WebFailure::NotFound.failure(), &request));
    };
    let text = colour.text();
    Ok(shown(&request, text.trim_start_matches('#'), |mut answer| {
        answer
            .content_type("text/css; charset=utf-8")
            .body(colour.style_sheet())
    }))
}

/// The version that the address names.
fn version(request: &HttpRequest) -> Option<&str> {
    request.query_string().strip_prefix("v=")
}

/// The content of this version, unless the browser has it already.
fn shown(
    request: &HttpRequest,
    version: &str,
    whole: impl FnOnce(HttpResponseBuilder) -> HttpResponse,
) -> HttpResponse {
    let tag = EntityTag::new(version.to_owned());
    let known = input::reader_has(request, &tag);
    let mut answer = match known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    answer
        .insert_header((ETAG, tag.to_string()))
        .insert_header((CACHE_CONTROL, caching(request, version)));
    match known {
        true => answer.finish(),
        false => whole(answer),
    }
}

/// For ever where the address names this very content.
fn caching(request: &HttpRequest, version: &str) -> &'static str {
    match self::version(request) == Some(version) {
        true => FOR_EVER,
        false => ASK_AGAIN,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::is_of_programs;
    use crate::oidc::discovery;

    /// Where people come themselves.
    const OF_PEOPLE: [&str; 2] = ["authorization_endpoint", "end_session_endpoint"];

    #[test]
    fn every_endpoint_that_no_person_sees_is_one_of_programs() {
        let document: Value = serde_json::from_slice(&discovery::document("")).unwrap();
        let endpoints = document
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri");
        for (name, path) in endpoints {
            let for_people = OF_PEOPLE.contains(&name.as_str());
            assert_eq!(is_of_programs(path.as_str().unwrap()), !for_people, "{name}");
        }
        for page in ["/", "/device", "/oauth2/authorize/resume", "/wecom/callback"] {
            assert!(!is_of_programs(page), "{page}");
        }
    }
}
