//! Authentication and authorization of the admin API. The bearer token is checked before anything of the request is read; each handler then
//! names the role it needs and the query string it takes as its first argument, which is checked before the body is parsed.
//!
//! A token of a scoped kind passes only where the handler's type says so ([`OrSync`], [`OrPortal`]), and such a handler asks whether the
//! token reaches the row in question. What it does not reach is answered as if it were not there, so that nobody learns by asking what else
//! there is; what its kind may never do is 403, whatever it is done to.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{ALLOW, AUTHORIZATION, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, WWW_AUTHENTICATE},
    },
    middleware::Next,
    web,
};
use serde::{Deserialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    admin::{
        api_tokens::{model::Identity, reach::Reach},
        failure::AdminFailure,
        role::Role,
        service::Admin,
    },
    directory::{DirectoryFailure, user::Editor},
    kernel::{
        entity_tag::PreconditionFailure,
        failure::{Failure, Result},
    },
    web::{context, failure::WebFailure, input},
};

/// Middleware: requires a valid bearer token (RFC 6750 §2.1), and gives a wrong method a problem body. A call that the console makes inside
/// the process has its caller with it: what comes over the network cannot put anything there.
///
/// # Errors
/// What the handlers themselves fail with.
pub async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let known = request.extensions().get::<Identity>().cloned();
    let identity = match known {
        Some(identity) => identity,
        None => match identify(request.request()).await {
            Ok(identity) => identity,
            Err(failure) => return Ok(request.into_response(unauthorized(&failure))),
        },
    };
    context::actor(|| identity.actor.clone());
    request.extensions_mut().insert(identity);
    let response = next.call(request).await?.map_into_boxed_body();
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return Ok(response);
    }
    let allow = response.headers().get(ALLOW).cloned();
    let mut problem = WebFailure::MethodNotAllowed.failure().error_response();
    if let Some(allow) = allow {
        problem.headers_mut().insert(ALLOW, allow);
    }
    Ok(response.into_response(problem))
}

/// The token of a request.
pub(super) fn token_of(request: &HttpRequest) -> Option<&str> {
    request.headers().get(AUTHORIZATION)?.to_str().ok().and_then(bearer)
}

async fn identify(request: &HttpRequest) -> Result<Identity> {
    let token = token_of(request).ok_or(AdminFailure::TokenMissing)?;
    let admin = request.app_data::<web::Data<Admin>>().ok_or(WebFailure::NotFound)?;
    let identity = admin.identify(token).await?;
    identity.ok_or_else(|| AdminFailure::TokenInvalid.into())
}

/// The token of an `Authorization` header; the scheme is compared without regard to letter case (RFC 9110 §11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The 401 reply with its challenge, which says `invalid_token` only when a token was presented (RFC 6750 §3).
fn unauthorized(failure: &Failure) -> HttpResponse {
    let mut response = failure.error_response();
    if failure.entry.status == 401 {
        let challenge = if failure.entry == AdminFailure::TokenInvalid.entry() {
            "Bearer realm=\"menjin\", error=\"invalid_token\""
        } else {
            "Bearer realm=\"menjin\""
        };
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

/// Before the user id of a person, whom the console calls for; a token's actor begins otherwise.
const AT_CONSOLE: &str = "user:";

/// A role that a handler needs, as a type.
pub trait Needed {
    /// The lowest rank that suffices.
    const ROLE: Role;
    /// The scoped kind that may pass besides; `None`, unless the type says otherwise: no token of such a kind does.
    const SCOPED: Option<Role> = None;
    /// Whether anybody at the console may pass besides, who is then to be held to what is about themselves.
    const ONESELF: bool = false;
}

/// For reading: [`Role::Auditor`] suffices.
pub struct Reads;
/// For starting syncs and editing users: [`Role::Operator`] suffices.
pub struct Operates;
/// For everything else: needs [`Role::Admin`].
pub struct Configures;
/// What `N` needs, or a token of the kind [`Role::Sync`] that reaches the data source.
pub struct OrSync<N>(PhantomData<N>);
/// What `N` needs, or a token of the kind [`Role::Portal`] that reaches the portal.
pub struct OrPortal<N>(PhantomData<N>);

/// What `N` needs, or somebody at the console, as far as it is about themselves.
pub struct OrOneself<N>(PhantomData<N>);

impl Needed for Reads {
    const ROLE: Role = Role::Auditor;
}

impl Needed for Operates {
    const ROLE: Role = Role::Operator;
}

impl Needed for Configures {
    const ROLE: Role = Role::Admin;
}

impl<N: Needed> Needed for OrSync<N> {
    const ROLE: Role = N::ROLE;
    const SCOPED: Option<Role> = Some(Role::Sync);
}

impl<N: Needed> Needed for OrPortal<N> {
    const ROLE: Role = N::ROLE;
    const SCOPED: Option<Role> = Some(Role::Portal);
    const ONESELF: bool = N::ONESELF;
}

impl<N: Needed> Needed for OrOneself<N> {
    const ROLE: Role = N::ROLE;
    const SCOPED: Option<Role> = N::SCOPED;
    const ONESELF: bool = true;
}

/// The query string of an operation that takes none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}

/// A caller who has the role the handler needs, and the query string they sent, read as `Q`. It is read here, so that no handler can leave
/// out that unknown parameters are refused.
pub struct Caller<N, Q = NoQuery> {
    /// The query string.
    pub query: Q,
    actor: String,
    role: Role,
    reach: Reach,
    needed: PhantomData<N>,
}

impl<N, Q> Caller<N, Q> {
    /// Actor in the audit log.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Actor and role, for what depends on both.
    pub fn giver(&self) -> (&str, Role) {
        (&self.actor, self.role)
    }

    /// Whether the caller is this user, at the console: no token is.
    pub fn is_user(&self, user: Uuid) -> bool {
        self.actor == format!("{AT_CONSOLE}{user}")
    }

    /// Refuses somebody at the console who came this far for what is about themselves alone.
    ///
    /// # Errors
    /// `AD-103`.
    pub fn may_others<M: Needed>(&self) -> Result<()> {
        suffices::<M>(self.role)
    }

    /// The caller as an editor of users.
    pub fn editor(&self) -> Editor<'_> {
        Editor {
            actor: &self.actor,
            grants_roles: self.role.covers(Role::Admin),
            grants_owner: self.role.covers(Role::Owner),
        }
    }
}

impl<N, Q> Caller<OrSync<N>, Q> {
    /// Row ids of the data sources to which the caller is limited; `None`: not limited.
    pub fn sources(&self) -> Option<&[Uuid]> {
        self.reach.ids()
    }

    /// Refuses a data source that the caller does not reach, as one that is not there.
    ///
    /// # Errors
    /// `DI-102`.
    pub fn reaches_source(&self, id: Uuid) -> Result<()> {
        match self.reach.has(id) {
            true => Ok(()),
            false => Err(DirectoryFailure::NotFound.into()),
        }
    }
}

impl<N, Q> Caller<OrPortal<N>, Q> {
    /// Row ids of the portals to which the caller is limited; `None`: not limited.
    pub fn portals(&self) -> Option<&[Uuid]> {
        self.reach.ids()
    }

    /// Refuses a portal that the caller does not reach, with the failure of what is not there.
    ///
    /// # Errors
    /// `missing`.
    pub fn reaches_portal(&self, id: Uuid, missing: impl Into<Failure>) -> Result<()> {
        match self.reach.has(id) {
            true => Ok(()),
            false => Err(missing.into()),
        }
    }
}

impl<N: Needed, Q: DeserializeOwned> FromRequest for Caller<N, Q> {
    type Error = Failure;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(admit(request).and_then(|caller| without_precondition(request).map(|()| caller)))
    }
}

/// Refuses a precondition that the operation would not look at (see [`super::precondition`]). `If-None-Match` of a reader may go unheeded: the
/// whole answer is right for them too.
fn without_precondition(request: &HttpRequest) -> Result<()> {
    let headers = request.headers();
    let ignored = headers.contains_key(IF_MATCH) || !request.method().is_safe() && headers.contains_key(IF_NONE_MATCH);
    match ignored {
        true => Err(PreconditionFailure::Unsupported.into()),
        false => Ok(()),
    }
}

/// The values of a header, line by line.
pub(super) fn lines<'a>(request: &'a HttpRequest, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    request.headers().get_all(name).map(HeaderValue::as_bytes)
}

/// Whether somebody with this role may do what needs `N`.
fn suffices<N: Needed>(role: Role) -> Result<()> {
    match role.covers(N::ROLE) || Some(role) == N::SCOPED {
        true => Ok(()),
        false => Err(AdminFailure::Forbidden.failure().detail(format!(
            "this needs the role {}; the caller has the role {}",
            N::ROLE.word(),
            role.word()
        ))),
    }
}

/// Reads the caller and the query string of a request.
pub(super) fn admit<N: Needed, Q: DeserializeOwned>(request: &HttpRequest) -> Result<Caller<N, Q>> {
    let extensions = request.extensions();
    let identity = extensions.get::<Identity>().ok_or(AdminFailure::TokenMissing)?;
    let at_console = N::ONESELF && identity.actor.starts_with(AT_CONSOLE);
    if !at_console {
        suffices::<N>(identity.role)?;
    }
    Ok(Caller {
        query: input::query_of(request)?,
        actor: identity.actor.clone(),
        role: identity.role,
        reach: identity.reach.clone(),
        needed: PhantomData,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_headers() {
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Bearer ", None),
            ("Bearer", None),
            ("Basic abc", None),
            ("", None),
        ] {
            assert_eq!(bearer(header), token, "{header:?}");
        }
    }
}
