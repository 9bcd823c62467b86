//! Tests of what notices say.

use super::*;

fn kept(topic: Topic, facts: &[(&str, &str)]) -> Kept {
    Kept {
        topic,
        subject: "matter:1".to_owned(),
        facts: facts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        path: Some("/access-requests/x".to_owned()),
        data_source: None,
        card: None,
        pressers: None,
        at: Timestamp::from_secs(0),
    }
}

fn to(lang: Lang) -> Addressed {
    Addressed {
        delivery: Uuid::nil(),
        mark: "mark".to_owned(),
        kind: ChannelKind::Email,
        data_source: None,
        address: None,
        lang,
        personal: false,
    }
}

// WeCom takes 2,048 bytes of a text and drops the rest without a word.
#[test]
fn a_digest_over_wecom_fits_and_says_how_many_more_there_are() {
    let long = kept(
        Topic::AccessRequested,
        &[("name", &"李".repeat(60)), ("reason", &"因".repeat(500))],
    );
    let others: Vec<Kept> = (0..29).map(|_| long.clone()).collect();
    let short = Addressed {
        kind: ChannelKind::Wecom,
        ..to(Lang::Zh)
    };
    let digest = message(&long, &others, short, "https://sso.corp.example");
    let whole = digest.lines.join("\n");
    assert!(digest.title.len() + whole.len() + 1 < 2048, "{}", whole.len());
    let told = digest.lines.iter().filter(|line| line.starts_with('·')).count();
    let more = (30 - told).to_string();
    assert!(
        told > 5 && whole.contains(&more) && whole.contains("/console/settings/notices"),
        "{whole}"
    );
    // All of it goes where there is room.
    let all = message(&long, &others, to(Lang::Zh), "https://sso.corp.example");
    assert_eq!(all.lines.iter().filter(|line| line.starts_with('·')).count(), 30);
}

#[test]
fn what_has_no_link_differs_over_wecom_though_its_words_do_not() {
    let test = |mark: &str| {
        let mut kept = kept(Topic::Test, &[]);
        kept.path = None;
        let to = Addressed {
            kind: ChannelKind::Wecom,
            mark: mark.to_owned(),
            ..to(Lang::En)
        };
        message(&kept, &[], to, "https://m").lines
    };
    assert_ne!(test("one"), test("two"));
    assert_eq!(test("one"), test("one"));
}

#[test]
fn every_topic_and_every_fact_has_its_texts_in_both_languages() {
    let all: Vec<(&str, &str)> = FACTS.iter().map(|name| (*name, "value")).collect();
    for lang in Lang::ALL {
        for topic in Topic::ALL.iter().copied() {
            let kept = kept(topic, &all);
            let lines = lines(&kept, lang);
            assert_eq!(lines.len(), FACTS.len() + 1, "{topic:?}");
            for line in lines.iter().chain([&title(&kept, lang)]) {
                assert!(!line.contains("post-") && !line.contains('{'), "{line}");
            }
        }
    }
}

#[test]
fn a_refused_press_says_what_can_be_done_about_it_and_nothing_else() {
    for lang in Lang::ALL {
        let lead = |case: &str| lines(&kept(Topic::AccessPressRefused, &[(CASE, case)]), lang).remove(0);
        let usual = lines(&kept(Topic::AccessPressRefused, &[]), lang).remove(0);
        let (over, not_theirs) = (lead(OVER), lead(NOT_THEIRS));
        assert!(
            usual != over && usual != not_theirs && over != not_theirs,
            "{over} {not_theirs}"
        );
        for text in [&over, &not_theirs] {
            assert!(
                !text.contains("post-") && !text.contains("still waits") && !text.contains("再次点击"),
                "{text}"
            );
        }
    }
}

#[test]
fn a_hostile_name_steers_nothing_and_is_no_markup() {
    let hostile = "<b>\u{202e}x\r\nBcc: y@z.example";
    let message = message(
        &kept(Topic::AccessRequested, &[("name", hostile)]),
        &[],
        to(Lang::En),
        "https://m",
    );
    for text in message.lines.iter().chain([&message.title]) {
        assert!(
            !text.chars().any(|letter| letter.is_control() || letter == '\u{202e}'),
            "{text:?}"
        );
    }
    assert!(message.title.contains("<b>x Bcc"), "channels escape: {}", message.title);
    for text in message.lines.iter().chain([&message.title]) {
        assert!(!text.contains("z.example"), "mail programs make a link of it: {text}");
    }
    assert_eq!(message.link.as_deref(), Some("https://m/access-requests/x"));
}

#[test]
fn several_notices_are_one_message_without_a_link_of_its_own() {
    let first = kept(Topic::Alert, &[("what", "A"), ("what_zh", "甲")]);
    let second = kept(Topic::Alert, &[("what", "B")]);
    let digest = message(&first, std::slice::from_ref(&second), to(Lang::Zh), "https://m");
    assert_eq!((digest.parts.len(), digest.link), (2, None));
    let told = digest.lines.join("\n");
    assert!(
        told.contains('甲') && told.contains('B') && told.contains("https://m/access-requests/x"),
        "{told}"
    );
}
