//! A row of the table. Pure.

use actix_web::http::Method;

use crate::admin::Role;

/// When somebody must have proved lately who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console::http) enum Proof {
    /// Not at all: the act is easily taken back, or gives nobody anything.
    Never,
    /// When the form is sent.
    Sent,
    /// When it is sent, and already when the page of the form is opened, so that nobody fills it in for nothing.
    Shown,
}

/// What one address of the console does with a form.
#[derive(Debug)]
pub(in crate::console::http) struct Act {
    /// Address of the form below `/console`, with `{name}` for what varies.
    pub route: &'static str,
    /// The page on which the form stands; its own address where the form has a page of its own.
    pub page: &'static str,
    /// Whether that page is there for the form alone: whoever may not send it has nothing to look for there. Another one, named in the table, is
    /// read by others too.
    pub alone: bool,
    /// When a fresh proof is asked for.
    pub proof: Proof,
    /// The lowest role that may send it: that of the least of its calls.
    pub role: Role,
    /// Calls of the admin API, with `|` between those of several buttons: method (with `!` where an entity tag must be sent along), path below
    /// `/api/v1/`, JSON body. Empty: the act is about the session of this browser, of which the API knows nothing.
    pub call: &'static str,
}

/// A call that a button makes, with the names of what varies still in it.
pub(in crate::console::http) struct Offered {
    pub method: Method,
    /// Whether it needs the entity tag of what the page shows.
    pub tagged: bool,
    pub path: &'static str,
    pub body: Option<&'static str>,
}

impl Act {
    /// Whether the form has a page to itself.
    pub fn is_at_its_own_page(&self) -> bool {
        self.route == self.page
    }

    /// The calls of its buttons.
    pub fn calls(&self) -> impl Iterator<Item = Offered> {
        self.call.split('|').filter_map(|call| {
            let mut parts = call.trim().splitn(3, ' ');
            let (method, path) = (parts.next()?, parts.next()?);
            Some(Offered {
                method: method.trim_end_matches('!').parse().ok()?,
                tagged: method.ends_with('!'),
                path,
                body: parts.next(),
            })
        })
    }
}

/// Rows of the table: when a proof is needed, the lowest role, the address, the page where that is another one or is read by others too, and the call.
macro_rules! acts {
    (@alone) => { true };
    (@alone $page:literal) => { false };
    (@page $route:literal) => { $route };
    (@page $route:literal $page:literal) => { $page };
    ($($proof:ident $role:ident $route:literal $(on $page:literal)? : $call:literal;)*) => {
        &[$($crate::console::http::acts::act::Act {
            route: $route,
            page: $crate::console::http::acts::act::acts!(@page $route $($page)?),
            alone: $crate::console::http::acts::act::acts!(@alone $($page)?),
            proof: $crate::console::http::acts::act::Proof::$proof,
            role: $crate::admin::Role::$role,
            call: $call,
        }),*]
    };
}

pub(super) use acts;
