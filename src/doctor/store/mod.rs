//! Queries of the doctor: they read what all rooms have written, and write one probe row.

mod installation;
mod post;
mod work;

pub use installation::{Blocker, blocker, now_of_server, passkeys_elsewhere, schema, write_probe};
pub use post::told_after_leaving;
pub use work::{
    LogoutAddress, Run, Source, late_logouts, logout_addresses, overdue, refused_logouts, sources, unconfirmed_members,
};
