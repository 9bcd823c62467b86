//! The simulated world: corps with members, departments, tags and apps; switches, limits and faults.
//!
//! Plain data with public fields, edited through [`crate::Simulator::edit`] or the control API. What happens while it
//! runs (tokens, codes, counters) is not here but in `state`.

mod action;
mod app;
mod corp;
mod customers;
mod faults;
pub mod generator;
pub(crate) mod index;
mod installing;
mod member;
mod message_switches;
mod model;
pub(crate) mod open_ids;
mod private_info_switches;
pub mod sample;
mod scenario;
mod scope;
mod shapes;
mod suite;
mod suite_switches;
mod switches;

pub use action::Action;
pub use app::{App, Callback};
pub use corp::{Corp, Department, Tag};
pub use customers::{CUSTOMER_CONTACT, Customer, CustomerContact};
pub use faults::{Fault, FaultKind, FaultSecret};
pub(crate) use installing::Agreement;
pub use member::{Attribute, Field, Member, Placement, Sensitive};
pub use message_switches::{MessageSwitches, RepeatedTask};
pub use model::World;
pub use private_info_switches::{ConsentRefusal, PrivateInfoSwitches};
pub use scope::Scope;
pub use shapes::{Shapes, UserIdKey};
pub(crate) use suite::is_template;
pub use suite::{Admin, Install, Provider, Suite};
pub use suite_switches::{AuthUserInfo, SuiteSwitches};
pub use switches::{ExportFiles, HintShape, Limits, MissingField, ScanScopeCheck, Switches};
