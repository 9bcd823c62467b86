//! Trials: a sign-in at a portal that is gone through as any other, with a real scan and the gate's real decision, and that signs nobody in.
//!
//! ```text
//! make (an admin) ─▶ open (any browser) ─▶ an ordinary journey, marked ─▶ the gate ─┬▶ permitted ─┬▶ the outcome is kept, once
//!                                                                                   └▶ refused   ─┘
//! ```
//! A mark on the journey decides which question the gate is asked and what follows from its permit (`entering.rs`), and what follows from a
//! denial (`refusing.rs`: one that may pass is noted, and the trial goes on); pages that a trial is shown on leave nothing in the browser but the cookie that binds it.

pub mod entering;
pub mod model;
pub mod refusing;
pub mod service;
