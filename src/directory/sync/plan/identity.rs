//! Identity match: whether a member may be the person who had a userid before. Companies give userids of leavers to others (reference 3.5),
//! and a new owner must not inherit the account.

use crate::directory::{
    email::EmailOrigin,
    sync::{mirror::UserProfile, snapshot::Profile},
};

/// Name, mobile number and e-mail address, by which people are told apart, as far as they are known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    name: Option<&'a str>,
    mobile: Option<&'a str>,
    email: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// Facts of a member.
    pub fn of_member(profile: &'a Profile) -> Self {
        Self {
            name: profile.name.as_deref(),
            mobile: profile.mobile.as_deref(),
            email: profile.email.as_deref(),
        }
    }

    /// Facts of a user. An address that a template made says nothing about the person.
    pub fn of_user(profile: &'a UserProfile) -> Self {
        Self {
            name: profile.display_name.as_deref(),
            mobile: profile.phone_number.as_deref(),
            email: profile
                .email
                .as_deref()
                .filter(|_| profile.email_origin != Some(EmailOrigin::Template)),
        }
    }

    /// Whether both may be the same person. Another name is another person. Under the same name, or where one is withheld, number and
    /// address decide: people keep at least one of them, and namesakes share neither. Where nothing can be compared, they may be.
    pub fn may_be(self, other: Self) -> bool {
        let addresses = [compare(self.mobile, other.mobile), compare(self.email, other.email)];
        match compare(self.name, other.name) {
            Some(false) => false,
            Some(true) => addresses != [Some(false); 2],
            None => addresses.contains(&Some(true)) || !addresses.contains(&Some(false)),
        }
    }

    /// Whether both may be the same person and bear the same name.
    pub fn is_likely(self, other: Self) -> bool {
        compare(self.name, other.name) == Some(true) && self.may_be(other)
    }
}

fn compare(one: Option<&str>, other: Option<&str>) -> Option<bool> {
    Some(one?.trim().eq_ignore_ascii_case(other?.trim()))
}

#[cfg(test)]
mod tests {
    use super::Facts;

    fn facts<'a>(name: &'a str, mobile: &'a str, email: &'a str) -> Facts<'a> {
        let some = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        Facts {
            name: some(name),
            mobile: some(mobile),
            email: some(email),
        }
    }

    #[test]
    fn another_name_is_another_person_and_the_same_name_not_always_the_same() {
        let before = facts("张伟", "138", "zw@a.example");
        for (now, same) in [
            (facts("张伟", "138", "zw@a.example"), true),
            (facts("张伟", "139", "ZW@a.example"), true),
            (facts("张伟", "138", ""), true),
            (facts("张伟", "139", ""), true),
            (facts("张伟", "", ""), true),
            (facts("张伟", "139", "zhangwei@a.example"), false),
            (facts("张维", "138", "zw@a.example"), false),
            (facts("", "138", "zhangwei@a.example"), true),
            (facts("", "139", ""), false),
            (facts("", "139", "zhangwei@a.example"), false),
            (facts("", "", ""), true),
        ] {
            assert_eq!(before.may_be(now), same, "{now:?}");
            assert_eq!(now.may_be(before), same, "{now:?}");
        }
        assert!(before.is_likely(facts("张伟", "", "")) && !before.is_likely(facts("", "138", "")));
    }
}
