//! Forms of a page as a browser reads them: what stands in their inputs, and what is sent.

use std::collections::BTreeSet;

use crate::actors::Page;

/// What is typed into lines.
const TYPED: &str = "typed <\"&'> 张三";

/// An input as the page has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub name: String,
    pub kind: String,
    /// What is sent of it; of boxes and choices the values that can be.
    pub value: String,
    chosen: bool,
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = format!(" {tag}");
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split_once('"')?.0))
}

fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (written, sign) in [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ] {
        text = text.replace(written, sign);
    }
    text
}

/// The forms of a page that are sent to this path, as what stands between their tags.
pub fn forms<'a>(page: &'a Page, path: &str) -> Vec<&'a str> {
    let here = page
        .url
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split_once('/'))
        .map(|(_, path)| format!("/{path}"))
        .unwrap();
    let fits = |form: &&str| {
        let tag = form.split('>').next().unwrap();
        let to = attribute(tag, "action").unwrap_or_else(|| here.clone());
        attribute(tag, "method").as_deref() == Some("post") && to.split(['?', '#']).next() == Some(path)
    };
    let all = page.body.split("<form ").skip(1).filter(fits);
    all.map(|form| form.split("</form>").next().unwrap()).collect()
}

pub fn inputs(form: &str) -> Vec<Input> {
    let mut found = Vec::new();
    let mut select = String::new();
    for part in form.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        let kind = tag.split(' ').next().unwrap();
        let is = |word: &str| {
            tag.split('"')
                .step_by(2)
                .any(|outside| outside.split(' ').any(|known| known == word))
        };
        let name = attribute(tag, "name").unwrap_or_default();
        let value = attribute(tag, "value").unwrap_or_default();
        match kind {
            "input" => {
                let kind = attribute(tag, "type").unwrap_or_else(|| "text".to_owned());
                let value = if kind == "checkbox" && value.is_empty() {
                    "on".to_owned()
                } else {
                    value
                };
                found.push(Input {
                    name,
                    chosen: is("checked"),
                    kind,
                    value,
                });
            }
            "textarea" => found.push(Input {
                name,
                kind: kind.to_owned(),
                value: unescaped(text),
                chosen: true,
            }),
            "select" => select = name,
            "option" => found.push(Input {
                name: select.clone(),
                kind: kind.to_owned(),
                value,
                chosen: is("selected"),
            }),
            _ => {}
        }
    }
    found
}

/// What a browser sends of a form, but for what is hidden, secret or a button.
pub fn state(form: &str) -> BTreeSet<(String, String)> {
    let sent = inputs(form).into_iter().filter(|input| match input.kind.as_str() {
        "hidden" | "password" | "file" | "submit" => false,
        "checkbox" | "radio" | "option" => input.chosen,
        _ => true,
    });
    sent.map(|input| (input.name, input.value)).collect()
}

/// The form filled in otherwise than it is: everything that is sent of it.
pub fn filled_in(form: &str) -> Vec<(String, String)> {
    let all = inputs(form);
    let last = |input: &Input| {
        all.iter()
            .rfind(|other| other.name == input.name && other.kind == input.kind)
            == Some(input)
    };
    let sent = |input: &Input| match input.kind.as_str() {
        "hidden" => Some(input.value.clone()),
        "password" => Some("never again".to_owned()),
        "file" | "submit" => None,
        "checkbox" => (!input.chosen).then(|| input.value.clone()),
        "radio" | "option" => last(input).then(|| input.value.clone()),
        "date" => Some("2031-01-31".to_owned()),
        "textarea" => Some("first\nsecond".to_owned()),
        _ => Some(TYPED.to_owned()),
    };
    let pair = |input: &Input| Some((input.name.clone(), sent(input)?));
    let pairs = all.iter().filter_map(pair).filter(|(name, _)| name != "confirm");
    pairs.collect()
}
