//! Where WeCom gives no name nobody sees one, anywhere: names are planted in WeCom, and everything that the flow leaves behind is searched for them.

use serde_json::{Value, json};
use simulator::sample;
use tracing_subscriber::{filter::LevelFilter, util::SubscriberInitExt};

use super::{
    applied, apply, asking, cards, decide, imported, link, link::signed_in_from, name_approver, own_page, tick,
};
use crate::{
    actors::{Browser, Portal, id},
    console::at_work,
    export::Log,
    fixture::Fixture,
    notices::{mail_channel, smtp_sink::SmtpSink},
    scenario,
};

/// Names as WeCom knows them, of whoever asks, decides and looks on.
const PLANTED: [(&str, &str); 4] = [
    (sample::NORMAL, "隐姓埋名甲"),
    (sample::ADMIN, "隐姓埋名乙"),
    (sample::BY_TAG, "隐姓埋名丙"),
    (sample::BY_PICK, "隐姓埋名丁"),
];

/// Lists of the API.
const LISTS: &[&str] = &[
    "access-requests",
    "users",
    "members",
    "notices",
    "notice-subscriptions",
    "audit-events",
    "conflicts",
    "sessions",
    "sync-runs",
    "offboardings",
    "data-sources",
    "clients",
    "doctor",
];

/// Pages of the console, its search among them.
const PAGES: &[&str] = &[
    "/console",
    "/console/audit",
    "/console/audit?kind=access_request.approved",
    "/console/audit/export.csv",
    "/console/leaving",
    "/console/people",
    "/console/people.csv",
    "/console/people/members.csv",
    "/console/refusals.csv",
    "/console/requests.csv?state=any",
    "/console/leaving.csv",
    "/console/sync/conflicts.csv?decision=any",
    "/console/search/found?q=lihua",
    "/console/people/members",
    "/console/portals/wiki/access",
    "/console/refusals",
    "/console/requests?state=any",
    "/console/search?q=lihua",
    "/console/settings/notices",
    "/console/sync",
];

/// What was seen, and where.
#[derive(Default)]
struct Seen(Vec<(String, String)>);

impl Seen {
    fn note(&mut self, place: impl Into<String>, text: impl Into<String>) {
        self.0.push((place.into(), text.into()));
    }

    async fn open(&mut self, browser: &Browser, fixture: &Fixture, path: &str) {
        let page = browser.open(&format!("{}{path}", fixture.base)).await;
        assert!(page.status == 200 || page.status == 404, "{path}: {}", page.body);
        self.note(path, page.body);
    }

    fn names_nobody(&self) {
        for (place, text) in &self.0 {
            for (_, name) in PLANTED {
                for form in forms(name) {
                    assert!(!text.contains(&form), "{place} names {name}: {text}");
                }
            }
        }
    }
}

/// How a name may be written: as it is, escaped, as a program prints it, and as its bytes.
fn forms(name: &str) -> [String; 4] {
    let escaped = name.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let bytes = name.bytes().map(char::from).collect();
    [name.to_owned(), escaped, name.escape_unicode().to_string(), bytes]
}

/// WeCom knows these names, and tells none of them.
async fn nameless(fixture: &Fixture) -> (Value, Portal) {
    fixture.wecom.edit(|world| world.switches.shapes.missing_names = true);
    fixture.edit_corp(|corp| {
        for (userid, name) in PLANTED {
            name.clone_into(&mut corp.member_mut(userid).unwrap().name);
        }
    });
    asking(fixture).await
}

scenario!(
    with_members_by_id_alone_nobody_sees_a_name_on_pages_in_messages_records_or_the_log,
    |fixture: Fixture| async move {
        let log = Log::default();
        let writer = log.clone();
        // With one subscriber alone, a line of code that is first met on another thread counts as one that nobody listens to, for good.
        let _another = tracing::Dispatch::new(tracing_subscriber::registry());
        let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE);
        let _listening = subscriber.with_writer(move || writer.clone()).set_default();
        let (source, portal) = nameless(&fixture).await;
        let mut seen = Seen::default();
        cards::connect_callback(&fixture, &source).await;
        let approver = imported(&fixture, sample::ADMIN).await;
        imported(&fixture, sample::BY_PICK).await;
        name_approver(&fixture, &source, &approver).await;
        cards::told_by_cards(&fixture, &source, &[sample::ADMIN, sample::BY_PICK]).await;
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        let topics = json!(["access_requested", "access_approved", "access_refused", "access_ending"]);
        for lang in ["en", "zh-CN"] {
            let address = format!("{lang}@corp.example");
            let told = json!({ "channel_id": channel, "address": address, "topics": topics, "language": lang });
            fixture.admin().create("notice-subscriptions", told).await;
        }
        // One is approved by a card, with an end; one refused by the link.
        let (browser, request) = applied(&fixture, &portal).await;
        assert_eq!(request["name"], json!(null));
        let address = link(&fixture).await;
        tick(&fixture).await;
        let stranger = fixture.browser().open(&address).await;
        seen.note("the link, to a stranger", stranger.body);
        let (at_link, page) = signed_in_from(&fixture, &address, sample::ADMIN).await;
        seen.note("the link, to an approver", page.body);
        let card = cards::shown(&fixture, sample::ADMIN);
        seen.note("the card", format!("{card:?}"));
        fixture
            .wecom
            .press(card.id, "approve", simulator::Delivery::default())
            .await
            .unwrap();
        tick(&fixture).await;
        tick(&fixture).await;
        let user = fixture.admin().user(sample::NORMAL).await;
        let soon = fixture.clock.now().millis() + 24 * 3_600_000;
        let path = format!("users/{}", id(&user));
        fixture.admin().change(&path, json!({ "access_until": soon })).await;
        seen.note("the link, decided", at_link.open(&address).await.body);
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let other = fixture.browser();
        let page = apply(&fixture, &portal, &other, sample::BY_TAG, "").await;
        seen.note("their page", page.body);
        let second = fixture.admin().items("access-requests?state=open").await.remove(0);
        decide(
            &fixture,
            &second,
            "refuse",
            json!({ "reason": "no", "show_reason": true }),
        )
        .await;
        let page = own_page(&fixture, &portal, &fixture.browser(), sample::BY_TAG).await;
        seen.note("their page, refused", page.body);
        tick(&fixture).await;
        tick(&fixture).await;

        let operator = at_work(&fixture, "owner").await;
        for path in PAGES.iter().copied() {
            seen.open(&operator, &fixture, path).await;
        }
        for path in [
            format!("/console/requests/{}", id(&request)),
            format!("/console/requests/{}", id(&second)),
            format!("/console/requests/settings/{}", id(&source)),
            format!("/console/people/{}", id(&user)),
            format!("/console/people/{}/history", id(&user)),
            format!("/console/people/{}", id(&approver)),
        ] {
            seen.open(&operator, &fixture, &path).await;
        }
        for list in LISTS.iter().copied() {
            let path = if list == "doctor" {
                list.to_owned()
            } else {
                format!("{list}?limit=200")
            };
            let found = fixture.admin().get(&path).await;
            seen.note(list, found.to_string());
        }
        let (mails, messages) = (sink.mails(), fixture.wecom.messages());
        assert!(
            mails.len() >= 6 && messages.len() >= 4,
            "{} {}",
            mails.len(),
            messages.len()
        );
        let company = forms("青云科技");
        for mail in mails {
            let words = mail.words();
            let asks = words.contains("/access-requests/");
            assert!(
                !asks || company.iter().any(|form| words.contains(form)),
                "is it read? {words}"
            );
            seen.note("a mail", format!("{}\n{}", mail.text, mail.words()));
        }
        for message in messages {
            seen.note("a message", format!("{message:?}"));
        }
        let written = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
        assert!(written.contains("asked WeCom"), "is anything listened to?");
        seen.note("the log", written);
        let told: String = seen.0.iter().map(|(_, text)| text.as_str()).collect();
        assert!(told.contains(sample::NORMAL), "the member ID stands there");
        seen.names_nobody();
    }
);
