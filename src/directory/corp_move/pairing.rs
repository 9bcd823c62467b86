//! Who is whom in the new app: what WeCom converted, what an admin entered, and what is the same in both. Pure.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::model::{How, Pair};
use crate::directory::sync::snapshot::key;

/// A member as they are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeldMember {
    /// Row id.
    pub id: Uuid,
    /// As the suite knows them.
    pub userid: String,
    /// The provider's own id of them, where it was told beside their userid, which is the company's own then.
    pub open_userid: Option<String>,
    /// Whether they left before; their account is kept.
    pub departed: bool,
}

impl HeldMember {
    /// The id that is converted.
    pub fn provider_id(&self) -> &str {
        self.open_userid.as_deref().unwrap_or(&self.userid)
    }

    const fn nobody(&self) -> How {
        match self.departed {
            true => How::Departed,
            false => How::Unpaired,
        }
    }
}

/// What is known of ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// By the provider's id: the company's own, as WeCom converted it.
    pub converted: HashMap<String, String>,
    /// Those of the suite's ids that are the company's own, with the provider's id of each.
    pub own: HashMap<String, String>,
    /// Ids, the provider's or the suite's, of which WeCom said nothing.
    pub unanswered: HashSet<String>,
    /// What stands there by now, by member.
    pub before: HashMap<Uuid, Pair>,
}

/// Pairs, and what stands against some.
pub(super) struct Judged {
    /// One for each member.
    pub pairs: Vec<Pair>,
    /// The suite's ids of members who would have one id, so that none of them got it.
    pub contested: Vec<String>,
    /// Whether WeCom converted ids of these members: the two apps are of one company.
    pub proven: bool,
    /// Whether some stand as before because WeCom said nothing of them.
    pub unsaid: bool,
}

/// The pairs of these members. Of several, still here, who would have one id, in whatever letter case, nobody gets it, also where an admin named one of them: no two
/// people become one, and nobody becomes somebody whom WeCom says another is.
pub(super) fn judge(held: &[HeldMember], known: &Known) -> Judged {
    let mut pairs: Vec<Pair> = held.iter().map(|member| pair(member, known)).collect();
    let mut claims: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, pair) in pairs.iter().enumerate() {
        if let Some(new) = &pair.new {
            claims.entry(key(new)).or_default().push(at);
        }
    }
    let mut losers: Vec<(usize, bool)> = Vec::new();
    for claimed in claims.into_values().filter(|claimed| claimed.len() > 1) {
        // Whoever left stands in nobody's way, unless an admin named them.
        let stands = |at: &usize| {
            let left = held.get(*at).is_some_and(|member| member.departed);
            !left || pairs.get(*at).is_some_and(|pair| pair.how == How::ByHand)
        };
        let (standing, left): (Vec<usize>, Vec<usize>) = claimed.into_iter().partition(stands);
        losers.extend(left.into_iter().map(|at| (at, standing.is_empty())));
        if standing.len() > 1 {
            losers.extend(standing.into_iter().map(|at| (at, true)));
        }
    }
    losers.sort_unstable();
    let mut contested = Vec::new();
    for (at, told) in losers {
        if let (Some(pair), Some(member)) = (pairs.get_mut(at), held.get(at)) {
            contested.extend(told.then(|| pair.old.clone()));
            pair.new = None;
            pair.how = member.nobody();
            pair.entered_at = None;
        }
    }
    let converted = |(member, pair): (&HeldMember, &Pair)| {
        pair.new.is_some() && known.converted.get(member.provider_id()) == pair.new.as_ref()
    };
    let unsaid = |(member, pair): (&HeldMember, &Pair)| {
        matches!(pair.how, How::Converted | How::Same) && matches!(told(member, known), Told::Nothing)
    };
    Judged {
        proven: held.iter().zip(&pairs).any(converted),
        unsaid: held.iter().zip(&pairs).any(unsaid),
        pairs,
        contested,
    }
}

fn pair(member: &HeldMember, known: &Known) -> Pair {
    let before = known.before.get(&member.id).filter(|pair| pair.old == member.userid);
    let by_hand = before.filter(|pair| matches!(pair.how, How::ByHand | How::LeftOut));
    let (new, how) = match (by_hand, told(member, known)) {
        (Some(entered), _) => (entered.new.clone(), entered.how),
        (None, Told::Somebody(new, how)) => (Some(new), how),
        (None, Told::Nobody) => (None, member.nobody()),
        (None, Told::Nothing) => match before.filter(|pair| pair.new.is_some()) {
            Some(before) => (before.new.clone(), before.how),
            None => (None, member.nobody()),
        },
    };
    Pair {
        member: member.id,
        old: member.userid.clone(),
        new,
        how,
        entered_at: by_hand.and_then(|entered| entered.entered_at),
    }
}

/// What WeCom says of a member.
enum Told {
    Somebody(String, How),
    Nobody,
    /// It was not asked, or did not answer.
    Nothing,
}

fn told(member: &HeldMember, known: &Known) -> Told {
    let same = || Told::Somebody(member.userid.clone(), How::Same);
    let converted = known.converted.get(member.provider_id());
    match (&member.open_userid, converted, known.own.get(&member.userid)) {
        (None, Some(new), _) => Told::Somebody(new.clone(), How::Converted),
        (None, None, Some(_)) => same(),
        // Who has that userid by now may be somebody else.
        (Some(_), Some(new), _) if *new == member.userid => same(),
        (Some(open_userid), None, Some(told)) if told == open_userid => same(),
        (Some(_), Some(_), _) | (Some(_), None, Some(_)) => Told::Nobody,
        (_, None, None) => match [member.provider_id(), member.userid.as_str()].map(|id| known.unanswered.contains(id))
        {
            [false, false] => Told::Nobody,
            _ => Told::Nothing,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn held(ids: &[&str]) -> Vec<HeldMember> {
        let member = |(at, userid): (usize, &&str)| HeldMember {
            id: Uuid::from_u128(at as u128),
            userid: (*userid).to_owned(),
            open_userid: None,
            departed: false,
        };
        ids.iter().enumerate().map(member).collect()
    }

    fn converted(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        let own = |(old, new): &(&str, &str)| ((*old).to_owned(), (*new).to_owned());
        pairs.iter().map(own).collect()
    }

    fn told_of(pairs: &[Pair]) -> Vec<(Option<&str>, How)> {
        pairs.iter().map(|pair| (pair.new.as_deref(), pair.how)).collect()
    }

    fn known_before(id: u128, old: &str, new: Option<&str>, how: How) -> (Uuid, Pair) {
        let pair = Pair {
            member: Uuid::from_u128(id),
            old: old.to_owned(),
            new: new.map(str::to_owned),
            how,
            entered_at: (how == How::ByHand).then_some(7),
        };
        (pair.member, pair)
    }

    #[test]
    fn converted_ids_are_taken_own_ids_stay_and_an_admins_word_counts_more() {
        let members = held(&["woA", "LiHua", "woB", "woC", "woD"]);
        let known = Known {
            converted: converted(&[("woA", "ZhangSan"), ("woB", "wrong"), ("woD", "ZhaoLiu")]),
            own: converted(&[("LiHua", "woL")]),
            before: HashMap::from([
                known_before(2, "woB", Some("WangWu"), How::ByHand),
                known_before(4, "woD", None, How::LeftOut),
            ]),
            ..Known::default()
        };
        let found = judge(&members, &known);
        assert!(found.proven && found.contested.is_empty());
        assert_eq!(
            told_of(&found.pairs),
            [
                (Some("ZhangSan"), How::Converted),
                (Some("LiHua"), How::Same),
                (Some("WangWu"), How::ByHand),
                (None, How::Unpaired),
                (None, How::LeftOut),
            ]
        );
    }

    #[test]
    fn what_an_admin_entered_for_another_id_is_not_theirs_any_more() {
        let members = held(&["woNEW"]);
        let known = Known {
            before: HashMap::from([known_before(0, "woOLD", Some("WangWu"), How::ByHand)]),
            ..Known::default()
        };
        assert_eq!(told_of(&judge(&members, &known).pairs), [(None, How::Unpaired)]);
    }

    #[test]
    fn of_two_with_one_id_in_any_letter_case_neither_gets_it_whoever_said_so() {
        let members = held(&["woA", "woB", "woC"]);
        let mut known = Known {
            converted: converted(&[("woA", "LiHua"), ("woB", "lihua")]),
            ..Known::default()
        };
        assert_eq!(told_of(&judge(&members, &known).pairs), [(None, How::Unpaired); 3]);
        known.converted = converted(&[("woA", "LiHua")]);
        known.before = HashMap::from([known_before(2, "woC", Some("LIHUA"), How::ByHand)]);
        let found = judge(&members, &known);
        assert_eq!(told_of(&found.pairs), [(None, How::Unpaired); 3]);
        assert_eq!(found.contested, ["woA", "woC"]);
    }

    #[test]
    fn an_own_id_whose_providers_id_is_anothers_by_now_is_nobodys() {
        let of = |open_userid: &str| HeldMember {
            open_userid: Some(open_userid.to_owned()),
            ..held(&["LiHua"]).remove(0)
        };
        let mut known = Known {
            converted: converted(&[("woSAME", "LiHua"), ("woLEFT", "LiHua2")]),
            own: converted(&[("LiHua", "woSAME")]),
            ..Known::default()
        };
        assert_eq!(
            told_of(&judge(&[of("woSAME")], &known).pairs),
            [(Some("LiHua"), How::Same)]
        );
        assert_eq!(told_of(&judge(&[of("woLEFT")], &known).pairs), [(None, How::Unpaired)]);
        known.converted.clear();
        assert_eq!(
            told_of(&judge(&[of("woSAME")], &known).pairs),
            [(Some("LiHua"), How::Same)]
        );
        assert_eq!(told_of(&judge(&[of("woLEFT")], &known).pairs), [(None, How::Unpaired)]);
    }

    #[test]
    fn what_wecom_said_before_stays_where_it_says_nothing_now() {
        let members = held(&["woA", "woB"]);
        let mut known = Known {
            before: HashMap::from([
                known_before(0, "woA", Some("ZhangSan"), How::Converted),
                known_before(1, "woB", Some("LiHua"), How::Converted),
            ]),
            unanswered: HashSet::from(["woA".to_owned()]),
            ..Known::default()
        };
        // Of the second it said that it is nobody.
        assert_eq!(
            told_of(&judge(&members, &known).pairs),
            [(Some("ZhangSan"), How::Converted), (None, How::Unpaired)]
        );
        known.unanswered.clear();
        assert_eq!(told_of(&judge(&members, &known).pairs), [(None, How::Unpaired); 2]);
    }

    #[test]
    fn whoever_left_before_is_not_missed_and_stands_in_nobodys_way() {
        let gone = HeldMember {
            departed: true,
            ..held(&["woA", "woGONE"]).remove(1)
        };
        let found = judge(std::slice::from_ref(&gone), &Known::default());
        assert_eq!(told_of(&found.pairs), [(None, How::Departed)]);
        let known = Known {
            converted: converted(&[("woA", "LiHua"), ("woGONE", "LiHua")]),
            ..Known::default()
        };
        let found = judge(&[held(&["woA"]).remove(0), gone], &known);
        assert_eq!(
            told_of(&found.pairs),
            [(Some("LiHua"), How::Converted), (None, How::Departed)]
        );
        assert!(found.contested.is_empty());
    }

    proptest! {
        #[test]
        fn no_two_members_ever_have_one_id(
            news in proptest::collection::vec("[aAbB]{1,2}", 1..20), by_hand in proptest::collection::vec(any::<bool>(), 20)
        ) {
            let olds: Vec<String> = (0..news.len()).map(|at| format!("wo{at}")).collect();
            let olds: Vec<&str> = olds.iter().map(String::as_str).collect();
            let members = held(&olds);
            let mut known = Known::default();
            for ((member, new), by_hand) in members.iter().zip(&news).zip(by_hand) {
                match by_hand {
                    true => known.before.extend([known_before(member.id.as_u128(), &member.userid, Some(new.as_str()), How::ByHand)]),
                    false => drop(known.converted.insert(member.userid.clone(), new.clone())),
                }
            }
            let found = judge(&members, &known).pairs;
            let keys: Vec<String> = found.iter().filter_map(|pair| pair.new.as_deref().map(key)).collect();
            let distinct: HashSet<&String> = keys.iter().collect();
            prop_assert_eq!(keys.len(), distinct.len());
            prop_assert_eq!(found.len(), members.len());
        }
    }
}
