//! Weighs a member we hold and the person WeCom shows under the same userid, by the table of evidence (`directory::identity`).

use crate::directory::{
    identity::{
        evidence::{Contact, Evidence, Link, Places, Traits},
        name::NameMatch,
        verdict::{Verdict, Weighed, judge, weigh, weigh_present},
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
        Some(link) if row.present => weigh_doubted(link, &held, &seen),
        None if row.present => weigh_present(row.missed, &held, &seen),
        _ => weigh(Evidence::compare(Link::Gap, &held, &seen)),
    }
}

/// Weighs somebody who is in doubt. What WeCom gave before and withholds now takes no doubt away: perhaps it is what differed.
fn weigh_doubted(link: Link, held: &Traits, seen: &Traits) -> Weighed {
    let evidence = Evidence::compare(link, held, seen);
    let weighed = weigh(evidence);
    let reachable = held.mobile.is_some() || !held.emails.is_empty();
    let withheld = held.name.is_some() && evidence.name == NameMatch::Withheld
        || reachable && evidence.contact == Contact::Unknown
        || !held.departments.is_empty() && evidence.places == Places::Unknown;
    match weighed.verdict {
        Verdict::SamePerson if withheld && weighed.link != Link::SameOpenUserid => Weighed {
            verdict: Verdict::Doubtful,
            why: "still in doubt: what may have differed is withheld now",
            ..weighed
        },
        _ => weighed,
    }
}

/// Evidence on a user left over by an earlier data source of the corp: nobody saw what became of the userid meanwhile.
pub fn of_left_over(user: &UserProfile, seen: &Person) -> Evidence {
    Evidence::compare(Link::Gap, &user.traits(), &seen.traits())
}

/// Whether a user left over may be this person. Where that is in doubt the member is linked all the same, and an admin is asked.
pub fn may_be(user: &UserProfile, seen: &Person) -> bool {
    weigh(of_left_over(user, seen)).verdict != Verdict::SomebodyElse
}

/// Whether a user left over is this person, who has another userid by now.
pub fn is_under_another_userid(user: &UserProfile, seen: &Person) -> bool {
    judge(Link::OtherUserid, &user.traits(), &seen.traits()) == Verdict::SamePerson
}
