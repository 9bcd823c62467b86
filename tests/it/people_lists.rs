//! Lists of people that are searched or filtered hold exactly those of the whole list who fit, in its order, page by page. What is searched stands in
//! tables beside those of the people, so this holds them against each other.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Admin, id},
    fixture::Fixture,
    scenario,
};

/// The rows of a list, read in pages of seven.
async fn paged(admin: &Admin, list: &str, query: &str) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("{list}?limit=7{query}{cursor}")).await;
        rows.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(id).collect()
}

/// Whether one of these texts of a row contains what is looked for.
fn says(row: &Value, names: &[&str], text: &str) -> bool {
    let texts = names.iter().filter_map(|name| row[*name].as_str());
    texts.map(str::to_lowercase).any(|known| known.contains(text))
}

/// Everything about people that can change while a search knows it: names, states, fields, who links to whom, and who is gone.
async fn eventful(fixture: &Fixture) -> String {
    let source = fixture.connect().await;
    let admin = fixture.admin();
    for (name, shown) in [
        ("lily", json!("Lily")),
        ("old.li", json!("李老")),
        ("nameless", Value::Null),
    ] {
        let email = format!("{name}@elsewhere.example");
        let user = json!({ "username": name, "display_name": shown, "email": email });
        admin.create("users", user).await;
    }
    let own = admin.user_id("old.li").await;
    admin
        .change(
            &format!("users/{own}"),
            json!({ "email": null, "console_role": "auditor" }),
        )
        .await;
    let gone = admin.user_id("nameless").await;
    admin.call("DELETE", &format!("users/{gone}"), None).await;
    admin.disable(sample::ADMIN).await;
    let group = admin.create("groups", json!({ "name": "on call" })).await;
    let she = admin.user_id(sample::NORMAL).await;
    let users = format!("groups/{}/users", id(&group));
    let added = admin.call("POST", &users, Some(json!({ "users": [she] }))).await;
    assert!(added.status < 300, "{}", added.body);
    fixture.edit_corp(|corp| {
        corp.members.remove(sample::BY_PICK);
    });
    admin.sync(id(&source)).await;
    id(&source).to_owned()
}

scenario!(
    a_list_of_users_that_is_searched_is_the_whole_list_without_the_others,
    |fixture: Fixture| async move {
        let source = eventful(&fixture).await;
        let admin = fixture.admin();
        let of_source = format!("&data_source={source}");
        let group = admin.items("groups").await[0].clone();
        let in_group = format!("&group={}", id(&group));
        let filters = [
            "&status=active",
            "&status=disabled",
            "&console_role=auditor",
            "&username=LILY",
            &of_source,
            &in_group,
            "",
        ];
        let mut found = 0;
        for sort in ["created_at", "-created_at", "username"] {
            for filter in filters {
                let whole = paged(&admin, "users", &format!("&sort={sort}{filter}")).await;
                for text in ["li", "李", "an", "nobody-is-called-so"] {
                    let searched = paged(&admin, "users", &format!("&sort={sort}{filter}&q={text}")).await;
                    let mut fitting = whole.clone();
                    fitting.retain(|row| says(row, &["username", "display_name"], text));
                    assert_eq!(ids(&searched), ids(&fitting), "{sort} {filter} {text}");
                    found += searched.len();
                }
                for (lacks, path) in [("email", "/email"), ("profile.gender", "/profile/gender")] {
                    let lacking = paged(&admin, "users", &format!("&sort={sort}{filter}&lacks={lacks}")).await;
                    let mut fitting = whole.clone();
                    fitting.retain(|row| row.pointer(path).is_none_or(Value::is_null));
                    assert_eq!(ids(&lacking), ids(&fitting), "{sort} {filter} {lacks}");
                }
            }
        }
        assert!(found > 50, "{found}");
        let counted = admin.get(&format!("data-sources/{source}/coverage")).await;
        let active = paged(&admin, "users", &format!("&status=active{of_source}")).await;
        assert_eq!(counted["people"], active.len());
        for field in counted["fields"].as_array().unwrap() {
            let lacks = field["field"].as_str().unwrap();
            let lacking = paged(&admin, "users", &format!("&status=active{of_source}&lacks={lacks}")).await;
            assert_eq!(field["without"], lacking.len(), "{field}");
        }
    }
);

scenario!(
    a_list_of_members_that_is_searched_is_the_whole_list_without_the_others,
    |fixture: Fixture| async move {
        let source = eventful(&fixture).await;
        let admin = fixture.admin();
        let of_source = format!("&data_source={source}");
        let filters = ["&state=present", "&state=departed", "&outcome=imported", &of_source, ""];
        let departments = admin
            .items(&format!("departments?data_source={source}&limit=200"))
            .await;
        let (mut found, mut within) = (0, 0);
        for sort in ["created_at", "-created_at", "userid"] {
            for filter in filters {
                let whole = paged(&admin, "members", &format!("&sort={sort}{filter}")).await;
                for text in ["li", "李", "an", "nobody-is-called-so"] {
                    let searched = paged(&admin, "members", &format!("&sort={sort}{filter}&q={text}")).await;
                    let mut fitting = whole.clone();
                    fitting.retain(|row| says(row, &["userid", "name", "alias", "email"], text));
                    assert_eq!(ids(&searched), ids(&fitting), "{sort} {filter} {text}");
                    found += searched.len();
                }
                for department in departments.iter().take(4) {
                    let there = paged(
                        &admin,
                        "members",
                        &format!("&sort={sort}{filter}&department={}", id(department)),
                    )
                    .await;
                    let mut fitting = whole.clone();
                    fitting.retain(|row| row["departments"].as_array().unwrap().contains(&department["wecom_id"]));
                    assert_eq!(ids(&there), ids(&fitting), "{sort} {filter} {department}");
                    within += there.len();
                }
            }
        }
        assert!(found > 50 && within > 50, "{found} {within}");
    }
);

scenario!(
    who_can_enter_a_portal_is_searched_by_all_that_they_are_called,
    |fixture: Fixture| async move {
        eventful(&fixture).await;
        let admin = fixture.admin();
        let portal = fixture.portal("wiki", json!({})).await;
        let she = admin.user_id(sample::NORMAL).await;
        admin
            .change(&format!("users/{she}"), json!({ "display_name": "Lily of the corp" }))
            .await;
        let list = format!("clients/{}/access-checks", portal.id);
        let whole = paged(&admin, &list, "").await;
        let members = paged(&admin, "members", "").await;
        let mut found = 0;
        for text in ["lily", "li", "李", "an", "corp", "nobody-is-called-so"] {
            let searched = paged(&admin, &list, &format!("&q={text}")).await;
            let mut fitting = whole.clone();
            fitting.retain(|row| {
                let member = members.iter().find(|member| member["id"] == row["member_id"]);
                let of_member = member.is_some_and(|row| says(row, &["userid", "name", "alias", "email"], text));
                of_member || says(row, &["username", "display_name"], text)
            });
            assert_eq!(searched, fitting, "{text}");
            found += searched.len();
        }
        assert!(found > 5, "{found}");
    }
);
