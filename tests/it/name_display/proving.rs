//! The proof: for one session and one company, by a scan that is used once.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use simulator::sample;

use super::{ELEMENT, begun, got, proved, scanned, sees_names};
use crate::{
    actors::id,
    console::{Colleague, at_work, in_both_languages, send},
    fixture::Fixture,
    installations::{Scanner, parameter, scan_at},
    scenario,
    suite_sign_in::{company, told},
};

/// Returns at once.
const TRIES: usize = 100;

scenario!(
    without_a_scan_ids_stand_there_with_one_link_and_the_usual_policy,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "auditor").await;
        let page = got(&fixture, &browser, "/console/people/members").await;
        assert!(page.body.contains(&told(&fixture, sample::NORMAL)), "{}", page.body);
        assert_eq!(page.body.matches("See names").count(), 1, "{}", page.body);
        let link = format!("/console/names/{}?back=%2Fconsole%2Fpeople%2Fmembers", company.source);
        assert!(page.body.contains(&link), "{}", page.body);
        let elsewhere = got(&fixture, &browser, "/console/settings").await;
        assert_eq!(page.policy, elsewhere.policy);
        assert!(!sees_names(&fixture, &browser).await);
        in_both_languages(&fixture, &browser, &format!("/console/names/{}", company.source)).await;
    }
);

scenario!(
    whoever_scanned_with_wecom_of_that_company_sees_names_in_their_session_and_nobody_else,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let (admin, auditor) = (
            Colleague::hire(&fixture, "admin").await,
            Colleague::hire(&fixture, "auditor").await,
        );
        let other = auditor.browser(&fixture).await;
        let browser = admin.browser(&fixture).await;
        fixture.advance(Duration::from_secs(60));
        let elsewhere = admin.browser(&fixture).await;
        let page = proved(&fixture, &browser, &company.source).await;
        assert!(
            page.url.ends_with("/console/people"),
            "back where it began: {}",
            page.url
        );
        let member = told(&fixture, sample::BY_PICK);
        let page = got(&fixture, &browser, "/console/people/members").await;
        let element = format!("{ELEMENT} type=\"userName\" openid=\"{member}\"></ww-open-data>");
        assert!(page.body.contains(&element), "{}", page.body);
        assert!(
            page.body.contains("type=\"departmentName\" openid=\"2\""),
            "{}",
            page.body
        );
        let wecom = fixture.wecom.base_url();
        for part in [
            format!("script-src 'self' {wecom}/open-data.js;"),
            format!("connect-src 'self' {wecom};"),
            format!("frame-src {wecom}"),
        ] {
            assert!(page.policy.contains(&part), "{}", page.policy);
        }
        assert!(sees_names(&fixture, &browser).await);
        assert!(!sees_names(&fixture, &other).await, "another operator");
        assert!(
            !sees_names(&fixture, &elsewhere).await,
            "another session of the same one"
        );
        let plain = got(&fixture, &browser, "/console/settings/branding").await;
        assert!(
            !plain.policy.contains(&wecom),
            "a page that names nobody: {}",
            plain.policy
        );
        in_both_languages(&fixture, &browser, "/console/people/members").await;
        in_both_languages(&fixture, &browser, &format!("/console/names/{}", company.source)).await;
        let events = fixture.admin().items("audit-events?kind=names.proven").await;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(
            events[0]["detail"]["userid"],
            told(&fixture, sample::NORMAL),
            "{events:?}"
        );
        assert_eq!(events[0]["data_source_id"], company.source, "{events:?}");
        assert_eq!(events[0]["user_id"], admin.id, "{events:?}");
        assert!(!json!(events).to_string().contains("李华"), "{events:?}");
    }
);

scenario!(
    a_scan_is_used_once_in_time_and_by_the_session_that_began_it,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let (browser, other) = (at_work(&fixture, "admin").await, at_work(&fixture, "owner").await);
        let who = || Scanner::Member(sample::CORP, sample::NORMAL);
        let back = scanned(&fixture, &browser, &company.source, who()).await;
        let stolen = other.open(&back).await;
        assert!(
            stolen.status == 403 && stolen.body.contains("NP-104"),
            "{}",
            stolen.body
        );
        assert!(!sees_names(&fixture, &other).await);
        let nobody = fixture.browser().get(&back).await;
        assert_eq!(nobody.status, 303, "nobody is signed in there");
        browser.open(&back).await;
        assert!(sees_names(&fixture, &browser).await, "whoever began it goes on");
        let again = browser.open(&back).await;
        assert!(again.status == 409 && again.body.contains("NP-103"), "{}", again.body);
        assert!(sees_names(&fixture, &browser).await, "what was proved stays");
        // Begun anew, the scan before is over, and so is what was proved.
        let first = begun(&fixture, &browser, &company.source, "/console").await;
        let second = begun(&fixture, &browser, &company.source, "/console").await;
        assert!(!sees_names(&fixture, &browser).await);
        let old = browser.open(&scan_at(&fixture, &browser, &first, who()).await).await;
        assert!(old.body.contains("NP-103"), "{}", old.body);
        let late = scan_at(&fixture, &browser, &second, who()).await;
        fixture.advance(Duration::from_secs(601));
        let late = browser.open(&late).await;
        assert!(late.status == 409 && late.body.contains("NP-103"), "{}", late.body);
        for made_up in [
            "?state=a&code=",
            "?code=x",
            "?state=%00&code=x",
            "?state=a&code=a%20b",
            "",
        ] {
            let page = browser
                .open(&format!("{}/console/names/return{made_up}", fixture.base))
                .await;
            assert!(
                page.status == 422 && page.body.contains("NP-102"),
                "{made_up}: {}",
                page.body
            );
        }
        let unknown = browser
            .open(&format!("{}/console/names/return?state=abc&code=x", fixture.base))
            .await;
        assert!(unknown.body.contains("NP-103"), "{}", unknown.body);
        assert!(!sees_names(&fixture, &browser).await);
    }
);

scenario!(
    of_100_parallel_returns_of_one_scan_one_is_believed,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        let who = Scanner::Member(sample::CORP, sample::NORMAL);
        let back = scanned(&fixture, &browser, &company.source, who).await;
        let path = back.strip_prefix(&fixture.base).unwrap();
        let asked = fixture.wecom.calls("service/auth/getuserinfo3rd");
        let cookie = format!("menjin_session={}", browser.cookie("menjin_session").unwrap());
        let tries = (0..TRIES).map(|_| {
            let request = fixture.http.get(format!("{}{path}", fixture.base));
            let request = request.header("cookie", &cookie);
            async move { request.send().await.unwrap().status().as_u16() }
        });
        let statuses = join_all(tries).await;
        let won = statuses.iter().filter(|status| **status == 303).count();
        let lost = statuses.iter().filter(|status| **status == 409).count();
        assert_eq!((won, lost), (1, TRIES - 1), "{statuses:?}");
        assert_eq!(fixture.wecom.calls("service/auth/getuserinfo3rd"), asked + 1);
        assert!(sees_names(&fixture, &browser).await);
        assert_eq!(fixture.admin().items("audit-events?kind=names.proven").await.len(), 1);
    }
);

scenario!(
    inside_the_client_nobody_scans_and_ids_come_back_by_a_click,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let admin = Colleague::hire(&fixture, "admin").await;
        let browser = admin.browser(&fixture).await.in_wecom_of(sample::NORMAL);
        let login = begun(&fixture, &browser, &company.source, "/console/people").await;
        assert!(
            login.contains("/connect/oauth2/authorize?") && parameter(&login, "appid") == sample::SUITE,
            "{login}"
        );
        let page = browser.open(login.split('#').next().unwrap()).await;
        assert!(
            page.status == 200 && page.url.ends_with("/console/people"),
            "{}: {}",
            page.url,
            page.body
        );
        assert!(sees_names(&fixture, &browser).await);
        let end = format!("/console/names/{}/end", company.source);
        send(&fixture, &browser, &end, &[("back", "/console/people")]).await;
        assert!(!sees_names(&fixture, &browser).await);
    }
);

scenario!(
    a_scan_leads_back_to_the_console_and_nowhere_else_and_only_by_its_own_form,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        for evil in [
            "//evil.example",
            "https://evil.example/console",
            "/account",
            "/console\\@evil.example",
        ] {
            let login = begun(&fixture, &browser, &company.source, evil).await;
            let who = Scanner::Member(sample::CORP, sample::NORMAL);
            let back = scan_at(&fixture, &browser, &login, who).await;
            let cookie = format!("menjin_session={}", browser.cookie("menjin_session").unwrap());
            let reply = fixture.http.get(&back).header("cookie", cookie).send().await.unwrap();
            let to = reply.headers()["location"].to_str().unwrap().to_owned();
            assert_eq!(
                to,
                format!("/console/people/members?data_source={}", company.source),
                "{evil}"
            );
        }
        let path = format!("{}/console/names/{}/scan", fixture.base, company.source);
        let forged = browser.post(&path, &[("confirm", "x")]).await;
        assert!(
            forged.status == 403 && forged.body.contains("CO-101"),
            "{}",
            forged.body
        );
        let own = fixture.connect().await;
        for nothing in ["0190aaaa-0000-7000-8000-000000000001", "x", id(&own)] {
            let page = browser.open(&format!("{}/console/names/{nothing}", fixture.base)).await;
            assert!(
                page.status == 404 && page.body.contains("NP-101"),
                "{nothing}: {}",
                page.body
            );
        }
    }
);
