//! Choosing some of many: they are looked for, a tick stays while one looks further, and nothing is lost when something is refused.

use serde_json::json;
use simulator::sample;

use super::{at_work, in_both_languages, send, shown};
use crate::{
    access_requests::{applied, asking, standing},
    actors::id,
    fixture::Fixture,
    groups, scenario,
};

/// Whether the box of this id is shown ticked.
fn is_ticked(body: &str, id: &str) -> bool {
    body.contains(&format!("value=\"{id}\" checked"))
}

scenario!(
    members_are_looked_for_and_a_tick_stays_while_one_looks_further,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "import": "chosen" })).await;
        let operator = at_work(&fixture, "operator").await;
        let admin = fixture.admin();
        let list = shown(&fixture, &operator, "/console/people/members?q=li").await;
        let page = list.link("/console/people/members/import").replace(&fixture.base, "");
        assert!(page.contains("q=li") && page.contains(id(&source)), "{page}");
        for page in in_both_languages(&fixture, &operator, &page).await {
            assert!(page.body.contains("name=\"look\""), "{}", page.body);
        }
        let of = async |userid: &str| {
            let found = admin.items(&format!("members?q={userid}")).await;
            id(&found[0]).to_owned()
        };
        let (first, second) = (of(sample::NORMAL).await, of(sample::BY_TAG).await);
        let here = "/console/people/members/import";
        let fields = |ids: &[&str], more: &[(&'static str, &str)]| -> Vec<(String, String)> {
            let ticks = ids.iter().map(|id| ("members", *id));
            let own = [("data_source", id(&source))];
            let all = own.into_iter().chain(ticks).chain(more.iter().copied());
            all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let post = async |fields: Vec<(String, String)>| {
            let fields: Vec<(&str, &str)> = fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            send(&fixture, &operator, here, &fields).await
        };
        let looked = post(fields(&[&first], &[("q", sample::BY_TAG), ("look", "")])).await;
        assert_eq!(looked.status, 200, "{}", looked.body);
        assert!(
            is_ticked(&looked.body, &first),
            "the tick is carried on: {}",
            looked.body
        );
        assert!(
            looked.body.contains(&second) && !is_ticked(&looked.body, &second),
            "{}",
            looked.body
        );
        assert!(
            admin.get(&format!("members/{first}")).await["user_id"].is_null(),
            "looked only"
        );

        // What is refused keeps the ticks.
        let nobody = "00000000-0000-7000-8000-000000000001";
        let refused = post(fields(&[&first, nobody], &[])).await;
        assert!(
            (400..500).contains(&refused.status) && is_ticked(&refused.body, &first),
            "{}",
            refused.body
        );

        let done = post(fields(&[&first, &second], &[])).await;
        assert!(
            done.status == 200 && done.body.contains("role=\"status\""),
            "{}",
            done.body
        );
        for member in [&first, &second] {
            let member = admin.get(&format!("members/{member}")).await;
            assert!(member["user_id"].is_string(), "{member}");
        }
        let auditor = at_work(&fixture, "auditor").await;
        let page = auditor
            .open(&format!("{}{here}?data_source={}", fixture.base, id(&source)))
            .await;
        assert!(
            page.status == 403 && !page.body.contains("type=\"checkbox\""),
            "{}",
            page.body
        );
    }
);

scenario!(
    whoever_is_ticked_for_a_group_stays_so_while_another_is_looked_for,
    |fixture: Fixture| async move {
        let ops = groups::group(&fixture, "ops").await;
        let api = fixture.admin();
        let anna = api.create("users", json!({ "username": "anna" })).await;
        let berta = api.create("users", json!({ "username": "berta" })).await;
        let admin = at_work(&fixture, "admin").await;
        let here = format!("/console/people/groups/{}/add", id(&ops));
        let looked = [("users", id(&anna)), ("q", "berta"), ("look", "")];
        let page = send(&fixture, &admin, &here, &looked).await;
        assert!(
            page.status == 200 && is_ticked(&page.body, id(&anna)) && page.body.contains(id(&berta)),
            "{}",
            page.body
        );
        let both = [("users", id(&anna)), ("users", id(&berta)), ("sure", "1")];
        let added = send(&fixture, &admin, &here, &both).await;
        assert!(
            added.body.contains("anna") && added.body.contains("berta"),
            "{}",
            added.body
        );
        added.link(&format!("/console/people?group={}", id(&ops)));
    }
);

/// More portals than are shown to tick, and one whose name comes last.
async fn many_portals(fixture: &Fixture) {
    for number in 0..52 {
        let name = format!("p{number:02}");
        fixture
            .portal(&name, json!({ "name": format!("Portal {number:02}") }))
            .await;
    }
    fixture.portal("zulu", json!({ "name": "Zulu time" })).await;
}

scenario!(
    a_token_reaches_a_portal_that_is_looked_for_by_name_among_many,
    |fixture: Fixture| async move {
        fixture.connect().await;
        many_portals(&fixture).await;
        let admin = at_work(&fixture, "admin").await;
        let here = "/console/settings/tokens";
        for page in in_both_languages(&fixture, &admin, here).await {
            assert!(
                page.body.contains("name=\"clients_q\"") && !page.body.contains("\"zulu\""),
                "{}",
                page.body
            );
            assert!(
                !page.body.contains("name=\"data_sources_q\""),
                "they are few: {}",
                page.body
            );
        }
        let entered = [("name", "deploys"), ("role", "portal"), ("clients", "p03")];
        let looked = [("clients_q", "zulu TIME"), ("look", "")];
        let page = send(&fixture, &admin, here, &[&entered[..], &looked].concat()).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(
            is_ticked(&page.body, "p03") && page.body.contains("value=\"zulu\"") && !is_ticked(&page.body, "zulu"),
            "{}",
            page.body
        );
        assert!(!page.body.contains("value=\"p04\""), "{}", page.body);
        assert_eq!(page.field("name"), "deploys", "nothing typed is lost");
        assert!(page.body.contains("<option value=\"portal\" selected"), "{}", page.body);
        let tokens = fixture.admin().items("api-tokens?q=deploys").await;
        assert!(tokens.is_empty(), "looked only: {tokens:?}");

        let nothing = [("clients_q", "no-portal-is-called-so"), ("look", "")];
        let page = send(&fixture, &admin, here, &[&entered[..], &nothing].concat()).await;
        assert!(
            is_ticked(&page.body, "p03") && page.body.contains("Nothing here is like that"),
            "{}",
            page.body
        );

        let both = [("clients", "zulu"), ("clients_q", "zulu TIME")];
        let page = send(&fixture, &admin, here, &[&entered[..], &both].concat()).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let token = fixture.admin().items("api-tokens?q=deploys").await.remove(0);
        let portals = fixture.admin().items("clients?limit=200").await;
        let row = |client: &str| {
            let found = portals.iter().find(|portal| portal["client_id"] == client);
            id(found.unwrap()).to_owned()
        };
        let mut reached: Vec<&str> = token["scope"]["clients"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap())
            .collect();
        reached.sort_unstable();
        let mut expected = [row("p03"), row("zulu")];
        expected.sort();
        assert_eq!(reached, expected, "{token}");
        let list = shown(&fixture, &admin, here).await;
        assert!(list.body.contains("<bdi>Zulu time</bdi>"), "{}", list.body);
    }
);

scenario!(
    a_request_is_approved_for_a_portal_and_a_group_that_are_looked_for_among_many,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        many_portals(&fixture).await;
        for number in 0..51 {
            groups::group(&fixture, &format!("group {number:02}")).await;
        }
        let night = groups::group(&fixture, "night watch").await;
        let here = format!("/console/requests/{}", id(&request));
        let operator = at_work(&fixture, "operator").await;
        let page = shown(&fixture, &operator, &here).await;
        assert!(
            is_ticked(&page.body, "wiki") && !page.body.contains("portal_q"),
            "{}",
            page.body
        );

        let admin = at_work(&fixture, "admin").await;
        let into = format!("{here}/groups");
        let page = shown(&fixture, &admin, &into).await;
        assert!(
            is_ticked(&page.body, "wiki")
                && page.body.contains("name=\"portal_q\"")
                && page.body.contains("name=\"group_q\""),
            "{}",
            page.body
        );
        assert!(
            !page.body.contains("\"zulu\"") && !page.body.contains(id(&night)),
            "{}",
            page.body
        );
        let version = page.field("version");
        let entered = [
            ("version", version.as_str()),
            ("username", "li.hua"),
            ("until", "2027-01-01"),
            ("portal", "wiki"),
        ];
        let looked = [("portal_q", "zulu"), ("group_q", "NIGHT"), ("look", "")];
        let page = send(&fixture, &admin, &into, &[&entered[..], &looked].concat()).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(
            is_ticked(&page.body, "wiki") && page.body.contains("value=\"zulu\"") && page.body.contains(id(&night)),
            "{}",
            page.body
        );
        for (name, value) in &entered[..3] {
            assert_eq!(page.field(name), *value, "nothing typed is lost");
        }
        assert_eq!(standing(&fixture, &request).await["state"], "open", "looked only");

        let chosen = [("portal", "zulu"), ("group", id(&night))];
        let page = send(&fixture, &admin, &into, &[&entered[..], &chosen].concat()).await;
        assert!(page.status == 200 && page.body.contains("Approved"), "{}", page.body);
        let over = standing(&fixture, &request).await;
        assert_eq!(over["portals"], json!(["wiki", "zulu"]), "{over}");
        assert_eq!(over["groups"], json!(["night watch"]), "{over}");
    }
);

scenario!(
    the_tree_opens_departments_one_by_one_and_finds_them_by_name,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let all = admin.items("departments?limit=200").await;
        let top = admin.items("departments?top=true").await;
        assert!(!top.is_empty() && top.len() < all.len(), "{top:?}");
        let root = &top[0];
        let below = admin.items(&format!("departments?parent={}", id(root))).await;
        assert!(!below.is_empty(), "{all:?}");
        for child in &below {
            assert_eq!(child["parent_wecom_id"], root["wecom_id"]);
            let lineage = admin.items(&format!("departments?lineage={}", id(child))).await;
            let ids: Vec<&str> = lineage.iter().map(id).collect();
            assert!(
                ids.contains(&id(root)) && ids.contains(&id(child)) && ids.len() == 2,
                "{lineage:?}"
            );
        }
        let (status, said) = admin
            .status("GET", &format!("departments?parent={}&top=true", id(root)), None)
            .await;
        assert!(status == 422 && said.contains("AD-105"), "{status} {said}");

        let owner = at_work(&fixture, "owner").await;
        let child = &below[0];
        let open = format!("/console/people/members?department={}&q=zz", id(child));
        for page in in_both_languages(&fixture, &owner, &open).await {
            let (_, tree) = page.body.split_once("<nav class=\"tree\"").unwrap();
            let (tree, _) = tree.split_once("</nav>").unwrap();
            assert!(
                tree.contains(id(root)) && tree.contains("q=zz"),
                "the way back keeps the filter: {tree}"
            );
        }
        let name = child["name"].as_str().unwrap();
        let found = shown(&fixture, &owner, &format!("/console/people?department_q={name}")).await;
        assert!(
            found.body.contains(&format!("department={}", id(child))),
            "{}",
            found.body
        );
        let none = shown(&fixture, &owner, "/console/people/members?q=zz9qx").await;
        assert!(
            none.body.contains("Nothing here is like that.") && none.body.contains("Show all"),
            "{}",
            none.body
        );
    }
);
