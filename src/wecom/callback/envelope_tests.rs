//! Tests of the callback envelope: the test vectors of reference 6.7 and every negative case listed there.

use super::*;
use crate::wecom::callback::event::Event;

const V1_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const V1_CORP: &str = "wx5823bf96d3bd56c7";
const V1_ECHO: &str = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==";
const V1_VERIFY: Query<'static> = query("5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1409659589", "263014780");
const V1_DELIVER: Query<'static> = query("477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149");
const V1_ENCRYPT: &str = "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==";
const V3_ENCRYPT: &str = "9s4gMv99m88kKTh/H8IdkOiMg6bisoy3ypwy9H4hvSPe9nsGaqyw5hhSjdYbcrKk+j3nba4HMOTzHrluLBYqxgNcBqGsL8GqxlhZgURnAtObvesEl5nZ+uBE8bviY0LWke8Zy9V/QYKxNV2FqllNXcfmstttyIkMKCCmVbCFM2JTF5wY0nFhHZSjPUL2Q1qvSUCUld+/WIXrx0oyKQmpB6o8NRrrNrsDf03oxI1p9FxUgMnwKKZeOA/uu+2IEvEBtb7muXsVbwbgX05UPPJvFurDXafG0RQyPR+mf1nDnAtQmmNOuiR5MIkdQ39xn1vWwi1O5oazPoQJz0nTYjxxEE8kv3kFxtAGVRe3ypD3WeK2XeFYFMNMpatF9XiKzHo3";
const V4_ENCRYPT: &str = "EUCt7xMcNiyASzZj0Hjc5yDjFQrCum6AfQ3ntHiUzjGQ51xieKmbvtrZ40/EcB2W/W8yH0n4Lqx48gJl/T9HD/R309I0P/r5pIZucK3lyEn48FYMr4YdE0QdL2jIJ3xkcXUr6uzefzCxG6lMvwpAJaOyVCzN7sRRw47njfxy5EIqU6R9ZBhlTzfdnhhOhK/nTwzrZX3SoGlXFA9OBeZ6ru1NWpXFk76x9DUMe0lcxPPiUqK8ctnQcYXSGUHVqC6DfG7E7mab0OmruNN8cBZY5d3dYOBA4OgaH55Q0AJmUpdT8vNiXpXx+6TxT3TIjySXpDrHVyrsb772aYywgg/Nu4kUmGkALwFZlzhjNegR7wDwb9lr4ERXsSSS8JZ8lbBmaQ3F2Tq584xoPj5rIhXAF734ynm4no1g+SdHiNqR328=";

const fn query<'a>(msg_signature: &'a str, timestamp: &'a str, nonce: &'a str) -> Query<'a> {
    Query {
        msg_signature,
        timestamp,
        nonce,
    }
}

fn crypto(token: &str, key: &str, receive_id: &str) -> CallbackCrypto {
    CallbackCrypto::new(Secret::new(token.to_owned()), &Secret::new(key.to_owned()), receive_id).unwrap()
}

fn v1() -> CallbackCrypto {
    crypto("QDG6eK", V1_KEY, V1_CORP)
}

fn outer(encrypted: &str) -> String {
    format!("<xml><ToUserName><![CDATA[liar]]></ToUserName>\n<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>")
}

/// Signs what was made by hand, as an insider with the token but perhaps not the key would.
fn opened(crypto: &CallbackCrypto, encrypted: &str) -> Answer<Vec<u8>> {
    crypto.open(query(&crypto.sign("1", "n", encrypted), "1", "n"), encrypted)
}

/// Encrypts bytes that carry their padding already.
fn raw(crypto: &CallbackCrypto, plain: &[u8]) -> String {
    let mut plain = plain.to_vec();
    let mut cipher = Encryptor::new_from_slices(crypto.key.bytes(), crypto.key.iv()).unwrap();
    for block in plain.chunks_exact_mut(AES_BLOCK) {
        cipher.encrypt_block(block.try_into().unwrap());
    }
    STANDARD.encode(plain)
}

#[test]
fn v1_official_sample() {
    assert_eq!(v1().verify_url(V1_VERIFY, V1_ECHO).unwrap(), b"1616140317555161061");
    assert_eq!(v1().seal(*b"c41b64491c2468d0", b"1616140317555161061"), V1_ECHO);
    let notice = v1().receive(V1_DELIVER, outer(V1_ENCRYPT).as_bytes()).unwrap();
    let kind = "text".to_owned();
    assert_eq!(
        (notice.event, notice.created),
        (Event::Other { kind }, Some(Timestamp::from_secs(1_409_659_813)))
    );
    let inner = v1().open(V1_DELIVER, V1_ENCRYPT).unwrap();
    assert!(inner.ends_with(
        b"<Content><![CDATA[hello]]></Content>\n<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>\n</xml>"
    ));
    assert_eq!(v1().seal(*b"0960688932c47ef1", &inner), V1_ENCRYPT, "pad 30");
}

#[test]
fn v2_an_echo_longer_than_any_integer() {
    let crypto = crypto(
        "kjr2TKI8umCBfVF3wAHk8JiPwma5VBme",
        "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws",
        "ww6a112864f8022910",
    );
    let query = query(
        "1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011",
        "1583940690",
        "VHh7ymSeb0jc4lSb",
    );
    let echo = "6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9w==";
    assert_eq!(crypto.verify_url(query, echo).unwrap(), b"94966531020182955848408");
}

#[test]
fn v3_verification_and_encryption() {
    let crypto = crypto(
        "123456",
        "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
        "wx49f0ab532d5d035a",
    );
    let verify = query("dd6b9c95b495b3f7e2901bfbc76c664930ffdb96", "1411443780", "437374425");
    let echo = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==";
    assert_eq!(crypto.verify_url(verify, echo).unwrap(), b"5927782489442352469");
    let message = "<xml>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[test]]></Content>\n\
        <FromUserName><![CDATA[wx49f0ab532d5d035a]]></FromUserName>\n<ToUserName><![CDATA[messense]]></ToUserName>\n\
        <AgentID>1</AgentID>\n<CreateTime>1411525903</CreateTime>\n</xml>";
    let sealed = crypto.seal(*b"1234567890123456", message.as_bytes());
    assert_eq!(sealed, V3_ENCRYPT);
    let signature = "407518b7649e86ef23978113f92d27afa9296533";
    assert_eq!(crypto.sign("1411525903", "461056294", &sealed), signature);
}

#[test]
fn v4_binary_random_bytes() {
    let crypto = crypto(
        "kz7Yx62CH8SaLN",
        "cD0d7jx4tYvVtzqrmh3Dm3QFCXe6f8SlHoMtMh3qQEP",
        "ww6a112864f8022910",
    );
    let query = query("f265ae551b1932727204c3d707628d01376a6940", "1583995625", "1584392382");
    let inner = String::from_utf8(crypto.open(query, V4_ENCRYPT).unwrap()).unwrap();
    assert!(inner.contains("<![CDATA[x123]]>") && inner.contains("<![CDATA[foobar]]>"));
    assert!(crypto.receive(query, outer(V4_ENCRYPT).as_bytes()).is_ok());
}

#[test]
fn a_flipped_digit_of_the_signature_is_refused() {
    let flipped = V1_VERIFY.msg_signature.replacen('5', "6", 1);
    let upper = V1_VERIFY.msg_signature.to_uppercase();
    for signature in [flipped.as_str(), upper.as_str(), "", &V1_VERIFY.msg_signature[..39]] {
        let query = query(signature, V1_VERIFY.timestamp, V1_VERIFY.nonce);
        assert_eq!(v1().verify_url(query, V1_ECHO), Err(CallbackError::Signature));
    }
    let moved = query(V1_VERIFY.msg_signature, "1409659590", V1_VERIFY.nonce);
    assert_eq!(v1().verify_url(moved, V1_ECHO), Err(CallbackError::Signature));
    let other = crypto("QDG6eL", V1_KEY, V1_CORP);
    assert_eq!(other.verify_url(V1_VERIFY, V1_ECHO), Err(CallbackError::Signature));
}

#[test]
fn a_right_signature_with_a_wrong_key_is_refused() {
    let other = crypto("QDG6eK", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", V1_CORP);
    let refused = other.verify_url(V1_VERIFY, V1_ECHO).unwrap_err();
    assert!(matches!(refused, CallbackError::Decryption(_)));
}

#[test]
fn a_callback_for_another_corp_is_refused() {
    for receive_id in [
        "wx0000000000000000",
        "wx5823bf96d3bd56c",
        "wx5823bf96d3bd56c70",
        "WX5823BF96D3BD56C7",
    ] {
        let other = crypto("QDG6eK", V1_KEY, receive_id);
        assert_eq!(other.verify_url(V1_VERIFY, V1_ECHO), Err(CallbackError::Receiver));
    }
}

#[test]
fn a_length_beyond_the_message_is_refused() {
    for length in [29u32, u32::MAX] {
        let mut plain = [7u8; RANDOM].to_vec();
        plain.extend_from_slice(&length.to_be_bytes());
        plain.resize(48, b'x');
        plain.extend_from_slice(&[16; 16]);
        let refused = opened(&v1(), &raw(&v1(), &plain)).unwrap_err();
        assert_eq!(refused, CallbackError::Decryption("the length exceeds the message"));
    }
    let short = raw(&v1(), &[13; 32]);
    assert_eq!(opened(&v1(), &short), Err(CallbackError::Decryption("too short")));
}

#[test]
fn padding_of_0_or_33_or_of_mixed_bytes_is_refused() {
    let mixed = [[1u8; 31].as_slice(), &[5]].concat();
    for plain in [vec![0u8; 32], vec![33u8; 64], vec![255u8; 32], mixed, vec![32u8; 16]] {
        let refused = opened(&v1(), &raw(&v1(), &plain));
        assert_eq!(refused, Err(CallbackError::Decryption("wrong padding")));
    }
}

#[test]
fn truncated_base64_and_truncated_blocks_are_refused() {
    for cut in [&V1_ECHO[..87], &V1_ECHO[..85], "", "!!!!"] {
        assert!(matches!(opened(&v1(), cut), Err(CallbackError::Decryption(_))), "{cut}");
    }
}

#[test]
fn an_echo_whose_plus_became_a_space_is_repaired() {
    let spaced = V1_ECHO.replace('+', " ");
    assert_ne!(spaced, V1_ECHO);
    assert_eq!(v1().verify_url(V1_VERIFY, &spaced).unwrap(), b"1616140317555161061");
}

#[test]
fn a_second_delivery_has_the_same_digest_though_it_is_encrypted_anew() {
    let message = b"<xml><MsgType>event</MsgType><Event>subscribe</Event><FromUserName>lihua</FromUserName></xml>";
    let deliver = |random: [u8; 16], timestamp: &str| {
        let sealed = v1().seal(random, message);
        let signature = v1().sign(timestamp, "n", &sealed);
        let json = format!(r#"{{"tousername":"x","encrypt":"{sealed}","agentid":1}}"#);
        v1().receive(query(&signature, timestamp, "n"), json.as_bytes())
            .unwrap()
    };
    let (first, second) = (deliver([1; 16], "1"), deliver([2; 16], "2"));
    assert_eq!(first, second);
    assert!(matches!(first.event, Event::Subscribe { .. }));
}

#[test]
fn keys_of_42_and_44_characters_and_empty_settings_are_refused() {
    let new = |token: &str, key: &str, receive_id: &str| {
        CallbackCrypto::new(Secret::new(token.to_owned()), &Secret::new(key.to_owned()), receive_id).err()
    };
    assert_eq!(new("t", &V1_KEY[..42], V1_CORP), Some(CallbackError::Key));
    assert_eq!(new("t", &format!("{V1_KEY}A"), V1_CORP), Some(CallbackError::Key));
    assert_eq!(new("", V1_KEY, V1_CORP), Some(CallbackError::Key));
    assert_eq!(new("t", V1_KEY, ""), Some(CallbackError::Key));
    assert_eq!(new("t", V1_KEY, V1_CORP), None);
}

#[test]
fn every_length_of_message_survives_the_round_trip() {
    for length in 0..100 {
        let message = vec![b'm'; length];
        assert_eq!(
            opened(&v1(), &v1().seal([9; 16], &message)).unwrap(),
            message,
            "{length}"
        );
    }
}

#[test]
fn large_bodies_are_refused_before_they_are_read() {
    let large = vec![b' '; LARGEST_BODY + 1];
    assert_eq!(v1().receive(V1_DELIVER, &large), Err(CallbackError::TooLarge));
    let echo = "A".repeat(LARGEST_BODY + 1);
    assert_eq!(v1().verify_url(V1_VERIFY, &echo), Err(CallbackError::TooLarge));
    let empty = v1().receive(V1_DELIVER, b"<xml><ToUserName/></xml>");
    assert_eq!(empty, Err(CallbackError::Unreadable("no `Encrypt`")));
}

#[test]
fn stale_timestamps_are_noticed() {
    let now = Timestamp::from_secs(1_409_659_589);
    assert!(V1_VERIFY.is_fresh(now));
    assert!(!V1_VERIFY.is_fresh(Timestamp::from_secs(1_409_659_890)));
    assert!(!query("", "soon", "").is_fresh(now));
}

#[test]
fn no_key_or_token_is_shown() {
    let shown = format!("{:?}", v1());
    assert!(!shown.contains("QDG6eK") && !shown.contains("jWm"));
}
