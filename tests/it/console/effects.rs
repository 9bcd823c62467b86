//! Before: what an act will do, in numbers and names; after: where things stand, with names in the place of ids.

use serde_json::json;
use simulator::sample;

use super::{Colleague, at_work, in_both_languages, send, shown};
use crate::{
    actors::{As, id, text},
    fixture::Fixture,
    groups, scenario,
};

scenario!(
    who_may_enter_is_saved_after_it_was_said_who_loses_access_and_who_gains_it,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let api = fixture.admin();
        let admin = at_work(&fixture, "admin").await;
        let she = api.user_id(sample::NORMAL).await;
        let he = api.user_id(sample::ADMIN).await;
        let portal = fixture.portal("wiki", json!({ "allowed_users": [she] })).await;
        let here = format!("/console/portals/{}/allowed", portal.id);
        let version = shown(&fixture, &admin, &here).await.field("version");
        let form = [
            ("every_source", "on"),
            ("allowed_users", he.as_str()),
            ("version", version.as_str()),
        ];
        for (lang, loses, gains) in [
            ("en", "People who lose access: 1", "People who gain access: 1"),
            ("zh-CN", "失去访问权限的人数：1", "获得访问权限的人数：1"),
        ] {
            let asked = send(&fixture, &admin, &format!("{here}?ui_locales={lang}"), &form).await;
            assert_eq!(asked.status, 200, "{}", asked.body);
            assert!(
                asked.body.contains(loses) && asked.body.contains(gains),
                "{}",
                asked.body
            );
            assert!(
                asked.body.contains("李华") && asked.body.contains("张三"),
                "{}",
                asked.body
            );
            assert!(!asked.body.contains(">console-"), "{}", asked.body);
            assert_eq!(
                api.get("clients/wiki").await["allowed_users"],
                json!([she]),
                "asked only"
            );
        }
        // The page carries what was entered, and one click saves it.
        let asked = send(&fixture, &admin, &here, &form).await;
        let carried = ["every_source", "allowed_users", "version", "sure"].map(|name| (name, asked.field(name)));
        let carried: Vec<(&str, &str)> = carried.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let saved = send(&fixture, &admin, &here, &carried).await;
        assert!(saved.url.ends_with("done=allowed"), "{} {}", saved.url, saved.body);
        assert_eq!(api.get("clients/wiki").await["allowed_users"], json!([he]));
    }
);

scenario!(
    a_portal_is_switched_off_after_it_was_said_who_loses_access,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let api = fixture.admin();
        let admin = at_work(&fixture, "admin").await;
        let she = api.user_id(sample::NORMAL).await;
        let portal = fixture.portal("wiki", json!({ "allowed_users": [she] })).await;
        let here = format!("/console/portals/{}/edit", portal.id);
        let page = shown(&fixture, &admin, &here).await;
        let stored = api.get("clients/wiki").await;
        let redirect = stored["redirect_uris"][0].as_str().unwrap().to_owned();
        let number = |name: &str| stored[name].to_string();
        let fields = [
            ("version", page.field("version")),
            ("name", text(&stored, "name").to_owned()),
            ("redirect_uris", redirect),
            ("scopes", "openid".to_owned()),
            ("access_token_lifetime", number("access_token_lifetime")),
            ("id_token_lifetime", number("id_token_lifetime")),
            ("refresh_token_lifetime", number("refresh_token_lifetime")),
            ("membership_max_age", number("membership_max_age")),
            ("membership_grace", number("membership_grace")),
        ];
        let mut form: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let asked = send(&fixture, &admin, &here, &form).await;
        assert!(
            asked.status == 200 && asked.body.contains("People who lose access: 1") && asked.body.contains("李华"),
            "{}",
            asked.body
        );
        assert_eq!(api.get("clients/wiki").await["enabled"], true, "asked only");
        form.push(("sure", "1"));
        let saved = send(&fixture, &admin, &here, &form).await;
        assert!(saved.url.ends_with("done=changed"), "{} {}", saved.url, saved.body);
        assert_eq!(api.get("clients/wiki").await["enabled"], false);
    }
);

scenario!(
    a_group_says_at_which_portals_somebody_who_comes_or_goes_gains_or_loses_access,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let api = fixture.admin();
        let admin = at_work(&fixture, "admin").await;
        let she = api.user_id(sample::NORMAL).await;
        let group = groups::group(&fixture, "ops").await;
        // Only by the group, and by name as well.
        fixture
            .portal("wiki", json!({ "name": "The wiki", "allowed_groups": [id(&group)] }))
            .await;
        let both = json!({ "name": "The blog", "allowed_groups": [id(&group)], "allowed_users": [she] });
        fixture.portal("blog", both).await;
        let here = format!("/console/people/groups/{}", id(&group));
        let asked = send(&fixture, &admin, &format!("{here}/add"), &[("users", &she)]).await;
        assert!(asked.status == 200 && asked.body.contains("李华"), "{}", asked.body);
        assert!(
            asked.body.contains("<bdi>The wiki</bdi>") && !asked.body.contains("<bdi>The blog</bdi>"),
            "{}",
            asked.body
        );
        let sure = [("users", she.as_str()), ("sure", "1")];
        send(&fixture, &admin, &format!("{here}/add"), &sure).await;
        for page in in_both_languages(&fixture, &admin, &format!("{here}/remove?user={she}")).await {
            assert!(
                page.body.contains("<bdi>The wiki</bdi>") && !page.body.contains("<bdi>The blog</bdi>"),
                "{}",
                page.body
            );
        }
        assert_eq!(
            api.get(&format!("groups/{}", id(&group))).await["users"],
            1,
            "asked only"
        );
        let auditor = at_work(&fixture, "auditor").await;
        let page = format!("{}{here}/remove?user={she}", fixture.base);
        let page = auditor.open(&page).await;
        assert!(
            page.status == 403 && !page.body.contains("method=\"post\""),
            "{}",
            page.body
        );
    }
);

scenario!(
    a_file_and_a_registration_token_go_after_a_page_that_says_what_goes_with_them,
    |fixture: Fixture| async move {
        let api = fixture.admin();
        let admin = at_work(&fixture, "admin").await;
        let file = json!({ "name": "WW_verify_1234567890abcdef.txt", "content": "1234567890abcdef" });
        let file = api.create("verification-files", file).await;
        let token = json!({ "name": "for the wiki", "max_uses": 3 });
        api.create("initial-access-tokens", token).await;
        let token = api.items("initial-access-tokens").await.remove(0);
        for (list, act, name) in [
            (
                "/console/wecom/files",
                format!("/console/wecom/files/{}/delete", id(&file)),
                "WW_verify_1234567890abcdef",
            ),
            (
                "/console/settings/registration",
                format!("/console/settings/registration/{}/revoke", id(&token)),
                "for the wiki",
            ),
        ] {
            let page = shown(&fixture, &admin, list).await;
            assert!(page.body.contains(&format!("href=\"{act}\"")), "{}", page.body);
            for page in in_both_languages(&fixture, &admin, &act).await {
                assert!(page.body.contains(name), "{}", page.body);
            }
        }
        assert_eq!(api.items("verification-files").await.len(), 1, "asked only");
        let auditor = at_work(&fixture, "auditor").await;
        let page = format!("{}/console/wecom/files/{}/delete", fixture.base, id(&file));
        let page = auditor.open(&page).await;
        assert!(
            page.status == 403 && !page.body.contains("method=\"post\""),
            "{}",
            page.body
        );
        send(
            &fixture,
            &admin,
            &format!("/console/wecom/files/{}/delete", id(&file)),
            &[],
        )
        .await;
        assert!(api.items("verification-files").await.is_empty());
    }
);

/// What a browser on somebody's phone says of itself.
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1";

scenario!(
    a_session_shows_browser_system_and_network_wherever_it_is_listed,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({ "name": "The wiki" })).await;
        let api = fixture.admin();
        let (laptop, phone) = (fixture.browser(), fixture.browser().with_agent(PHONE));
        for browser in [&laptop, &phone] {
            let page = portal.sign_in(&fixture, browser, As::Member(sample::NORMAL)).await;
            portal.tokens_from(&page).await;
        }
        let she = api.user_id(sample::NORMAL).await;
        let sessions = api.items(&format!("sessions?user_id={she}&active=true")).await;
        let mut browsers: Vec<&str> = sessions.iter().map(|session| text(session, "browser")).collect();
        browsers.sort_unstable();
        assert_eq!(browsers, ["Chrome, Linux", "Safari, iPhone"]);
        assert!(
            sessions
                .iter()
                .all(|session| text(session, "network").ends_with(".0/24")),
            "{sessions:?}"
        );

        let owner = Colleague::hire(&fixture, "owner").await;
        let console = owner.browser(&fixture).await;
        let of = format!("/console/people/{she}/sessions");
        let own = format!("/console/people/{}/sessions", owner.id);
        let [en, zh] = in_both_languages(&fixture, &console, &of).await;
        for (page, wanted) in [
            (&en, "Safari, iPhone · 127.0.0.0/24"),
            (&zh, "Safari、iPhone · 127.0.0.0/24"),
        ] {
            assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
        }
        // The portal by its name, not by what programs call it.
        assert!(en.body.contains("<bdi>The wiki</bdi>"), "{}", en.body);
        for path in [own.as_str(), "/console/sessions"] {
            for page in in_both_languages(&fixture, &console, path).await {
                assert!(page.body.contains("Linux · 127.0.0.0/24"), "{path}: {}", page.body);
            }
        }
        let account = laptop.open(&format!("{}/account?ui_locales=en", fixture.base)).await;
        for wanted in ["Chrome, Linux · 127.0.0.0/24", "Safari, iPhone · 127.0.0.0/24"] {
            assert!(account.body.contains(wanted), "{wanted}: {}", account.body);
        }
    }
);

scenario!(
    a_person_s_history_names_who_did_it_and_where,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({ "name": "The wiki" })).await;
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        portal.tokens_from(&page).await;
        let owner = Colleague::hire(&fixture, "owner").await;
        let console = owner.browser(&fixture).await;
        let she = fixture.admin().user_id(sample::NORMAL).await;
        send(&fixture, &console, &format!("/console/people/{she}/disable"), &[]).await;
        let [en, zh] = in_both_languages(&fixture, &console, &format!("/console/people/{she}/history")).await;
        for page in [&en, &zh] {
            assert!(page.body.contains("<bdi>The wiki</bdi>"), "{}", page.body);
            assert!(page.body.contains("<bdi>the-owner</bdi>"), "{}", page.body);
            let (_, table) = page.body.split_once("<tbody>").unwrap();
            let (table, _) = table.split_once("</tbody>").unwrap();
            assert!(!table.contains("user:"), "{table}");
        }
    }
);

scenario!(
    a_problem_leads_to_the_very_thing_that_has_it_and_is_counted_in_the_menu,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let owner = at_work(&fixture, "owner").await;
        let problems = fixture.admin().get("health").await["problems"].clone();
        let problems = problems.as_array().unwrap();
        assert!(!problems.is_empty(), "the sample's app has no trusted domain");
        let [en, _] = in_both_languages(&fixture, &owner, "/console").await;
        for problem in problems {
            let place = match text(problem, "collection") {
                "wecom-apps" => "/console/wecom/apps",
                "auth-sources" => "/console/wecom/auth-sources",
                _ => "/console/wecom",
            };
            en.link(&format!("{place}/{}", text(problem, "id")));
        }
        let menu = en.body.split("href=\"/console/wecom\"").nth(1).unwrap();
        let menu = menu.split("</li>").next().unwrap();
        assert!(menu.contains(&format!("class=\"count\">{}<", problems.len())), "{menu}");
        assert_eq!(
            fixture.admin().get("health").await["waiting"]["problems"],
            problems.len()
        );

        // What the doctor saw last stands there as well; before it looked, nothing does.
        assert!(
            fixture.admin().get("doctor?last=true").await["checks"]
                .as_array()
                .unwrap()
                .is_empty()
        );
        assert!(!en.body.contains("DR-"), "{}", en.body);
        let source = format!("data-sources/{}", id(&source));
        fixture
            .admin()
            .change(&source, json!({ "access_requests": true }))
            .await;
        let found = fixture.admin().get("doctor").await;
        let numbers = found["checks"].as_array().unwrap().iter();
        let numbers = numbers.flat_map(|check| check["findings"].as_array().unwrap());
        let own: Vec<&str> = numbers
            .map(|finding| text(finding, "number"))
            .filter(|number| number.starts_with("DR-"))
            .collect();
        assert!(!own.is_empty(), "nobody is told of requests: {found}");
        let last = fixture.admin().get("doctor?last=true").await;
        assert_eq!(
            last["checks"].as_array().unwrap().len(),
            found["checks"].as_array().unwrap().len()
        );
        let owner = at_work(&fixture, "admin").await;
        let page = shown(&fixture, &owner, "/console").await;
        for number in own {
            assert!(page.body.contains(number), "{number}: {}", page.body);
        }
        assert_eq!(
            fixture
                .admin()
                .call("GET", "doctor?last=true&check=clock", None)
                .await
                .status,
            422
        );
    }
);

scenario!(
    bars_and_reasons_of_the_overview_lead_to_days_that_the_form_keeps,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        fixture.admin().disable(sample::NORMAL).await;
        portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        let owner = at_work(&fixture, "owner").await;
        // New York in winter.
        owner.plant("127.0.0.1", "menjin_zone", "-300");
        let page = shown(&fixture, &owner, "/console").await;
        let reason = page.link("/console/refusals?number=GT-111");
        let list = owner.open(&reason).await;
        assert!(
            list.body.contains("name=\"since\" type=\"date\" value=\"20"),
            "{}",
            list.body
        );
        assert_eq!(list.field("zone"), "-300");
        let bars: Vec<&str> = page.body.split("href=\"/console/refusals?since=").skip(1).collect();
        assert_eq!(bars.len(), 14, "a bar each day");
        let today = page.link(&format!("/console/refusals?since={}", &bars[13][..10]));
        let list = owner.open(&today).await;
        assert!(list.body.contains("GT-111"), "{}", list.body);
        let first = page.link(&format!("/console/refusals?since={}", &bars[0][..10]));
        let list = owner.open(&first).await;
        assert!(
            list.body.contains("Nobody was refused in this time"),
            "nothing was refused then: {}",
            list.body
        );
    }
);
