//! Tests of exported files: what of a finished job is believed, and what is found in a file.

use aes::cipher::{Block, BlockModeEncrypt, KeyIvInit};
use proptest::prelude::*;

use super::*;
use crate::wecom::{members, model::Member};

type Encryptor = cbc::Encryptor<aes::Aes256>;

const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

fn key() -> AesKey {
    AesKey::parse(&Secret::new(KEY.to_owned())).unwrap()
}

/// Encrypts as WeCom does, by hand.
fn sealed(plain: &[u8]) -> Vec<u8> {
    let mut plain = plain.to_vec();
    let pad = 32 - plain.len() % 32;
    plain.resize(plain.len() + pad, u8::try_from(pad).unwrap());
    raw(plain)
}

fn raw(mut plain: Vec<u8>) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    // The last character without its two unused bits, which strict decoders want.
    let bytes = STANDARD.decode(format!("{}A=", &KEY[..42])).unwrap();
    let mut cipher = Encryptor::new_from_slices(&bytes, &bytes[..16]).unwrap();
    for block in plain.chunks_exact_mut(16) {
        cipher.encrypt_block(<&mut Block<Encryptor>>::try_from(block).unwrap());
    }
    plain
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0xff; 16][..], &length, message, b"ww5823bf96d3bd56c7"].concat()
}

fn users(bytes: Vec<u8>) -> Answer<Rows<Member>> {
    let list = members::list(false);
    list.rows_of(&open("export/user", &key(), bytes, &*list)?)
}

fn fault<T>(answer: Answer<T>) -> Option<ExportFault> {
    answer.err().and_then(|error| error.export)
}

const USERS: &str = r#"{"userlist":[{"userid":"lihua","name":"李华","department":[2]},{"name":"x"},{"userid":"b c"},{"userid":"wang"}]}"#;

#[test]
fn bare_json_and_json_in_the_frame_of_callbacks_are_read_row_by_row() {
    let bom = ["\u{feff}", USERS].concat().into_bytes();
    for plain in [USERS.as_bytes().to_vec(), bom, framed(USERS.as_bytes())] {
        let rows = users(sealed(&plain)).unwrap_or_else(|error| panic!("{error}"));
        let ids: Vec<_> = rows.rows.iter().map(|member| member.userid.as_str()).collect();
        assert_eq!((ids, rows.malformed.len()), (vec!["lihua", "wang"], 2));
        assert_eq!(rows.rows[0].name.as_deref(), Some("李华"));
    }
}

#[test]
fn what_is_no_such_document_is_unreadable_and_its_content_is_not_repeated() {
    let half = &USERS.as_bytes()[..USERS.len() / 2];
    let documents = [
        &b"<html>soon</html>"[..],
        b"",
        b"[]",
        b"{}",
        br#"{"department":[]}"#,
        half,
        br#"{"userlist":null}"#,
    ];
    for document in documents {
        for plain in [document.to_vec(), framed(document)] {
            let error = users(sealed(&plain)).err().unwrap();
            assert_eq!(error.export, Some(ExportFault::Unreadable), "{document:?}");
            assert!(!error.to_string().contains("lihua"), "{error}");
        }
    }
    assert_eq!(fault(users(Vec::new())), Some(ExportFault::Unreadable));
    assert_eq!(
        fault(users(vec![7; 31])),
        Some(ExportFault::Unreadable),
        "not whole blocks"
    );
}

#[test]
fn paddings_up_to_32_are_taken_off_and_others_are_refused() {
    for spaces in 0..33 {
        let plain = [USERS, &" ".repeat(spaces)].concat();
        assert!(users(sealed(plain.as_bytes())).is_ok(), "{spaces}");
    }
    for pad in [0, 33, 255] {
        let mut plain = USERS.as_bytes().to_vec();
        plain.resize(plain.len().next_multiple_of(32), pad);
        assert_eq!(fault(users(raw(plain))), Some(ExportFault::Unreadable), "{pad}");
    }
}

#[test]
fn a_file_of_another_key_is_unreadable() {
    let other = AesKey::parse(&Secret::new("kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR".to_owned())).unwrap();
    assert_eq!(
        fault(open(
            "export/user",
            &other,
            sealed(USERS.as_bytes()),
            &*members::list(false)
        )),
        Some(ExportFault::Unreadable)
    );
}

fn told(body: &str) -> Answer<Progress> {
    progress(
        "export/user",
        &Reply::read("export/get_result", body.as_bytes(), str::to_owned)
            .ok()
            .unwrap(),
    )
}

const ROW: &str = r#"{"url":"https://cdn.example/SECRET","size":"3","md5":"900150983CD24FB0D6963F7D28E17F72"}"#;

#[test]
fn status_is_a_number_or_a_text_and_nothing_else() {
    for (status, running, failed) in [
        ("0", true, false),
        ("\"1\"", true, false),
        ("3", false, true),
        ("\"3\"", false, true),
    ] {
        let progress = told(&format!(r#"{{"errcode":0,"status":{status}}}"#)).unwrap();
        assert_eq!(
            (
                matches!(progress, Progress::Running),
                matches!(progress, Progress::Failed)
            ),
            (running, failed),
            "{status}"
        );
    }
    for odd in [
        "{}",
        r#"{"status":4}"#,
        r#"{"status":-1}"#,
        r#"{"status":"done"}"#,
        r#"{"status":{}}"#,
    ] {
        assert_eq!(fault(told(odd)), Some(ExportFault::Unreadable), "{odd}");
    }
}

#[test]
fn files_are_told_with_address_size_and_md5_and_their_address_is_never_shown() {
    let Progress::Done(files) = told(&format!(r#"{{"status":"2","data_list":[{ROW}]}}"#)).unwrap() else {
        panic!("not done")
    };
    assert!(!format!("{files:?}").contains("SECRET"));
    assert_eq!(files[0].url.expose(), "https://cdn.example/SECRET");
    assert_eq!(files[0].verify(b"abc"), Ok(()));
    assert!(files[0].verify(b"abd").unwrap_err().contains("MD5"));
    assert!(files[0].verify(b"ab").unwrap_err().contains("size"));
    for (field, odd) in [
        (r#""size":"3""#, r#""size":-3"#),
        (r#""size":"3""#, r#""bytes":3"#),
        (r#""md5":"900"#, r#""md5":"90"#),
        (r#""md5":"900"#, r#""md5":"zzz"#),
        (r#""url":"https://cdn.example/SECRET""#, r#""url":"""#),
    ] {
        let row = ROW.replace(field, odd);
        assert_ne!(row, ROW);
        let error = told(&format!(r#"{{"status":2,"data_list":[{ROW},{row}]}}"#))
            .err()
            .unwrap();
        assert_eq!(error.export, Some(ExportFault::Unreadable), "{row}");
        assert!(!error.to_string().contains("SECRET"), "{error}");
    }
}

#[test]
fn a_long_list_of_files_is_read_to_its_end() {
    let list = vec![ROW; MOST_FILES].join(",");
    let Progress::Done(files) = told(&format!(r#"{{"status":2,"data_list":[{list}]}}"#)).unwrap() else {
        panic!("not done")
    };
    assert_eq!(files.len(), MOST_FILES);
}

#[test]
fn a_job_that_is_done_without_a_file_or_with_too_many_tells_nothing() {
    let many = vec![ROW; MOST_FILES + 1].join(",");
    for list in [
        String::new(),
        r#","data_list":[]"#.to_owned(),
        format!(r#","data_list":[{many}]"#),
    ] {
        assert_eq!(
            fault(told(&format!(r#"{{"status":2{list}}}"#))),
            Some(ExportFault::Unreadable)
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(users(sealed(&bytes)).is_err());
        prop_assert!(users(bytes).is_err());
    }
}
