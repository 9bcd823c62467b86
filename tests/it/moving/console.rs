//! The pages: the notice, the steps one after the other, and taking it back, in both languages and without script.

use simulator::sample;

use super::{company, told};
use crate::{
    actors::{id, text},
    console::{at_work, in_both_languages, sent, shown},
    fixture::Fixture,
    scenario,
};

scenario!(
    an_admin_moves_a_company_by_clicks_and_takes_it_back,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        let installation = fixture.admin().items("installations").await.remove(0);
        let page = format!("/console/moves/{}", company.source);
        let from = shown(
            &fixture,
            &browser,
            &format!("/console/installations/{}", id(&installation)),
        )
        .await;
        assert!(from.body.contains(&page), "{}", from.body);
        let [english, chinese] = in_both_languages(&fixture, &browser, &page).await;
        assert!(english.body.contains("overwritten by those that the new app shows"));
        assert!(
            chinese
                .body
                .contains("数据会被新应用返回的数据覆盖，且无法再通过服务商应用登录")
        );
        let agent = sample::AGENT_ID.to_string();
        let wrong = [
            ("corp_id", sample::CORP),
            ("agent_id", agent.as_str()),
            ("app_secret", "wrong-secret"),
        ];
        let refused = sent(&fixture, &browser, &page, &wrong).await;
        assert!(refused.body.contains("DI-237"), "{}", refused.body);
        let right = [
            ("corp_id", sample::CORP),
            ("agent_id", agent.as_str()),
            ("app_secret", sample::APP_SECRET),
        ];
        let planned = sent(&fixture, &browser, &page, &right).await;
        assert!(planned.body.contains("MV-105"), "{}", planned.body);
        let one = fixture.admin().items(&company.moves()).await.remove(0);
        let act = |act: &str| format!("{page}/{}/{act}", id(&one));
        sent(&fixture, &browser, &act("pair"), &[]).await;
        let pairs = in_both_languages(&fixture, &browser, &act("pairs")).await;
        assert!(
            pairs[0].body.contains(&told(&fixture, sample::NORMAL)),
            "{}",
            pairs[0].body
        );
        sent(&fixture, &browser, &act("rehearse"), &[]).await;
        let shown_now = company.shown(&fixture, &one).await;
        fixture.admin().watch(text(&shown_now["rehearsal"], "run_id")).await;
        let ready = in_both_languages(&fixture, &browser, &page).await;
        assert!(ready[0].body.contains(&act("change")), "{}", ready[0].body);
        in_both_languages(&fixture, &browser, &act("change")).await;
        let done = sent(&fixture, &browser, &act("change"), &[]).await;
        assert!(done.body.contains(&act("undo")), "{}", done.body);
        company.settled(&fixture).await;
        let user = fixture.admin().user(&told(&fixture, sample::NORMAL)).await;
        assert_eq!(user["display_name"], "李华", "{user}");
        in_both_languages(&fixture, &browser, &act("undo")).await;
        in_both_languages(&fixture, &browser, &act("finish")).await;
        sent(&fixture, &browser, &act("undo"), &[]).await;
        company.settled(&fixture).await;
        let back = company.shown(&fixture, &one).await;
        assert_eq!(back["state"], "undone", "{back}");
        // It can be planned anew, by whom it is given to.
        let again = in_both_languages(&fixture, &browser, &page).await;
        assert!(again[0].body.contains("Try it and plan the move"), "{}", again[0].body);
        let auditor = at_work(&fixture, "auditor").await;
        let seen = shown(&fixture, &auditor, &page).await;
        assert!(!seen.body.contains("name=\"app_secret\""), "{}", seen.body);
    }
);
