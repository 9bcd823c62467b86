//! Telling a person: by which ways they are reached, and in which language.

use std::collections::BTreeMap;

use menjin::{
    notices::{NewNotice, To, Topic},
    web::texts::Lang,
};
use serde_json::json;
use simulator::sample;

use super::{mail_channel, notices, smtp_sink::SmtpSink, tell, tick};
use crate::{
    access_requests::{apply, asking, decide},
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

const ADDRESS: &str = "li.hua@corp.example";

fn approved(to: To) -> NewNotice {
    NewNotice {
        topic: Topic::AccessApproved,
        data_source: None,
        subject: "matter:1".to_owned(),
        facts: BTreeMap::new(),
        path: None,
        card: None,
        to,
        until: None,
    }
}

scenario!(
    a_user_is_told_by_every_way_on_which_a_channel_stands_in_their_own_language,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let user = fixture.admin().user_id(sample::NORMAL).await;
        let path = format!("users/{user}");
        fixture.admin().change(&path, json!({ "email": ADDRESS })).await;
        let to = || To::User {
            id: user.parse().unwrap(),
        };
        assert_eq!(tell(&fixture, &approved(to())).await, 0, "no channel stands");
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        assert_eq!(tell(&fixture, &approved(to())).await, 1);
        let over_wecom = json!({ "kind": "wecom", "name": "app", "data_source_id": source["id"] });
        fixture.admin().create("notice-channels", over_wecom).await;
        fixture.admin().change(&path, json!({ "locale": "en-GB" })).await;
        assert_eq!(tell(&fixture, &approved(to())).await, 2);
        tick(&fixture).await;
        let mails = sink.mails();
        let subject = |mail: usize| mails[mail].header("subject").unwrap();
        assert!(
            subject(0).contains("=?utf-8?"),
            "nothing is known of them: {}",
            subject(0)
        );
        assert_eq!(subject(1), "You can sign in now", "their claim");
        assert!(
            mails[1]
                .readable()
                .contains("because it concerns an account with this address")
        );
        assert!(mails.iter().all(|mail| mail.to[0].contains(ADDRESS)));
        let message = fixture.wecom.messages().pop().unwrap();
        assert_eq!(message.userid, sample::NORMAL);
        assert!(
            message.content.to_string().contains("You can sign in now"),
            "{:?}",
            message.content
        );
        // What they choose on a page counts for more.
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let page = format!("{}/account?ui_locales=zh-CN&keep=1", fixture.base);
        assert_eq!(browser.get(&page).await.status, 200);
        tell(&fixture, &approved(to())).await;
        let disabled = json!({ "enabled": false });
        fixture
            .admin()
            .change(&format!("notice-channels/{channel}"), disabled)
            .await;
        assert_eq!(tell(&fixture, &approved(to())).await, 1, "over WeCom alone");
        let told = notices(&fixture, "").await;
        for notice in &told[..2] {
            for delivery in notice["deliveries"].as_array().unwrap() {
                assert_eq!(text(delivery, "language"), "zh-CN", "{notice}");
            }
        }
    }
);

scenario!(
    a_member_is_told_in_the_language_of_the_user_they_are_else_in_that_in_which_they_asked,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let to = |lang| NewNotice {
            data_source: Some(id(&source).parse().unwrap()),
            ..approved(To::Member {
                userid: sample::NORMAL.to_owned(),
                lang,
            })
        };
        tell(&fixture, &to(None)).await;
        tell(&fixture, &to(Some(Lang::En))).await;
        let user = fixture.admin().user_id(sample::NORMAL).await;
        let locale = json!({ "locale": "zh" });
        fixture.admin().change(&format!("users/{user}"), locale).await;
        tell(&fixture, &to(Some(Lang::En))).await;
        let told = notices(&fixture, "").await;
        let languages: Vec<&str> = told
            .iter()
            .map(|notice| text(&notice["deliveries"][0], "language"))
            .collect();
        assert_eq!(languages, ["zh-CN", "en", "zh-CN"], "the newest first");
    }
);

scenario!(
    an_address_is_told_by_mail_alone_and_not_after_it_is_worth_nothing,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let to = |email: &str| NewNotice {
            until: Some(fixture.clock.now().plus(std::time::Duration::from_secs(60))),
            ..approved(To::Address {
                email: email.to_owned(),
                lang: Lang::En,
            })
        };
        assert_eq!(tell(&fixture, &to(ADDRESS)).await, 0, "no channel stands");
        mail_channel(&fixture, &sink).await;
        for hostile in ["a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "nobody"] {
            assert_eq!(tell(&fixture, &to(hostile)).await, 0, "{hostile:?}");
        }
        sink.answer("RCPT", "450 4.2.1 greylisted");
        assert_eq!(tell(&fixture, &to(ADDRESS)).await, 1);
        for _ in 0..4 {
            tick(&fixture).await;
            fixture.advance(std::time::Duration::from_secs(30));
        }
        sink.accept();
        tick(&fixture).await;
        assert!(sink.mails().is_empty());
        let delivery = &notices(&fixture, "").await[0]["deliveries"][0];
        assert_eq!(text(delivery, "state"), "abandoned", "{delivery}");
    }
);

scenario!(
    what_became_of_a_request_is_told_in_the_language_in_which_it_was_made,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        for (userid, browser, language) in [
            (sample::NORMAL, fixture.browser(), "en"),
            (sample::ADMIN, fixture.browser().in_chinese(), "zh-CN"),
        ] {
            apply(&fixture, &portal, &browser, userid, "").await;
            let open = fixture.admin().items("access-requests?state=open").await.remove(0);
            assert_eq!(decide(&fixture, &open, "refuse", json!({})).await.status, 200);
            let told = notices(&fixture, "?topic=access_refused").await.remove(0);
            assert_eq!(text(&told["deliveries"][0], "language"), language, "{told}");
        }
    }
);
