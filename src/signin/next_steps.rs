//! What a person can do about a failure: one table from its number to the next step. Pure.
//!
//! A step is offered where it can help: somebody who is disabled gains nothing by starting again, but may have another account. Whatever
//! the table says, the portal and the start page are ways on, so that no page is a dead end.

use super::store::ways_back::WayBack;
use crate::web::{
    texts::{Lang, text},
    way_on::WayOn,
};

/// A step that may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Asking to be let in.
    Apply,
    /// Another account: the login page of the same journey.
    OtherAccount,
    /// Another way of signing in: the same page with all ways. What failed is none of them.
    OtherWay,
    /// A way of signing in besides the one that failed, where the portal has several.
    BesidesThisWay,
    /// The same once more.
    TryAgain,
    /// A new sign-in, from where it was begun.
    BeginAgain,
    /// One's own sign-ins.
    Account,
    /// The page that signs out.
    SignOut,
}

/// Whom to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Who is responsible for the installation.
    Administrator,
    /// Who is responsible for the portal, where somebody is named.
    Portal,
}

/// What helps against a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Key of the sentence that says it.
    pub key: &'static str,
    /// The steps, the best first.
    pub steps: &'static [Step],
    /// Whom to ask.
    pub whom: Whom,
}

/// What is known where a failure is shown.
#[derive(Clone, Debug, Default)]
pub struct Situation {
    /// Id of a journey that can be gone on with.
    pub journey: Option<String>,
    /// How many ways of signing in its portal has.
    pub ways_in: usize,
    /// The portal.
    pub portal: Option<WayBack>,
    /// Whether the browser has a living session.
    pub signed_in: bool,
    /// Page of the console that a trial leads back to, for whoever works there.
    pub console: Option<String>,
    /// Local path of the page itself, where it can be asked for again.
    pub page: Option<String>,
    /// Local path where this person can ask to be let in.
    pub apply: Option<String>,
    /// The languages that the portal asked for.
    pub ui_locales: Option<String>,
}

const fn advice(key: &'static str, steps: &'static [Step]) -> Advice {
    Advice {
        key,
        steps,
        whom: Whom::Administrator,
    }
}

/// The table: number → what helps. `None`: nothing particular.
pub fn advice_on(number: &str) -> Option<Advice> {
    use Step::{Account, Apply, BeginAgain, BesidesThisWay, OtherAccount, OtherWay, SignOut, TryAgain};
    Some(match number {
        "GT-101" => of_the_portal("advice-portal-off", &[]),
        "GT-102" | "GT-103" | "GT-115" => advice("advice-other-way", &[OtherWay]),
        "GT-104" | "GT-105" | "SI-205" => advice("advice-set-up", &[BesidesThisWay]),
        "GT-106" => advice("advice-join", &[OtherAccount]),
        "GT-107" | "GT-126" => advice("advice-linked", &[OtherAccount]),
        "GT-108" => advice("advice-scope", &[OtherAccount]),
        "GT-109" => advice("advice-not-active", &[OtherAccount]),
        "GT-110" => advice("advice-not-imported", &[Apply, OtherAccount]),
        "GT-111" => advice("advice-disabled", &[OtherAccount]),
        "GT-112" => of_the_portal("advice-not-allowed", &[OtherAccount]),
        "GT-113" | "GT-116" | "GT-118" | "GT-127" => advice("advice-later", &[TryAgain]),
        "GT-117" | "GT-120" => advice("advice-confirm", &[OtherAccount]),
        "GT-121" => advice("advice-ended", &[OtherAccount]),
        "GT-123" => advice("advice-set-up", &[OtherAccount]),
        "GT-114" => advice("advice-begin-again", &[BeginAgain]),
        "SI-101" | "SI-102" | "SI-108" | "OP-104" | "OP-220" | "OP-321" => advice("advice-begin-again", &[BeginAgain]),
        "SI-140" | "SI-213" => advice("advice-once-more", &[BeginAgain]),
        // Nobody is known by that name, so nobody but the administrator can be asked.
        "OP-101" => advice("advice-portal-wrong", &[]),
        // Sent by our own forms too.
        "OP-105" | "OP-106" | "OP-110" | "OP-140" => advice("advice-go-on", &[]),
        "OP-172" => advice("advice-sign-out", &[SignOut]),
        "SI-103" | "OP-320" => advice("advice-other-browser", &[BeginAgain]),
        "OP-284" => advice("advice-other-browser", &[TryAgain]),
        "SI-104" => advice("advice-declined", &[TryAgain]),
        "SI-105" => of_the_portal("advice-set-up", &[]),
        "SI-106" | "SI-107" => advice("advice-other-way", &[OtherWay]),
        "SI-203" => advice("advice-link", &[]),
        "SI-210" | "SI-211" | "SI-212" => advice("advice-trial", &[]),
        "SI-221" | "SI-229" => advice("advice-other-way", &[OtherWay]),
        "SI-222" | "SI-223" | "SI-227" | "SI-231" => advice("advice-account", &[Account]),
        "SI-240" | "SI-241" | "SI-242" | "SI-243" | "SI-244" => advice("advice-account", &[Account]),
        "SI-230" => advice("advice-not-signed-in", &[BeginAgain]),
        "WC-160" => advice("advice-begin-again", &[TryAgain]),
        "AC-101" => advice("advice-not-signed-in", &[BeginAgain]),
        "AC-102" | "AC-103" => advice("advice-account", &[Account]),
        "WB-106" | "SI-206" => advice("advice-later", &[]),
        "AR-101" | "AR-114" => advice("advice-scan-again", &[TryAgain]),
        "AR-104" => advice("advice-new-link", &[]),
        "AR-111" | "AR-112" | "AR-113" => advice("advice-not-imported", &[OtherAccount]),
        "AR-109" => advice("advice-not-an-approver", &[Account]),
        _ => return None,
    })
}

const fn of_the_portal(key: &'static str, steps: &'static [Step]) -> Advice {
    Advice {
        key,
        steps,
        whom: Whom::Portal,
    }
}

/// What helps against a failure with this number and HTTP status: by the table, else what these two say of whose fault it is.
pub fn advice_for(number: &str, status: u16) -> Advice {
    let room = number.split_once('-').map_or("", |(room, _)| room);
    advice_on(number).unwrap_or_else(|| match (room, status) {
        (_, 500..) => advice("advice-later", &[Step::TryAgain]),
        // What WeCom refuses to do for this app.
        ("WC", _) => advice("advice-set-up", &[Step::BesidesThisWay]),
        // What a portal asked for.
        ("OP", _) => of_the_portal("advice-portal-wrong", &[]),
        (_, 429) => advice("advice-later", &[]),
        _ => advice("advice-go-on", &[]),
    })
}

/// The ways on, the best first; never empty.
pub fn ways_on(lang: Lang, advice: Option<Advice>, situation: &Situation) -> Vec<WayOn> {
    let steps = advice.map_or(&[][..], |advice| advice.steps);
    let console = situation.console.as_ref();
    let mut ways: Vec<WayOn> = console
        .map(|page| WayOn::new(lang, "way-console", page))
        .into_iter()
        .collect();
    ways.extend(steps.iter().filter_map(|step| way(lang, *step, situation)));
    ways.extend(to_portal(lang, situation, steps));
    if situation.signed_in {
        ways.push(WayOn::account(lang));
    }
    ways.push(WayOn::start(lang));
    let mut seen = Vec::new();
    ways.retain(|way| {
        let new = !seen.contains(&way.href);
        seen.push(way.href.clone());
        new
    });
    ways
}

/// Whether the portal has such a way of signing in; of other steps true.
const fn is_offered(step: Step, situation: &Situation) -> bool {
    match step {
        Step::OtherWay => situation.ways_in > 0,
        Step::BesidesThisWay => situation.ways_in > 1,
        _ => true,
    }
}

fn way(lang: Lang, step: Step, situation: &Situation) -> Option<WayOn> {
    let login = |key: &str, query: &str| {
        let journey = situation.journey.as_ref()?;
        Some(WayOn::new(lang, key, format!("/signin/{journey}{query}")))
    };
    match step {
        Step::Apply => Some(WayOn::new(lang, "way-apply", situation.apply.as_deref()?)),
        Step::OtherAccount => login("way-other-account", ""),
        Step::Account => Some(WayOn::account(lang)),
        Step::OtherWay | Step::BesidesThisWay => {
            login("way-other-way", "?others=1").filter(|_| is_offered(step, situation))
        }
        Step::SignOut => Some(WayOn::new(lang, "way-sign-out", "/oauth2/logout")),
        Step::TryAgain => {
            let page = || Some(WayOn::new(lang, "way-try-again", situation.page.as_deref()?));
            login("way-try-again", "").or_else(page)
        }
        // The portal knows better than a journey that may be somebody else's.
        Step::BeginAgain => match address(situation) {
            Some(_) => None,
            None => login("way-begin-again", ""),
        },
    }
}

/// The way to the portal, in the words that fit: a new sign-in, going on with the one there is, or back.
fn to_portal(lang: Lang, situation: &Situation, steps: &[Step]) -> Option<WayOn> {
    let portal = address(situation)?;
    let key = match (steps.contains(&Step::BeginAgain), situation.signed_in) {
        (true, true) => "way-go-on",
        (true, false) => "way-begin-at-portal",
        (false, _) => "way-portal",
    };
    Some(WayOn::to_portal(lang, key, portal))
}

fn address(situation: &Situation) -> Option<(&str, &str)> {
    let portal = situation.portal.as_ref()?;
    Some((portal.name.as_str(), portal.address.as_deref()?))
}

/// Whom to ask, where it is somebody else than the installation's contact.
pub fn contact(advice: Advice, situation: &Situation) -> Option<String> {
    let asks_portal = advice.whom == Whom::Portal;
    situation.portal.as_ref().filter(|_| asks_portal)?.contact.clone()
}

/// The sentence that says what helps: that of another way of signing in only where there is one.
pub fn words(lang: Lang, advice: Advice, situation: &Situation) -> String {
    let offered = advice.steps.iter().all(|step| is_offered(*step, situation));
    let key = match (advice.steps.first(), offered) {
        (Some(Step::OtherWay), false) => "advice-set-up",
        (Some(Step::BesidesThisWay), true) => "advice-set-up-besides",
        _ => advice.key,
    };
    text(lang, key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gate::failure::GateFailure, signin::failure::SignInFailure, web::failure::WebFailure,
        wecom::failure::WeComFailure,
    };

    fn situation() -> Situation {
        Situation {
            journey: Some("j".to_owned()),
            ways_in: 1,
            portal: Some(WayBack {
                name: "wiki".to_owned(),
                address: Some("https://wiki.example/".to_owned()),
                contact: Some("wiki@corp.example".to_owned()),
            }),
            signed_in: false,
            console: None,
            page: None,
            apply: None,
            ui_locales: None,
        }
    }

    #[test]
    fn every_refusal_of_the_gate_and_of_signing_in_is_in_the_table_and_has_its_words() {
        // Told to admins only.
        let told = |number: &&str| *number != GateFailure::WhatIfUnknown.entry().number;
        let numbers = GateFailure::ENTRIES.iter().chain(SignInFailure::ENTRIES);
        for number in numbers.map(|entry| entry.number).filter(|number| told(number)) {
            let advice = advice_on(number).unwrap_or_else(|| panic!("{number}"));
            for lang in Lang::ALL {
                let words = words(lang, advice, &situation());
                assert_ne!(words, advice.key, "{number}: no text");
            }
        }
    }

    #[test]
    fn whatever_else_is_shown_has_its_words_by_whose_fault_it_is() {
        let wecom = WeComFailure::ENTRIES.iter().chain(WebFailure::ENTRIES);
        let told = wecom.map(|entry| (entry.number, entry.status));
        for (number, status) in told.chain([("OP-116", 400), ("OP-103", 400), ("AC-999", 404), ("", 0)]) {
            let advice = advice_for(number, status);
            for lang in Lang::ALL {
                assert!(!words(lang, advice, &situation()).starts_with("advice-"), "{number}");
            }
        }
        let helps = |number, status| advice_for(number, status).key;
        for number in ["WC-110", "WC-113", "WC-120", "WC-121", "WC-150", "WC-153"] {
            assert_eq!(helps(number, 422), "advice-set-up", "{number}");
        }
        assert_eq!(helps("WC-140", 502), "advice-later");
        assert_eq!(helps("OP-103", 400), "advice-portal-wrong");
    }

    #[test]
    fn another_way_of_signing_in_is_offered_only_where_there_is_one() {
        let offered = |number, ways_in| {
            let (advice, mut situation) = (advice_for(number, 422), situation());
            situation.ways_in = ways_in;
            let ways = ways_on(Lang::En, Some(advice), &situation);
            let said = words(Lang::En, advice, &situation);
            let first = ways[0].href == "/signin/j?others=1";
            assert_eq!(
                first,
                said != text(Lang::En, "advice-set-up"),
                "{number} {ways_in}: {said}"
            );
            first
        };
        for (number, least) in [
            ("WC-120", 2),
            ("GT-104", 2),
            ("GT-105", 2),
            ("GT-103", 1),
            ("SI-106", 1),
        ] {
            for ways_in in 0..3 {
                assert_eq!(offered(number, ways_in), ways_in >= least, "{number} {ways_in}");
            }
        }
    }

    #[test]
    fn whoever_cannot_be_helped_by_starting_again_is_offered_another_account() {
        for number in ["GT-106", "GT-108", "GT-110", "GT-111", "GT-112", "GT-121"] {
            let ways = ways_on(Lang::En, advice_on(number), &situation());
            assert_eq!(ways[0].label, text(Lang::En, "way-other-account"), "{number}");
            assert_eq!(ways[1].href, "https://wiki.example/", "{number}: back to the portal");
            assert!(
                ways.iter().all(|way| way.label != text(Lang::En, "way-begin-again")),
                "{number}"
            );
        }
    }

    #[test]
    fn whoever_is_not_imported_is_offered_first_to_ask_where_that_is_possible() {
        let mut situation = situation();
        situation.apply = Some("/access-request/j".to_owned());
        for (number, asks) in [("GT-110", true), ("GT-111", false), ("GT-108", false)] {
            let ways = ways_on(Lang::En, advice_on(number), &situation);
            assert_eq!(ways[0].href == "/access-request/j", asks, "{number}");
        }
    }

    #[test]
    fn there_is_a_way_on_whatever_failed_and_however_little_is_known() {
        for number in ["GT-111", "SI-101", "OP-999", ""] {
            for lang in Lang::ALL {
                let ways = ways_on(lang, advice_on(number), &Situation::default());
                assert_eq!(ways.last().map(|way| way.href.as_str()), Some("/"), "{number}");
            }
        }
    }

    #[test]
    fn who_is_signed_in_already_goes_on() {
        let mut situation = situation();
        situation.signed_in = true;
        let ways = ways_on(Lang::En, advice_on("SI-102"), &situation);
        assert!(ways[0].label.contains("signed in"), "{}", ways[0].label);
        assert!(ways.iter().any(|way| way.href == "/account"));
    }

    #[test]
    fn the_portal_s_own_contact_is_named_where_the_portal_refuses() {
        assert_eq!(
            contact(advice_for("GT-112", 403), &situation()).as_deref(),
            Some("wiki@corp.example")
        );
        assert_eq!(contact(advice_for("GT-111", 403), &situation()), None);
    }
}
