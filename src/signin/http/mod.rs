//! Routes and handlers of signing in: login page, WeCom callback, password pages, passkeys, one-time links. Every page works without script;
//! passkeys need it.

mod browser;
mod browser_switch;
pub mod failed;
mod forgotten;
pub mod login;
mod notice;
mod one_time_links;
mod own_email;
mod own_passkeys;
mod panel_scripts;
mod passkeys;
mod password;
mod private_fields;
mod reply;
mod start;
mod totp_enrolment;
mod trial;
mod trial_page;
mod wecom;

use actix_web::web::{ServiceConfig, get, post, resource};

pub use private_fields::{in_wecom, private_field_words};

use crate::web::input;

/// Mounts the routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/")
                .route(input::get_or_head().to(start::start_page))
                .default_service(input::method_not_allowed("GET, HEAD")),
        )
        .service(
            resource("/signin/{journey}")
                .route(get().to(login::login_page))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(
            resource("/signin/trial/{token}")
                .route(get().to(trial::open))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(
            resource("/signin/{journey}/go/{auth_source}")
                .route(get().to(wecom::start_wecom_login))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(
            resource("/signin/{journey}/panel/{auth_source}")
                .route(get().to(wecom::panel))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(
            resource("/signin/{journey}/password")
                .route(get().to(login::login_again))
                .route(post().to(password::submit_password))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/wecom/callback")
                .route(get().to(wecom::callback))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(
            resource("/signin/confirm/{token}")
                .route(get().to(browser_switch::confirm_page))
                .route(post().to(browser_switch::confirm))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/signin/notice/{token}")
                .route(get().to(notice::notice_page))
                .default_service(input::method_not_allowed("GET")),
        )
        .configure(panel_scripts::routes)
        .configure(private_fields::routes)
        .configure(password::routes)
        .configure(forgotten::routes)
        .configure(passkeys::routes)
        .configure(own_passkeys::routes)
        .configure(own_email::routes)
        .configure(one_time_links::routes);
}
