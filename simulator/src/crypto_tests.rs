//! Tests of the callback encryption: published vectors V1–V3 (reference §6.7), in both directions, and malformed inputs.

use super::{Key, Opened, decrypt, encrypt, envelope, pad, seal, signature};

const V1_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const V1_ECHO: &str = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==";
const V1_POST: &str = concat!(
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3",
    "TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs",
    "ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa",
    "x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG",
    "HBZZIs2pDBS8R07+qN+E7Q==",
);
const V1_TEXT: &str = concat!(
    "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n<FromUserName><![CDATA[mycreate]]></FromUserName>\n",
    "<CreateTime>1409659813</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[hello]]></Content>\n",
    "<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>\n</xml>",
);
const V3_TEXT: &str = concat!(
    "<xml>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[test]]></Content>\n",
    "<FromUserName><![CDATA[wx49f0ab532d5d035a]]></FromUserName>\n<ToUserName><![CDATA[messense]]></ToUserName>\n",
    "<AgentID>1</AgentID>\n<CreateTime>1411525903</CreateTime>\n</xml>",
);
const V3_SEALED: &str = concat!(
    "9s4gMv99m88kKTh/H8IdkOiMg6bisoy3ypwy9H4hvSPe9nsGaqyw5hhSjdYbcrKk+j3nba4HMOTzHrluLBYqxgNcBqGsL8GqxlhZgURnAtObvesE",
    "l5nZ+uBE8bviY0LWke8Zy9V/QYKxNV2FqllNXcfmstttyIkMKCCmVbCFM2JTF5wY0nFhHZSjPUL2Q1qvSUCUld+/WIXrx0oyKQmpB6o8NRrrNrsD",
    "f03oxI1p9FxUgMnwKKZeOA/uu+2IEvEBtb7muXsVbwbgX05UPPJvFurDXafG0RQyPR+mf1nDnAtQmmNOuiR5MIkdQ39xn1vWwi1O5oazPoQJz0nT",
    "YjxxEE8kv3kFxtAGVRe3ypD3WeK2XeFYFMNMpatF9XiKzHo3",
);

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn opened(random: &str, message: &str, receive_id: &str) -> Opened {
    Opened {
        random: random.as_bytes().try_into().unwrap(),
        message: message.as_bytes().to_vec(),
        receive_id: receive_id.as_bytes().to_vec(),
    }
}

#[test]
fn v1_verification_request() {
    assert_eq!(
        signature("QDG6eK", "1409659589", "263014780", V1_ECHO),
        "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    );
    let expected = opened("c41b64491c2468d0", "1616140317555161061", "wx5823bf96d3bd56c7");
    assert_eq!(decrypt(&key(V1_KEY), V1_ECHO), Some(expected));
    let again = encrypt(
        &key(V1_KEY),
        *b"c41b64491c2468d0",
        b"1616140317555161061",
        "wx5823bf96d3bd56c7",
    );
    assert_eq!(again, V1_ECHO);
}

#[test]
fn v1_message_with_padding_30() {
    assert_eq!(
        signature("QDG6eK", "1409659813", "1372623149", V1_POST),
        "477715d11cdb4164915debcba66cb864d751f3e6"
    );
    let expected = opened("0960688932c47ef1", V1_TEXT, "wx5823bf96d3bd56c7");
    assert_eq!(decrypt(&key(V1_KEY), V1_POST), Some(expected));
    let again = encrypt(
        &key(V1_KEY),
        *b"0960688932c47ef1",
        V1_TEXT.as_bytes(),
        "wx5823bf96d3bd56c7",
    );
    assert_eq!(again, V1_POST);
}

#[test]
fn v2_verification_request() {
    let echo = "6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9w==";
    assert_eq!(
        signature(
            "kjr2TKI8umCBfVF3wAHk8JiPwma5VBme",
            "1583940690",
            "VHh7ymSeb0jc4lSb",
            echo
        ),
        "1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011"
    );
    let opened = decrypt(&key("4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws"), echo).unwrap();
    assert_eq!(opened.message, b"94966531020182955848408");
    assert_eq!(opened.receive_id, b"ww6a112864f8022910");
    let again = encrypt(
        &key("4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws"),
        opened.random,
        &opened.message,
        "ww6a112864f8022910",
    );
    assert_eq!(again, echo);
}

#[test]
fn v3_both_directions() {
    let key = key("kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR");
    let echo = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==";
    assert_eq!(
        signature("123456", "1411443780", "437374425", echo),
        "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96"
    );
    assert_eq!(decrypt(&key, echo).unwrap().message, b"5927782489442352469");

    let sealed = encrypt(&key, *b"1234567890123456", V3_TEXT.as_bytes(), "wx49f0ab532d5d035a");
    assert_eq!(sealed, V3_SEALED);
    assert_eq!(
        signature("123456", "1411525903", "461056294", &sealed),
        "407518b7649e86ef23978113f92d27afa9296533"
    );
    assert_eq!(
        decrypt(&key, V3_SEALED),
        Some(opened("1234567890123456", V3_TEXT, "wx49f0ab532d5d035a"))
    );
}

#[test]
fn keys_of_42_or_44_characters_or_with_symbols_are_refused() {
    assert!(Key::parse(&V1_KEY[1..]).is_none());
    assert!(Key::parse(&format!("{V1_KEY}A")).is_none());
    assert!(Key::parse(&V1_KEY.replace('j', "+")).is_none());
}

#[test]
fn malformed_plain_texts_are_refused() {
    let key = key(V1_KEY);
    let mut long = envelope([7; 16], b"short", "ww1");
    long[16..20].copy_from_slice(&10_000_u32.to_be_bytes());
    pad(&mut long);
    assert_eq!(decrypt(&key, &seal(&key, long)), None, "length beyond the buffer");
    for wrong in [0, 33] {
        let mut plain = envelope([7; 16], b"short", "ww1");
        pad(&mut plain);
        *plain.last_mut().unwrap() = wrong;
        assert_eq!(decrypt(&key, &seal(&key, plain)), None, "padding {wrong}");
    }
    let good = encrypt(&key, [7; 16], b"short", "ww1");
    assert_eq!(decrypt(&key, &good[..good.len() - 3]), None, "truncated base64");
    assert_ne!(decrypt(&key.spoiled(), &good), decrypt(&key, &good), "another key");
}
