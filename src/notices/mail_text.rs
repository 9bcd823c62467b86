//! The two parts of a mail: plain text, and HTML in which everything from outside is text. Pure.

use super::{
    delivery::{Outgoing, Part},
    visible::escaped,
};
use crate::web::texts::text;

/// The part of plain text.
pub fn plain(message: &Outgoing) -> String {
    let mut lines = vec![message.title.clone(), String::new()];
    lines.extend(message.lines.iter().cloned());
    if let Some(link) = &message.link {
        lines.extend([String::new(), link.clone()]);
    }
    lines.extend([String::new(), "-- ".to_owned(), footer(message), String::new()]);
    lines.join("\n")
}

/// Why they are told.
fn footer(message: &Outgoing) -> String {
    let key = if message.personal {
        "post-footer-personal"
    } else {
        "post-footer"
    };
    text(message.lang, key)
}

/// The part of HTML. No picture and no style from elsewhere, so that opening it tells nobody.
pub fn html(message: &Outgoing) -> String {
    let open = text(message.lang, "post-open");
    let whole = Part {
        title: message.title.clone(),
        lines: message.lines.clone(),
        link: message.link.clone(),
    };
    let body = match message.parts.is_empty() {
        true => section(&whole, "h1", &open),
        false => {
            let parts = message.parts.iter().map(|part| section(part, "h2", &open));
            format!("<h1>{}</h1>\n{}", escaped(&message.title), parts.collect::<String>())
        }
    };
    format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n<body style=\"font-family: sans-serif; line-height: 1.5\">\n\
         {body}<p style=\"color: #666\">{}</p>\n</body></html>\n",
        message.lang.tag(),
        escaped(&message.title),
        escaped(&footer(message)),
    )
}

fn section(part: &Part, heading: &str, open: &str) -> String {
    let mut html = format!("<{heading}>{}</{heading}>\n", escaped(&part.title));
    for line in &part.lines {
        html.push_str(&format!("<p>{}</p>\n", escaped(line)));
    }
    if let Some(link) = &part.link {
        let address = escaped(link);
        html.push_str(&format!(
            "<p><a href=\"{address}\">{}</a><br>{address}</p>\n",
            escaped(open)
        ));
    }
    html
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;
    use crate::{kernel::clock::Timestamp, notices::model::Topic, web::texts::Lang};

    #[test]
    fn what_comes_from_outside_is_text_in_both_parts() {
        let message = Outgoing {
            delivery: Uuid::nil(),
            mark: String::new(),
            topic: Topic::Test,
            data_source: None,
            subject: "test".to_owned(),
            address: None,
            lang: Lang::En,
            title: "<script>t</script>".to_owned(),
            lines: vec!["<img src=x onerror=\"y\">".to_owned()],
            link: Some("https://m.example/a?b='c\"&d".to_owned()),
            parts: Vec::new(),
            facts: BTreeMap::new(),
            card: None,
            personal: false,
            at: Timestamp::from_secs(0),
        };
        let html = html(&message);
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(
            html.contains("href=\"https://m.example/a?b=&#39;c&quot;&amp;d\""),
            "{html}"
        );
        assert!(plain(&message).contains("<img src=x onerror=\"y\">\n\nhttps://m.example/a?b='c\"&d\n"));
    }
}
