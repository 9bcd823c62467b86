//! How new users are named, and by what an existing user is found.

use serde_json::json;
use simulator::sample;

use crate::{
    actors::{id, text},
    backends::execute,
    fixture::Fixture,
    scenario,
    sync::member,
};

scenario!(
    new_users_are_named_by_the_template_and_by_the_userid_where_it_makes_no_name,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().alias = "Li Hua".to_owned());
        let source = fixture.connect_with(json!({ "username_template": "{alias}" })).await;
        assert_eq!(
            (&source["username_template"], &source["match_by"], &source["import"]),
            (&json!("{alias}"), &json!(["username"]), &json!("all"))
        );
        let named = fixture.admin().user("Li.Hua").await;
        assert_eq!(named["id"], member(&fixture, sample::NORMAL).await["user_id"]);
        let other = member(&fixture, sample::ADMIN).await;
        assert_eq!(other["user_id"], fixture.admin().user(sample::ADMIN).await["id"]);
        assert!(
            text(&other, "import_reason").contains("WeCom gives no alias"),
            "{other}"
        );
        // For new users only.
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().alias = "Another".to_owned());
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["counts"]["created"], 0, "{run}");
        assert_eq!(fixture.admin().user("Li.Hua").await["id"], named["id"]);
        let change = json!({ "username_template": "x" });
        let wrong = fixture
            .admin()
            .call("PATCH", &format!("data-sources/{}", id(&source)), Some(change))
            .await;
        assert_eq!(wrong.refusal(), (422, "DI-101"));
    }
);

scenario!(
    an_existing_user_is_found_by_what_is_verified_and_by_the_keys_that_are_set,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| {
            corp.contacts_ip_is_new = false;
            for (userid, mail) in [
                (sample::NORMAL, "hua@corp.example"),
                (sample::ADMIN, "san@corp.example"),
            ] {
                let member = corp.member_mut(userid).unwrap();
                mail.clone_into(&mut member.sensitive.biz_mail);
            }
        });
        let admin = fixture.admin();
        let mut locals = Vec::new();
        for (username, email) in [("hua", "Hua@corp.example"), ("san", "san@corp.example")] {
            let body = json!({ "username": username, "display_name": "Old words", "email": email });
            locals.push(admin.create("users", body).await);
        }
        // One address was proven, the other only typed in.
        execute(
            fixture.database_url(),
            "UPDATE users SET email_verified = TRUE WHERE username = 'hua'",
        )
        .await;
        let rules = json!({ "match_by": ["email"], "vouched_email_domains": ["corp.example"] });
        let mut skip = rules.clone();
        crate::fixture::lay_over(&mut skip, json!({ "duplicate_rule": "skip" }));
        let source = fixture.connect_with(skip).await;
        let skipped = member(&fixture, sample::NORMAL).await;
        assert_eq!(skipped["import_outcome"], "skipped", "{skipped}");
        assert!(text(&skipped, "import_reason").contains("verified e-mail"), "{skipped}");
        let item = admin.items("conflicts").await.remove(0);
        assert_eq!(item["candidates"][0]["matched"], json!(["email"]), "{item}");
        assert_eq!(member(&fixture, sample::ADMIN).await["import_outcome"], "imported");
        let path = format!("data-sources/{}", id(&source));
        admin.change(&path, json!({ "duplicate_rule": "overwrite" })).await;
        fixture.sync(id(&source)).await;
        assert_eq!(member(&fixture, sample::NORMAL).await["user_id"], locals[0]["id"]);
        let after = admin.get(&format!("users/{}", id(&locals[0]))).await;
        assert_eq!(
            (&after["display_name"], &after["username"]),
            (&json!("李华"), &json!("hua"))
        );
        assert_ne!(member(&fixture, sample::ADMIN).await["user_id"], locals[1]["id"]);
        assert_eq!(
            admin.get(&format!("users/{}", id(&locals[1]))).await["display_name"],
            "Old words"
        );
    }
);
