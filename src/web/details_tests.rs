//! Tests of the words in which details are told in Chinese.

use std::{collections::BTreeSet, fs, path::Path};

use super::{Phrase, in_chinese, pairs, place_in_chinese};

fn nobody(_: &str) -> Option<&'static str> {
    None
}

fn zh(text: &str) -> String {
    in_chinese(text, nobody).unwrap_or_else(|| format!("not known: {text}"))
}

#[test]
fn a_sentence_keeps_its_facts() {
    for (english, chinese) in [
        ("it takes writes", "可写入"),
        ("menjin.db: 512 MB are free", "menjin.db：剩余512 MB"),
        (
            "Dorf 14 Ltd (data_source): last event 34 min ago",
            "Dorf 14 Ltd（data_source）：最近一次事件：34分钟前",
        ),
        ("one: never; two: 3 h ago", "one：从未；two：3小时前"),
        (
            "12 of 40 members would depart (guard.departures); 10 pass unasked",
            "40名成员中有12名将离职（guard.departures）；无需确认的上限为10",
        ),
        (
            "imported as li-2: the username li belongs to another person, who had this userid before",
            "以li-2导入：用户名li属于以前使用该userid的另一人",
        ),
        (
            "The contacts secret: WeCom code 60020 at user/list_id: not allow to access, from ip: 203.0.113.9 WeCom saw the address 203.0.113.9.",
            "通讯录Secret：企业微信在user/list_id返回60020：「not allow to access, from ip: 203.0.113.9」企业微信看到的地址是203.0.113.9。",
        ),
    ] {
        assert_eq!(zh(english), chinese);
    }
}

#[test]
fn what_others_say_is_quoted_and_what_nobody_knows_is_not_made_up() {
    assert_eq!(zh("gettoken failed: something new"), "gettoken失败：「something new」");
    assert_eq!(in_chinese("some new sentence of ours", nobody), None);
    let table = |text: &str| (text == "renamed unseen").then_some("未察觉的改名");
    assert_eq!(
        in_chinese("perhaps somebody else: renamed unseen", table).as_deref(),
        Some("可能是另一人：未察觉的改名")
    );
}

#[test]
fn a_failure_is_said_by_its_entry() {
    let entry = crate::entry("OB-103").unwrap();
    let text = format!(
        "https://a.example/out: OB-103 {} (timed out): refused by peer",
        entry.en
    );
    assert_eq!(
        zh(&text),
        format!("https://a.example/out：OB-103 {}（超时）「refused by peer」", entry.zh)
    );
}

#[test]
fn a_place_in_wecoms_console_is_told_by_its_chinese_labels() {
    for (place, chinese) in [
        (
            "data-sources/1 corp; 管理工具 → 通讯录同步 (Management Tools → Contacts Sync)",
            "data-sources/1 corp; 管理工具 → 通讯录同步",
        ),
        (
            "a → 授权回调域 (the app → callback domain), and 可信域名",
            "a → 授权回调域，以及可信域名",
        ),
        ("clients/wiki (the wiki)", "clients/wiki (the wiki)"),
    ] {
        assert_eq!(place_in_chinese(place), chinese);
    }
}

#[test]
fn no_fact_of_a_sentence_is_lost() {
    for (english, chinese) in pairs() {
        let places: BTreeSet<usize> = chinese
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}')?.0.parse().ok())
            .collect();
        let many = Phrase::of(english, chinese).slots.len();
        assert!(places.into_iter().eq(1..=many), "{english}");
        assert!(!chinese.is_ascii(), "{english}");
    }
}

/// A sentence that the code says no longer, or in other words, would be English on Chinese pages.
#[test]
fn every_sentence_is_still_said_by_the_code() {
    let mut sources = String::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    let stale: Vec<&str> = pairs()
        .map(|(english, _)| english)
        .filter(|english| {
            let phrase = Phrase::of(english, "");
            // Some are put together of sentences.
            let mut said = phrase.literals.iter().flat_map(|literal| literal.split(". "));
            said.any(|literal| {
                let literal = literal.trim_matches(|c: char| !c.is_alphabetic());
                literal.contains(' ') && !sources.contains(literal)
            })
        })
        .collect();
    assert!(stale.is_empty(), "{stale:#?}");
}

/// The sources, with texts that go over several lines in one.
fn gather(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("details_tests.rs") {
            let text = fs::read_to_string(path).unwrap();
            let mut joined = String::new();
            for line in text.lines() {
                match joined.strip_suffix('\\').map(str::len) {
                    Some(length) => {
                        joined.truncate(length);
                        joined.push_str(line.trim_start());
                    }
                    None => {
                        joined.push('\n');
                        joined.push_str(line);
                    }
                }
            }
            sources.push_str(&joined.replace("{{", "{").replace("}}", "}").replace("\\\"", "\""));
        }
    }
}
