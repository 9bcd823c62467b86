//! Every page that shows a member of such a company: without a proof an ID and the link, with it WeCom's component beside the ID; and the authorised scope,
//! which is seen after the scan alone.

use serde_json::{Value, json};
use simulator::{Delivery, ExternalChange, Push, sample};

use menjin::crypto::digest::sha256_base64url;

use super::{ELEMENT, Got, got, proved};
use crate::{
    access_requests::apply,
    actors::{As, id, text},
    assistant::customer,
    console::{at_work, in_both_languages},
    fixture::Fixture,
    installations::{agree, back_with, invite, suite, tick},
    scenario,
    suite_sign_in::{auth_source_of, company, told},
    suites,
};

/// Whose access ends.
const LEAVER: &str = "zhaoliu";

/// Connects the first sample corp, of whom nobody is imported yet; its installation.
async fn connected(fixture: &Fixture) -> Value {
    let suite = suite(fixture).await;
    let invited = invite(
        &fixture.admin(),
        &suite,
        json!({ "way": "browser", "import": "chosen" }),
    )
    .await;
    let back = agree(fixture, text(&invited, "install_url"), sample::CORP).await;
    let invited = fixture.admin().create("installations/returned", back_with(&back)).await;
    tick(fixture).await;
    tick(fixture).await;
    let path = format!("installations/{}", text(&invited, "installation_id"));
    fixture.admin().get(&path).await
}

/// Imports a member; the user.
async fn imported(fixture: &Fixture, source: &str, userid: &str) -> Value {
    let userid = told(fixture, userid);
    let found = fixture
        .admin()
        .items(&format!("members?data_source={source}&q={userid}"))
        .await;
    let path = format!("members/{}/import", id(&found[0]));
    fixture.admin().call("POST", &path, Some(json!({}))).await;
    fixture.admin().user(&userid).await
}

/// What stands on the pages.
struct Seed {
    source: String,
    installation: String,
    user: String,
    group: String,
    portal: String,
    /// Code of a refusal.
    reference: String,
    report: String,
    request: String,
    run: String,
}

async fn seed(fixture: &Fixture) -> Seed {
    let admin = fixture.admin();
    let bound = connected(fixture).await;
    let source = text(&bound, "data_source_id").to_owned();
    let asking = json!({ "access_requests": true });
    admin.change(&format!("data-sources/{source}"), asking).await;
    let user = imported(fixture, &source, sample::NORMAL).await;
    let leaver = imported(fixture, &source, LEAVER).await;
    let role = json!({ "console_role": "auditor" });
    admin.change(&format!("users/{}", id(&user)), role).await;
    let group = admin.create("groups", json!({ "name": "crew" })).await;
    let path = format!("groups/{}/users", id(&group));
    admin.call("POST", &path, Some(json!({ "users": [id(&user)] }))).await;
    let way = auth_source_of(fixture, &source).await;
    let departments = admin
        .items(&format!("departments?data_source={source}&limit=200"))
        .await;
    let allowed = json!({
        "auth_sources": [way["id"]], "allowed_users": [id(&user), id(&leaver)],
        "allowed_departments": departments.iter().map(id).collect::<Vec<_>>(),
    });
    let portal = fixture.portal("wiki", allowed).await;
    portal.tokens(fixture, &fixture.browser(), sample::NORMAL).await;
    let outside = As::Member(sample::OUT_OF_SCOPE);
    let refused = portal.sign_in(fixture, &fixture.browser(), outside).await;
    apply(fixture, &portal, &fixture.browser(), sample::BY_PICK, "new here").await;
    admin.disable(&told(fixture, LEAVER)).await;
    let push = Push::Change {
        corp: sample::CORP.to_owned(),
        event: customer(ExternalChange::AddExternalContact, "wmNames0000000000000000001"),
        open_userid: None,
    };
    suites::push(fixture, push, Delivery::default()).await;
    let first = async |path: &str| id(&admin.items(path).await[0]).to_owned();
    Seed {
        report: first("offboardings").await,
        request: first("access-requests").await,
        run: first(&format!("sync-runs?data_source={source}&mode=apply")).await,
        installation: id(&bound).to_owned(),
        user: id(&user).to_owned(),
        group: id(&group).to_owned(),
        reference: refused.reference(),
        portal: portal.id,
        source,
    }
}

/// Pages, each with the member whom it names.
fn pages(fixture: &Fixture, seed: &Seed) -> Vec<(String, String)> {
    let Seed {
        source,
        installation,
        user,
        group,
        portal,
        reference,
        report,
        request,
        run,
    } = seed;
    let known = |userid| told(fixture, userid);
    let (normal, asks) = (known(sample::NORMAL), known(sample::BY_PICK));
    let of = |whom: &str, paths: &[String]| -> Vec<(String, String)> {
        let each = paths.iter();
        each.map(|path| (format!("/console{path}"), whom.to_owned())).collect()
    };
    let of_normal = [
        format!("/people?data_source={source}"),
        format!("/people/{user}"),
        format!("/people/{user}/edit"),
        format!("/people/{user}/role"),
        format!("/people/{user}/ways-in"),
        format!("/people/{user}/sessions"),
        format!("/people/{user}/history"),
        format!("/people/{user}/disable"),
        format!("/people/groups/{group}"),
        format!("/people/groups/{group}/add?q={normal}"),
        format!("/search?q={normal}"),
        format!("/portals/{portal}"),
        format!("/portals/{portal}/access"),
        format!("/portals/{portal}/allowed"),
        format!("/portals/{portal}/sessions"),
        format!("/portals/{portal}/claims?q={normal}"),
        format!("/portals/{portal}/claims?user={user}"),
        format!("/audit?user={user}"),
        format!("/sync/{run}?userid={normal}"),
        "/settings".to_owned(),
    ];
    let of_others = [
        format!("/people/members?data_source={source}"),
        format!("/search?q={asks}"),
        "/requests".to_owned(),
        format!("/requests/{request}"),
        format!("/setup/{source}/people"),
    ];
    let refused = ["/refusals".to_owned(), format!("/refusals/{reference}")];
    let left = ["/leaving".to_owned(), format!("/leaving/{report}")];
    let installed = ["/installations".to_owned(), format!("/installations/{installation}")];
    let customers = [format!("/wecom/{source}/external-contacts")];
    [
        of(&normal, &of_normal),
        of(&asks, &of_others),
        of(&known(sample::OUT_OF_SCOPE), &refused),
        of(&known(LEAVER), &left),
        of(&known(sample::ADMIN), &installed),
        of(&known("chuwei"), &customers),
    ]
    .concat()
}

fn element(kind: &str, of: &str) -> String {
    format!("{ELEMENT} type=\"{kind}\" openid=\"{of}\"></ww-open-data>")
}

async fn open(fixture: &Fixture, browser: &crate::actors::Browser, path: &str) -> Got {
    let page = got(fixture, browser, path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    assert!(!page.body.contains("<!--name"), "{path}: {}", page.body);
    page
}

scenario!(
    every_page_that_shows_a_member_has_the_component_beside_the_id_after_the_scan_and_the_link_before,
    |fixture: Fixture| async move {
        let seed = seed(&fixture).await;
        let (source, pages) = (&seed.source, pages(&fixture, &seed));
        let browser = at_work(&fixture, "admin").await;
        for (path, whom) in &pages {
            let page = open(&fixture, &browser, path).await;
            assert!(
                page.body.contains(whom.as_str()),
                "{path} does not name {whom}: {}",
                page.body
            );
            assert!(
                !page.body.contains(ELEMENT) && !page.policy.contains("frame-src"),
                "{path}"
            );
            let link = format!("/console/names/{source}?back=");
            assert_eq!(page.body.matches(&link).count(), 1, "{path}: {}", page.body);
        }
        proved(&fixture, &browser, source).await;
        for (path, whom) in &pages {
            let page = open(&fixture, &browser, path).await;
            assert!(
                page.body.contains(&element("userName", whom)),
                "{path} for {whom}: {}",
                page.body
            );
            assert!(page.policy.contains("frame-src"), "{path}: {}", page.policy);
            assert_eq!(
                page.body.matches("/assets/names.js").count(),
                1,
                "{path}: {}",
                page.body
            );
        }
        let portal = format!("/console/portals/{}", seed.portal);
        for path in [
            portal.clone(),
            format!("{portal}/allowed"),
            format!("/console/people/members?data_source={source}"),
        ] {
            let page = open(&fixture, &browser, &path).await;
            assert!(
                page.body.contains(&element("departmentName", "2")),
                "{path}: {}",
                page.body
            );
        }
    }
);

scenario!(
    a_page_that_shows_a_secret_has_ids_and_no_script_but_ours,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let user = fixture.admin().user(&told(&fixture, sample::NORMAL)).await;
        let browser = at_work(&fixture, "owner").await;
        proved(&fixture, &browser, &company.source).await;
        let ways_in = format!("/console/people/{}/ways-in", id(&user));
        let names = open(&fixture, &browser, &ways_in).await;
        let of_them = element("userName", &told(&fixture, sample::NORMAL));
        assert!(names.body.contains(&of_them), "{}", names.body);
        for kind in ["password-link", "totp-link"] {
            let path = format!("/console/people/{}/{kind}", id(&user));
            let cookie = browser.cookie("menjin_session").unwrap();
            let confirm = sha256_base64url(format!("confirm console:{cookie}").as_bytes());
            let request = fixture.http.post(format!("{}{path}", fixture.base));
            let request = request.header("cookie", format!("menjin_session={cookie}"));
            let reply = request
                .form(&[("confirm", confirm.as_str()), ("send", "shown")])
                .send()
                .await
                .unwrap();
            let policy = reply.headers()["content-security-policy"].to_str().unwrap().to_owned();
            let body = reply.text().await.unwrap();
            assert!(
                body.contains("class=\"copyable\"") && body.contains(&told(&fixture, sample::NORMAL)),
                "{body}"
            );
            for foreign in [ELEMENT, "<!--name", "/open-data.js", "/assets/names.js"] {
                assert!(!body.contains(foreign), "{kind} has {foreign}: {body}");
            }
            let plain = got(&fixture, &browser, "/console/settings/registration").await;
            assert_eq!(policy, plain.policy, "{kind}");
        }
    }
);

scenario!(
    the_authorised_scope_is_seen_after_the_scan_alone,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let bound = fixture.admin().items("installations").await.remove(0);
        let browser = at_work(&fixture, "auditor").await;
        let path = format!("/console/installations/{}/scope", id(&bound));
        let one = open(&fixture, &browser, &format!("/console/installations/{}", id(&bound))).await;
        assert!(one.body.contains(&path), "{}", one.body);
        let before = open(&fixture, &browser, &path).await;
        let members = bound["members"].to_string();
        assert!(
            before.body.contains(&format!("<strong>{members}</strong>")),
            "{}",
            before.body
        );
        for hidden in [told(&fixture, sample::NORMAL).as_str(), "class=\"tree\"", "<table"] {
            assert!(!before.body.contains(hidden), "{hidden}: {}", before.body);
        }
        in_both_languages(&fixture, &browser, &path).await;
        proved(&fixture, &browser, &company.source).await;
        let after = open(&fixture, &browser, &path).await;
        for shown in [
            element("userName", &told(&fixture, sample::NORMAL)),
            element("departmentName", "2"),
            "class=\"tree\"".to_owned(),
        ] {
            assert!(after.body.contains(&shown), "{shown}: {}", after.body);
        }
        in_both_languages(&fixture, &browser, &path).await;
        let other = at_work(&fixture, "owner").await;
        let page = open(&fixture, &other, &path).await;
        assert!(!page.body.contains("class=\"tree\""), "another operator: {}", page.body);
    }
);

scenario!(
    the_list_of_members_has_ids_and_the_tree_of_a_company_only_after_the_scan,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let own = fixture.connect().await;
        let browser = at_work(&fixture, "auditor").await;
        let members = format!("/console/people/members?data_source={}", company.source);
        let scan = format!("/console/names/{}/scan", company.source);
        let departments = fixture
            .admin()
            .items(&format!("departments?data_source={}&top=true", company.source))
            .await;
        let before = open(&fixture, &browser, &members).await;
        assert!(before.body.contains(&told(&fixture, sample::NORMAL)), "{}", before.body);
        assert!(before.body.contains(&scan), "{}", before.body);
        in_both_languages(&fixture, &browser, &members).await;
        let all = open(&fixture, &browser, "/console/people/members").await;
        for department in &departments {
            for page in [&before, &all] {
                let branch = format!("department={}", id(department));
                assert!(!page.body.contains(&branch), "{department}: {}", page.body);
            }
        }
        let of_own = format!("/console/people/members?data_source={}", id(&own));
        for (page, tree) in [(&before, false), (&open(&fixture, &browser, &of_own).await, true)] {
            assert_eq!(page.body.contains("class=\"tree\""), tree, "{}", page.body);
        }
        proved(&fixture, &browser, &company.source).await;
        let after = open(&fixture, &browser, &members).await;
        assert!(!after.body.contains(&scan), "{}", after.body);
        for department in &departments {
            let branch = format!("department={}", id(department));
            assert!(after.body.contains(&branch), "{department}: {}", after.body);
        }
    }
);

scenario!(
    people_of_companies_that_tell_names_are_shown_as_ever,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let browser = at_work(&fixture, "owner").await;
        for path in [
            "/console/people",
            "/console/people/members",
            "/console/audit",
            "/console/sync",
        ] {
            let page = open(&fixture, &browser, path).await;
            assert!(
                !page.body.contains("/console/names/") && !page.body.contains(ELEMENT),
                "{path}"
            );
        }
    }
);
