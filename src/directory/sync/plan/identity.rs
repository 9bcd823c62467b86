//! Weighs a member we hold and the person WeCom shows under the same userid, by the table of evidence (`directory::identity`).

use crate::directory::{
    identity::{
        evidence::{Evidence, Link},
        verdict::{Verdict, Weighed, weigh, weigh_present},
    },
    sync::{
        mirror::{MemberRow, UserProfile},
        snapshot::Person,
    },
};

/// Weighs them. What was in doubt is weighed as it was then, until it is decided.
pub fn judge_row(row: &MemberRow, seen: &Person) -> Weighed {
    let same = row.person.profile == seen.profile && row.person.departments == seen.departments;
    if same && row.present && !row.missed && row.doubt.is_none() {
        return Weighed {
            verdict: Verdict::SamePerson,
            link: Link::Unbroken,
            why: "nothing changed",
        };
    }
    let (held, seen) = (row.person.traits(), seen.traits());
    match row.doubt {
        Some(link) if row.present => weigh(Evidence::compare(link, &held, &seen)),
        None if row.present => weigh_present(row.missed, &held, &seen),
        _ => weigh(Evidence::compare(Link::Gap, &held, &seen)),
    }
}

/// Evidence on a user left over by an earlier data source of the corp: nobody saw what became of the userid meanwhile.
pub fn of_left_over(user: &UserProfile, seen: &Person) -> Evidence {
    Evidence::compare(Link::Gap, &user.traits(), &seen.traits())
}
