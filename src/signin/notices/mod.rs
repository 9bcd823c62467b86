//! Notices: a person is told of one-time links that others made for their account, and of their use, and of passkeys that were added or removed.
//! Who can make such a link could sign in as them, so it never happens unseen: after the next scan, and on the account page.

pub(in crate::signin) mod model;
pub(in crate::signin) mod service;
pub(in crate::signin) mod store;

pub use model::Notice;
pub use service::PendingNotice;
