//! Who works where, as WeCom tells it, and who they are to us.

pub mod callback;
pub mod sync;
