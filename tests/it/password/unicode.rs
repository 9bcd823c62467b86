//! One username and one password, however a keyboard composes them (NIST SP 800-63B §5.1.1.2).

use serde_json::json;

use super::{GOOD, WRONG, choose, give_password, link, local_user, sign_in};
use crate::{fixture::Fixture, scenario};

/// é as one character.
const COMPOSED: &str = "caf\u{e9} de l'\u{e9}t\u{e9}";
/// é as e and an accent.
const DECOMPOSED: &str = "cafe\u{301} de l'e\u{301}te\u{301}";

scenario!(
    a_password_is_the_same_however_its_letters_are_composed,
    |fixture: Fixture| async move {
        let user = local_user(&fixture, "anna").await;
        let portal = fixture.portal("wiki", json!({})).await;
        for (chosen, typed) in [
            (COMPOSED, DECOMPOSED),
            (DECOMPOSED, COMPOSED),
            (
                "\u{d55c}\u{ad6d} sea and hills",
                "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8} sea and hills",
            ),
            // A Chinese input method left at full width.
            (
                "walk to sea 2026",
                "\u{ff57}\u{ff41}\u{ff4c}\u{ff4b}\u{3000}to sea \u{ff12}\u{ff10}\u{ff12}\u{ff16}",
            ),
        ] {
            give_password(&fixture, &user, chosen).await;
            for typed in [typed, chosen] {
                let page = sign_in(&portal, &fixture.browser(), "anna", typed).await;
                assert!(page.returned("code").is_some(), "{chosen} as {typed}: {}", page.body);
            }
            let page = sign_in(&portal, &fixture.browser(), "anna", &typed.to_uppercase()).await;
            assert!(page.body.contains(WRONG), "letter case still counts");
        }
    }
);

scenario!(
    a_username_is_the_same_however_its_letters_are_composed,
    |fixture: Fixture| async move {
        let portal = fixture.portal("wiki", json!({})).await;
        for (username, typed) in [
            ("anna", "\u{ff41}\u{ff2e}\u{ff2e}\u{ff41}"),
            ("jos\u{e9}", "JOSE\u{301}"),
            ("li.hua", "\u{3000}\u{ff4c}\u{ff49}\u{ff0e}hua\u{3000}"),
        ] {
            let user = local_user(&fixture, username).await;
            give_password(&fixture, &user, GOOD).await;
            let page = sign_in(&portal, &fixture.browser(), typed, GOOD).await;
            assert!(page.returned("code").is_some(), "{username} as {typed}: {}", page.body);
        }
    }
);

scenario!(
    the_two_entries_and_the_rules_look_at_the_same_form,
    |fixture: Fixture| async move {
        let user = local_user(&fixture, "anna").await;
        let chosen = link(&fixture, &user).await;
        let url = chosen["url"].as_str().unwrap();
        let common = "\u{ff50}\u{ff41}\u{ff53}\u{ff53}\u{ff57}\u{ff4f}\u{ff52}\u{ff44}2026";
        let short = "e\u{301}".repeat(11);
        let long = "e\u{301} ".repeat(129);
        let longest = "x y".repeat(1000);
        for unfit in [common, &short, &long, &longest, "\u{fdfa}".repeat(200).as_str()] {
            let page = choose(&fixture, &chosen, unfit).await;
            assert!(
                page.status == 400 && page.location.is_none(),
                "{unfit:.20}: {}",
                page.status
            );
        }
        let form = [("password", COMPOSED), ("again", DECOMPOSED)];
        let page = fixture.browser().post(url, &form).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let portal = fixture.portal("wiki", json!({})).await;
        for typed in [longest.as_str(), &"\u{fdfa}".repeat(1024), GOOD] {
            let page = sign_in(&portal, &fixture.browser(), "anna", typed).await;
            assert!(page.status == 403 && page.body.contains(WRONG), "{}", page.body);
        }
    }
);
