//! The simulated world: corps with members, departments, tags and apps; switches, limits and faults.
//!
//! Plain data with public fields, edited through [`crate::Simulator::edit`] or the control API. What happens while it
//! runs (tokens, codes, counters) is not here but in `state`.

mod action;
mod app;
mod corp;
mod faults;
pub mod generator;
pub(crate) mod index;
mod member;
mod message_switches;
mod model;
pub mod sample;
mod scenario;
mod shapes;
mod switches;

pub use action::Action;
pub use app::{App, Callback, Scope};
pub use corp::{Corp, Department, Tag};
pub use faults::{Fault, FaultKind, FaultSecret};
pub use member::{Attribute, Field, Member, Placement, Sensitive};
pub use message_switches::{MessageSwitches, RepeatedTask};
pub use model::World;
pub use shapes::{Shapes, UserIdKey};
pub use switches::{ExportFiles, HintShape, Limits, MissingField, ScanScopeCheck, Switches};
