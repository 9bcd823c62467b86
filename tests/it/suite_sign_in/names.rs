//! WeCom tells an app of a service provider no name, and none may come to stand anywhere: names are planted in WeCom, of people and of departments, and
//! everything that connecting, reading, signing in and refusing leave behind is searched for them.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;
use simulator::{World, sample};
use tracing_subscriber::{filter::filter_fn, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt};

use super::{Company, company_in, portal_of, told};
use crate::{
    actors::{As, id, id_claims},
    console::at_work,
    export::Log,
    fixture::Fixture,
    name_display::{ELEMENT, proved},
    scenario,
};

/// Whom a name is planted for, and two departments of the scope.
const PEOPLE: [(&str, &str); 4] = [
    (sample::NORMAL, "隐姓埋名甲"),
    (sample::ADMIN, "隐姓埋名乙"),
    (sample::BY_PICK, "隐姓埋名丙"),
    (sample::OUT_OF_SCOPE, "隐姓埋名丁"),
];
const DEPARTMENTS: [(u32, &str); 2] = [(2, "隐名部门甲"), (6, "隐名部门乙")];

/// Lists of the API.
const LISTS: &[&str] = &[
    "access-requests?limit=200",
    "audit-events?limit=200",
    "auth-sources?limit=200",
    "conflicts?limit=200",
    "data-sources?limit=200",
    "departments?limit=200",
    "doctor",
    "installations?limit=200",
    "members?limit=200",
    "notices?limit=200",
    "offboardings?limit=200",
    "sessions?limit=200",
    "suites?limit=200",
    "sync-runs?limit=200",
    "users?limit=200",
];

/// Pages of the console.
const PAGES: &[&str] = &[
    "/console",
    "/console/audit",
    "/console/audit/export.csv",
    "/console/installations",
    "/console/leaving",
    "/console/people",
    "/console/people.csv",
    "/console/people/members",
    "/console/refusals",
    "/console/requests",
    "/console/search?q=lihua",
    "/console/sync",
    "/console/wecom",
];

/// What the API gives as files, with the kind of event that a scan leaves behind in those of the audit log.
const EXPORTS: &[&str] = &["users.csv", "audit-events.csv", "audit-events.jsonl"];

fn plant(world: &mut World) {
    let corp = world.corp_mut(sample::CORP).unwrap();
    for (userid, name) in PEOPLE {
        name.clone_into(&mut corp.member_mut(userid).unwrap().name);
    }
    for (id, name) in DEPARTMENTS {
        name.clone_into(&mut corp.departments.get_mut(&id).unwrap().name);
    }
}

/// How a name may be written: as it is, escaped, as a program prints it, as its bytes, and as a database prints them.
pub fn forms(name: &str) -> [String; 5] {
    let escaped = name.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let bytes = name.bytes().map(char::from).collect();
    let hex = name.bytes().map(|byte| format!("{byte:02X}")).collect();
    [name.to_owned(), escaped, name.escape_unicode().to_string(), bytes, hex]
}

/// Everything in the database, row by row.
pub async fn stored(fixture: &Fixture) -> String {
    let database = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    let backend = database.get_database_backend();
    let ask = async |query: String| -> Vec<String> {
        let rows = database
            .query_all_raw(Statement::from_string(backend, query))
            .await
            .unwrap();
        rows.iter()
            .map(|row| row.try_get_by_index::<String>(0).unwrap_or_default())
            .collect()
    };
    let postgres = backend == DbBackend::Postgres;
    let tables = match postgres {
        true => "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()",
        false => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    };
    let mut all = String::new();
    for table in ask(tables.to_owned()).await {
        let rows = match postgres {
            true => ask(format!("SELECT row_to_json(t)::text FROM \"{table}\" t")).await,
            false => {
                let columns = ask(format!("SELECT name FROM pragma_table_info('{table}')")).await;
                let each = columns
                    .iter()
                    .map(|name| {
                    format!("CASE typeof(\"{name}\") WHEN 'blob' THEN hex(\"{name}\") ELSE coalesce(CAST(\"{name}\" AS TEXT), '') END")
                });
                let each = each.collect::<Vec<_>>().join(" || ' ' || ");
                ask(format!("SELECT {each} FROM \"{table}\"")).await
            }
        };
        all.push_str(&rows.join("\n"));
    }
    all
}

fn names_nobody(place: &str, text: &str) {
    let people = PEOPLE.iter().map(|(_, name)| *name);
    for name in people.chain(DEPARTMENTS.iter().map(|(_, name)| *name)) {
        for form in forms(name) {
            assert!(!text.contains(&form), "{place} names {name}: {text}");
        }
    }
}

/// Pages of what connecting and reading a company left behind.
async fn pages_of(fixture: &Fixture, company: &Company) -> Vec<String> {
    let installation = fixture.admin().items("installations").await.remove(0);
    let run = fixture.admin().items("sync-runs").await.remove(0);
    let member = fixture.admin().user(&told(fixture, sample::NORMAL)).await;
    let source = &company.source;
    vec![
        format!("/console/installations/{}", id(&installation)),
        format!("/console/sync/{}", id(&run)),
        format!("/console/wecom/{source}"),
        format!("/console/moves/{source}"),
        format!("/console/setup/{source}/people"),
        format!("/console/people/{}", id(&member)),
        format!("/console/people/{}/history", id(&member)),
    ]
}

scenario!(
    no_name_reaches_the_database_the_log_a_page_or_a_token,
    |fixture: Fixture| async move {
        let log = Log::default();
        let writer = log.clone();
        // With one subscriber alone, a line of code that is first met on another thread counts as one that nobody listens to, for good.
        let _another = tracing::Dispatch::new(registry());
        // Lines alone: spans are left on other threads, where they may be gone already.
        let lines = fmt::layer().with_writer(move || writer.clone());
        let listening = registry().with(lines).with(filter_fn(|about| about.is_event()));
        let _listening = listening.set_default();
        let company = company_in(&fixture, plant).await;
        let portal = portal_of(&fixture, &company).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        names_nobody("the ID token", &id_claims(&tokens).to_string());
        for kind in ["id_token", "access_token", "refresh_token"] {
            for part in tokens[kind].as_str().unwrap().split('.') {
                let plain = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
                names_nobody(kind, &String::from_utf8_lossy(&plain));
            }
        }
        let userinfo = portal.userinfo(tokens["access_token"].as_str().unwrap()).await;
        names_nobody("userinfo", &userinfo.body.to_string());
        for who in [As::Member(sample::OUT_OF_SCOPE), As::Outsider] {
            let page = portal.sign_in(&fixture, &fixture.browser(), who).await;
            assert!(page.status >= 400, "{}", page.body);
            names_nobody("a refusal", &page.body);
        }
        let operator = at_work(&fixture, "owner").await;
        let access = format!("/console/portals/{}/access", portal.id);
        for path in PAGES.iter().copied().chain([access.as_str()]) {
            let page = operator.open(&format!("{}{path}", fixture.base)).await;
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            names_nobody(path, &page.body);
        }
        // The same pages once WeCom shows names on them: they stand in its frames, and in no text of ours.
        let installation = fixture.admin().items("installations").await.remove(0);
        let scope = format!("/console/installations/{}/scope", id(&installation));
        for path in pages_of(&fixture, &company).await {
            let page = operator.open(&format!("{}{path}", fixture.base)).await;
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            names_nobody(&path, &page.body);
        }
        proved(&fixture, &operator, &company.source).await;
        let mut shown = BTreeSet::new();
        for path in PAGES.iter().copied().chain([access.as_str(), scope.as_str()]) {
            let page = operator.open(&format!("{}{path}", fixture.base)).await;
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            if page.body.contains(ELEMENT) {
                shown.insert(path);
            }
            names_nobody(path, &page.body);
        }
        let named = ["/console/people", "/console/people/members", "/console/refusals"];
        for path in named.into_iter().chain([access.as_str(), scope.as_str()]) {
            assert!(shown.contains(path), "{path} names nobody: {shown:?}");
        }
        for path in EXPORTS {
            let (status, export) = fixture.admin().status("GET", path, None).await;
            assert!(
                status == 200 && export.contains("names.proven") != path.starts_with("users"),
                "{path}: {export}"
            );
            names_nobody(path, &export);
        }
        for list in LISTS {
            let found: Value = fixture.admin().get(list).await;
            names_nobody(list, &found.to_string());
        }
        let kept = stored(&fixture).await;
        assert!(kept.contains(&told(&fixture, sample::NORMAL)), "is it read?");
        names_nobody("the database", &kept);
        let written = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
        assert!(written.contains("asked WeCom"), "is anything listened to?");
        names_nobody("the log", &written);
    }
);
