//! Asking a person inside WeCom for private fields that a portal requires (reference 2.4, 3.3).
//!
//! ```text
//! a portal's request ─▶ offer ─┬▶ "not now" ─▶ back to the request
//!  (session, permit)           └▶ WeCom's consent page ─▶ /wecom/private-fields ─▶ back to the request
//! ```
//! The person is signed in already, and whatever comes of asking, their sign-in goes on. What became of it is remembered by field, so that
//! nobody is asked at every sign-in.

mod offer;
mod own;
mod returning;

pub use offer::{Due, OfferView, PLACE, Purpose};
pub use own::OwnField;
pub use returning::{Returned, WentOn};
