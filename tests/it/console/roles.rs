//! Who may not do something is told so at its address, page and form alike: which role it takes, who has it, and the way back. Over the whole table of acts, and over every page.

use std::{collections::BTreeSet, path::Path};

use serde_json::json;

use super::{Colleague, send, sent, shown};
use crate::{
    actors::{Browser, Page, id},
    fixture::Fixture,
    scenario,
};

/// Console roles, the least first, with their names on the page in both languages.
const ROLES: [(&str, [&str; 2]); 4] = [
    ("auditor", ["Auditor", "审计员"]),
    ("operator", ["Operator", "操作员"]),
    ("admin", ["Admin", "管理员"]),
    ("owner", ["Owner", "所有者"]),
];
const NOBODY: &str = "00000000-0000-7000-8000-000000000001";

/// An address, and the place of the lowest role that may.
#[derive(Debug)]
struct Deed {
    method: &'static str,
    /// As it is mounted, below `/console`.
    route: String,
    role: usize,
}

fn place(role: &str) -> usize {
    let is = |(word, _): &(&str, _)| word.eq_ignore_ascii_case(role);
    ROLES.iter().position(is).unwrap_or_else(|| panic!("{role}"))
}

fn source(file: &str) -> String {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console/http");
    std::fs::read_to_string(home.join(file)).unwrap()
}

/// Every act of the table, and the page of each that is there for it alone.
fn deeds() -> Vec<Deed> {
    let mut deeds = Vec::new();
    for file in ["people", "wecom", "settings"] {
        for line in source(&format!("acts/{file}.rs")).lines() {
            let Some((head, rest)) = line.trim().split_once(" \"") else {
                continue;
            };
            let words: Vec<&str> = head.split(' ').collect();
            let &["Never" | "Sent" | "Shown", role] = words.as_slice() else {
                continue;
            };
            let (route, rest) = rest.split_once('"').unwrap();
            let deed = |method| Deed {
                method,
                route: route.to_owned(),
                role: place(role),
            };
            deeds.push(deed("POST"));
            if !rest.starts_with(" on ") && route != "/setup/check" {
                deeds.push(deed("GET"));
            }
        }
    }
    let table = source("acts/table.rs");
    let (_, on_the_way) = table.split_once("ON_THE_WAY").unwrap();
    for line in on_the_way.split("];").next().unwrap().lines() {
        let Some((_, rest)) = line.split_once("(\"") else {
            continue;
        };
        let (route, role) = rest.split_once("\", Role::").unwrap();
        deeds.push(Deed {
            method: "GET",
            route: route.to_owned(),
            role: place(role.trim_end_matches("),")),
        });
    }
    deeds
}

/// Every address that is mounted for this method.
fn mounted(folder: &Path, method: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            mounted(&path, method, found);
            continue;
        }
        for route in std::fs::read_to_string(&path).unwrap().split(".route(").skip(1) {
            let call = route.split(".to(").next().unwrap();
            if call.contains(&format!("web::{method}()")) {
                found.extend(call.split('"').nth(1).map(str::to_owned));
            }
        }
    }
}

fn routes(method: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console/http");
    mounted(&home, method, &mut found);
    found
}

/// An address with something in the place of what varies.
fn address(route: &str) -> String {
    let part = |part: &str| match part {
        "{recipe}" => "grafana".to_owned(),
        "{step}" => "contacts".to_owned(),
        part if part.starts_with('{') => NOBODY.to_owned(),
        part => part.to_owned(),
    };
    format!("/console{}", route.split('/').map(part).collect::<Vec<_>>().join("/"))
}

async fn done(fixture: &Fixture, browser: &Browser, (method, path): (&str, &str)) -> Page {
    match method {
        "POST" => send(fixture, browser, path, &[]).await,
        _ => browser.get(&format!("{}{path}", fixture.base)).await,
    }
}

/// The page says in this language which role it takes and which one is there, names somebody who has it, and leads to a page that is open.
async fn is_told(fixture: &Fixture, browser: &Browser, (deed, own, owner): (&Deed, usize, &str)) {
    for (number, lang) in ["en", "zh-CN"].into_iter().enumerate() {
        let path = format!("{}?ui_locales={lang}", address(&deed.route));
        let page = done(fixture, browser, (deed.method, &path)).await;
        let at = format!("{deed:?} {lang}: {} {}", page.status, page.body);
        assert!(page.status == 403 && page.body.contains("CO-107"), "{at}");
        let (needed, own) = (ROLES[deed.role].1[number], ROLES[own].1[number]);
        let sentence = match lang {
            "en" => format!("This needs the role {needed}; yours is {own}."),
            _ => format!("此操作需要“{needed}”角色，您的角色是“{own}”。"),
        };
        assert!(page.body.contains(&sentence), "{at}");
        assert!(page.body.contains(&format!("/console/people/{owner}")), "{at}");
        let (_, text) = page.body.split_once("<main").unwrap();
        assert!(
            !text.contains("console-") && !text.contains("method=\"post\"") && !text.contains("curl"),
            "{at}"
        );
        let back = text
            .rsplit("class=\"button\" href=\"")
            .next()
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let around = browser.open(&format!("{}{back}", fixture.base)).await;
        assert!(
            matches!(around.status, 200 | 404),
            "{at}: back to {back}: {}",
            around.status
        );
    }
}

scenario!(
    whoever_may_not_is_told_at_every_address_which_role_it_takes_and_who_has_it,
    |fixture: Fixture| async move {
        let deeds = deeds();
        let posts: BTreeSet<String> = deeds
            .iter()
            .filter(|deed| deed.method == "POST")
            .map(|deed| deed.route.clone())
            .collect();
        assert_eq!(posts, routes("post"), "every form has a role");
        let mut people = Vec::new();
        for (role, _) in ROLES {
            let colleague = Colleague::hire(&fixture, role).await;
            let browser = colleague.browser(&fixture).await;
            people.push((colleague, browser));
        }
        let owner = people[3].0.id.clone();
        for deed in &deeds {
            for (own, (_, browser)) in people.iter().enumerate().take(deed.role) {
                is_told(&fixture, browser, (deed, own, &owner)).await;
            }
            // Whoever has just that role comes as far as the act itself; what everybody may is about themselves.
            if deed.role == 0 {
                continue;
            }
            let page = done(&fixture, &people[deed.role].1, (deed.method, &address(&deed.route))).await;
            let refused = ["CO-107", "AD-103"].iter().any(|number| page.body.contains(number));
            assert!(!refused, "{deed:?}: {} {}", page.status, page.body);
        }
        // Every other page is read by everybody.
        let closed: BTreeSet<&str> = deeds
            .iter()
            .filter(|deed| deed.method == "GET")
            .map(|deed| deed.route.as_str())
            .collect();
        let open = routes("get");
        let open: Vec<&String> = open.iter().filter(|route| !closed.contains(route.as_str())).collect();
        assert!(open.len() > 60, "{open:?}");
        for route in open {
            let page = done(&fixture, &people[0].1, ("GET", &address(route))).await;
            let refused = page.status == 403 && ["CO-107", "AD-103"].iter().any(|number| page.body.contains(number));
            assert!(!refused, "{route}: {}", page.body);
        }
    }
);

scenario!(
    who_may_not_touch_somebody_s_console_role_is_told_before_a_form_is_filled_in,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let admin = Colleague::hire(&fixture, "admin").await;
        let operator = Colleague::hire(&fixture, "operator").await;
        let plain = fixture.admin().create("users", json!({ "username": "plain" })).await;
        let (at_admin, at_operator) = (admin.browser(&fixture).await, operator.browser(&fixture).await);
        for (browser, about, needed) in [
            (&at_admin, owner.id.as_str(), Some("Owner")),
            (&at_operator, owner.id.as_str(), Some("Owner")),
            (&at_operator, admin.id.as_str(), Some("Admin")),
            (&at_operator, operator.id.as_str(), Some("Admin")),
            (&at_admin, operator.id.as_str(), None),
            (&at_operator, id(&plain), None),
        ] {
            for act in ["edit", "disable", "sign-out"] {
                let path = format!("/console/people/{about}/{act}");
                let page = browser.get(&format!("{}{path}", fixture.base)).await;
                match needed {
                    Some(needed) => {
                        let sentence = format!("This needs the role {needed};");
                        assert!(
                            page.status == 403 && page.body.contains(&sentence),
                            "{path}: {}",
                            page.body
                        );
                        let back = format!("href=\"/console/people/{about}\"");
                        assert!(page.body.contains(&back), "{path}: {}", page.body);
                        let sent = send(&fixture, browser, &path, &[("display_name", "X")]).await;
                        assert!(
                            sent.status == 403 && sent.body.contains(&sentence),
                            "{path}: {}",
                            sent.body
                        );
                    }
                    None => assert_eq!(page.status, 200, "{path}: {}", page.body),
                }
            }
        }
        assert_eq!(
            fixture.admin().get(&format!("users/{}", owner.id)).await["status"],
            "active"
        );
    }
);

scenario!(
    what_only_the_api_can_tell_of_a_role_is_told_in_the_same_words,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let admin = Colleague::hire(&fixture, "admin").await.browser(&fixture).await;
        let plain = fixture.admin().create("users", json!({ "username": "plain" })).await;
        let role = format!("/console/people/{}/role", id(&plain));
        shown(&fixture, &admin, &role).await;
        for (path, fields) in [
            (role.as_str(), &[("role", "owner")][..]),
            ("/console/settings/tokens", &[("name", "mine"), ("role", "owner")][..]),
        ] {
            let page = sent(&fixture, &admin, path, fields).await;
            assert!(
                page.status == 403 && page.body.contains("This needs the role Owner; yours is Admin."),
                "{path}: {} {}",
                page.status,
                page.body
            );
            page.link(&format!("/console/people/{}", owner.id));
        }
        assert!(fixture.admin().get(&format!("users/{}", id(&plain))).await["console_role"].is_null());
    }
);
