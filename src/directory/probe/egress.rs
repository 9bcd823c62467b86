//! The address that WeCom sees our calls come from, which admins enter there as 企业可信IP. Nobody else is asked for it: WeCom names it itself in what
//! it refuses (reference 1.4), and the last one that a probe was told is remembered. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::Kept;
use crate::kernel::clock::Timestamp;

/// WeCom's code for an address that is not trusted.
const NOT_TRUSTED: i64 = 60020;
/// After so long the same address is remembered anew, milliseconds.
const ANEW: i64 = 24 * 3600 * 1000;

/// From where WeCom sees our calls come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Egress {
    /// What this installation was told by `wecom.egress`; empty: nothing.
    #[schema(example = json!(["203.0.113.9"]))]
    pub configured: Vec<String>,
    /// What WeCom named last in words of its own; null: it never had to, which is how it is where the address is trusted from the first call on.
    pub named: Option<NamedAddress>,
}

/// An address that WeCom named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedAddress {
    /// The address.
    #[schema(example = "203.0.113.9")]
    pub address: String,
    /// When it was named, milliseconds since 1970; where it is named again, not more than a day before that.
    pub at: i64,
    /// WeCom's code of the answer that named it; 60020: it was not trusted.
    #[schema(example = 60020)]
    pub errcode: Option<i64>,
}

impl NamedAddress {
    /// What a probe was told, of a refused address before everything else.
    pub fn of(kept: &Kept) -> Option<Self> {
        // What was kept of an earlier probe, because there was no answer now, tells nothing new.
        let at = kept.tried_at.filter(|tried| kept.at == Some(*tried))?;
        let named = |refused: bool| {
            let mut rows = kept.rows.iter();
            rows.find(|row| row.observed_ip.is_some() && (!refused || row.errcode == Some(NOT_TRUSTED)))
        };
        let row = named(true).or_else(|| named(false))?;
        Some(Self {
            address: row.observed_ip.clone()?,
            at: Timestamp::millis(at),
            errcode: row.errcode,
        })
    }

    /// Whether this one need not be remembered besides the one that is.
    pub fn adds_nothing_to(&self, known: &Self) -> bool {
        (&self.address, self.errcode) == (&known.address, known.errcode) && self.at.saturating_sub(known.at) < ANEW
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        directory::probe::model::{Capability, Row},
        wecom::{Class, WeComError},
    };

    fn refused(errcode: i64, address: &str) -> Row {
        let error = WeComError {
            call: "agent/get",
            class: Class::Admin,
            errcode: Some(errcode),
            message: String::new(),
            observed_ip: Some(address.to_owned()),
            export: None,
        };
        Row::failed(Capability::App, &error)
    }

    #[test]
    fn the_refused_address_is_told_before_others_and_never_out_of_an_earlier_answer() {
        let now = Timestamp::from_secs(1_800_000_000);
        let mut kept = Kept {
            rows: vec![refused(48009, "203.0.113.1"), refused(60020, "203.0.113.2")],
            at: Some(now),
            tried_at: Some(now),
            ..Kept::default()
        };
        let named = NamedAddress::of(&kept).unwrap();
        assert_eq!((named.address.as_str(), named.errcode), ("203.0.113.2", Some(60020)));
        kept.rows.truncate(1);
        assert_eq!(NamedAddress::of(&kept).unwrap().address, "203.0.113.1");
        kept.at = None;
        assert_eq!(NamedAddress::of(&kept), None);
    }

    #[test]
    fn the_same_address_is_remembered_once_a_day() {
        let known = NamedAddress {
            address: "203.0.113.1".to_owned(),
            at: 0,
            errcode: Some(60020),
        };
        let at = |at: i64, address: &str| NamedAddress {
            address: address.to_owned(),
            at,
            ..known.clone()
        };
        assert!(at(ANEW - 1, "203.0.113.1").adds_nothing_to(&known));
        assert!(!at(ANEW, "203.0.113.1").adds_nothing_to(&known));
        assert!(!at(1, "203.0.113.2").adds_nothing_to(&known));
    }
}
