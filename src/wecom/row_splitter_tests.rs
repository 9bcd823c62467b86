//! Tests of cutting: however a document arrives, the rows are those of the whole.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, value::RawValue};

use super::*;

/// Rows, `None` where one is too long, and what stands around them.
type Split = Result<(Vec<Option<Vec<u8>>>, Vec<u8>), Excess>;

fn split<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Split {
    let (mut splitter, mut rows) = (RowSplitter::new("userlist"), Vec::new());
    for part in parts {
        splitter.take(part, |row| match row {
            RawRow::Whole(row) => rows.push(Some(row.to_vec())),
            RawRow::TooLong => rows.push(None),
        })?;
    }
    Ok((rows, splitter.around()))
}

fn whole(document: &[u8]) -> Split {
    split([document])
}

fn texts(document: &str) -> (Vec<String>, String) {
    let (rows, around) = whole(document.as_bytes()).unwrap();
    let text = |row: Option<Vec<u8>>| String::from_utf8(row.unwrap()).unwrap();
    (rows.into_iter().map(text).collect(), text(Some(around)))
}

#[test]
fn rows_are_cut_out_and_the_rest_is_the_document_with_an_empty_list() {
    for (document, rows, around) in [
        (
            r#"{"errcode":0,"userlist":[{"a":[1,{}]},"x", 3 ],"n":[[1],{}]}"#,
            &[r#"{"a":[1,{}]}"#, r#""x""#, " 3 "][..],
            r#"{"errcode":0,"userlist":[],"n":[[1],{}]}"#,
        ),
        (r#"{"UserList" : [1]}"#, &["1"], r#"{"UserList" : []}"#),
        (r#"{"user\u006cist":[1]}"#, &["1"], r#"{"user\u006cist":[]}"#),
        (
            r#"{"userlist":["],}\\\"],["],"x":"userlist"}"#,
            &[r#""],}\\\"],[""#],
            r#"{"userlist":[],"x":"userlist"}"#,
        ),
        (r#"{"userlist":[ ]}"#, &[], r#"{"userlist":[]}"#),
        // Neither deeper nor in the place of a value, nor as something else.
        (r#"{"a":{"userlist":[1]}}"#, &[], r#"{"a":{"userlist":[1]}}"#),
        (r#"{"a":"userlist","b":[1]}"#, &[], r#"{"a":"userlist","b":[1]}"#),
        (r#"{"userlist":{"a":[1]}}"#, &[], r#"{"userlist":{"a":[1]}}"#),
        (r#"{"userlist":null,"b":[1]}"#, &[], r#"{"userlist":null,"b":[1]}"#),
        (r#"[["userlist",[1]]]"#, &[], r#"[["userlist",[1]]]"#),
        // Nor twice.
        (
            r#"{"userlist":[1],"userlist":[2]}"#,
            &["1"],
            r#"{"userlist":[],"userlist":[2]}"#,
        ),
    ] {
        let (found, rest) = texts(document);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!((found.as_slice(), rest.as_str()), (rows, around), "{document}");
    }
}

#[test]
fn what_stands_between_two_commas_is_a_row_be_it_nothing() {
    for (list, rows) in [("1,", 2), (",1", 2), (",", 2), ("{} {}", 1), ("{\"a\":[1}],2", 2)] {
        let found = texts(&format!(r#"{{"userlist":[{list}]}}"#));
        assert_eq!(found.0.len(), rows, "{list}: {found:?}");
        assert_eq!(found.1, r#"{"userlist":[]}"#);
    }
}

#[test]
fn a_document_that_was_cut_or_is_closed_wrongly_cannot_be_read() {
    let document = r#"{"userlist":[{"a":"]}"},{"b":[{}]}],"errcode":0}"#;
    let ends = (0..document.len()).map(|end| document[..end].to_owned());
    let odd = [r#"{"userlist":[1}"#, r#"{"userlist":[{]}"#, r#"{"userlist":["]}"#].map(str::to_owned);
    for broken in ends.chain(odd) {
        let around = texts(&broken).1;
        assert!(serde_json::from_str::<Value>(&around).is_err(), "{broken}: {around}");
    }
}

#[test]
fn rows_their_number_and_what_is_around_them_are_bounded() {
    let list = |rows: usize| format!(r#"{{"userlist":[{}0]}}"#, "0,".repeat(rows - 1));
    assert_eq!(texts(&list(MOST_ROWS)).0.len(), MOST_ROWS);
    assert_eq!(whole(list(MOST_ROWS + 1).as_bytes()), Err(Excess::Rows));
    let long = |length: usize| format!(r#"{{"userlist":["{}",{{"a":1}}]}}"#, "]".repeat(length - 2));
    let (fits, too_long) = (long(LONGEST_ROW), long(LONGEST_ROW + 1));
    for part in [usize::MAX, 4096, LONGEST_ROW - 7] {
        let rows = |text: &str| {
            let (rows, around) = split(text.as_bytes().chunks(part)).unwrap();
            assert_eq!((rows.len(), around.as_slice()), (2, &br#"{"userlist":[]}"#[..]));
            assert_eq!(rows[1].as_deref(), Some(&br#"{"a":1}"#[..]));
            rows[0].as_ref().map(Vec::len)
        };
        assert_eq!((rows(&fits), rows(&too_long)), (Some(LONGEST_ROW), None), "{part}");
    }
    let around = |length: usize| format!(r#"{{"x":"{}"}}"#, " ".repeat(length - 8));
    assert!(whole(around(MOST_AROUND).as_bytes()).is_ok());
    assert_eq!(whole(around(MOST_AROUND + 1).as_bytes()), Err(Excess::Around));
}

fn value(json: &[u8]) -> Value {
    serde_json::from_str(&mend(json)).unwrap()
}

/// The rows of a document that is mended as a whole, and what stands around them.
fn mended(document: &[u8]) -> (Vec<Value>, Vec<(String, Value)>) {
    let document = mend(document);
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(&document).unwrap();
    let (mut rows, mut around) = (Vec::new(), Vec::new());
    for (name, raw) in fields {
        if name.eq_ignore_ascii_case("userlist") {
            let list: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap();
            rows = list.iter().map(|row| value(row.get().as_bytes())).collect();
            around.push((name, Value::Array(Vec::new())));
        } else {
            around.push((name, value(raw.get().as_bytes())));
        }
    }
    (rows, around)
}

/// The document in parts that end here and there.
fn parts<'a>(document: &'a [u8], ends: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut ends: Vec<usize> = ends.iter().map(|end| end.index(document.len() + 1)).collect();
    ends.extend([0, document.len()]);
    ends.sort_unstable();
    ends.windows(2).map(|pair| &document[pair[0]..pair[1]]).collect()
}

/// What stands in a text: anything but a bare quote or backslash, and escapes that JSON has or has not.
fn in_text() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..12).prop_map(|bytes| {
        bytes
            .into_iter()
            .filter(|byte| !matches!(byte, b'"' | b'\\'))
            .collect::<Vec<u8>>()
    });
    let escapes = "\\\\([\"\\\\/bfnrtqx']|u[0-9a-fA-FdD]{0,4})".prop_map(String::into_bytes);
    let marks = "[\\[\\]{},:]{1,4}|userlist".prop_map(String::into_bytes);
    prop::collection::vec(prop_oneof![3 => bytes, 2 => escapes, 2 => marks], 0..5).prop_map(|texts| texts.concat())
}

/// A row with such a text, or another value.
fn row() -> impl Strategy<Value = Vec<u8>> {
    let object = (in_text(), in_text()).prop_map(|(name, other)| {
        [
            &b" {\"userid\":\"a\",\"name\":\""[..],
            &name,
            b"\",\"x\":{\"userlist\":[[\"",
            &other,
            b"\"],{}]}}",
        ]
        .concat()
    });
    let other = prop::sample::select(vec!["1", "null ", "\"x\"", "[]", "{}", "-2.5e3", "[[],[{}]]"]);
    prop_oneof![3 => object, 1 => other.prop_map(|value| value.as_bytes().to_vec())]
}

/// What may stand between rows and is no part of them.
fn between() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(&b" \n\t\x00\x1f\xff\x80"[..]), 0..3)
}

prop_compose! {
    fn document()(
        rows in prop::collection::vec((between(), row(), between()), 0..6),
        name in prop::sample::select(vec!["userlist", "USERLIST", "userL\\u0069st"]),
        words in in_text(),
        (mark, last) in (any::<bool>(), any::<bool>()),
    ) -> Vec<u8> {
        let rows: Vec<Vec<u8>> = rows.into_iter().map(|(before, row, after)| [before, row, after].concat()).collect();
        let list = [&b"\""[..], name.as_bytes(), b"\" : [", &rows.join(&b","[..]), b"]"].concat();
        let code = [&b"\"errcode\":0,\"errmsg\":\""[..], &words, b"\",\"more\":{\"list\":[1,[2]]}"].concat();
        let fields = if last { [list, code] } else { [code, list] };
        let start: &[u8] = if mark { b"\xef\xbb\xbf{" } else { b"{" };
        [start, &fields.join(&b","[..]), b"}"].concat()
    }
}

proptest! {
    #[test]
    fn however_a_document_arrives_its_rows_are_those_of_the_whole(
        document in document(), ends in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let (rows, around) = whole(&document).unwrap();
        let values: Vec<Value> = rows.iter().flatten().map(|row| value(row)).collect();
        let (expected, beside) = mended(&document);
        prop_assert_eq!(values, expected);
        prop_assert_eq!(mended(&around).1, beside);
        for parts in [parts(&document, &ends), document.chunks(1).collect()] {
            prop_assert_eq!(split(parts).unwrap(), (rows.clone(), around.clone()));
        }
    }

    #[test]
    fn so_it_is_with_bytes_that_are_no_document(
        bytes in "([\\[\\]{},:\"\\\\ a1]|\"userlist\":){0,40}", ends in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let bytes = [&b"{\"userlist\":["[..], bytes.as_bytes()].concat();
        let expected = whole(&bytes);
        prop_assert_eq!(split(parts(&bytes, &ends)), expected.clone());
        prop_assert_eq!(split(bytes.chunks(1)), expected);
    }
}
