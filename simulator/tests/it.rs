//! The simulator through its front door: one binary, one module per feature of WeCom.

#[path = "it/callbacks.rs"]
mod callbacks;
#[path = "it/contacts.rs"]
mod contacts;
#[path = "it/control.rs"]
mod control;
#[path = "it/faults.rs"]
mod faults;
#[path = "it/identity.rs"]
mod identity;
#[path = "it/login.rs"]
mod login;
#[path = "it/message.rs"]
mod message;
#[path = "it/oauth.rs"]
mod oauth;
#[path = "it/stage.rs"]
mod stage;
#[path = "it/token.rs"]
mod token;
