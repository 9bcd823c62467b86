//! Who asks to sign in, by what the browser or program sent, and what was made of it. Pure.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::store::Shelf;

/// What came with a request that would have something kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visitor<'a> {
    /// Session cookie.
    pub session: Option<&'a str>,
    /// Trusted-browser cookie.
    pub trusted_browser: Option<&'a str>,
    /// Client address.
    pub address: Option<IpAddr>,
    /// Whether it is the WeCom client that asks, by its own word.
    pub in_wecom: bool,
}

/// For whom something is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// A browser that proved itself before: signed in, or trusted.
    pub proven: bool,
    /// The address it was counted for, which gets it back when the sign-in is finished.
    pub counted: Option<IpAddr>,
}

impl Standing {
    /// Somebody who proved themselves.
    pub const PROVEN: Self = Self {
        proven: true,
        counted: None,
    };

    /// Where what is kept for them lies.
    pub const fn shelf(self) -> Shelf {
        if self.proven { Shelf::Proven } else { Shelf::Strangers }
    }
}
