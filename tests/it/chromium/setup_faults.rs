//! The set-up in real Chromium with everything wrong that the API tells apart: each fault stops at its own field, in its own words, and is mended there;
//! with the auth source on its own, later than the data source.

use std::time::Duration;

use menjin::kernel::failure::Entry;
use simulator::{Owner, sample, world::App};
use thirtyfour::prelude::*;

use super::{
    person::{Person, closed, opened},
    setup::{callbacks_issued, people_and_portal, scan},
};
use crate::fixture::Fixture;

fn entry(number: &str) -> &'static Entry {
    let mut entries = menjin::reference_numbers().into_iter();
    entries.find(|entry| entry.number == number).unwrap()
}

fn edit_app(fixture: &Fixture, change: impl FnOnce(&mut App)) {
    fixture.edit_corp(|corp| change(corp.apps.get_mut(&sample::AGENT_ID).unwrap()));
}

impl Person<'_> {
    /// Waits until this stands there, with the sentence of this number.
    async fn told(&self, css: &str, number: &'static str) {
        let sentence = match self.lang {
            "en" => entry(number).en,
            _ => entry(number).zh,
        };
        // Both at once: what was found may be replaced by the next answer.
        let told = self
            .browser
            .driver
            .query(By::Css(css))
            .with_text(move |text: &str| text.contains(number) && text.contains(sentence))
            .wait(Duration::from_secs(30), Duration::from_millis(100))
            .first()
            .await;
        if told.is_err() {
            panic!("{number} does not stand at {css}: {}", self.browser.shown().await)
        }
    }

    /// Fills in a form, field by field, and leaves the last one.
    async fn enters(&self, fields: &[(&str, &str)]) {
        for (css, value) in fields {
            self.fill(css, value).await;
        }
        if let Some((last, _)) = fields.last() {
            self.leave(last).await;
        }
    }
}

async fn corp(person: &mut Person<'_>) {
    person.browser.find("#f-corp-id").await;
    person.fill("#f-name", "青云科技").await;
    for (corp_id, secret, field, number) in [
        ("ww 1", "", "#f-corp-id", "DI-101"),
        ("ww0000000000000000", sample::CONTACTS_SECRET, "#f-corp-id", "DI-236"),
        (sample::CORP, "nonsense-secret", "#f-contacts-secret", "DI-238"),
        (sample::CORP, sample::APP_SECRET, "#f-contacts-secret", "DI-240"),
    ] {
        person
            .enters(&[("#f-corp-id", corp_id), ("#f-contacts-secret", secret)])
            .await;
        person.told(&format!("{field}-fault"), number).await;
    }
    person.look("fault-of-the-secret").await;
    person.enters(&[("#f-contacts-secret", sample::CONTACTS_SECRET)]).await;
    person.browser.find("#f-contacts-secret-fine").await;
    person.click(".asked form .button").await;
    person.browser.find(".steps a[href$='/app'][aria-current]").await;
}

async fn app(person: &mut Person<'_>) {
    let (agent, secret) = ("#f-app-agent-id", "#f-app-secret");
    person.enters(&[(agent, "1000002"), (secret, "nonsense-secret")]).await;
    person.told("#f-app-secret-fault", "DI-237").await;
    let other = sample::OLD_AGENT_ID.to_string();
    person.enters(&[(agent, &other), (secret, sample::APP_SECRET)]).await;
    person.told("#f-app-agent-id-fault", "DI-239").await;
    edit_app(person.fixture, |app| {
        app.trusted_ips = Some(vec!["192.0.2.1".to_owned()])
    });
    person.enters(&[(agent, "1000002")]).await;
    person.told("#f-app-secret-fault", "DI-212").await;
    person.look("fault-of-the-address").await;
    edit_app(person.fixture, |app| app.trusted_ips = None);
}

/// The other way: an auth source that is made by itself, with another company's ID at first.
async fn auth_source_on_its_own(person: &mut Person<'_>) {
    person.click("a[href$='/auth-source']").await;
    let secret = "#f-app-secret";
    person
        .enters(&[
            ("#f-corp-id", sample::CORP2),
            ("#f-agent-id", "1000002"),
            (secret, sample::APP_SECRET2),
        ])
        .await;
    person.told("#f-corp-id-fault", "CO-110").await;
    person.look("fault-of-two-corps").await;
    person.click(".asked form .button").await;
    // It is not saved unnoticed: whoever means it says so.
    person.browser.find("input[name='mismatch_meant']").await;
    person.told("#f-corp-id-fault", "CO-110").await;
    person
        .enters(&[("#f-corp-id", sample::CORP), (secret, sample::APP_SECRET)])
        .await;
    person.browser.find("#f-app-secret-fine").await;
    person.click(".asked form .button").await;
}

/// Without an app of the data source nobody can say here what WeCom trusts; the scan will show it.
async fn domain(person: &mut Person<'_>) {
    person.browser.find(".steps a[href$='/domain'][aria-current]").await;
    person.fixture.trust_domain();
    person.click("a.button[href$='/callbacks']").await;
}

async fn callbacks(person: &mut Person<'_>) {
    let [url, token, key] = callbacks_issued(person).await;
    for (corp, token, number) in [
        (sample::CORP, "other", "WC-181"),
        (sample::CORP2, token.as_str(), "WC-183"),
    ] {
        let wecom = &person.fixture.wecom;
        let saved = wecom.configure_callback(corp, Owner::Contacts, &url, token, &key).await;
        assert!(saved.is_err(), "{number}");
        person.told("[data-poll] .problem", number).await;
        // What is refused is told again a minute later.
        person.fixture.advance(Duration::from_secs(61));
    }
    person.look("another-receive-id").await;
    let wecom = &person.fixture.wecom;
    let saved = wecom.configure_callback(sample::CORP, Owner::Contacts, &url, &token, &key);
    saved.await.unwrap();
    person.browser.find(".monitor li:last-child .state.yes").await;
    person.click(".steps a[href$='/people']").await;
}

async fn stops_at_each(at: (&'static str, u32)) {
    let Some((fixture, browser)) = opened(at).await else {
        return;
    };
    let mut person = Person::at_console((&fixture, &browser), at).await;
    person.name = format!("faults-{}-{}", at.0, at.1);
    Box::pin(corp(&mut person)).await;
    Box::pin(app(&mut person)).await;
    Box::pin(auth_source_on_its_own(&mut person)).await;
    Box::pin(domain(&mut person)).await;
    Box::pin(callbacks(&mut person)).await;
    Box::pin(people_and_portal(&mut person)).await;
    Box::pin(scan(&mut person)).await;
    closed(browser).await;
}

#[actix_web::test]
async fn chromium_stops_at_the_field_of_each_fault_and_goes_on_once_it_is_mended() {
    Box::pin(stops_at_each(("zh-CN", 1280))).await;
}

#[actix_web::test]
async fn chromium_stops_at_the_field_of_each_fault_on_a_phone_in_english_too() {
    Box::pin(stops_at_each(("en", 390))).await;
}
