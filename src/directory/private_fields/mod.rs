//! Private fields: what WeCom gives of a member only where they agree to it inside WeCom (reference 2.4, 3.3): who may be asked for which,
//! what became of asking, and how the values enter the user. Asking itself is a matter of signing in.

mod model;
pub mod store;

pub use model::{Answer, Answered, Askable, Found, ONLY_BY_CONSENT, found};
