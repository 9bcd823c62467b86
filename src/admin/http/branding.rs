//! Handlers of the branding of the pages people see.

use actix_web::{
    Error, HttpResponse,
    error::PayloadError,
    web::{self, Bytes, PayloadConfig, ServiceConfig},
};

use super::{
    authorization::{Caller, Configures, Reads},
    reply,
};
use crate::{
    admin::{
        branding::{BrandingChange, BrandingFailure, LARGEST, NewBranding},
        service::Admin,
    },
    kernel::failure::{Failure, Result},
    web::{
        failure::WebFailure,
        input::{JsonObject, NoBody},
    },
};

type Reply = Result<HttpResponse>;

/// Mounts the resources.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/branding").get(read).put(replace).patch(change))
        .service(
            web::resource("/branding/logo")
                .app_data(PayloadConfig::new(LARGEST))
                .put(replace_logo)
                .delete(remove_logo),
        );
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>) -> Reply {
    Ok(reply::ok(&admin.branding().await?))
}

async fn replace(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewBranding>) -> Reply {
    Ok(reply::ok(&admin.replace_branding(caller.actor(), input.0).await?))
}

async fn change(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<BrandingChange>) -> Reply {
    Ok(reply::ok(&admin.change_branding(caller.actor(), input.0).await?))
}

/// Takes the file itself as the body. What it is its first bytes say, whatever its `Content-Type`.
async fn replace_logo(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    body: std::result::Result<Bytes, Error>,
) -> Reply {
    let body = body.map_err(|error| unreadable(&error))?;
    Ok(reply::ok(&admin.replace_logo(caller.actor(), &body).await?))
}

async fn remove_logo(caller: Caller<Configures>, admin: web::Data<Admin>, _: NoBody) -> Reply {
    admin.remove_logo(caller.actor()).await?;
    Ok(reply::done())
}

fn unreadable(error: &Error) -> Failure {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => BrandingFailure::LogoTooLarge.failure(),
        _ => WebFailure::Malformed.failure().cause(error),
    }
}
