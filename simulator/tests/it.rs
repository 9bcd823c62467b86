//! The simulator through its front door: one binary, one module per feature of WeCom.

#[cfg(test)]
#[path = "it/actions.rs"]
mod actions;
#[cfg(test)]
#[path = "it/authorised.rs"]
mod authorised;
#[cfg(test)]
#[path = "it/callbacks.rs"]
mod callbacks;
#[cfg(test)]
#[path = "it/cards.rs"]
mod cards;
#[cfg(test)]
#[path = "it/contacts.rs"]
mod contacts;
#[cfg(test)]
#[path = "it/control.rs"]
mod control;
#[cfg(test)]
#[path = "it/conversion.rs"]
mod conversion;
#[cfg(test)]
#[path = "it/customers.rs"]
mod customers;
#[cfg(test)]
#[path = "it/export.rs"]
mod export;
#[cfg(test)]
#[path = "it/faults.rs"]
mod faults;
#[cfg(test)]
#[path = "it/identity.rs"]
mod identity;
#[cfg(test)]
#[path = "it/installs.rs"]
mod installs;
#[cfg(test)]
#[path = "it/login.rs"]
mod login;
#[cfg(test)]
#[path = "it/lookup.rs"]
mod lookup;
#[cfg(test)]
#[path = "it/message.rs"]
mod message;
#[cfg(test)]
#[path = "it/oauth.rs"]
mod oauth;
#[cfg(test)]
#[path = "it/open_data.rs"]
mod open_data;
#[cfg(test)]
#[path = "it/provider.rs"]
mod provider;
#[cfg(test)]
#[path = "it/receiver.rs"]
mod receiver;
#[cfg(test)]
#[path = "it/shapes.rs"]
mod shapes;
#[cfg(test)]
#[path = "it/stage.rs"]
mod stage;
#[cfg(test)]
#[path = "it/suite_contacts.rs"]
mod suite_contacts;
#[cfg(test)]
#[path = "it/suite_login.rs"]
mod suite_login;
#[cfg(test)]
#[path = "it/suites.rs"]
mod suites;
#[cfg(test)]
#[path = "it/templates.rs"]
mod templates;
#[cfg(test)]
#[path = "it/token.rs"]
mod token;
#[cfg(test)]
#[path = "it/write.rs"]
mod write;
