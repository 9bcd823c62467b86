//! Which address each user has by the settings of the data sources, and which is verified. Pure.

use std::collections::HashMap;

use uuid::Uuid;

use super::model::{EmailOrigin, EmailSettings, made};

/// A user as far as the address is concerned.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Row id.
    pub id: Uuid,
    /// The data source they came from.
    pub data_source: Option<Uuid>,
    /// Username.
    pub username: String,
    /// The member's userid, where there is one.
    pub userid: Option<String>,
    /// The address that WeCom gave the member last, by the order of sources.
    pub given: Option<String>,
    /// An admin pinned the address, or that there is none.
    pub pinned: bool,
    /// The address, lower-cased, that they proved by a link.
    pub proven: Option<String>,
    /// Their address now.
    pub address: Address,
}

/// An address with what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub email: Option<String>,
    /// Where it comes from.
    pub origin: Option<EmailOrigin>,
    /// Whether it is verified.
    pub verified: bool,
}

/// The addresses that have to change, with the ids of the users; `holders` come oldest first.
///
/// A template fills a gap, and gives nobody an address that somebody else has. An address of a data source is verified where an admin of ours
/// vouches for its domain, nobody else has it, and no template makes it for somebody else: who may edit their address in WeCom could take a
/// colleague's otherwise. For the same reason nobody's word covers their own address of WeCom that somebody agreed to show; until they proved it,
/// it takes nothing from others either. Wherever an address comes from, it is verified where its holder proved that mail reaches them there, whoever else has it. What an admin typed in stays, and so does what an admin pinned; but that is verified only as long as it is still what
/// the data source gives.
pub fn settle(holders: &[Holder], sources: &HashMap<Uuid, EmailSettings>) -> Vec<(Uuid, Address)> {
    let mut shares: HashMap<String, usize> = HashMap::new();
    let fixed = holders
        .iter()
        .filter(|holder| !holder.may_be_filled() && !holder.merely_says_so());
    for email in fixed.filter_map(|holder| holder.address.email.as_ref()) {
        *shares.entry(email.to_lowercase()).or_default() += 1;
    }
    let settings = |holder: &Holder| holder.data_source.and_then(|id| sources.get(&id));
    let made = |holder: &Holder| fill(settings(holder)?.template()?, holder).map(|email| email.to_lowercase());
    let gives = |holder: &Holder, email_key: &str, origin: EmailOrigin| match origin {
        EmailOrigin::Wecom => holder
            .given
            .as_ref()
            .is_none_or(|given| given.to_lowercase() == email_key),
        EmailOrigin::Template => made(holder).as_deref() == Some(email_key),
        EmailOrigin::Own => false,
    };
    let mut owners: HashMap<String, Uuid> = HashMap::new();
    for holder in holders {
        if let Some(email) = made(holder) {
            owners.entry(email).or_insert(holder.id);
        }
    }
    let mut wanted = Vec::with_capacity(holders.len());
    for holder in holders {
        let mut address = holder.address.clone();
        if holder.may_be_filled() {
            let template = settings(holder).and_then(EmailSettings::template);
            let free = |email: &String| !shares.contains_key(&email.to_lowercase());
            address.email = template.and_then(|template| fill(template, holder)).filter(free);
            address.origin = address.email.as_ref().map(|_| EmailOrigin::Template);
            if let Some(email) = &address.email {
                shares.insert(email.to_lowercase(), 1);
            }
        }
        wanted.push(address);
    }
    let mut changed = Vec::new();
    for (holder, mut address) in holders.iter().zip(wanted) {
        if let (Some(email), Some(origin)) = (&address.email, address.origin) {
            let email_key = email.to_lowercase();
            let own = owners.get(&email_key).is_none_or(|owner| *owner == holder.id);
            let alone = own && shares.get(&email_key) == Some(&1) && gives(holder, &email_key, origin);
            address.verified = alone && settings(holder).is_some_and(|settings| settings.vouches_for(email));
        }
        address.verified |= address.email.as_ref().is_some_and(|email| holder.has_proven(email));
        address.verified &= address.email.is_some();
        if address != holder.address {
            changed.push((holder.id, address));
        }
    }
    changed
}

impl Holder {
    /// Whether they proved this address.
    fn has_proven(&self, email: &str) -> bool {
        self.proven.as_deref() == Some(email.to_lowercase().as_str())
    }

    /// Whether they typed in their address themselves, and proved nothing.
    fn merely_says_so(&self) -> bool {
        let email = self.address.email.as_ref();
        self.address.origin == Some(EmailOrigin::Own) && !email.is_some_and(|email| self.has_proven(email))
    }

    /// Whether a template may give them an address, or take the one it gave.
    fn may_be_filled(&self) -> bool {
        !self.pinned && (self.address.email.is_none() || self.address.origin == Some(EmailOrigin::Template))
    }
}

fn fill(template: &str, holder: &Holder) -> Option<String> {
    let needs_member = template.contains("{userid}");
    let userid = holder.userid.as_deref();
    made(template, if needs_member { userid? } else { "" }, &holder.username)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SOURCE: Uuid = Uuid::from_u128(7);

    fn holder(number: u128, userid: &str, email: Option<&str>, origin: Option<EmailOrigin>) -> Holder {
        Holder {
            id: Uuid::from_u128(number),
            data_source: Some(SOURCE),
            username: userid.to_lowercase(),
            userid: Some(userid.to_owned()),
            given: None,
            pinned: false,
            proven: None,
            address: Address {
                email: email.map(str::to_owned),
                origin,
                verified: false,
            },
        }
    }

    fn settings(template: Option<&str>, domains: &[&str]) -> HashMap<Uuid, EmailSettings> {
        let mut settings = EmailSettings::default();
        settings.sources.extend(template.map(str::to_owned));
        let domains: Vec<String> = domains.iter().map(|domain| (*domain).to_owned()).collect();
        settings.vouch(&domains, "token:x", 1);
        HashMap::from([(SOURCE, settings)])
    }

    #[test]
    fn a_template_fills_gaps_and_never_gives_what_another_has() {
        let people = [
            holder(1, "LiHua", None, None),
            holder(2, "wangwu", Some("own@x.example"), None),
            holder(3, "boss", Some("old@corp.example"), Some(EmailOrigin::Template)),
            holder(4, "lihua", None, None),
            holder(5, "a@evil.example", None, None),
            holder(6, "typed", Some("TAKEN@corp.example"), None),
            holder(7, "taken", None, None),
        ];
        let changed = settle(&people, &settings(Some("{userid}@corp.example"), &[]));
        let told: Vec<_> = changed
            .iter()
            .map(|(id, address)| (id.as_u128(), address.email.as_deref()))
            .collect();
        assert_eq!(told, [(1, Some("LiHua@corp.example")), (3, Some("boss@corp.example"))]);
        assert!(changed.iter().all(|(_, address)| !address.verified));
        let gone = settle(&people[2..3], &settings(None, &[]));
        assert_eq!(gone, [(people[2].id, Address::default())]);
    }

    #[test]
    fn only_a_vouched_domain_and_a_sole_holder_make_an_address_verified() {
        let wecom = Some(EmailOrigin::Wecom);
        let people = [
            holder(1, "a", Some("a@Corp.example"), wecom),
            holder(2, "b", Some("b@sub.corp.example"), wecom),
            holder(3, "c", Some("c@corp.example"), None),
            holder(4, "d", Some("same@corp.example"), wecom),
            holder(5, "e", Some("Same@corp.example"), wecom),
            holder(6, "f", None, None),
        ];
        let sources = settings(Some("{userid}@corp.example"), &["corp.example"]);
        let verified = |changed: Vec<(Uuid, Address)>| -> Vec<u128> {
            let kept = changed.into_iter().filter(|(_, address)| address.verified);
            kept.map(|(id, _)| id.as_u128()).collect()
        };
        assert_eq!(verified(settle(&people, &sources)), [1, 6]);
        // Somebody who enters the address that a colleague has by the template.
        let taken = [
            holder(7, "boss", None, None),
            holder(8, "mallory", Some("Boss@corp.example"), wecom),
        ];
        assert!(verified(settle(&taken, &sources)).is_empty());
        let mut before = people[0].clone();
        before.address.verified = true;
        let elsewhere = settle(&[before], &settings(None, &["other.example"]));
        assert!(!elsewhere[0].1.verified, "withdrawn");
    }

    #[test]
    fn what_is_pinned_stays_and_is_verified_only_while_the_data_source_gives_it() {
        let wecom = Some(EmailOrigin::Wecom);
        let template = Some(EmailOrigin::Template);
        let pinned = |mut holder: Holder| {
            holder.pinned = true;
            holder
        };
        let given = |mut holder: Holder, email: &str| {
            holder.given = Some(email.to_owned());
            holder
        };
        let people = [
            pinned(holder(1, "nobody", None, None)),
            pinned(holder(2, "boss", Some("chief@corp.example"), template)),
            pinned(holder(3, "c", Some("c@corp.example"), None)),
            given(pinned(holder(4, "d", Some("d@corp.example"), wecom)), "D@corp.example"),
            given(
                pinned(holder(5, "e", Some("e@corp.example"), wecom)),
                "new@corp.example",
            ),
            given(holder(6, "f", Some("old@corp.example"), wecom), "f@corp.example"),
            pinned(holder(7, "g", Some("g@corp.example"), template)),
            // The address of a pinned user is not free.
            holder(8, "chief", None, None),
        ];
        let changed = settle(&people, &settings(Some("{userid}@corp.example"), &["corp.example"]));
        let told: Vec<_> = changed
            .iter()
            .map(|(id, address)| (id.as_u128(), address.email.as_deref(), address.verified))
            .collect();
        let verified = |id, email| (id, Some(email), true);
        assert_eq!(told, [verified(4, "d@corp.example"), verified(7, "g@corp.example")]);
    }

    #[test]
    fn what_somebody_proved_is_verified_wherever_it_comes_from_as_long_as_they_have_it() {
        let proven = |mut holder: Holder, email: &str, verified: bool| {
            holder.proven = Some(email.to_owned());
            holder.address.verified = verified;
            holder
        };
        let wecom = Some(EmailOrigin::Wecom);
        let people = [
            proven(holder(1, "a", Some("A@own.example"), wecom), "a@own.example", false),
            proven(holder(2, "b", Some("b@own.example"), None), "b@own.example", false),
            // Others may have it; whom an admin's word would verify is not alone.
            holder(3, "c", Some("a@own.example"), wecom),
            proven(holder(4, "d", Some("new@own.example"), wecom), "old@own.example", true),
        ];
        let changed = settle(&people, &settings(None, &["own.example"]));
        let told: Vec<_> = changed
            .iter()
            .map(|(id, address)| (id.as_u128(), address.verified))
            .collect();
        assert_eq!(told, [(1, true), (2, true)], "the fourth is alone, and vouched for");
        let without = settle(&people[3..], &settings(None, &[]));
        assert!(!without[0].1.verified, "what was proven was another address");
    }

    #[test]
    fn an_own_address_that_somebody_agreed_to_show_is_vouched_for_by_nobody_and_takes_nothing_from_others() {
        let (wecom, own) = (Some(EmailOrigin::Wecom), Some(EmailOrigin::Own));
        let people = [
            holder(1, "mallory", Some("Boss@corp.example"), own),
            holder(2, "boss", None, None),
            holder(3, "eve", Some("chief@corp.example"), own),
            holder(4, "x", Some("chief@corp.example"), wecom),
            holder(5, "alone", Some("alone@corp.example"), own),
        ];
        let sources = settings(Some("{userid}@corp.example"), &["corp.example"]);
        let changed = settle(&people, &sources);
        let told: Vec<_> = changed
            .iter()
            .map(|(id, address)| (id.as_u128(), address.email.as_deref(), address.verified))
            .collect();
        let verified = |id, email| (id, Some(email), true);
        assert_eq!(
            told,
            [verified(2, "boss@corp.example"), verified(4, "chief@corp.example")]
        );
        let mut proven = people[4].clone();
        proven.proven = Some("alone@corp.example".to_owned());
        assert!(settle(&[proven], &sources)[0].1.verified);
    }

    /// Somebody, of few names and addresses, so that they meet.
    fn anybody(number: u128) -> impl Strategy<Value = Holder> {
        let address = || {
            prop::option::of(prop::sample::select(
                &["a@corp.example", "B@corp.example", "c@own.example"][..],
            ))
        };
        let origins = &[
            Some(EmailOrigin::Wecom),
            Some(EmailOrigin::Own),
            Some(EmailOrigin::Template),
            None,
        ];
        let origin = prop::sample::select(&origins[..]);
        let userid = prop::sample::select(&["a", "B", "c@evil.example"][..]);
        let facts = (any::<bool>(), any::<bool>(), any::<bool>());
        (userid, address(), address(), origin, facts).prop_map(move |(userid, email, given, origin, facts)| {
            let (pinned, verified, local) = facts;
            let mut somebody = holder(number, userid, email, origin.filter(|_| email.is_some()));
            somebody.given = given.map(str::to_owned);
            somebody.pinned = pinned;
            // What an admin typed in is verified by other proofs.
            somebody.address.verified = verified && somebody.address.origin.is_some();
            somebody.data_source = somebody.data_source.filter(|_| !local);
            somebody
        })
    }

    fn people() -> impl Strategy<Value = Vec<Holder>> {
        (0..7_u128).prop_flat_map(|count| (0..count).map(anybody).collect::<Vec<_>>())
    }

    fn settled(people: &[Holder], sources: &HashMap<Uuid, EmailSettings>) -> Vec<Holder> {
        let changed: HashMap<Uuid, Address> = settle(people, sources).into_iter().collect();
        let after = |holder: &Holder| Holder {
            address: changed.get(&holder.id).unwrap_or(&holder.address).clone(),
            ..holder.clone()
        };
        people.iter().map(after).collect()
    }

    proptest! {
        #[test]
        fn what_is_settled_stays_and_what_people_have_of_their_own_is_never_touched(people in people(), template in any::<bool>()) {
            let sources = settings(template.then_some("{userid}@corp.example"), &["corp.example"]);
            let after = settled(&people, &sources);
            prop_assert_eq!(settle(&after, &sources), vec![], "a second time changes nothing");
            for (before, after) in people.iter().zip(&after) {
                let own = before.pinned || before.address.email.is_some() && before.address.origin != Some(EmailOrigin::Template);
                if own {
                    prop_assert_eq!(&before.address.email, &after.address.email);
                    prop_assert_eq!(before.address.origin, after.address.origin);
                }
                let verified = after.address.email.iter().filter(|_| after.address.verified);
                for email in verified {
                    prop_assert_ne!(after.address.origin, Some(EmailOrigin::Own), "nobody here proved anything");
                    let holders = settled(&people, &sources).iter().filter(|other| {
                        let has = other.address.email.as_ref().is_some_and(|address| address.eq_ignore_ascii_case(email));
                        has && other.address.origin != Some(EmailOrigin::Own)
                    }).count();
                    prop_assert_eq!(holders, 1, "a verified address has one holder");
                }
            }
        }

        #[test]
        fn settings_changed_and_changed_back_leave_the_same_addresses(people in people()) {
            let with = settings(Some("{userid}@corp.example"), &["corp.example"]);
            let first = settled(&people, &with);
            let without = settled(&first, &settings(None, &[]));
            let again = settled(&without, &with);
            let emails = |people: &[Holder]| people.iter().map(|holder| holder.address.email.clone()).collect::<Vec<_>>();
            prop_assert_eq!(emails(&first), emails(&again));
        }
    }
}
