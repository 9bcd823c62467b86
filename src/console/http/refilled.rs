//! A page with what somebody typed put back into its form: every form of the console is found again by where it is sent, so that no page has to know how
//! it is filled in. What is hidden, what is secret and files stay as the page has them. Pure.

use std::collections::{BTreeMap, VecDeque};

/// What was typed, and where it was sent.
pub(super) struct Typed<'a> {
    /// Path of the address.
    pub action: &'a str,
    /// The fields, as they were sent.
    pub fields: &'a [(String, String)],
}

/// Inputs in which nothing is put back.
const LEFT: [&str; 7] = ["hidden", "password", "file", "submit", "button", "image", "reset"];

/// The page at the path `here` with what was typed, and with this note before the form; `None`: the page has no such form.
pub(super) fn refilled(page: &str, here: &str, typed: &Typed<'_>, note: &str) -> Option<String> {
    let parts: Vec<&str> = page.split("<form ").collect();
    let (before, forms) = parts.split_first()?;
    let fits: Vec<usize> = forms
        .iter()
        .enumerate()
        .filter(|(_, form)| is_sent_to(form, here, typed.action))
        .map(|(place, _)| place)
        .collect();
    // Of several that are sent there it is the one about the same, and of those the one in which that can be typed; else the first.
    let weight = |place: &&usize| {
        let form = forms.get(**place).copied().unwrap_or_default();
        (names_the_same(form, typed), asks_for(form, typed))
    };
    let chosen = *fits.iter().rev().max_by_key(weight)?;
    let mut whole = (*before).to_owned();
    for (place, form) in forms.iter().enumerate() {
        if place != chosen {
            whole.push_str("<form ");
            whole.push_str(form);
            continue;
        }
        whole = unfolded(&whole);
        whole.push_str(note);
        whole.push_str("<form ");
        match form.split_once("</form>") {
            Some((own, behind)) => {
                whole.push_str(&filled(own, typed));
                whole.push_str("</form>");
                whole.push_str(behind);
            }
            None => whole.push_str(&filled(form, typed)),
        }
    }
    Some(whole)
}

/// Whether a form is sent to this path: where it does not say, to that of its page.
fn is_sent_to(form: &str, here: &str, action: &str) -> bool {
    let tag = form.split('>').next().unwrap_or_default();
    let to = attribute(tag, "action");
    let to = to.as_deref().unwrap_or(here);
    let to = to.split(['?', '#']).next().unwrap_or_default();
    attribute(tag, "method").is_some_and(|method| method == "post") && to == action
}

/// Whether what the form says without being asked, but for what every form carries, was sent.
fn names_the_same(form: &str, typed: &Typed<'_>) -> bool {
    let own = form.split("</form>").next().unwrap_or_default();
    own.split("<input ").skip(1).all(|input| {
        let tag = input.split('>').next().unwrap_or_default();
        let (name, value) = (attribute(tag, "name"), attribute(tag, "value").unwrap_or_default());
        let is_hidden = attribute(tag, "type").is_some_and(|kind| kind == "hidden");
        let Some(name) = name.filter(|name| is_hidden && !super::again::is_meaningless(name)) else {
            return true;
        };
        typed
            .fields
            .iter()
            .any(|(known, sent)| *known == name && *sent == value)
    })
}

/// How many of the things that were typed the form asks for.
fn asks_for(form: &str, typed: &Typed<'_>) -> usize {
    let own = form.split("</form>").next().unwrap_or_default();
    let asked = |(name, _): &&(String, String)| {
        !super::again::is_meaningless(name) && own.contains(&format!(" name=\"{name}\""))
    };
    typed.fields.iter().filter(asked).count()
}

/// A text whose last fold is open, where it is not closed before the end: what is put back is seen.
fn unfolded(text: &str) -> String {
    match text.rsplit_once("<details") {
        Some((before, within)) if !within.contains("</details>") && !within.starts_with(" open") => {
            format!("{before}<details open{within}")
        }
        _ => text.to_owned(),
    }
}

/// The inside of a form with what was typed.
fn filled(form: &str, typed: &Typed<'_>) -> String {
    let mut lines: BTreeMap<&str, VecDeque<&str>> = BTreeMap::new();
    for (name, value) in typed.fields {
        lines.entry(name).or_default().push_back(value);
    }
    let mut whole = String::new();
    let mut choice: Option<(String, bool)> = None;
    let mut rest = form;
    while let Some((before, after)) = rest.split_once('<') {
        whole.push_str(before);
        let Some((tag, behind)) = after.split_once('>') else {
            whole.push('<');
            whole.push_str(after);
            return whole;
        };
        rest = behind;
        let kind = tag.split(|sign: char| sign.is_whitespace()).next().unwrap_or_default();
        let name = attribute(tag, "name").unwrap_or_default();
        let new = match kind {
            "input" => input(tag, &name, (typed, &mut lines)),
            "select" => {
                choice = Some((name, tag.split_whitespace().any(|word| word == "multiple")));
                tag.to_owned()
            }
            "/select" => {
                choice = None;
                tag.to_owned()
            }
            "option" => match &choice {
                Some((name, many)) if *many || typed.fields.iter().any(|(known, _)| known == name) => {
                    let value = attribute(tag, "value").unwrap_or_default();
                    flagged(tag, "selected", has(typed, name, &value))
                }
                _ => tag.to_owned(),
            },
            "textarea" => match lines.get_mut(name.as_str()).and_then(VecDeque::pop_front) {
                Some(value) => {
                    whole.push_str(&format!("<{tag}>{}", escaped(value)));
                    // What stood in it goes.
                    rest = rest.find("</textarea>").and_then(|end| rest.get(end..)).unwrap_or(rest);
                    continue;
                }
                None => tag.to_owned(),
            },
            _ => tag.to_owned(),
        };
        whole.push_str(&format!("<{new}>"));
    }
    whole.push_str(rest);
    whole
}

fn has(typed: &Typed<'_>, name: &str, value: &str) -> bool {
    typed.fields.iter().any(|(known, sent)| known == name && sent == value)
}

/// The tag of an input with what was typed there.
fn input(tag: &str, name: &str, (typed, lines): (&Typed<'_>, &mut BTreeMap<&str, VecDeque<&str>>)) -> String {
    let kind = attribute(tag, "type").unwrap_or_else(|| "text".to_owned());
    let value = attribute(tag, "value");
    match kind.as_str() {
        left if LEFT.contains(&left) => tag.to_owned(),
        "checkbox" => flagged(tag, "checked", has(typed, name, value.as_deref().unwrap_or("on"))),
        "radio" if lines.contains_key(name) => flagged(tag, "checked", has(typed, name, &value.unwrap_or_default())),
        "radio" => tag.to_owned(),
        _ => match lines.get_mut(name).and_then(VecDeque::pop_front) {
            Some(line) => with_value(tag, line),
            None => tag.to_owned(),
        },
    }
}

/// A tag with another value.
fn with_value(tag: &str, value: &str) -> String {
    let value = escaped(value);
    let old = tag.split_once(" value=\"");
    match old.and_then(|(before, rest)| Some((before, rest.split_once('"')?.1))) {
        Some((before, after)) => format!("{before} value=\"{value}\"{after}"),
        None => format!("{tag} value=\"{value}\""),
    }
}

/// A tag with this word, or without it. What stands in quotes is no word.
fn flagged(tag: &str, word: &str, wanted: bool) -> String {
    let word = format!(" {word}");
    let outside = |(place, part): (usize, &str)| match place % 2 {
        0 => part.replace(&word, ""),
        _ => part.to_owned(),
    };
    let without = tag.split('"').enumerate().map(outside).collect::<Vec<_>>().join("\"");
    match wanted {
        true => format!("{without}{word}"),
        false => without,
    }
}

/// The value of an attribute.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = format!(" {tag}");
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| unescaped(value))
}

const SIGNS: [(&str, char); 5] = [
    ("&#38;", '&'),
    ("&#60;", '<'),
    ("&#62;", '>'),
    ("&#34;", '"'),
    ("&#39;", '\''),
];

fn escaped(text: &str) -> String {
    let mut whole = String::new();
    for sign in text.chars() {
        match SIGNS.iter().find(|(_, known)| *known == sign) {
            Some((written, _)) => whole.push_str(written),
            None => whole.push(sign),
        }
    }
    whole
}

fn unescaped(text: &str) -> String {
    // The ampersand last: what it began is none of the others.
    let others = SIGNS.iter().rev();
    others
        .fold(text.to_owned(), |text, (written, sign)| {
            text.replace(written, &sign.to_string())
        })
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::{Typed, refilled};

    const PAGE: &str = "<p>before</p><details><summary>s</summary><form class=\"fields\" method=\"post\" action=\"/console/a\"><input type=\"hidden\" name=\"version\" value=\"7\">\
<input name=\"name\" value=\"old &#34;one&#34;\" required><input name=\"name\" type=\"text\"><input type=\"password\" name=\"secret\"><textarea name=\"text\" rows=\"3\">old</textarea>\
<label title=\"is checked here\"><input type=\"checkbox\" name=\"tick\" value=\"a\" checked> A</label><input type=\"checkbox\" name=\"tick\" value=\"b\"><input type=\"checkbox\" name=\"on\">\
<input type=\"radio\" name=\"way\" value=\"x\" checked><input type=\"radio\" name=\"way\" value=\"y\">\
<select name=\"role\"><option value=\"1\" selected>1</option><option value=\"2\">2</option></select><select name=\"many\" multiple><option value=\"1\" selected>1</option></select>\
<button type=\"submit\">go</button></form></details><p>after</p>";

    fn typed(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn each_kind_of_input_has_what_was_typed_and_secrets_have_nothing() {
        let fields = typed(&[
            ("confirm", "c"),
            ("version", "6"),
            ("name", "<new> & \"two\""),
            ("name", "second"),
            ("secret", "s3cret"),
            ("text", "a\nb"),
            ("tick", "b"),
            ("on", "on"),
            ("way", "y"),
            ("role", "2"),
        ]);
        let page = refilled(
            PAGE,
            "/console/b",
            &Typed {
                action: "/console/a",
                fields: &fields,
            },
            "<p>note</p>",
        )
        .unwrap();
        for there in [
            "<details open><summary>s</summary><p>note</p><form class",
            "name=\"version\" value=\"7\"",
            "name=\"name\" value=\"&#60;new&#62; &#38; &#34;two&#34;\" required>",
            "<input name=\"name\" type=\"text\" value=\"second\">",
            "<input type=\"password\" name=\"secret\">",
            "rows=\"3\">a\nb</textarea>",
            "<label title=\"is checked here\"><input type=\"checkbox\" name=\"tick\" value=\"a\"> A",
            "name=\"tick\" value=\"b\" checked>",
            "name=\"on\" checked>",
            "value=\"x\"><input type=\"radio\" name=\"way\" value=\"y\" checked>",
            "<option value=\"1\">1</option><option value=\"2\" selected>2</option>",
            "multiple><option value=\"1\">1</option>",
            "</form></details><p>after</p>",
        ] {
            assert!(page.contains(there), "{there}: {page}");
        }
        assert!(!page.contains("s3cret"));
    }

    #[test]
    fn of_two_forms_that_are_sent_to_one_address_it_is_the_one_about_the_same() {
        let page = "<form method=\"post\"><input type=\"hidden\" name=\"id\" value=\"1\"><input name=\"n\"></form><form method=\"post\"><input type=\"hidden\" name=\"id\" value=\"2\"><input name=\"n\"></form><form><input name=\"n\"></form>";
        let fields = typed(&[("id", "2"), ("n", "typed")]);
        let whole = refilled(
            page,
            "/x",
            &Typed {
                action: "/x",
                fields: &fields,
            },
            "",
        )
        .unwrap();
        assert!(
            whole.contains("value=\"2\"><input name=\"n\" value=\"typed\"></form><form><input name=\"n\">"),
            "{whole}"
        );
        assert_eq!(whole.matches("typed").count(), 1);
        assert_eq!(
            refilled(
                page,
                "/y",
                &Typed {
                    action: "/x",
                    fields: &fields
                },
                ""
            ),
            None
        );
    }
}
