//! Lists of the console: each is sorted and filtered by its address, exported exactly as it is shown, and says what to do where it is empty.

use serde_json::json;
use simulator::sample;

use super::{at_work, in_both_languages};
use crate::{
    actors::{As, Browser, id, text},
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// Pages with an export, and the list of the API that is behind each; `{portal}`: row id of the portal.
const EXPORTED: &[(&str, &str)] = &[
    (
        "people?signed_in=never&status=active",
        "users.csv?status=active&signed_in=never",
    ),
    ("people/members?state=present&q=li", "members.csv?state=present&q=li"),
    ("people/groups?q=call", "groups.csv?q=call"),
    (
        "installations?q=nobody&status=bound",
        "installations.csv?q=nobody&status=bound",
    ),
    ("settings?q=a&role=auditor", "operators.csv?q=a&role=auditor"),
    ("settings/tokens?q=a&sort=-name", "api-tokens.csv?q=a"),
    ("portals?q=wiki&sort=-name", "clients.csv?q=wiki"),
    ("refusals?number=GT-106", "refusals.csv?number=GT-106"),
    ("refusals?person=zhangsan", "refusals.csv?user_id={zhangsan}"),
    ("requests", "access-requests.csv?state=open"),
    ("requests?state=any&sort=userid", "access-requests.csv"),
    ("leaving?reason=admin", "offboardings.csv?reason=admin"),
    ("sync?mode=apply", "sync-runs.csv?mode=apply"),
    ("sync/conflicts?decision=any&sort=-userid", "conflicts.csv"),
    (
        "sync/identities?state=open&sort=opened_at",
        "identity-findings.csv?state=open",
    ),
    ("settings/notices?state=failed", "notices.csv?state=failed"),
    (
        "wecom/{source}/external-contacts?change=chat_create",
        "data-sources/{source}/external-contact-events.csv?change=chat_create",
    ),
    (
        "portals/{portal}/access?admitted=false&sort=userid",
        "clients/wiki/access-checks.csv?admitted=false",
    ),
    (
        "portals/{portal}/logouts?state=pending",
        "logout-deliveries.csv?state=pending&client_id=wiki",
    ),
];

async fn over_the_api(fixture: &Fixture, path: &str) -> String {
    let address = format!("{}/api/v1/{path}", fixture.base);
    let answer = fixture.http.get(address).bearer_auth(ADMIN_TOKEN).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// The export that a page links to, as this person downloads it.
async fn downloaded(fixture: &Fixture, browser: &Browser, path: &str) -> String {
    let page = browser.open(&format!("{}/console/{path}", fixture.base)).await;
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let file = browser.open(&page.link(".csv")).await;
    assert_eq!(file.status, 200, "{path}: {}", file.body);
    file.body
}

scenario!(
    each_list_is_downloaded_exactly_as_it_is_shown_by_whoever_may_see_it,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let admin = fixture.admin();
        admin.create("groups", json!({ "name": "on call" })).await;
        portal.sign_in(&fixture, &fixture.browser(), As::Outsider).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        for name in [sample::NORMAL, sample::ADMIN] {
            admin.disable(name).await;
        }
        portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::ADMIN))
            .await;
        let zhangsan = admin.user_id(sample::ADMIN).await;
        let source = id(&admin.items("data-sources").await[0]).to_owned();
        let auditor = at_work(&fixture, "auditor").await;
        for (page, list) in EXPORTED {
            let page = page.replace("{portal}", &portal.id).replace("{source}", &source);
            let list = list.replace("{zhangsan}", &zhangsan).replace("{source}", &source);
            let file = downloaded(&fixture, &auditor, &page).await;
            let expected = over_the_api(&fixture, &list).await;
            assert_eq!(file, expected, "{page}");
        }
        // Of somebody whom nobody knows there is nothing to download.
        let nobody = format!("{}/console/refusals.csv?person=nobody-is-called-so", fixture.base);
        let page = auditor.open(&nobody).await;
        assert!(page.url.contains("/console/refusals?person="), "{}", page.url);
        let stranger = fixture
            .browser()
            .open(&format!("{}/console/portals.csv", fixture.base))
            .await;
        assert!(stranger.url.contains("/signin/"), "{}", stranger.url);
    }
);

scenario!(
    heads_sort_a_list_by_its_address_and_keep_what_is_filtered,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let access = format!("portals/{}/access", portal.id);
        let (admitted, refused) = (format!("{access}?admitted=true"), format!("{access}?number=GT-109"));
        let auditor = at_work(&fixture, "auditor").await;
        for (path, sorted) in [
            (admitted.as_str(), "sort=username"),
            (refused.as_str(), "sort=userid"),
            ("people?status=active", "sort=username"),
            ("people?status=active", "sort=-last_sign_in_at"),
            ("people/members?state=present", "sort=userid"),
            ("people/groups", "sort=-updated_at"),
            ("portals?enabled=true", "sort=name"),
            ("requests?state=any", "sort=userid"),
            ("leaving", "sort=at"),
            ("sync?mode=apply", "sort=started_at"),
            ("sync/identities", "sort=opened_at"),
            ("suites", "sort=name"),
        ] {
            // An empty list has no head.
            let page = auditor.open(&format!("{}/console/{path}", fixture.base)).await;
            let Some(head) = page.find_link(sorted) else {
                assert!(page.body.contains("class=\"empty\""), "{path}: {}", page.body);
                continue;
            };
            let kept = path.split_once('?').map_or("", |(_, query)| query);
            assert!(head.contains(kept), "{path}: {head}");
            let page = auditor.open(&head).await;
            assert_eq!(page.status, 200, "{head}: {}", page.body);
            assert!(page.body.contains("aria-sort=\""), "{head}: {}", page.body);
        }
    }
);

scenario!(
    people_are_filtered_by_their_last_sign_in_and_their_department,
    |fixture: Fixture| async move {
        let (_, _, _) = fixture.signed_in().await;
        let admin = fixture.admin();
        let auditor = at_work(&fixture, "auditor").await;
        let she = admin.user_id(sample::NORMAL).await;
        let link = format!("/console/people/{she}\"");
        for (path, there) in [
            ("/console/people?signed_in=never", false),
            ("/console/people?signed_in=within-7d", true),
            ("/console/people?signed_in=within-12d", true),
            ("/console/people?signed_in=before-90d", false),
        ] {
            let [en, zh] = in_both_languages(&fixture, &auditor, path).await;
            assert_eq!(
                (en.body.contains(&link), zh.body.contains(&link)),
                (there, there),
                "{path}"
            );
        }
        let member = admin.items(&format!("members?q={}", sample::NORMAL)).await.remove(0);
        let departments = admin.items("departments?limit=200").await;
        let hers = departments
            .iter()
            .find(|one| member["departments"][0] == one["wecom_id"]);
        let other = departments
            .iter()
            .find(|one| !member["departments"].as_array().unwrap().contains(&one["wecom_id"]));
        for (department, there) in [(hers.unwrap(), true), (other.unwrap(), false)] {
            let page = format!("{}/console/people?department={}", fixture.base, id(department));
            let page = auditor.open(&page).await;
            assert_eq!(page.body.contains(&link), there, "{department}: {}", page.body);
            assert!(page.body.contains("aria-current=\"true\""), "{}", page.body);
        }
    }
);

scenario!(
    an_empty_list_leads_to_the_next_step_for_whoever_may_take_it,
    |fixture: Fixture| async move {
        let (owner, auditor) = (at_work(&fixture, "owner").await, at_work(&fixture, "auditor").await);
        for (path, step) in [
            ("/console/wecom", "/console/setup/new"),
            ("/console/portals", "/console/portals/new"),
            ("/console/people/groups", "/console/people/groups/new"),
            ("/console/suites", "/console/suites/new"),
            ("/console/installations", "/console/installations/new"),
            ("/console/settings/notices", "/console/settings/notices/channels/new"),
        ] {
            let empty = |body: &str| {
                let (_, empty) = body.split_once("<p class=\"empty\">").unwrap();
                empty.split_once("</p>").unwrap().0.to_owned()
            };
            let [en, _] = in_both_languages(&fixture, &owner, path).await;
            assert!(empty(&en.body).contains(step), "{path}: {}", en.body);
            let [en, _] = in_both_languages(&fixture, &auditor, path).await;
            assert!(!empty(&en.body).contains(step), "{path}: {}", en.body);
        }
        fixture.connect().await;
        let [en, zh] = in_both_languages(&fixture, &owner, "/console/requests").await;
        assert!(en.body.contains("Nobody has asked to come in"), "{}", en.body);
        assert!(zh.body.contains("/console/requests/settings/"), "{}", zh.body);
    }
);

/// The userids in the first column of a page's list, from the top.
fn userids(body: &str) -> Vec<String> {
    let (_, list) = body.split_once("<table class=\"list\">").unwrap();
    let (_, list) = list.split_once("<tbody>").unwrap();
    let (list, _) = list.split_once("</tbody>").unwrap();
    let lines = list.split("<tr>").skip(1);
    let first = lines.map(|line| line.split_once("</th>").unwrap().0.split("<bdi>").nth(1));
    first
        .map(|cell| cell.map_or("", |cell| cell.split_once("</bdi>").unwrap().0).to_owned())
        .collect()
}

scenario!(
    the_rows_of_a_run_are_sorted_by_userid_by_a_click_and_back_by_another,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let run = admin.items("sync-runs").await.remove(0);
        let rows = format!("sync-runs/{}/rows?outcome=created&subject=member&limit=7", id(&run));
        let walked = async |sort: &str| -> Vec<String> {
            let (mut found, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = admin.get(&format!("{rows}{sort}{cursor}")).await;
                let userids = page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| text(row, "userid").to_owned());
                found.extend(userids);
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => return found,
                }
            }
        };
        let (made, up, mut down) = (
            walked("").await,
            walked("&sort=userid").await,
            walked("&sort=-userid").await,
        );
        assert!(up.len() > 14 && down != made, "{made:?} {down:?}");
        down.reverse();
        assert_eq!(down, up);
        let mut same = made.clone();
        same.sort();
        let mut sorted = up.clone();
        sorted.sort();
        assert_eq!(sorted, same);
        let is_plain = |userid: &&String| {
            let small = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
            userid.bytes().all(small)
        };
        let lower: Vec<&String> = up.iter().filter(is_plain).collect();
        assert!(lower.is_sorted() && lower.len() > 10, "{lower:?}");

        let auditor = at_work(&fixture, "auditor").await;
        let here = format!(
            "{}/console/sync/{}?outcome=created&subject=member",
            fixture.base,
            id(&run)
        );
        let page = auditor.open(&here).await;
        assert_eq!(userids(&page.body), made, "{}", page.body);
        let page = auditor.open(&page.link("sort=userid")).await;
        assert_eq!(userids(&page.body), up, "{}", page.body);
        assert!(page.body.contains("aria-sort=\"ascending\""), "{}", page.body);
        let page = auditor.open(&page.link("sort=-userid")).await;
        let mut shown = userids(&page.body);
        shown.reverse();
        assert_eq!(shown, up, "{}", page.body);
        // What is filtered stays so.
        assert!(
            page.url.contains("outcome=created") && page.url.contains("subject=member"),
            "{}",
            page.url
        );
    }
);
