//! The tables as sea-orm sees them: one file per table, no behaviour. Moments are milliseconds since the epoch.

pub mod json;

pub mod api_token;
pub mod audit_event;
pub mod auth_source;
pub mod callback_endpoint;
pub mod client;
pub mod consent;
pub mod data_source;
pub mod department;
pub mod logout_delivery;
pub mod member;
pub mod oauth_grant;
pub mod refresh_token;
pub mod scope_entry;
pub mod session;
pub mod setting;
pub mod signing_key;
pub mod sync_row;
pub mod sync_run;
pub mod tag;
pub mod tag_department;
pub mod tag_user;
pub mod users;
pub mod wecom_app;
