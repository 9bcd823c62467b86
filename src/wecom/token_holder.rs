//! Whose access token it is (reference 0.3): of an app or helper of a corp, of a suite, or of a service provider; or whose ticket for pages (reference 11). Each is fetched by a call of its own,
//! travels in a parameter of its own, and dies by codes of its own. Pure.

use serde_json::json;

use super::{
    api_request::ApiRequest,
    classify::{DEAD_SERVICE_TOKEN, DEAD_TOKEN},
    error::{Class, WeComError},
    model::{Credential, ProviderCredential, SuiteCredential, TicketKind},
};
use crate::crypto::digest::sha256_base64url;

pub(super) const GETTOKEN: &str = "gettoken";
pub(super) const CORP_TOKEN: &str = "service/get_corp_token";
const SUITE_TOKEN: &str = "service/get_suite_token";
const PROVIDER_TOKEN: &str = "service/get_provider_token";
/// The code of a ticket that is unknown or too old.
const NO_TICKET: i64 = 40085;
/// The code of an address that is not on the provider's list.
const NOT_TRUSTED: i64 = 60020;

/// Whose token.
#[derive(Clone, Copy)]
pub(super) enum Holder<'a> {
    /// `access_token`, for the APIs of a corp.
    Corp(&'a Credential),
    /// `suite_access_token`, for installations and sign-ins.
    Suite(&'a SuiteCredential),
    /// `provider_access_token`.
    Provider(&'a ProviderCredential),
    /// A ticket for pages, which a token of this app gives.
    Ticket(&'a Credential, TicketKind),
}

impl Holder<'_> {
    /// Its name in the cache: one per API base, who it is, and secret; tokens of different apps are independent (reference 1.2, 1.3 rule 1).
    pub(super) fn name(self, base: &str) -> String {
        let hashed = |secret: &str| sha256_base64url(secret.as_bytes());
        let parts = match self {
            Self::Corp(one) => format!("{base}\n{}\n{}", one.corp_id, hashed(one.secret.expose())),
            Self::Suite(one) => format!("suite\n{base}\n{}\n{}", one.suite_id, hashed(one.secret.expose())),
            Self::Provider(one) => format!("provider\n{base}\n{}\n{}", one.corp_id, hashed(one.secret.expose())),
            Self::Ticket(one, kind) => {
                format!(
                    "{}\n{base}\n{}\n{}",
                    kind.call(),
                    one.corp_id,
                    hashed(one.secret.expose())
                )
            }
        };
        hashed(&parts)
    }

    /// The name of what keeps it from being asked about: a new ticket of a suite is worth another try.
    pub(super) fn block_name(self, base: &str) -> String {
        match self {
            Self::Suite(one) => {
                let ticket = one.ticket.as_ref().map_or("", |ticket| ticket.expose());
                sha256_base64url(format!("{}\n{ticket}", self.name(base)).as_bytes())
            }
            _ => self.name(base),
        }
    }

    /// Whether this refusal is worth a short rest, so that whoever brings made-up codes, or opens page after page, does not have WeCom asked each
    /// time.
    pub(super) fn rests_after(self, error: &WeComError) -> bool {
        match (self, error.errcode) {
            (Self::Suite(_), Some(code)) => [NO_TICKET, NOT_TRUSTED].contains(&code),
            (Self::Ticket(..), code) => code.is_some(),
            _ => false,
        }
    }

    /// The query parameter that carries the token, which is also the field it comes in. A ticket is carried by no call.
    pub(super) const fn parameter(self) -> &'static str {
        match self {
            Self::Corp(_) => "access_token",
            Self::Suite(_) => "suite_access_token",
            Self::Provider(_) => "provider_access_token",
            Self::Ticket(..) => "ticket",
        }
    }

    /// Codes by which a call says that the token died.
    pub(super) const fn dead(self) -> &'static [i64] {
        match self {
            Self::Corp(_) => &DEAD_TOKEN,
            Self::Suite(_) | Self::Provider(_) => &DEAD_SERVICE_TOKEN,
            Self::Ticket(..) => &[],
        }
    }

    /// The call that gives the token.
    pub(super) fn token_call(self) -> &'static str {
        match self {
            Self::Corp(one) if one.third_party().is_some() => CORP_TOKEN,
            Self::Corp(_) => GETTOKEN,
            Self::Suite(_) => SUITE_TOKEN,
            Self::Provider(_) => PROVIDER_TOKEN,
            Self::Ticket(_, kind) => kind.call(),
        }
    }

    /// Whether this error is about this very credential, and not about the suite whose token it needed.
    pub(super) fn is_refused_by(self, error: &WeComError) -> bool {
        match self {
            Self::Corp(one) if one.suite.is_some() => [CORP_TOKEN, GETTOKEN].contains(&error.call),
            _ => error.call == self.token_call(),
        }
    }

    /// Whom it is about, for the log.
    pub(super) fn whom(self) -> String {
        match self {
            Self::Corp(one) => one.corp_id.clone(),
            Self::Suite(one) => one.suite_id.clone(),
            Self::Provider(one) => one.corp_id.clone(),
            Self::Ticket(one, _) => one.corp_id.clone(),
        }
    }

    /// The call that gives the token, for those who need no other token for it; of a ticket the call that a token carries.
    ///
    /// # Errors
    /// 40085 for a suite without a ticket, without asking.
    pub(super) fn token_request(self) -> Result<ApiRequest, WeComError> {
        Ok(match self {
            Self::Corp(one) => ApiRequest::new(GETTOKEN)
                .with("corpid", &one.corp_id)
                .with("corpsecret", one.secret.expose()),
            Self::Suite(one) => {
                let ticket = one.ticket.as_ref().ok_or_else(no_ticket)?;
                ApiRequest::new(SUITE_TOKEN).body(json!({
                    "suite_id": one.suite_id,
                    "suite_secret": one.secret.expose(),
                    "suite_ticket": ticket.expose(),
                }))
            }
            Self::Provider(one) => ApiRequest::new(PROVIDER_TOKEN)
                .body(json!({ "corpid": one.corp_id, "provider_secret": one.secret.expose() })),
            Self::Ticket(_, kind) => match kind {
                TicketKind::App => ApiRequest::new(kind.call()).with("type", "agent_config"),
                TicketKind::Corp => ApiRequest::new(kind.call()),
            },
        })
    }
}

impl TicketKind {
    /// The call that gives it (reference 11).
    const fn call(self) -> &'static str {
        match self {
            Self::App => "ticket/get",
            Self::Corp => "get_jsapi_ticket",
        }
    }
}

impl WeComError {
    /// Whether what was asked for was a token, and nothing else yet.
    pub fn is_of_token(&self) -> bool {
        [GETTOKEN, CORP_TOKEN, SUITE_TOKEN, PROVIDER_TOKEN].contains(&self.call)
    }
}

/// The call by which a suite gets the token of a corp that installed it (reference 9.5).
pub(super) fn corp_token(credential: &Credential) -> ApiRequest {
    ApiRequest::new(CORP_TOKEN).body(json!({
        "auth_corpid": credential.corp_id,
        "permanent_code": credential.secret.expose(),
    }))
}

fn no_ticket() -> WeComError {
    WeComError {
        errcode: Some(NO_TICKET),
        ..WeComError::without_code(
            SUITE_TOKEN,
            Class::Admin,
            "no suite_ticket came within the last 30 minutes",
        )
    }
}
