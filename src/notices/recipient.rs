//! Addresses that a channel takes, and languages. Pure.

use super::{channels::email::is_address, delivery::ChannelKind};
use crate::{
    kernel::{formats::is_email, validation::ValidationErrors},
    web::texts::Lang,
};

/// Longest member ID, bytes (reference 3).
const LONGEST_USERID: usize = 64;

/// Checks the address of somebody who is told by a channel of this kind.
pub fn check(faults: &mut ValidationErrors, kind: ChannelKind, address: Option<&str>) {
    let (fits, expected) = match (kind, address) {
        (ChannelKind::Email, Some(address)) => (is_mailbox(address), "is an e-mail address"),
        (ChannelKind::Email, None) => (false, "is needed: an e-mail address"),
        (ChannelKind::Wecom, Some(address)) => (is_userid(address), "is the ID of a member (账号)"),
        (ChannelKind::Wecom, None) => (false, "is needed: the ID of a member (账号)"),
        (ChannelKind::Webhook, address) => (address.is_none(), "is not for webhooks"),
    };
    faults.check(fits, "address", expected);
}

/// Whether mail can go to this address.
pub fn is_mailbox(address: &str) -> bool {
    is_email(address) && is_address(address)
}

/// Whether WeCom could have such a member: what separates several of them in a message, and `@all`, are none.
fn is_userid(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-@.".contains(&byte);
    (1..=LONGEST_USERID).contains(&text.len()) && text.bytes().all(letter) && !text.starts_with('@')
}

/// Reads a language by its tag.
pub fn language(faults: &mut ValidationErrors, tag: Option<&str>) -> Option<Lang> {
    let lang = tag.map(|tag| Lang::ALL.into_iter().find(|lang| lang.tag() == tag))?;
    faults.check(lang.is_some(), "language", "is en or zh-CN");
    lang
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_takes_its_own_addresses() {
        let takes = |kind, address| {
            let mut faults = ValidationErrors::default();
            check(&mut faults, kind, address);
            faults.is_empty()
        };
        assert!(takes(ChannelKind::Email, Some("a@b.example")) && !takes(ChannelKind::Email, None));
        for hostile in ["a@b.example,c@d.example", "a@b.example\r\nx", "<a@b.example>", "a"] {
            assert!(!takes(ChannelKind::Email, Some(hostile)), "{hostile:?}");
        }
        assert!(takes(ChannelKind::Wecom, Some("li.hua-1@x")));
        for hostile in ["@all", "a|b", "", "a b"] {
            assert!(!takes(ChannelKind::Wecom, Some(hostile)), "{hostile:?}");
        }
        assert!(takes(ChannelKind::Webhook, None) && !takes(ChannelKind::Webhook, Some("x")));
    }
}
