//! Each list is exported as CSV exactly as it is filtered: the same entries in the same order, however many, readable by a spreadsheet, and never a
//! formula. Who may is in `roles.rs`.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, ExternalChange, generator, sample};

use crate::{
    access_requests,
    actors::{Admin, As, LogoutReceiver, id, text},
    assistant::{CUSTOMER, CUSTOMERS, connect_customers, customer, told},
    back_channel_logout::listening,
    fixture::{ADMIN_TOKEN, Fixture},
    identity::rename_person,
    scenario,
};

/// Every list that is exported beside the audit log and who can sign in, with filters that find some of its entries.
const LISTS: &[(&str, &[&str])] = &[
    (
        "users",
        &[
            "",
            "&status=disabled",
            "&q=li",
            "&signed_in=never",
            "&signed_in=within-7d",
        ],
    ),
    ("members", &["", "&state=present", "&outcome=conflict", "&q=an"]),
    ("clients", &["", "&q=wiki", "&enabled=false"]),
    ("refusals", &["", "&number=GT-106", "&client_id=wiki"]),
    ("access-requests", &["", "&state=open", "&userid=nobody"]),
    ("offboardings", &["", "&reason=admin", "&reason=departed"]),
    ("sync-runs", &["", "&mode=plan", "&cause=manual"]),
    ("conflicts", &["", "&decision=open", "&decision=ignored"]),
    ("groups", &["", "&q=call"]),
    ("api-tokens", &["", "&q=monitor", "&role=auditor", "&state=revoked"]),
    ("operators", &["", "&q=BO", "&role=admin"]),
    ("logout-deliveries", &["", "&state=pending", "&state=delivered"]),
];

/// What a caller is sent, byte by byte.
async fn export(fixture: &Fixture, token: &str, path: &str) -> (String, String) {
    let address = format!("{}/api/v1/{path}", fixture.base);
    let answer = fixture.http.get(address).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let media = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let bytes = answer.bytes().await.unwrap();
    (media, String::from_utf8(bytes.to_vec()).unwrap())
}

/// The ids of an export, in its order: each line of an entry begins with one.
fn ids_of(csv: &str) -> Vec<String> {
    let lines = csv.lines().filter_map(|line| line.split(',').next());
    lines
        .filter(|cell| cell.len() == 36 && cell.matches('-').count() == 4)
        .map(str::to_owned)
        .collect()
}

/// The ids of a list, read in pages of seven.
async fn ids_in(admin: &Admin, list: &str, filter: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("{list}?limit=7{filter}{cursor}")).await;
        let named = |row: &Value| row["id"].as_str().or(row["user_id"].as_str()).unwrap().to_owned();
        ids.extend(page["items"].as_array().unwrap().iter().map(named));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

/// Something in each list.
async fn eventful(fixture: &Fixture) {
    let admin = fixture.admin();
    admin
        .create("users", json!({ "username": "zhaoliu", "display_name": "=1+1" }))
        .await;
    let source = fixture
        .connect_with(json!({ "access_requests": true, "duplicate_rule": "skip" }))
        .await;
    let receiver = LogoutReceiver::listen();
    let wiki = listening(fixture, "wiki", &receiver).await;
    fixture.portal("old", json!({ "enabled": false })).await;
    wiki.tokens(fixture, &fixture.browser(), sample::NORMAL).await;
    wiki.sign_in(fixture, &fixture.browser(), As::Outsider).await;
    admin.disable(sample::NORMAL).await;
    wiki.sign_in(fixture, &fixture.browser(), As::Member(sample::NORMAL))
        .await;
    let browser = fixture.browser();
    access_requests::apply(
        fixture,
        &wiki,
        &browser,
        "zhaoliu",
        "=HYPERLINK(\"https://evil.example\")",
    )
    .await;
    for name in ["on call", "-2+3", "＝2+3"] {
        admin.create("groups", json!({ "name": name })).await;
    }
    for (name, role) in [("=monitoring", "auditor"), ("deploy", "admin"), ("old", "auditor")] {
        let token = admin.create("api-tokens", json!({ "name": name, "role": role })).await;
        if name == "old" {
            let path = format!("api-tokens/{}", id(&token));
            assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        }
    }
    for (username, role) in [("bob", "admin"), ("ann", "auditor")] {
        let body = json!({ "username": username, "console_role": role });
        admin.create("users", body).await;
    }
    let plan = admin
        .create(&format!("data-sources/{}/sync", id(&source)), json!({ "mode": "plan" }))
        .await;
    admin.watch(id(&plan)).await;
}

/// Whether a list is exported exactly as these filters have it, and they find something.
async fn is_exported(fixture: &Fixture, list: &str, filters: &[&str]) {
    let admin = fixture.admin();
    let mut found = 0;
    for filter in filters {
        let query = filter
            .strip_prefix('&')
            .map(|filter| format!("?{filter}"))
            .unwrap_or_default();
        let (media, csv) = export(fixture, ADMIN_TOKEN, &format!("{list}.csv{query}")).await;
        assert_eq!(media, "text/csv; charset=utf-8");
        assert!(
            csv.starts_with("\u{feff}id,") || csv.starts_with("\u{feff}user_id,"),
            "{list}: spreadsheets read names by this: {csv}"
        );
        let listed = ids_in(&admin, list, filter).await;
        assert_eq!(ids_of(&csv), listed, "{list}{filter}: {csv}");
        for line in csv.lines().skip(1) {
            assert!(
                !line.contains(",=") && !line.contains(",\"="),
                "{list}: a formula: {line}"
            );
        }
        found += listed.len();
    }
    assert!(found > 0, "nothing in {list}");
    for page in ["limit=5", "cursor=x", "sort=created_at"] {
        let refused = admin.call("GET", &format!("{list}.csv?{page}"), None).await;
        assert_eq!(refused.refusal(), (400, "WB-101"), "{list} {page}");
    }
}

scenario!(
    each_list_is_exported_exactly_as_it_is_filtered,
    |fixture: Fixture| async move {
        eventful(&fixture).await;
        for (list, filters) in LISTS {
            is_exported(&fixture, list, filters).await;
        }
        let (_, groups) = export(&fixture, ADMIN_TOKEN, "groups.csv").await;
        assert!(groups.contains(",'-2+3,") && groups.contains(",'＝2+3,"), "{groups}");
        let (_, requests) = export(&fixture, ADMIN_TOKEN, "access-requests.csv").await;
        assert!(requests.contains("\"'=HYPERLINK("), "{requests}");
        let (_, users) = export(&fixture, ADMIN_TOKEN, "users.csv?q=zhaoliu").await;
        assert!(users.contains(",zhaoliu,'=1+1,"), "{users}");
    }
);

scenario!(
    doubts_notices_and_what_is_told_of_customers_are_exported_as_they_are_filtered,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        // Nobody listens there: what becomes of the test message is on record all the same.
        for name in ["=first", "second"] {
            let hook = json!({ "kind": "webhook", "name": name, "url": "http://127.0.0.1:9/" });
            let hook = admin.create("notice-channels", hook).await;
            admin
                .create(&format!("notice-channels/{}/test", id(&hook)), json!({}))
                .await;
            fixture.advance(Duration::from_secs(1));
        }
        fixture.wait_for_background_work().await;
        // No number and no address tell that 李华 is still the same person under another name.
        let source = fixture
            .connect_with(json!({ "contacts_secret": null, "customer_secret": sample::CUSTOMER_SECRET }))
            .await;
        rename_person(&fixture, "=HYPERLINK(\"https://evil.example\")");
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["counts"]["doubtful"], 1, "{run}");
        connect_customers(&fixture, &source).await;
        for change in [ExternalChange::AddExternalContact, ExternalChange::DelFollowUser] {
            told(&fixture, CUSTOMERS, customer(change, CUSTOMER), Delivery::default()).await;
            fixture.advance(Duration::from_secs(1));
        }
        let customers = format!("data-sources/{}/external-contact-events", id(&source));
        let by_change = "&change=del_follow_user";
        let by_customer = format!("&external_userid={CUSTOMER}&userid=nobody");
        for (list, filters) in [
            ("identity-findings", &["", "&state=open", "&state=same_person"][..]),
            ("notices", &["", "&state=pending", "&topic=alert"]),
            (customers.as_str(), &["", by_change, by_customer.as_str()]),
        ] {
            is_exported(&fixture, list, filters).await;
        }
        let (_, findings) = export(&fixture, ADMIN_TOKEN, "identity-findings.csv").await;
        let line = findings.lines().nth(1).unwrap();
        assert!(
            line.contains(",open,") && line.contains(",李华,") && line.contains("\"'=HYPERLINK("),
            "{line}"
        );
        let (_, notices) = export(&fixture, ADMIN_TOKEN, "notices.csv").await;
        assert!(
            notices.contains(",webhook,") && notices.contains(",'=first,"),
            "{notices}"
        );
        let (_, events) = export(&fixture, ADMIN_TOKEN, &format!("{customers}.csv")).await;
        assert!(
            events.contains(&format!(",del_follow_user,chuwei,{CUSTOMER},")),
            "{events}"
        );
        let nowhere = "data-sources/00000000-0000-0000-0000-000000000000/external-contact-events.csv";
        assert_eq!(admin.call("GET", nowhere, None).await.refusal(), (404, "DI-102"));
    }
);

scenario!(
    a_portals_own_token_exports_that_portal_and_its_deliveries_alone,
    |fixture: Fixture| async move {
        eventful(&fixture).await;
        let token = json!({ "name": "portal", "role": "portal", "scope": { "clients": ["old"] } });
        let token = fixture.admin().create("api-tokens", token).await;
        let (_, clients) = export(&fixture, text(&token, "token"), "clients.csv").await;
        assert_eq!(ids_of(&clients).len(), 1, "{clients}");
        assert!(clients.contains(",old,"), "{clients}");
        let (_, deliveries) = export(&fixture, text(&token, "token"), "logout-deliveries.csv").await;
        assert_eq!(ids_of(&deliveries).len(), 0, "{deliveries}");
    }
);

scenario!(
    an_export_of_many_goes_on_where_its_pages_end,
    |fixture: Fixture| async move {
        fixture.wecom.edit(|world| {
            world
                .corps
                .insert(generator::CORP.to_owned(), generator::corp(5, 1203, 10));
        });
        let body = json!({
            "name": "生成科技", "corp_id": generator::CORP,
            "app": { "agent_id": generator::AGENT_ID, "secret": generator::APP_SECRET },
        });
        let source = fixture.admin().create("data-sources", body).await;
        fixture.sync(id(&source)).await;
        for list in ["members", "users"] {
            let (_, csv) = export(&fixture, ADMIN_TOKEN, &format!("{list}.csv")).await;
            let mut ids = ids_of(&csv);
            assert!(ids.len() > 1200, "{list}: {}", ids.len());
            assert!(
                ids.windows(2).all(|pair| pair[0] < pair[1]),
                "{list}: in order, none twice"
            );
            ids.dedup();
            assert_eq!(csv.matches("\r\n").count(), ids.len() + 1, "{list}");
        }
    }
);

scenario!(
    a_list_of_portals_tells_the_last_sign_in_at_each_and_what_it_has_not_heard,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let receiver = LogoutReceiver::listen();
        let busy = listening(&fixture, "busy", &receiver).await;
        let quiet = fixture.portal("quiet", json!({})).await;
        fixture.portal("never", json!({})).await;
        quiet.tokens(&fixture, &fixture.browser(), sample::ADMIN).await;
        // More than any list of the newest would hold, all at the other portal.
        fixture.advance(Duration::from_secs(3600));
        let browser = fixture.browser();
        busy.tokens(&fixture, &browser, sample::NORMAL).await;
        for _ in 0..3 {
            busy.tokens_silently(&browser, &[]).await;
        }
        receiver.answer(503);
        fixture.admin().disable(sample::NORMAL).await;
        let of = async |client: &str| -> Value {
            let found = fixture.admin().items(&format!("clients?q={client}")).await;
            found.into_iter().next().unwrap()
        };
        let (busy, quiet, never) = (of("busy").await, of("quiet").await, of("never").await);
        let at = |client: &Value| client["last_sign_in_at"].as_i64();
        assert!(at(&quiet).is_some() && at(&quiet) < at(&busy), "{quiet} {busy}");
        assert_eq!(at(&never), None, "{never}");
        assert_eq!(busy["logouts"], json!({ "pending": 1, "failed": 0 }), "{busy}");
        for _ in 0..30 {
            fixture.advance(Duration::from_secs(3601));
            fixture.app.tick().await.unwrap();
        }
        assert_eq!(of("busy").await["logouts"], json!({ "pending": 0, "failed": 1 }));
        assert_eq!(of("quiet").await["logouts"], json!({ "pending": 0, "failed": 0 }));
    }
);
