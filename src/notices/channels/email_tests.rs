//! Tests of mails: whatever is entered or told, a mail has the headers that we made, and no other.

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{kernel::formats::is_email, notices::model::Topic, web::texts::Lang};

/// The headers of every mail, in their order.
const HEADERS: [&str; 8] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
];

fn mailbox(sender_name: Option<String>) -> Mailbox {
    Mailbox {
        host: "mail.corp.example".to_owned(),
        port: 587,
        security: Security::Starttls,
        username: None,
        sender: "menjin@corp.example".to_owned(),
        sender_name,
    }
}

fn outgoing((title, lines, link): (String, Vec<String>, Option<String>)) -> Outgoing {
    Outgoing {
        delivery: Uuid::nil(),
        mark: Uuid::nil().to_string(),
        topic: Topic::Test,
        data_source: None,
        subject: "test".to_owned(),
        address: Some("ops@corp.example".to_owned()),
        lang: Lang::En,
        title,
        lines,
        link,
        parts: Vec::new(),
        facts: BTreeMap::new(),
        card: None,
        personal: false,
        at: Timestamp::from_secs(0),
    }
}

/// Names and values of the headers, unfolded, and the body.
fn read(mail: &Message) -> (Vec<(String, String)>, String) {
    let text = String::from_utf8(mail.formatted()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(
        head.replace("\r\n", "")
            .chars()
            .all(|letter| letter == ' ' || letter.is_ascii_graphic()),
        "{head:?}"
    );
    let lines = head.split("\r\n");
    assert!(
        lines
            .clone()
            .all(|line| !line.contains(['\r', '\n']) && line.len() <= 998),
        "{head:?}"
    );
    let unfolded = head.replace("\r\n ", " ");
    let headers = unfolded.split("\r\n").map(|line| {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("{line:?} in {head}"));
        (name.to_owned(), value.trim().to_owned())
    });
    (headers.collect(), body.to_owned())
}

fn assert_ours(mail: &Message) {
    let (headers, body) = read(mail);
    // Encoded words are ours, all of one kind; one may end in `==?=`.
    let words = headers
        .iter()
        .flat_map(|(_, value)| value.match_indices("=?").filter_map(|(at, _)| value.get(at..)));
    let mut begun = words.filter(|word| !word.starts_with("=?="));
    assert!(begun.all(|word| word.starts_with("=?utf-8?b?")), "{headers:?}");
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, HEADERS, "{headers:?}");
    let value = |name: &str| &headers.iter().find(|(known, _)| known == name).unwrap().1;
    assert!(
        value("From").ends_with("menjin@corp.example>") || value("From") == "menjin@corp.example",
        "{headers:?}"
    );
    assert_eq!(
        value("From").matches('@').count(),
        1 + name_of(value("From")).matches('@').count()
    );
    assert_eq!(value("To"), "ops@corp.example");
    let boundary = value("Content-Type")
        .split("boundary=\"")
        .nth(1)
        .unwrap()
        .trim_end_matches('"');
    let dashed = format!("--{boundary}");
    assert_eq!(
        body.split("\r\n").filter(|line| line.starts_with(&dashed)).count(),
        3,
        "{body}"
    );
}

/// What stands before the address.
fn name_of(from: &str) -> &str {
    from.rsplit_once('<').map_or("", |(name, _)| name)
}

fn made(name: Option<String>, told: (String, Vec<String>, Option<String>)) -> Message {
    let mailbox = mailbox(name);
    let message = outgoing(told);
    let (from, to) = addresses(&mailbox, &message).unwrap();
    mail((&mailbox, &from), &to, &message, Timestamp::from_secs(1_767_600_000)).unwrap()
}

proptest! {
    #[test]
    fn a_mail_has_exactly_the_headers_that_we_made(
        name in proptest::option::of(any::<String>()),
        title in any::<String>(),
        lines in proptest::collection::vec(any::<String>(), 0..4),
        link in proptest::option::of(any::<String>()),
    ) {
        assert_ours(&made(name, (title, lines, link)));
    }

    #[test]
    fn nor_do_letters_that_mean_something_in_headers_add_one(
        name in "[\r\n\t ,;:<>@()\"\\\\=?a-z\u{0}\u{202e}é李]{0,80}",
        title in "[\r\n\t ,;:<>@()\"\\\\=?a-z\u{0}\u{202e}é李]{0,300}",
    ) {
        assert_ours(&made(Some(name), (title, Vec::new(), None)));
    }
}

#[test]
fn what_is_written_to_inject_is_a_name_and_a_subject() {
    for hostile in [
        "Eve\r\nBcc: victim@corp.example",
        "Eve\" <eve@evil.example>, \"x",
        "=?utf-8?q?Eve=0D=0ABcc:_victim=40corp.example?=",
        "Eve\n\n<script>",
        "\u{202e}evE\u{2066}",
        "\\",
        "a,b;c:d(e)",
        "\u{2028}Bcc: x@y.example",
    ] {
        let mail = made(
            Some(hostile.to_owned()),
            (hostile.to_owned(), vec![hostile.to_owned()], None),
        );
        assert_ours(&mail);
    }
}

#[test]
fn an_address_with_anything_besides_is_none() {
    for hostile in [
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "<a@b.example>",
        "a@b.example>",
        "a b@c.example",
        "\"a\r\nb\"@c.example",
        "a@b.example\u{0}",
        "a@[169.254.169.254] x",
        "",
    ] {
        assert!(!(is_email(hostile) && is_address(hostile)), "{hostile:?}");
    }
}

#[tokio::test]
async fn a_name_that_leads_to_a_link_local_address_is_not_called() {
    for host in ["169.254.169.254", "fe80::1"] {
        let mailbox = Mailbox {
            host: host.to_owned(),
            ..mailbox(None)
        };
        let Err(Outcome::Blocked { error, .. }) = resolved(&mailbox).await else {
            panic!("{host}")
        };
        assert!(error.starts_with("NO-119"), "{error}");
    }
    let own = Mailbox {
        host: "127.0.0.1".to_owned(),
        ..mailbox(None)
    };
    assert!(resolved(&own).await.is_ok());
}

#[test]
fn of_an_answer_to_a_login_only_its_code_is_kept() {
    for (said, kept) in [
        ("5.7.8 rejected AG1lbmppbgBodW50ZXIy", "5.7.8"),
        ("5.7.8", "5.7.8"),
        ("hunter2", ""),
        ("1.2.3 x", ""),
        ("5.7.hunter2", ""),
        ("5.7.8.9", ""),
        ("5.1234.8", ""),
        ("", ""),
    ] {
        assert_eq!(enhanced(said), kept, "{said}");
    }
}
