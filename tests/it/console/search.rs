//! The one box for everything.

use serde_json::json;
use simulator::sample;

use super::{Colleague, in_both_languages};
use crate::{
    actors::{As, id},
    backends::number,
    fixture::Fixture,
    scenario,
};

scenario!(
    a_code_opens_its_trace_however_it_was_typed,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        fixture.admin().disable(sample::NORMAL).await;
        let refused = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        let code = refused.reference();
        let auditor = Colleague::hire(&fixture, "auditor").await.browser(&fixture).await;
        let lower = code.to_lowercase();
        let blanks = code.replace('-', "%20%20");
        for typed in [code.as_str(), &lower, &code.replace('-', ""), &blanks] {
            let answer = auditor.get(&format!("{}/console/search?q={typed}", fixture.base)).await;
            assert_eq!(answer.status, 303, "{typed}: {}", answer.body);
            let location = answer.location.unwrap_or_default();
            assert!(
                location.ends_with(&format!("/console/refusals/{code}")),
                "{typed}: {location}"
            );
        }
    }
);

scenario!(
    the_box_finds_people_members_portals_and_data_sources,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({ "name": "Wiki of all" })).await;
        let she = fixture.admin().user_id(sample::NORMAL).await;
        let owner = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        for (typed, found) in [
            (sample::NORMAL, format!("/console/people/{she}")),
            ("Wiki", format!("/console/portals/{}", portal.id)),
            (sample::CORP, format!("/console/wecom/{}", id(&source))),
        ] {
            let [en, _] = in_both_languages(&fixture, &owner, &format!("/console/search?q={typed}")).await;
            assert!(en.body.contains(&found), "{typed}: {}", en.body);
        }
        for empty in ["", "nothing-is-called-so"] {
            let [en, zh] = in_both_languages(&fixture, &owner, &format!("/console/search?q={empty}")).await;
            assert!(
                en.body.contains("7K3F-9QXA") && zh.body.contains("7K3F-9QXA"),
                "{}",
                en.body
            );
        }
        let run = fixture.admin().items("sync-runs").await[0].clone();
        for (typed, section) in [
            (she.as_str(), "people"),
            (id(&run), "sync"),
            (portal.id.as_str(), "portals"),
            (id(&source), "wecom"),
        ] {
            let answer = owner.get(&format!("{}/console/search?q={typed}", fixture.base)).await;
            let location = answer.location.unwrap_or_default();
            assert!(
                location.ends_with(&format!("/console/{section}/{typed}")),
                "{typed}: {location}"
            );
        }
        let nobody = owner
            .get(&format!(
                "{}/console/search?q=00000000-0000-7000-8000-000000000000",
                fixture.base
            ))
            .await;
        assert_eq!(nobody.status, 200, "{}", nobody.body);
        // Each thing with a page is found by its id, a member by the list, and apps by what WeCom calls them.
        let admin = fixture.admin();
        let app = admin.items("wecom-apps").await.remove(0);
        let token = admin
            .create("api-tokens", json!({ "name": "found", "role": "auditor" }))
            .await;
        let members = admin.items("members").await;
        let member = members.iter().find(|member| member["user_id"].is_null());
        let mut wanted = vec![
            (id(&app).to_owned(), format!("/console/wecom/apps/{}", id(&app))),
            (id(&token).to_owned(), "/console/settings/tokens".to_owned()),
        ];
        wanted.extend(member.map(|member| {
            let userid = member["userid"].as_str().unwrap();
            (id(member).to_owned(), format!("/console/people/members?q={userid}"))
        }));
        for (typed, address) in wanted {
            let answer = owner.get(&format!("{}/console/search?q={typed}", fixture.base)).await;
            let location = answer.location.unwrap_or_default();
            assert!(location.ends_with(&address), "{typed}: {location}");
        }
        let agent = app["agent_id"].as_i64().unwrap().to_string();
        let [en, _] = in_both_languages(&fixture, &owner, &format!("/console/search?q={agent}")).await;
        let page = format!("/console/wecom/apps/{}", id(&app));
        assert!(en.body.contains(&page), "{}", en.body);
    }
);

scenario!(
    what_is_found_stands_below_the_box_as_one_types_behind_the_same_session,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let auth_source = fixture.auth_source(sample::CORP).await;
        let portal = fixture.portal("wiki", json!({ "name": "Wiki of all" })).await;
        let she = fixture.admin().user_id(sample::NORMAL).await;
        let department = fixture
            .admin()
            .items(&format!("departments?q={MOVES_TO}"))
            .await
            .remove(0);
        fixture.admin().disable(sample::NORMAL).await;
        let refused = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        let code = refused.reference();
        let auditor = Colleague::hire(&fixture, "auditor").await.browser(&fixture).await;
        let found = async |typed: &str| {
            let address = format!("{}/console/search/found?q={typed}", fixture.base);
            let answer = auditor.get(&address).await;
            assert_eq!(answer.status, 200, "{typed}: {}", answer.body);
            assert!(!answer.body.contains("<html"), "a part of a page: {}", answer.body);
            assert!(answer.body.contains("role=\"option\""), "{typed}: {}", answer.body);
            answer.body
        };
        for (typed, address) in [
            (sample::NORMAL, format!("\"/console/people/{she}\"")),
            ("李", format!("\"/console/people/{she}\"")),
            ("Wiki", format!("\"/console/portals/{}\"", portal.id)),
            ("青云", format!("\"/console/wecom/{}\"", id(&source))),
            ("青云", format!("\"/console/wecom/auth-sources/{}\"", id(&auth_source))),
            (
                MOVES_TO,
                format!("\"/console/people/members?department={}\"", id(&department)),
            ),
            (code.as_str(), format!("\"/console/refusals/{code}\"")),
            (she.as_str(), format!("\"/console/people/{she}\"")),
            (
                "nobody-is-called-so",
                "\"/console/search?q=nobody-is-called-so\"".to_owned(),
            ),
            (
                "%22%3E%3Cscript%3E",
                "\"/console/search?q=%22%3E%3Cscript%3E\"".to_owned(),
            ),
        ] {
            let body = found(typed).await;
            assert!(body.contains(&address), "{typed}: {body}");
            assert!(!body.contains("<script"), "{typed}: {body}");
        }
        let stranger = fixture
            .browser()
            .get(&format!("{}/console/search/found?q=li", fixture.base))
            .await;
        assert!(stranger.status == 303 && stranger.body.is_empty(), "{}", stranger.body);
    }
);

/// A department of the sample corp, not that of 孙琪.
const MOVES_TO: &str = "测试组";

/// Whether a list of the API finds somebody.
async fn finds(fixture: &Fixture, list: &str) -> bool {
    !fixture.admin().items(list).await.is_empty()
}

scenario!(
    people_are_found_by_what_they_are_called_now_and_no_longer_once_they_are_gone,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let admin = fixture.admin();
        let user = json!({ "username": "Wang.Fang", "display_name": "王芳" });
        let user = id(&admin.create("users", user).await).to_owned();
        for (typed, found) in [
            ("g.fa", true),
            ("WANG.F", true),
            ("芳", true),
            ("g%25f", false),
            ("李娜", false),
        ] {
            assert_eq!(finds(&fixture, &format!("users?q={typed}")).await, found, "{typed}");
        }
        admin
            .change(&format!("users/{user}"), json!({ "display_name": "李娜" }))
            .await;
        for (typed, found) in [("g.fa", true), ("芳", false), ("李娜", true)] {
            assert_eq!(finds(&fixture, &format!("users?q={typed}")).await, found, "{typed}");
        }
        admin.call("DELETE", &format!("users/{user}"), None).await;
        assert!(!finds(&fixture, "users?q=g.fa").await);
        // Who is gone is gone from what is searched as well, where a list would leave them out anyway.
        let left = "SELECT count(*) FROM users_search WHERE id NOT IN (SELECT id FROM users)";
        assert_eq!(number(fixture.database_url(), left).await, 0);

        // The same of members: a sync gives one another name and another department.
        let department = admin.items(&format!("departments?q={MOVES_TO}")).await[0].clone();
        let there = format!("members?q=sunqi&department={}", id(&department));
        assert!(!finds(&fixture, "members?q=孙淇").await && !finds(&fixture, &there).await);
        fixture.edit_corp(|corp| {
            let place = corp.departments.values().find(|place| place.name == MOVES_TO);
            let place = place.unwrap().id;
            let member = corp.members.get_mut("sunqi").unwrap();
            member.name = "孙淇".to_owned();
            member.departments[0].department = place;
        });
        admin.sync(id(&source)).await;
        assert!(finds(&fixture, "members?q=孙淇").await && finds(&fixture, &there).await);
    }
);
