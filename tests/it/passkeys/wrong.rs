//! Answers that are wrong: each is refused by the one sentence, opens no session, and leaves the passkey as good as it was.

use serde_json::Value;

use super::{WRONG, asked, challenged, operator, send_answer, send_made, sign_in};
use crate::{
    actors::{PRESENT, Passkey, VERIFIED},
    console::Colleague,
    fixture::Fixture,
    passkey_scenario,
};

/// An answer with one part of its JSON replaced.
fn with(answer: &str, pointer: &str, value: impl Into<Value>) -> String {
    let mut answer: Value = serde_json::from_str(answer).unwrap();
    *answer.pointer_mut(pointer).unwrap() = value.into();
    answer.to_string()
}

passkey_scenario!(
    what_is_wrong_with_an_answer_is_refused_and_not_told,
    |fixture: Fixture| async move {
        let (_, mut passkey) = operator(&fixture, "owner").await;
        let at = format!("{}/console", fixture.base);
        let (origin, party, owner) = (passkey.origin.clone(), passkey.party.clone(), passkey.owner.clone());
        type Change = fn(&mut Passkey);
        let changes: [(&str, Change); 8] = [
            ("another origin", |passkey| {
                passkey.origin = "https://evil.example".to_owned()
            }),
            ("another port", |passkey| {
                passkey.origin = "http://localhost:1".to_owned()
            }),
            ("another party", |passkey| passkey.party = "evil.example".to_owned()),
            ("not unlocked", |passkey| passkey.flags = PRESENT),
            ("nobody there", |passkey| passkey.flags = VERIFIED),
            ("another ceremony", |passkey| passkey.kind = "webauthn.create"),
            ("in a frame", |passkey| passkey.cross_origin = true),
            ("somebody else's", |passkey| passkey.owner = vec![7; 16]),
        ];
        for (what, change) in changes {
            change(&mut passkey);
            let browser = fixture.browser();
            let refused = sign_in(&browser, &at, &passkey).await;
            assert!(
                refused.status == 403 && refused.body.contains(WRONG),
                "{what}: {}",
                refused.body
            );
            assert!(browser.cookie("menjin_session").is_none(), "{what}");
            passkey.origin.clone_from(&origin);
            passkey.party.clone_from(&party);
            passkey.owner.clone_from(&owner);
            (passkey.flags, passkey.kind, passkey.cross_origin) = (PRESENT | VERIFIED, "webauthn.get", false);
        }
        let page = sign_in(&fixture.browser(), &at, &passkey).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
);

passkey_scenario!(
    rubbish_is_refused_as_everything_wrong_is,
    |fixture: Fixture| async move {
        let (_, passkey) = operator(&fixture, "owner").await;
        let browser = fixture.browser();
        let login = browser.open(&format!("{}/console", fixture.base)).await;
        let right = passkey.answer(&challenged(&browser, &login).await);
        let mut wrong = vec![
            String::new(),
            "{}".to_owned(),
            "[]".to_owned(),
            "null".to_owned(),
            "{\"id\":".to_owned(),
            "\u{0}".to_owned(),
            right.replace("rawId", "id"),
            with(&right, "/rawId", "***"),
            with(&right, "/rawId", 7),
            with(&right, "/response", Value::Null),
            with(&right, "/response/clientDataJSON", "bm8gSlNPTg"),
        ];
        wrong.push(format!("{{\"deep\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000)));
        for answer in wrong {
            let refused = send_answer(&browser, &login, &answer).await;
            assert!(
                refused.status == 403 && refused.body.contains(WRONG),
                "{answer}: {}",
                refused.body
            );
        }
        // None of them named the challenge, which is good still; these do.
        for (pointer, value) in [
            ("/response/signature", Value::from("AAAA")),
            ("/response/authenticatorData", "AAAA".into()),
            ("/rawId", "AAAA".into()),
            ("/response/userHandle", Value::Null),
        ] {
            let options = challenged(&browser, &login).await;
            let answer = with(&passkey.answer(&options), pointer, value);
            let refused = send_answer(&browser, &login, &answer).await;
            assert!(
                refused.status == 403 && refused.body.contains(WRONG),
                "{pointer}: {}",
                refused.body
            );
        }
        let large = send_answer(&browser, &login, &"x".repeat(70_000)).await;
        assert_eq!(large.status, 413, "{}", large.body);
        let unconfirmed = browser
            .post(&login.link("/passkey/finish"), &[("form", "x"), ("credential", &right)])
            .await;
        assert!(
            unconfirmed.status == 403 && unconfirmed.body.contains("SI-103"),
            "{}",
            unconfirmed.body
        );
        let page = send_answer(&browser, &login, &right).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
);

passkey_scenario!(
    a_challenge_answers_once_where_it_was_asked_and_for_five_minutes,
    |fixture: Fixture| async move {
        let (_, passkey) = operator(&fixture, "owner").await;
        let at = format!("{}/console", fixture.base);
        let browser = fixture.browser();
        let login = browser.open(&at).await;
        let refused = |page: &crate::actors::Page| page.status == 403 && page.body.contains(WRONG);

        let answer = passkey.answer(&challenged(&browser, &login).await);
        assert_eq!(send_answer(&browser, &login, &answer).await.status, 200);
        assert!(refused(&send_answer(&browser, &login, &answer).await), "once");

        let other = browser.open(&format!("{at}/people")).await;
        let other = match other.url.contains("/signin/") {
            true => other,
            false => fixture.browser().open(&format!("{at}/people")).await,
        };
        assert_ne!(other.link("/passkey/finish"), login.link("/passkey/finish"));
        let stranger = fixture.browser();
        let theirs = stranger.open(&at).await;
        let answer = passkey.answer(&challenged(&stranger, &theirs).await);
        assert!(
            refused(&send_answer(&browser, &login, &answer).await),
            "another browser"
        );
        let elsewhere = stranger.open(&format!("{at}/people")).await;
        let answer = passkey.answer(&challenged(&stranger, &theirs).await);
        assert!(
            refused(&send_answer(&stranger, &elsewhere, &answer).await),
            "another journey"
        );

        let answer = passkey.answer(&challenged(&stranger, &theirs).await);
        fixture.advance(std::time::Duration::from_secs(301));
        assert!(refused(&send_answer(&stranger, &theirs, &answer).await), "too late");
    }
);

passkey_scenario!(
    a_counter_that_does_not_go_up_is_refused_and_on_record,
    |fixture: Fixture| async move {
        let colleague = Colleague::hire(&fixture, "owner").await;
        let browser = colleague.browser(&fixture).await;
        let (options, confirm) = asked(&fixture, &browser).await;
        let mut passkey = Passkey::new(&fixture.base);
        passkey.counter = 5;
        let made = passkey.made(&options);
        send_made(&fixture, &browser, &confirm, ("Security key", &made)).await;
        let at = format!("{}/console", fixture.base);
        for (counter, status) in [(6, 200), (6, 403), (3, 403), (0, 403), (7, 200)] {
            passkey.counter = counter;
            let page = sign_in(&fixture.browser(), &at, &passkey).await;
            assert_eq!(page.status, status, "{counter}: {}", page.body);
            if status == 403 {
                let trace = fixture.admin().trace(&page.reference()).await;
                assert!(trace.to_string().contains("the counter went back"), "{trace}");
            }
        }
    }
);

// However many failed at an address: whoever has a passkey gets in, and names are not locked.
passkey_scenario!(failures_shut_nobody_out, |fixture: Fixture| async move {
    let (colleague, passkey) = operator(&fixture, "owner").await;
    let browser = fixture.browser();
    let login = browser.open(&format!("{}/console", fixture.base)).await;
    for _ in 0..220 {
        send_answer(&browser, &login, "{}").await;
    }
    let silent = send_answer(&browser, &login, "{}").await;
    assert!(
        silent.body.contains(WRONG) && !silent.body.contains("<code>"),
        "{}",
        silent.body
    );
    let page = sign_in(&fixture.browser(), &format!("{}/console", fixture.base), &passkey).await;
    assert_eq!(page.status, 200, "{}", page.body);
    colleague.browser(&fixture).await;
});

// What is kept grows with journeys and addresses, not with questions.
passkey_scenario!(of_many_questions_the_last_eight_wait, |fixture: Fixture| async move {
    let (_, passkey) = operator(&fixture, "owner").await;
    let browser = fixture.browser();
    let login = browser.open(&format!("{}/console", fixture.base)).await;
    let mut asked = Vec::new();
    for _ in 0..9 {
        asked.push(passkey.answer(&challenged(&browser, &login).await));
    }
    let forgotten = send_answer(&browser, &login, &asked[0]).await;
    assert!(forgotten.body.contains(WRONG), "{}", forgotten.body);
    let page = send_answer(&browser, &login, &asked[1]).await;
    assert_eq!(page.status, 200, "{}", page.body);
});
