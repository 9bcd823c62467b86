//! What holds for every combination of evidence, and that the documentation has the table of the code.

use std::{fs, path::Path};

use proptest::prelude::*;

use super::{
    super::{
        evidence::{Contact, Evidence, Link, Match, Places, Traits},
        name::NameMatch,
    },
    Row, TABLE, Verdict, judge, weigh,
};

const LINKS: [Link; 6] = [
    Link::Unbroken,
    Link::Renamed,
    Link::Gap,
    Link::OtherUserid,
    Link::SameOpenUserid,
    Link::OtherOpenUserid,
];
/// From the most to the least agreeing; so for all that follow.
const NAMES: &[NameMatch] = &[
    NameMatch::Equal,
    NameMatch::Alike,
    NameMatch::Extended,
    NameMatch::Withheld,
    NameMatch::Overlapping,
    NameMatch::Different,
];
const MATCHES: [Match; 3] = [Match::Equal, Match::Withheld, Match::Different];
const PLACES: [Places; 3] = [Places::Shared, Places::Unknown, Places::Disjoint];

/// Every combination, as positions in the lists above.
fn all() -> impl Iterator<Item = (Link, [usize; 4])> {
    LINKS.into_iter().flat_map(|link| {
        (0..NAMES.len() * 3 * 3 * 3)
            .map(move |number| (link, [number / 27, number / 9 % 3, number / 3 % 3, number % 3]))
    })
}

fn evidence(link: Link, [name, mobile, email, places]: [usize; 4]) -> Evidence {
    Evidence {
        link,
        name: NAMES[name],
        contact: Contact::of(MATCHES[mobile], MATCHES[email]),
        places: PLACES[places],
    }
}

#[test]
fn every_combination_meets_a_row_and_every_row_is_met() {
    let met = |evidence| TABLE.iter().position(|row| row.holds(evidence));
    let mut used: Vec<usize> = all().map(|(link, at)| met(evidence(link, at)).unwrap()).collect();
    used.sort_unstable();
    used.dedup();
    assert_eq!(used, (0..TABLE.len()).collect::<Vec<_>>());
}

/// Of each item: equal is at least as good as withheld, and that as different; a name that is alike or extended lies between equal and different,
/// in this order, and one that agrees in part is never better than one that is withheld.
#[test]
fn more_agreeing_evidence_never_makes_it_worse() {
    for (link, at) in all() {
        let before = weigh(evidence(link, at)).verdict;
        for item in 0..4 {
            for (better, name) in NAMES.iter().enumerate().take(at[item]) {
                // A suffix both agrees and differs, so it is not compared with a name that is withheld.
                let grew = [NameMatch::Alike, NameMatch::Extended].contains(name);
                if item == 0 && NAMES[at[0]] == NameMatch::Withheld && grew {
                    continue;
                }
                let mut more = at;
                more[item] = better;
                let after = weigh(evidence(link, more)).verdict;
                assert!(
                    after >= before,
                    "{link:?} {:?} {after:?} < {before:?}",
                    evidence(link, more)
                );
            }
        }
    }
}

#[test]
fn what_connects_the_two_never_makes_it_worse_the_surer_it_is() {
    for (_, at) in all() {
        let of = |link| weigh(evidence(link, at)).verdict;
        assert!(of(Link::Unbroken) >= of(Link::Gap), "{:?}", evidence(Link::Gap, at));
        assert!(of(Link::Gap) >= of(Link::OtherUserid) || NAMES[at[0]] == NameMatch::Equal);
        assert!(of(Link::Renamed) >= of(Link::Gap) || of(Link::Gap) == Verdict::SamePerson);
    }
}

/// What nothing sets off from the name is a suffix where number or address agrees, and else perhaps another name.
#[test]
fn a_name_that_goes_on_without_a_sign_is_the_same_only_with_number_or_address() {
    use {Contact as C, NameMatch as N, Places as P, Verdict as V};
    for (link, contact, places, wanted) in [
        (Link::Unbroken, C::AddressOnly, P::Disjoint, V::SamePerson),
        (Link::Unbroken, C::Unknown, P::Shared, V::Doubtful),
        (Link::Unbroken, C::Differ, P::Shared, V::SomebodyElse),
        (Link::Gap, C::NumberOnly, P::Disjoint, V::SamePerson),
        (Link::Gap, C::Unknown, P::Shared, V::Doubtful),
        (Link::Gap, C::PartlyDiffer, P::Shared, V::SomebodyElse),
        (Link::OtherUserid, C::NumberAgrees, P::Disjoint, V::SamePerson),
        (Link::OtherUserid, C::Unknown, P::Shared, V::SomebodyElse),
    ] {
        let evidence = Evidence {
            link,
            name: N::Extended,
            contact,
            places,
        };
        assert_eq!(weigh(evidence).verdict, wanted, "{evidence:?}");
    }
}

#[test]
fn the_rules_that_the_issue_names() {
    use {Contact as C, NameMatch as N, Places as P, Verdict as V};
    let verdict = |link, name, contact, places| {
        weigh(Evidence {
            link,
            name,
            contact,
            places,
        })
        .verdict
    };
    for (link, name, contact, places, wanted) in [
        (Link::Unbroken, N::Different, C::NumberAgrees, P::Shared, V::SamePerson),
        (Link::Unbroken, N::Different, C::Differ, P::Disjoint, V::SomebodyElse),
        (Link::Unbroken, N::Different, C::Differ, P::Shared, V::SomebodyElse),
        (Link::Unbroken, N::Different, C::Unknown, P::Shared, V::Doubtful),
        (Link::Unbroken, N::Different, C::Unknown, P::Disjoint, V::SomebodyElse),
        (Link::Gap, N::Different, C::Unknown, P::Shared, V::SomebodyElse),
        (Link::Unbroken, N::Alike, C::NumberOnly, P::Disjoint, V::SamePerson),
        (Link::Unbroken, N::Alike, C::AddressOnly, P::Disjoint, V::SamePerson),
        (Link::Gap, N::Alike, C::NumberOnly, P::Disjoint, V::SamePerson),
        // A suffix counts while number or address agrees; where they are withheld, at least the department must.
        (Link::Unbroken, N::Alike, C::Unknown, P::Shared, V::SamePerson),
        (Link::Unbroken, N::Alike, C::Unknown, P::Disjoint, V::Doubtful),
        // A shared prefix makes nobody the same, and takes nobody's account without asking.
        (Link::Unbroken, N::Overlapping, C::Unknown, P::Shared, V::Doubtful),
        (Link::Unbroken, N::Overlapping, C::Unknown, P::Disjoint, V::Doubtful),
        (Link::Unbroken, N::Overlapping, C::Differ, P::Shared, V::SomebodyElse),
        (Link::Gap, N::Overlapping, C::NumberAgrees, P::Shared, V::Doubtful),
        (Link::Gap, N::Overlapping, C::PartlyDiffer, P::Shared, V::SomebodyElse),
        (
            Link::OtherUserid,
            N::Overlapping,
            C::NumberAgrees,
            P::Shared,
            V::SomebodyElse,
        ),
        (Link::Unbroken, N::Equal, C::Differ, P::Disjoint, V::Doubtful),
        (Link::Gap, N::Equal, C::Differ, P::Disjoint, V::SomebodyElse),
        (Link::Unbroken, N::Withheld, C::Unknown, P::Unknown, V::SamePerson),
        (Link::Gap, N::Withheld, C::Unknown, P::Unknown, V::Doubtful),
        (Link::OtherUserid, N::Equal, C::NumberAgrees, P::Disjoint, V::SamePerson),
        (
            Link::OtherUserid,
            N::Equal,
            C::AddressAgrees,
            P::Disjoint,
            V::SamePerson,
        ),
        (Link::OtherUserid, N::Equal, C::Unknown, P::Shared, V::SomebodyElse),
    ] {
        assert_eq!(
            verdict(link, name, contact, places),
            wanted,
            "{link:?} {name:?} {contact:?} {places:?}"
        );
    }
}

fn traits() -> impl Strategy<Value = Traits> {
    let name = proptest::option::of(prop_oneof![
        Just("张伟"),
        Just("张伟(外包)"),
        Just("张伟2"),
        Just("张伟外包"),
        Just("研发-张伟"),
        Just("研发-李华"),
        Just("李华")
    ]);
    let mobile = proptest::option::of(prop_oneof![
        Just("13800000000"),
        Just("+86 13800000000"),
        Just("13900000000")
    ]);
    let emails = proptest::collection::vec(prop_oneof![Just("a@x.example"), Just("B@x.example")], 0..3);
    (name, mobile, emails, proptest::collection::vec(1..4_i64, 0..3)).prop_map(|(name, mobile, emails, departments)| {
        Traits {
            name: name.map(str::to_owned),
            mobile: mobile.map(str::to_owned),
            emails: emails.into_iter().map(str::to_owned).collect(),
            departments,
            ..Traits::default()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_two_means_nothing(one in traits(), other in traits(), link in proptest::sample::select(&LINKS[..])) {
        prop_assert_eq!(judge(link, &one, &other), judge(link, &other, &one));
    }

    #[test]
    fn whoever_is_known_by_something_is_the_same_as_themselves(one in traits()) {
        prop_assert_eq!(judge(Link::Unbroken, &one, &one), Verdict::SamePerson);
        if one.name.is_some() || one.mobile.is_some() || !one.emails.is_empty() {
            prop_assert_eq!(judge(Link::Gap, &one, &one), Verdict::SamePerson);
        }
    }

    #[test]
    fn what_is_withheld_never_makes_it_surer_that_it_is_somebody_else(one in traits(), other in traits()) {
        let bare = Traits::default();
        prop_assert!(judge(Link::Unbroken, &one, &bare) >= judge(Link::Unbroken, &one, &other).min(Verdict::Doubtful));
    }
}

/// Words of one language for the columns.
struct Words {
    file: &'static str,
    any: &'static str,
    or: &'static str,
    link: fn(Link) -> &'static str,
    name: fn(NameMatch) -> &'static str,
    contact: fn(Contact) -> &'static str,
    places: fn(Places) -> &'static str,
    verdict: fn(Verdict) -> &'static str,
    why: fn(&Row) -> &'static str,
}

const ENGLISH: Words = Words {
    file: "docs/identity.md",
    any: "any",
    or: ", ",
    link: |link| match link {
        Link::Unbroken => "unbroken",
        Link::Renamed => "renamed",
        Link::Gap => "gap",
        Link::OtherUserid => "another userid",
        Link::SameOpenUserid => "same open_userid",
        Link::OtherOpenUserid => "another open_userid",
    },
    name: |name| match name {
        NameMatch::Equal => "equal",
        NameMatch::Alike => "alike",
        NameMatch::Extended => "extended",
        NameMatch::Withheld => "withheld",
        NameMatch::Overlapping => "overlapping",
        NameMatch::Different => "different",
    },
    contact: |contact| match contact {
        Contact::NumberAgrees => "number agrees",
        Contact::NumberOnly => "number only",
        Contact::AddressAgrees => "address agrees",
        Contact::AddressOnly => "address only",
        Contact::Unknown => "unknown",
        Contact::PartlyDiffer => "one differs",
        Contact::Differ => "both differ",
    },
    places: |places| match places {
        Places::Shared => "shared",
        Places::Unknown => "unknown",
        Places::Disjoint => "disjoint",
    },
    verdict: |verdict| match verdict {
        Verdict::SamePerson => "**same person**",
        Verdict::Doubtful => "**doubtful**",
        Verdict::SomebodyElse => "**somebody else**",
    },
    why: |row| row.why,
};

const CHINESE: Words = Words {
    file: "docs/identity.zh-CN.md",
    any: "任意",
    or: "、",
    link: |link| match link {
        Link::Unbroken => "未中断",
        Link::Renamed => "改名",
        Link::Gap => "中断",
        Link::OtherUserid => "另一 userid",
        Link::SameOpenUserid => "同一 open_userid",
        Link::OtherOpenUserid => "另一 open_userid",
    },
    name: |name| match name {
        NameMatch::Equal => "相同",
        NameMatch::Alike => "近似",
        NameMatch::Extended => "延长",
        NameMatch::Withheld => "未提供",
        NameMatch::Overlapping => "部分相同",
        NameMatch::Different => "不同",
    },
    contact: |contact| match contact {
        Contact::NumberAgrees => "手机号一致",
        Contact::NumberOnly => "仅手机号相同",
        Contact::AddressAgrees => "邮箱一致",
        Contact::AddressOnly => "仅邮箱相同",
        Contact::Unknown => "无法比较",
        Contact::PartlyDiffer => "一项不同",
        Contact::Differ => "两项都不同",
    },
    places: |places| match places {
        Places::Shared => "有相同",
        Places::Unknown => "未知",
        Places::Disjoint => "无相同",
    },
    verdict: |verdict| match verdict {
        Verdict::SamePerson => "**同一人**",
        Verdict::Doubtful => "**存疑**",
        Verdict::SomebodyElse => "**另一人**",
    },
    why: |row| row.why_zh,
};

fn written(words: &Words) -> String {
    fn cell<T: Copy>(list: &[T], word: fn(T) -> &'static str, words: &Words) -> String {
        let all: Vec<_> = list.iter().map(|value| word(*value)).collect();
        if all.is_empty() {
            words.any.to_owned()
        } else {
            all.join(words.or)
        }
    }
    let lines = TABLE.iter().enumerate().map(|(at, row)| {
        format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            at + 1,
            cell(row.links, words.link, words),
            cell(row.names, words.name, words),
            cell(row.contacts, words.contact, words),
            cell(row.places, words.places, words),
            (words.verdict)(row.verdict),
            (words.why)(row),
        )
    });
    lines.collect()
}

#[test]
fn the_documentation_has_the_table_of_the_code_in_both_languages() {
    for words in [ENGLISH, CHINESE] {
        let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(words.file)).unwrap_or_default();
        let rows: String = page
            .lines()
            .filter(|line| line.starts_with("| ") && line.as_bytes().get(2).is_some_and(u8::is_ascii_digit))
            .map(|line| format!("{line}\n"))
            .collect();
        let wanted = written(&words);
        assert!(rows == wanted, "{}: the rows of the code are\n{wanted}", words.file);
    }
}
