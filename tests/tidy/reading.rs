//! How the house rules read Rust: enough of its grammar to tell code from comments, rooms from words and functions from other lines.

/// The file without its `#[cfg(test)] mod tests { … }` at the end and without comments; `//` inside a literal is kept.
pub fn code(text: &str) -> String {
    let mut rest = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut kept = String::new();
    while let Some(letter) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| rest.split_at(end).1);
            continue;
        }
        let (taken, after) = rest.split_at(literal(rest).unwrap_or(letter.len_utf8()));
        kept.push_str(taken);
        rest = after;
    }
    kept
}

/// Length in bytes of the string or character literal that starts here.
fn literal(text: &str) -> Option<usize> {
    if let Some(inner) = text.strip_prefix('"') {
        return Some(1 + quoted(inner, '"'));
    }
    if let Some(inner) = text.strip_prefix('r') {
        let hashes = inner.chars().take_while(|letter| *letter == '#').count();
        let body = inner.split_at(hashes).1.strip_prefix('"')?;
        let closing = format!("\"{}", "#".repeat(hashes));
        return body.find(&closing).map(|at| 2 + hashes + at + closing.len());
    }
    let inner = text.strip_prefix('\'')?;
    let mut letters = inner.chars();
    let first = letters.next()?;
    if first == '\\' {
        return Some(1 + quoted(inner, '\''));
    }
    // Without a closing quote it is a lifetime.
    (letters.next() == Some('\'')).then(|| first.len_utf8() + 2)
}

/// Bytes up to and with the closing quote.
fn quoted(inner: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in inner.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == quote => return at + 1,
            _ => {}
        }
    }
    inner.len()
}

/// The rooms a file names after `crate::`, in both `crate::room::…` and `use crate::{room::…, room}`.
pub fn rooms_used(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => used.extend(items(list).iter().map(|item| first_word(item.trim_start()))),
            None => used.push(first_word(rest)),
        }
    }
    used.retain(|word| !word.is_empty());
    used
}

/// The items of a `{…}` list up to its closing brace; of nested lists only what stands before them.
fn items(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut items = Vec::new();
    let mut item = String::new();
    for letter in list.chars() {
        match letter {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(std::mem::take(&mut item)),
            letter if depth == 0 => item.push(letter),
            _ => {}
        }
    }
    items.push(item);
    items
}

fn first_word(text: &str) -> String {
    text.chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

/// Whether a line (without its indent) opens a function, of whatever visibility and kind.
pub fn opens_function(line: &str) -> bool {
    let mut rest = line;
    if let Some(after) = line.strip_prefix("pub(") {
        rest = after.split_once(") ").map_or("", |(_, rest)| rest);
    } else if let Some(after) = line.strip_prefix("pub ") {
        rest = after;
    }
    for qualifier in ["default ", "const ", "async ", "unsafe ", "extern \"C\" "] {
        rest = rest.strip_prefix(qualifier).unwrap_or(rest);
    }
    rest.starts_with("fn ")
}

#[test]
fn rooms_are_found_in_every_form() {
    assert_eq!(rooms_used("use crate::gate::Permit;"), ["gate"]);
    assert_eq!(rooms_used("use crate::{gate, app::App};"), ["gate", "app"]);
    assert_eq!(rooms_used("use crate::{app::App, gate};"), ["app", "gate"]);
    assert_eq!(
        rooms_used("use crate::{\n    kernel::{a, b::{c}},\n    web,\n};\nfn f() { crate::store::x() }"),
        ["kernel", "web", "store"]
    );
}

#[test]
fn comments_go_and_literals_stay() {
    assert_eq!(code("a // b\nc"), "a \nc");
    assert_eq!(
        code("let a = \"https://x\"; crate::gate() // no"),
        "let a = \"https://x\"; crate::gate() "
    );
    assert_eq!(code(r##"r#"a"//b"# // c"##), r##"r#"a"//b"# "##);
    assert_eq!(code("'\"' // a\n'\\'' // b\n&'a str // c"), "'\"' \n'\\'' \n&'a str ");
    assert_eq!(code("\"\\\"//\" // a"), "\"\\\"//\" ");
}

#[test]
fn functions_are_seen_whatever_stands_before() {
    for line in [
        "fn a() {",
        "pub fn a() {",
        "pub(crate) fn a() {",
        "pub(in crate::gate) async fn a() {",
        "pub const fn a() {",
        "const unsafe fn a() {",
    ] {
        assert!(opens_function(line), "{line}");
    }
    for line in ["let f = fn_name();", "// fn a", "pub const A: u8 = 1;", "function()"] {
        assert!(!opens_function(line), "{line}");
    }
}
