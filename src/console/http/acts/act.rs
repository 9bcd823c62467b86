//! A row of the table. Pure.

use actix_web::http::Method;

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
    /// When a fresh proof is asked for.
    pub proof: Proof,
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

/// Rows of the table: when a proof is needed, the address, the page where it is another one, and the call.
macro_rules! acts {
    (@page $route:literal) => { $route };
    (@page $route:literal $page:literal) => { $page };
    ($($proof:ident $route:literal $(on $page:literal)? : $call:literal;)*) => {
        &[$($crate::console::http::acts::act::Act {
            route: $route,
            page: $crate::console::http::acts::act::acts!(@page $route $($page)?),
            proof: $crate::console::http::acts::act::Proof::$proof,
            call: $call,
        }),*]
    };
}

pub(super) use acts;
