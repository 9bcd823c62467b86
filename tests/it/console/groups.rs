//! Groups in the console: made, filled, named by a portal, and deleted by clicking.

use serde_json::json;
use simulator::sample;

use super::{at_work, in_both_languages, send, shown};
use crate::{actors::id, fixture::Fixture, groups, scenario};

scenario!(
    a_group_is_made_filled_and_emptied_by_clicking,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let api = fixture.admin();
        let admin = at_work(&fixture, "admin").await;
        for page in in_both_languages(&fixture, &admin, "/console/people/groups").await {
            assert!(page.body.contains("/console/people/groups/new"), "{}", page.body);
        }
        in_both_languages(&fixture, &admin, "/console/people/groups/new").await;
        let wrong = [("name", "/wiki"), ("description", "Who <b>writes</b>")];
        let again = send(&fixture, &admin, "/console/people/groups/new", &wrong).await;
        assert!(again.status == 422 && again.body.contains("DI-101"), "{}", again.body);
        assert!(
            again.body.contains("value=\"/wiki\""),
            "nothing typed is lost: {}",
            again.body
        );
        let right = [("name", "wiki-editors"), ("description", "Who <b>writes</b>")];
        let made = send(&fixture, &admin, "/console/people/groups/new", &right).await;
        assert!(
            made.status == 200 && made.body.contains("role=\"status\""),
            "{}",
            made.body
        );
        assert!(!made.body.contains("<b>writes"), "{}", made.body);
        let group = api.items("groups").await.remove(0);
        let here = format!("/console/people/groups/{}", id(&group));
        let she = api.user_id(sample::NORMAL).await;
        for page in in_both_languages(&fixture, &admin, &format!("{here}/add?q={}", sample::NORMAL)).await {
            assert!(page.body.contains(&format!("value=\"{she}\"")), "{}", page.body);
        }
        let asked = send(&fixture, &admin, &format!("{here}/add"), &[("users", &she)]).await;
        assert!(
            asked.status == 200 && asked.body.contains("nobody’s access changes"),
            "{}",
            asked.body
        );
        assert_eq!(
            api.get(&format!("groups/{}", id(&group))).await["users"],
            0,
            "asked only"
        );
        let sure = [("users", she.as_str()), ("sure", "1")];
        let added = send(&fixture, &admin, &format!("{here}/add"), &sure).await;
        assert!(
            added.status == 200 && added.body.contains(sample::NORMAL),
            "{}",
            added.body
        );
        let nobody = send(&fixture, &admin, &format!("{here}/add"), &[]).await;
        assert!(
            nobody.status == 422 && nobody.body.contains("DI-101"),
            "{}",
            nobody.body
        );
        for page in in_both_languages(&fixture, &admin, &format!("/console/people/{she}")).await {
            assert!(
                page.body.contains(&here) && page.body.contains("wiki-editors"),
                "{}",
                page.body
            );
        }
        in_both_languages(&fixture, &admin, &format!("{here}/edit")).await;
        let version = shown(&fixture, &admin, &format!("{here}/edit")).await.field("version");
        let change = [("name", "editors"), ("description", ""), ("version", version.as_str())];
        let saved = send(&fixture, &admin, &format!("{here}/edit"), &change).await;
        assert!(
            saved.status == 200 && saved.body.contains("<bdi>editors</bdi>"),
            "{}",
            saved.body
        );
        let stale = send(&fixture, &admin, &format!("{here}/edit"), &change).await;
        assert!(stale.status == 412, "somebody changed it meanwhile: {}", stale.body);
        let removed = send(&fixture, &admin, &format!("{here}/remove"), &[("user", &she)]).await;
        assert!(removed.status == 200, "{}", removed.body);
        assert_eq!(api.get(&format!("groups/{}", id(&group))).await["users"], 0);
        for page in in_both_languages(&fixture, &admin, "/console/audit?kind=configured").await {
            assert!(
                page.body.contains("editors") && page.body.contains(&here),
                "{}",
                page.body
            );
        }
        in_both_languages(&fixture, &admin, &format!("{here}/delete")).await;
        let gone = send(&fixture, &admin, &format!("{here}/delete"), &[]).await;
        assert_eq!(gone.status, 200, "{}", gone.body);
        assert!(api.items("groups").await.is_empty());
    }
);

scenario!(
    a_portal_names_groups_by_clicking_and_says_whom_they_let_in,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let ops = groups::group(&fixture, "ops").await;
        let she = fixture.admin().user_id(sample::NORMAL).await;
        groups::join(&fixture, &ops, &[&she]).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let admin = at_work(&fixture, "admin").await;
        let here = format!("/console/portals/{}", portal.id);
        for page in in_both_languages(&fixture, &admin, &format!("{here}/allowed")).await {
            assert!(page.body.contains("name=\"allowed_groups\""), "{}", page.body);
        }
        let version = shown(&fixture, &admin, &format!("{here}/allowed"))
            .await
            .field("version");
        let form = [
            ("every_source", "on"),
            ("allowed_groups", id(&ops)),
            ("version", version.as_str()),
            ("sure", "1"),
        ];
        let saved = send(&fixture, &admin, &format!("{here}/allowed"), &form).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        let client = fixture.admin().get(&format!("clients/{}", portal.id)).await;
        assert_eq!(client["allowed_groups"], json!([ops["id"]]));
        for page in in_both_languages(&fixture, &admin, &here).await {
            assert!(page.body.contains("<bdi>ops</bdi>"), "{}", page.body);
        }
        let [access, _] = in_both_languages(&fixture, &admin, &format!("{here}/access?admitted=true")).await;
        assert!(
            access.body.contains("李华") && !access.body.contains(sample::BY_TAG),
            "{}",
            access.body
        );
        assert!(access.body.contains("name=\"groups\""), "{}", access.body);
        let page = format!("/console/people/groups/{}", id(&ops));
        for page in in_both_languages(&fixture, &admin, &format!("{page}/delete")).await {
            assert!(
                page.body.contains("/console/portals/wiki/allowed"),
                "shown first: {}",
                page.body
            );
        }
        let refused = send(&fixture, &admin, &format!("{page}/delete"), &[]).await;
        assert!(
            refused.status == 409 && refused.body.contains("DI-271"),
            "{}",
            refused.body
        );
        // Emptied, it would be open to everybody: that has to be said.
        let version = shown(&fixture, &admin, &format!("{here}/allowed"))
            .await
            .field("version");
        let form = [("every_source", "on"), ("version", version.as_str())];
        let asked = send(&fixture, &admin, &format!("{here}/allowed"), &form).await;
        assert!(
            asked.status == 422 && asked.body.contains("name=\"everybody\""),
            "{}",
            asked.body
        );
    }
);

scenario!(
    an_operator_reads_groups_and_changes_none,
    |fixture: Fixture| async move {
        let ops = groups::group(&fixture, "ops").await;
        let anna = fixture.admin().create("users", json!({ "username": "anna" })).await;
        groups::join(&fixture, &ops, &[id(&anna)]).await;
        let operator = at_work(&fixture, "operator").await;
        let here = format!("/console/people/groups/{}", id(&ops));
        let page = shown(&fixture, &operator, &here).await;
        assert!(
            page.body.contains("anna") && !page.body.contains("method=\"post\""),
            "{}",
            page.body
        );
        for (act, fields) in [
            ("/edit", &[("name", "mine")][..]),
            ("/add", &[("users", id(&anna))]),
            ("/remove", &[("user", id(&anna))]),
            ("/delete", &[]),
        ] {
            let page = send(&fixture, &operator, &format!("{here}{act}"), fields).await;
            assert_eq!(page.status, 403, "{act}: {}", page.body);
        }
        let page = send(&fixture, &operator, "/console/people/groups/new", &[("name", "mine")]).await;
        assert_eq!(page.status, 403, "{}", page.body);
        let stands = fixture.admin().get(&format!("groups/{}", id(&ops))).await;
        assert_eq!((&stands["name"], &stands["users"]), (&json!("ops"), &json!(1)));
    }
);

scenario!(
    people_are_filtered_by_group_and_groups_are_found_by_the_box,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let api = fixture.admin();
        let auditor = at_work(&fixture, "auditor").await;
        let bare = shown(&fixture, &auditor, "/console/people").await;
        assert!(
            !bare.body.contains("name=\"group\""),
            "there is none to choose: {}",
            bare.body
        );
        let group = groups::group(&fixture, "wiki-editors").await;
        let she = api.user_id(sample::NORMAL).await;
        let he = api.user_id(sample::BY_PICK).await;
        groups::join(&fixture, &group, &[&she]).await;
        let filtered = format!("/console/people?group={}&sort=username", id(&group));
        for page in in_both_languages(&fixture, &auditor, &filtered).await {
            assert!(page.body.contains(&format!("/console/people/{she}\"")), "{}", page.body);
            assert!(!page.body.contains(&format!("/console/people/{he}\"")), "{}", page.body);
            let chosen = format!("value=\"{}\" selected>wiki-editors", id(&group));
            assert!(page.body.contains(&chosen), "{}", page.body);
            // What is exported is what is filtered.
            assert!(
                page.body.contains(&format!("people.csv?group={}", id(&group))),
                "{}",
                page.body
            );
        }
        let gone = "/console/people?group=00000000-0000-7000-8000-000000000000";
        in_both_languages(&fixture, &auditor, gone).await;
        let here = format!("/console/people/groups/{}", id(&group));
        for page in in_both_languages(&fixture, &auditor, "/console/search?q=EDITORS").await {
            assert!(page.body.contains(&here), "{}", page.body);
        }
        let by_id = format!("{}/console/search?q={}", fixture.base, id(&group));
        let found = auditor.get(&by_id).await;
        assert!(found.status == 303 && found.location.unwrap_or_default().ends_with(&here));
    }
);
