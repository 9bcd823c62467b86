//! Evidence: what is known of two people, item by item, to be weighed by [`super::verdict`]. What is withheld on one side says nothing
//! (reference 3.4: withheld and empty look the same). Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    contact_forms::{address, number},
    name::{self, NameMatch},
};
use crate::wecom::model::{Member, is_encrypted_userid};

/// What is known of somebody, as far as it tells people apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Traits {
    /// Their name; null: not known.
    pub name: Option<String>,
    /// Their mobile number; null: not known.
    pub mobile: Option<String>,
    /// Addresses that belong to them; none that a template made, which says nothing about a person.
    pub emails: Vec<String>,
    /// WeCom's department ids; empty: not known.
    pub departments: Vec<i64>,
    /// A service provider's own id of them; null: not known, or their company is connected by an app of its own.
    pub open_userid: Option<String>,
    /// Their userid where a service provider is told it encrypted (reference 0.2): perhaps its own id of them as well, though nobody said so.
    #[serde(skip)]
    pub encrypted_userid: Option<String>,
}

/// What two values of one item say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Match {
    /// The same.
    Equal,
    /// Not given on one side.
    Withheld,
    /// Different.
    Different,
}

/// What mobile number and e-mail address say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Contact {
    /// The number is the same, and the address is or is withheld.
    NumberAgrees,
    /// The number is the same, the address another.
    NumberOnly,
    /// The address is the same, the number is withheld.
    AddressAgrees,
    /// The address is the same, the number another.
    AddressOnly,
    /// Neither can be compared.
    Unknown,
    /// One differs, the other is withheld.
    PartlyDiffer,
    /// Both differ.
    Differ,
}

impl Contact {
    /// Number and address together.
    pub const fn of(mobile: Match, email: Match) -> Self {
        match (mobile, email) {
            (Match::Equal, Match::Equal | Match::Withheld) => Self::NumberAgrees,
            (Match::Equal, Match::Different) => Self::NumberOnly,
            (Match::Withheld, Match::Equal) => Self::AddressAgrees,
            (Match::Different, Match::Equal) => Self::AddressOnly,
            (Match::Withheld, Match::Withheld) => Self::Unknown,
            (Match::Different, Match::Withheld) | (Match::Withheld, Match::Different) => Self::PartlyDiffer,
            (Match::Different, Match::Different) => Self::Differ,
        }
    }
}

/// What two sets of departments say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Places {
    /// At least one department is the same.
    Shared,
    /// Not known on one side.
    Unknown,
    /// None is the same.
    Disjoint,
}

/// What connects the two, besides what is known of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    /// The same userid, and nothing shows that it was ever nobody's.
    Unbroken,
    /// WeCom said that the userid was changed (`NewUserID`), and shows nobody under the old one, or somebody else.
    Renamed,
    /// The same userid, but it was nobody's in between: missing from a complete reading, told by `delete_user` or `create_user`, or not
    /// visible to a live look.
    Gap,
    /// Another userid.
    OtherUserid,
    /// Whatever the userids are, the service provider's id of the two is the same: it stays with a person (reference 0.2). Under another userid also
    /// where one of them has it for an encrypted userid.
    SameOpenUserid,
    /// Whatever the userids are, the service provider's ids of the two are different.
    OtherOpenUserid,
}

impl Link {
    /// The word in the database for a doubt about a member whose userid stayed.
    pub const fn doubt_word(self) -> &'static str {
        match self {
            Self::Unbroken | Self::Renamed | Self::SameOpenUserid => "unbroken",
            Self::Gap | Self::OtherUserid | Self::OtherOpenUserid => "gap",
        }
    }

    /// From that word.
    pub fn of_doubt(word: &str) -> Option<Self> {
        [Self::Unbroken, Self::Gap]
            .into_iter()
            .find(|link| link.doubt_word() == word)
    }
}

/// Everything that is weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// What connects the two.
    pub link: Link,
    /// Their names.
    pub name: NameMatch,
    /// Numbers and addresses.
    pub contact: Contact,
    /// Departments.
    pub places: Places,
}

impl Evidence {
    /// Compares two people; which of them comes first means nothing. Where a service provider's ids of both are known, they are what connects the
    /// two, or does not.
    pub fn compare(link: Link, one: &Traits, other: &Traits) -> Self {
        let open_userids = one.open_userid.as_ref().zip(other.open_userid.as_ref());
        let link = match open_userids.map(|(one, other)| one.eq_ignore_ascii_case(other)) {
            Some(true) => Link::SameOpenUserid,
            Some(false) => Link::OtherOpenUserid,
            None if [Link::OtherUserid, Link::Renamed].contains(&link) && one.is_named_by(other) => {
                Link::SameOpenUserid
            }
            None => link,
        };
        Self {
            link,
            name: name::compare(one.name.as_deref(), other.name.as_deref()),
            contact: Contact::of(mobiles(one, other), emails(one, other)),
            places: places(one, other),
        }
    }

    /// Whether something differs, and a number or an address that is withheld could tell more: of the same person, or of a namesake.
    pub fn leaves_open(self) -> bool {
        let withheld = matches!(self.contact, Contact::Unknown | Contact::PartlyDiffer);
        let differs = !matches!(self.name, NameMatch::Equal | NameMatch::Withheld)
            || self.places == Places::Disjoint
            || self.contact == Contact::PartlyDiffer;
        withheld && differs && self.link != Link::SameOpenUserid
    }

    /// Whether neither name nor number nor address can be compared, nor a service provider's ids.
    pub fn is_silent(self) -> bool {
        let by_open_userid = [Link::SameOpenUserid, Link::OtherOpenUserid].contains(&self.link);
        self.name == NameMatch::Withheld && self.contact == Contact::Unknown && !by_open_userid
    }
}

impl From<&Member> for Traits {
    /// What WeCom tells of a member. Both of their addresses are theirs, whichever of them the data source takes.
    fn from(member: &Member) -> Self {
        Self {
            name: member.name.clone(),
            mobile: member.mobile.clone(),
            emails: [&member.email, &member.biz_mail]
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            departments: member.departments.clone(),
            open_userid: member.open_userid.clone(),
            encrypted_userid: encrypted(&member.userid),
        }
    }
}

impl Traits {
    /// These, and what `more` knows besides: two answers about one person.
    #[must_use]
    pub fn with(mut self, more: Self) -> Self {
        self.name = more.name.or(self.name);
        self.mobile = more.mobile.or(self.mobile);
        self.emails.extend(more.emails);
        self.departments.extend(more.departments);
        self.departments.sort_unstable();
        self.departments.dedup();
        self.open_userid = more.open_userid.or(self.open_userid);
        self.encrypted_userid = more.encrypted_userid.or(self.encrypted_userid);
        self
    }

    /// Whether the service provider's id says that the two are one person, whatever their userids and all else are.
    pub fn is_same_by_open_userid(&self, other: &Self) -> bool {
        Evidence::compare(Link::OtherUserid, self, other).link == Link::SameOpenUserid
    }

    /// Whether one of the two has for an encrypted userid what WeCom tells as the service provider's id of the other, who has another userid. That is
    /// a guess: the two ids need not be the same. It finds somebody, and tells nobody apart.
    fn is_named_by(&self, other: &Self) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| {
            one.as_ref()
                .zip(other.as_ref())
                .is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
        };
        let crosswise =
            same(&self.open_userid, &other.encrypted_userid) || same(&self.encrypted_userid, &other.open_userid);
        crosswise && !same(&self.encrypted_userid, &other.encrypted_userid)
    }
}

/// A userid that is encrypted.
pub fn encrypted(userid: &str) -> Option<String> {
    is_encrypted_userid(userid).then(|| userid.to_owned())
}

fn mobiles(one: &Traits, other: &Traits) -> Match {
    let number = |traits: &Traits| traits.mobile.as_deref().and_then(number);
    match (number(one), number(other)) {
        (Some(one), Some(other)) if one == other => Match::Equal,
        (Some(_), Some(_)) => Match::Different,
        _ => Match::Withheld,
    }
}

fn emails(one: &Traits, other: &Traits) -> Match {
    let addresses = |traits: &Traits| {
        traits
            .emails
            .iter()
            .filter_map(|email| address(email))
            .collect::<Vec<_>>()
    };
    let (one, other) = (addresses(one), addresses(other));
    if one.is_empty() || other.is_empty() {
        Match::Withheld
    } else if one.iter().any(|email| other.contains(email)) {
        Match::Equal
    } else {
        Match::Different
    }
}

fn places(one: &Traits, other: &Traits) -> Places {
    if one.departments.is_empty() || other.departments.is_empty() {
        Places::Unknown
    } else if one.departments.iter().any(|id| other.departments.contains(id)) {
        Places::Shared
    } else {
        Places::Disjoint
    }
}

#[cfg(test)]
mod tests {
    use super::{Contact, Evidence, Link, NameMatch, Places, Traits};

    fn traits(name: &str, mobile: &str, email: &str, departments: &[i64]) -> Traits {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Traits {
            name: given(name),
            mobile: given(mobile),
            emails: given(email).into_iter().collect(),
            departments: departments.to_vec(),
            ..Traits::default()
        }
    }

    #[test]
    fn which_comes_first_means_nothing() {
        let people = [
            traits("张伟", "13800000000", "zw@a.example", &[1, 2]),
            traits("张伟(外包)", "+86 138-0000-0000", "", &[2]),
            traits("", "", "ZW@A.example", &[3]),
            traits("李华", "13900000000", "lh@a.example", &[]),
        ];
        for one in &people {
            for other in &people {
                let there = Evidence::compare(Link::Gap, one, other);
                assert_eq!(there, Evidence::compare(Link::Gap, other, one));
            }
        }
    }

    #[test]
    fn numbers_and_addresses_are_compared_as_people_write_them() {
        let before = traits("张伟", "13800000000", "zw@a.example", &[1, 2]);
        let seen = |mobile, email| Evidence::compare(Link::Gap, &before, &traits("张伟", mobile, email, &[2])).contact;
        assert_eq!(seen("+86 138-0000-0000", ""), Contact::NumberAgrees);
        assert_eq!(seen("008613800000000", " ZW@a.example"), Contact::NumberAgrees);
        assert_eq!(seen("13800000001", "ZW@a.example"), Contact::AddressOnly);
        assert_eq!(seen("", " "), Contact::Unknown);
        assert_eq!(seen("13800000001", "x@a.example"), Contact::Differ);
        assert_eq!(seen("", "ｚｗ@A.example"), Contact::AddressAgrees);
        assert_eq!(seen("１３８００００００００", ""), Contact::NumberAgrees);
    }

    #[test]
    fn a_service_providers_ids_connect_two_people_whatever_their_userids() {
        let with = |open: Option<&str>| Traits {
            open_userid: open.map(str::to_owned),
            ..Traits::default()
        };
        for (one, other, link) in [
            (Some("woA"), Some("woA"), Link::SameOpenUserid),
            (Some("woA"), Some("wOa"), Link::SameOpenUserid),
            (Some("woA"), Some("woB"), Link::OtherOpenUserid),
            (Some("woA"), None, Link::Gap),
            (None, Some("woA"), Link::Gap),
            (None, None, Link::Gap),
        ] {
            let evidence = Evidence::compare(Link::Gap, &with(one), &with(other));
            assert_eq!(
                (evidence.link, evidence.is_silent()),
                (link, link == Link::Gap),
                "{one:?} {other:?}"
            );
        }
    }

    #[test]
    fn an_encrypted_userid_finds_somebody_under_another_and_is_no_evidence_besides() {
        let id = "woAJ2GCAAAd4uL12hdfsdasassdDmAAAAA";
        let with = |open: Option<&str>, userid: Option<&str>| Traits {
            open_userid: open.map(str::to_owned),
            encrypted_userid: userid.map(str::to_owned),
            ..Traits::default()
        };
        let (told, guessed) = (with(Some(id), None), with(None, Some(id)));
        let (both, another) = (with(Some(id), Some(id)), with(Some("woB"), None));
        let of = |link, one, other| Evidence::compare(link, one, other).link;
        for link in [Link::OtherUserid, Link::Renamed] {
            assert_eq!(of(link, &told, &guessed), Link::SameOpenUserid);
            assert_eq!(of(link, &guessed, &told), Link::SameOpenUserid);
            // A tombstone and who has its userid now; and what only seems encrypted, or is another id than the provider's own.
            assert_eq!(of(link, &guessed, &guessed), link);
            assert_eq!(of(link, &both, &guessed), link);
            assert_eq!(of(link, &guessed, &another), link);
        }
        for link in [Link::Unbroken, Link::Gap] {
            for other in [&told, &guessed, &both, &another] {
                assert_eq!(of(link, &guessed, other), link, "{other:?}");
            }
        }
    }

    #[test]
    fn what_is_withheld_says_nothing() {
        let nobody = Traits::default();
        let evidence = Evidence::compare(Link::Gap, &traits("张伟", "1", "a", &[1]), &nobody);
        assert!(evidence.is_silent());
        assert_eq!((evidence.name, evidence.places), (NameMatch::Withheld, Places::Unknown));
    }
}
