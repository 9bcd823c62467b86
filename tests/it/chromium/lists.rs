//! Searching as one types, lists that follow the keyboard, rows that lead on, and heads that stay, in real Chromium: in both languages, on a phone and
//! on a desk.

use simulator::sample;

use super::person::{ON_A_DESK, ON_A_PHONE, Person, closed, opened};
use crate::actors::id;

/// Keys, as WebDriver writes them.
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";

impl Person<'_> {
    /// What a script of a page answers.
    async fn asks(&self, script: &str) -> serde_json::Value {
        let answer = self.browser.driver.execute(script, Vec::new()).await.unwrap();
        answer.json().clone()
    }

    /// Waits until this holds on the page, which may be left for another meanwhile.
    async fn until(&self, holds: &str) {
        let waits = format!(
            "return new Promise((done) => {{ const look = (left) => {{ if ({holds}) {{ done(true); }} \
             else if (left) {{ setTimeout(look, 50, left - 1); }} else {{ done(false); }} }}; look(100); }})"
        );
        for _ in 0..4 {
            if let Ok(answer) = self.browser.driver.execute(&waits, Vec::new()).await
                && *answer.json() == true
            {
                return;
            }
        }
        panic!("{holds} does not hold at {}", self.browser.shown().await);
    }

    async fn presses(&self, keys: &str) {
        let focused = self.browser.driver.active_element().await.unwrap();
        focused.send_keys(keys).await.unwrap();
    }
}

async fn searches(person: &Person<'_>, she: &str) {
    const BOX: &str = "document.getElementById('search')";
    // The page has the focus, and `/` leads to the box.
    person.browser.find("body").await.send_keys("/").await.unwrap();
    person.until(&format!("document.activeElement === {BOX}")).await;
    person.presses("lihu").await;
    person.browser.find(".found [role='option']").await;
    person.look("lists-search").await;
    person
        .until(&format!("{BOX}.getAttribute('aria-expanded') === 'true'"))
        .await;
    // Escape closes it, and what is typed stays.
    person.presses(ESCAPE).await;
    person
        .until(&format!(
            "{BOX}.getAttribute('aria-expanded') === 'false' && {BOX}.value === 'lihu'"
        ))
        .await;
    person.presses("a").await;
    person
        .until("document.querySelectorAll('.found:not([hidden]) [role=group] [role=option]').length > 0")
        .await;
    person.presses(DOWN).await;
    person
        .until(&format!(
            "document.getElementById({BOX}.getAttribute('aria-activedescendant')).getAttribute('aria-selected') === 'true'"
        ))
        .await;
    // Beyond the first lies the box itself, beyond the last as well.
    person.presses(UP).await;
    person
        .until(&format!("!{BOX}.hasAttribute('aria-activedescendant')"))
        .await;
    person.presses(DOWN).await;
    person.presses(ENTER).await;
    person
        .until(&format!("location.pathname === '/console/people/{she}'"))
        .await;
    // Without a choice, Enter sends the form as without script.
    person.browser.types("#search", "lihua").await;
    person.presses(ENTER).await;
    person
        .until("location.pathname === '/console/search' && location.search === '?q=lihua'")
        .await;
}

async fn lists(person: &Person<'_>, she: &str) {
    let address = format!("{}/console/people", person.fixture.base);
    person.browser.driver.goto(&address).await.unwrap();
    person.asks("window.stays = true; return true").await;
    person.browser.types("form[data-live] input[name='q']", "lihua").await;
    person
        .until("document.querySelectorAll('table.list > tbody > tr').length === 1")
        .await;
    person
        .until("window.stays && location.search.includes('q=lihua') && document.querySelector('a[data-export]').href.includes('q=lihua')")
        .await;
    person
        .until("document.querySelector('table.list time .unseen').textContent.length > 8")
        .await;
    person.look("lists-people").await;
    person.browser.click("table.list > tbody > tr > td:nth-child(3)").await;
    person
        .until(&format!("location.pathname === '/console/people/{she}'"))
        .await;
}

/// The head of a long list stays below the top of the page where the page is scrolled on a desk; no list scrolls in a box of its own.
async fn heads_stay(person: &Person<'_>) {
    let address = format!("{}/console/people", person.fixture.base);
    person.browser.driver.goto(&address).await.unwrap();
    person.browser.find("table.list").await;
    let moved = person
        .asks(
            "const list = document.querySelector('.scroll'); const body = list.querySelector('tbody');
             for (let n = 0; n < 6; n += 1) { body.append(...[...body.children].map((row) => row.cloneNode(true))); }
             window.scrollTo(0, 900); const head = list.querySelector('th').getBoundingClientRect().top;
             return [window.scrollY, Math.abs(head - document.querySelector('.top').getBoundingClientRect().bottom), list.scrollHeight - list.clientHeight];",
        )
        .await;
    assert_eq!(moved[0], 900, "{moved}");
    assert!(moved[1].as_f64().unwrap() < 3.0, "{moved}");
    assert_eq!(moved[2], 0, "{moved}");
}

async fn goes_through(how: (&'static str, u32)) {
    let Some((fixture, browser)) = Box::pin(opened(how)).await else {
        return;
    };
    Box::pin(fixture.connected_portal()).await;
    let person = Box::pin(Person::at_console((&fixture, &browser), how)).await;
    let width = how.1;
    let she = fixture.admin().user_id(sample::NORMAL).await;
    Box::pin(searches(&person, &she)).await;
    Box::pin(lists(&person, &she)).await;
    if width > 820 {
        Box::pin(heads_stay(&person)).await;
    }
    for (page, name) in [
        ("people?signed_in=never", "people-never"),
        ("people/members", "members"),
        ("portals", "portals"),
        ("refusals", "refusals"),
        ("leaving", "leaving"),
        ("requests", "requests"),
        ("sync", "sync"),
    ] {
        let address = format!("{}/console/{page}", fixture.base);
        browser.driver.goto(&address).await.unwrap();
        person.look(&format!("lists-{name}")).await;
    }
    let source = fixture.admin().items("data-sources").await.remove(0);
    let address = format!("{}/console/wecom/{}#egress", fixture.base, id(&source));
    browser.driver.goto(&address).await.unwrap();
    person.look("lists-source").await;
    closed(browser).await;
}

#[actix_web::test]
async fn chromium_searches_as_one_types_on_a_phone_in_chinese() {
    Box::pin(goes_through(ON_A_PHONE)).await;
}

#[actix_web::test]
async fn chromium_searches_as_one_types_on_a_desk_in_english() {
    Box::pin(goes_through(ON_A_DESK)).await;
}
