//! Who works where, as WeCom tells it, and who they are to us.

pub mod sync;
