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

/// An address that has to change.
#[derive(Clone, Debug)]
pub struct Settled {
    /// Whose, with the address before.
    pub holder: Holder,
    /// The address after.
    pub address: Address,
}

/// The addresses that have to change, with the ids of the users; `holders` come oldest first.
///
/// A template fills a gap, and gives nobody an address that somebody else has. An address of a data source is verified where an admin of ours
/// vouches for its domain, nobody else has it, and no template makes it for somebody else: who may edit their address in WeCom could take a
/// colleague's otherwise. What an admin typed in stays.
pub fn settle(holders: &[Holder], sources: &HashMap<Uuid, EmailSettings>) -> Vec<(Uuid, Address)> {
    let mut shares: HashMap<String, usize> = HashMap::new();
    let fixed = holders
        .iter()
        .filter(|holder| holder.address.origin != Some(EmailOrigin::Template));
    for email in fixed.filter_map(|holder| holder.address.email.as_ref()) {
        *shares.entry(email.to_lowercase()).or_default() += 1;
    }
    let settings = |holder: &Holder| holder.data_source.and_then(|id| sources.get(&id));
    let made = |holder: &Holder| fill(settings(holder)?.template()?, holder).map(|email| email.to_lowercase());
    let mut owners: HashMap<String, Uuid> = HashMap::new();
    for holder in holders {
        if let Some(email) = made(holder) {
            owners.entry(email).or_insert(holder.id);
        }
    }
    let mut wanted = Vec::with_capacity(holders.len());
    for holder in holders {
        let mut address = holder.address.clone();
        if address.email.is_none() || address.origin == Some(EmailOrigin::Template) {
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
        if let (Some(email), Some(_)) = (&address.email, address.origin) {
            let email_key = email.to_lowercase();
            let own = owners.get(&email_key).is_none_or(|owner| *owner == holder.id);
            let alone = own && shares.get(&email_key) == Some(&1);
            address.verified = alone && settings(holder).is_some_and(|settings| settings.vouches_for(email));
        }
        address.verified &= address.email.is_some();
        if address != holder.address {
            changed.push((holder.id, address));
        }
    }
    changed
}

fn fill(template: &str, holder: &Holder) -> Option<String> {
    let needs_member = template.contains("{userid}");
    let userid = holder.userid.as_deref();
    made(template, if needs_member { userid? } else { "" }, &holder.username)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: Uuid = Uuid::from_u128(7);

    fn holder(number: u128, userid: &str, email: Option<&str>, origin: Option<EmailOrigin>) -> Holder {
        Holder {
            id: Uuid::from_u128(number),
            data_source: Some(SOURCE),
            username: userid.to_lowercase(),
            userid: Some(userid.to_owned()),
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
}
