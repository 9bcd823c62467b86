//! Whose scan proves nothing, each with its sentence and number.

use simulator::{Delivery, sample};

use super::{ELEMENT, begun, got, scanned, sees_names};
use crate::{
    actors::{As, id, text},
    console::{at_work, send},
    fixture::Fixture,
    installations::{self, Scanner, agree, back_with, invite, parameter, scan_at, tick},
    scenario,
    suite_sign_in::{company, company_in, templates},
    suites,
};

scenario!(
    an_employee_of_another_company_an_outsider_and_whoever_is_not_active_in_the_scope_prove_nothing,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        for (who, number) in [
            (Scanner::Member(sample::CORP2, "moyan"), "NP-106"),
            (Scanner::Outsider, "NP-107"),
            // At a suite a visitor of a linked company comes without a corp.
            (Scanner::Linked, "NP-107"),
            (Scanner::Member(sample::CORP, sample::OUT_OF_SCOPE), "NP-109"),
        ] {
            let back = scanned(&fixture, &browser, &company.source, who).await;
            let page = browser.open(&back).await;
            assert!(
                page.status == 403 && page.body.contains(number),
                "{number}: {}",
                page.body
            );
            assert!(!sees_names(&fixture, &browser).await, "{number}");
            let again = browser.open(&back).await;
            assert!(again.body.contains("NP-103"), "used all the same: {}", again.body);
        }
        // Disabled after the last sync.
        let who = Scanner::Member(sample::CORP, sample::NORMAL);
        let back = scanned(&fixture, &browser, &company.source, who).await;
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
        let page = browser.open(&back).await;
        assert!(page.status == 403 && page.body.contains("NP-110"), "{}", page.body);
        assert!(!sees_names(&fixture, &browser).await);
        assert_eq!(fixture.admin().items("audit-events?kind=names.proven").await.len(), 0);
    }
);

scenario!(
    names_of_one_company_are_no_names_of_another_and_one_page_shows_those_of_one,
    |fixture: Fixture| async move {
        let suite = installations::suite(&fixture).await;
        let first = installations::connected(&fixture, &suite).await;
        let invited = invite(
            &fixture.admin(),
            &suite,
            serde_json::json!({ "way": "browser", "import": "all" }),
        )
        .await;
        let back = agree(&fixture, text(&invited, "install_url"), sample::CORP2).await;
        let invited = fixture.admin().create("installations/returned", back_with(&back)).await;
        tick(&fixture).await;
        tick(&fixture).await;
        let second = fixture
            .admin()
            .get(&format!("installations/{}", text(&invited, "installation_id")))
            .await;
        let (first, second) = (text(&first, "data_source_id"), text(&second, "data_source_id"));
        let browser = at_work(&fixture, "admin").await;
        let page = got(&fixture, &browser, "/console/people/members").await;
        assert_eq!(
            page.body.matches("See names").count(),
            2,
            "once for each: {}",
            page.body
        );
        let who = || Scanner::Member(sample::CORP, sample::NORMAL);
        browser.open(&scanned(&fixture, &browser, first, who()).await).await;
        let of = async |source: &str| {
            let page = got(
                &fixture,
                &browser,
                &format!("/console/people/members?data_source={source}"),
            )
            .await;
            page.body.contains(ELEMENT)
        };
        assert!(of(first).await && !of(second).await);
        let page = got(&fixture, &browser, "/console/people/members").await;
        assert_eq!(
            page.body.matches("See names").count(),
            2,
            "one link, one hidden: {}",
            page.body
        );
        // A scan that was begun for one company by a member of the other proves nothing of either.
        let back = scanned(&fixture, &browser, second, who()).await;
        assert!(browser.open(&back).await.body.contains("NP-106"));
        let back = scanned(&fixture, &browser, second, Scanner::Member(sample::CORP2, "moyan")).await;
        assert_eq!(browser.open(&back).await.status, 200);
        assert!(of(first).await && of(second).await);
        let page = got(&fixture, &browser, "/console/people/members").await;
        assert!(
            page.body.contains(ELEMENT) && page.body.contains("names of one company on a page"),
            "{}",
            page.body
        );
        assert_eq!(page.body.matches("data-names=").count(), 1, "{}", page.body);
        // A link leads to the names of the other one, on the same page.
        for source in [first, second] {
            let chosen = got(
                &fixture,
                &browser,
                &format!("/console/people/members?sort=userid&names={source}"),
            )
            .await;
            let shown = format!("data-names=\"/console/names/{source}/signature\"");
            assert!(chosen.body.contains(&shown), "{}", chosen.body);
            let other = if source == first { second } else { first };
            let link = format!("/console/people/members?sort=userid&#38;names={other}");
            assert!(chosen.body.contains(&link), "{link}: {}", chosen.body);
        }
    }
);

scenario!(
    of_a_templates_app_people_scan_at_the_app_of_their_company,
    |fixture: Fixture| async move {
        let company = templates::developed(&fixture, false).await;
        let browser = at_work(&fixture, "admin").await;
        let login = begun(&fixture, &browser, &company.source, "/console/people").await;
        assert_eq!(parameter(&login, "login_type"), "CorpApp", "{login}");
        for (who, number) in [(As::Outsider, "NP-107"), (As::Linked, "NP-108")] {
            let login = begun(&fixture, &browser, &company.source, "/console/people").await;
            let shown = browser.open(&login).await;
            let page = browser.open(&fixture.phone().scan(&browser, &shown, who).await).await;
            assert!(
                page.status == 403 && page.body.contains(number),
                "{number}: {}",
                page.body
            );
        }
        let login = begun(&fixture, &browser, &company.source, "/console/people").await;
        let shown = browser.open(&login).await;
        let back = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
        let page = browser.open(&back).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(sees_names(&fixture, &browser).await);
    }
);

scenario!(
    where_wecom_tells_names_the_page_has_them_and_asks_for_no_scan,
    |fixture: Fixture| async move {
        let company = templates::developed(&fixture, true).await;
        let browser = at_work(&fixture, "admin").await;
        let people = format!("/console/people?data_source={}", company.source);
        let page = got(&fixture, &browser, &people).await;
        assert!(
            page.body.contains("李华") && !page.body.contains("See names"),
            "{}",
            page.body
        );
    }
);

scenario!(
    what_wecom_fails_at_is_told_and_proves_nothing,
    |fixture: Fixture| async move {
        let company = company_in(&fixture, |_| {}).await;
        let browser = at_work(&fixture, "admin").await;
        for (path, number) in [
            ("/cgi-bin/service/auth/getuserinfo3rd", "WC-1"),
            ("/cgi-bin/user/get", "WC-1"),
        ] {
            let who = Scanner::Member(sample::CORP, sample::NORMAL);
            let back = scanned(&fixture, &browser, &company.source, who).await;
            fixture.break_wecom(path);
            let page = browser.open(&back).await;
            assert!(
                page.status >= 400 && page.body.contains(number),
                "{path}: {}",
                page.body
            );
            fixture.mend_wecom();
            assert!(!sees_names(&fixture, &browser).await);
        }
    }
);

scenario!(
    a_company_that_is_cancelled_while_somebody_scans_proves_nothing,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        let login = begun(&fixture, &browser, &company.source, "/console").await;
        let who = Scanner::Member(sample::CORP, sample::NORMAL);
        let back = scan_at(&fixture, &browser, &login, who).await;
        fixture
            .wecom
            .uninstall(sample::CORP, sample::SUITE, Delivery::default())
            .await
            .unwrap();
        tick(&fixture).await;
        let page = browser.open(&back).await;
        assert!(page.status == 409 && page.body.contains("NP-103"), "{}", page.body);
        let scan = format!("/console/names/{}/scan", company.source);
        let page = send(&fixture, &browser, &scan, &[]).await;
        assert!(page.status == 409 && page.body.contains("NP-105"), "{}", page.body);
        suites::ticket(&fixture).await;
        let source = fixture.admin().get(&format!("data-sources/{}", company.source)).await;
        assert_eq!(
            (id(&source), &source["enabled"]),
            (company.source.as_str(), &false.into())
        );
    }
);
