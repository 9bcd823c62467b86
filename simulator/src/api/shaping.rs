//! Writes a reply in the shapes that were chosen (reference §17.2): first the JSON value is changed, then its bytes.

use serde_json::{Map, Number, Value, json};

use crate::world::{Shapes, UserIdKey};

/// Keys that hold ids of departments, tags and apps.
const IDS: &[&str] = &[
    "id",
    "parentid",
    "department",
    "department_id",
    "main_department",
    "tagid",
    "partyid",
    "partylist",
    "agentid",
];
const NAMES: &[&str] = &["name", "tagname"];
/// Keys whose text somebody types.
const TYPED: &[&str] = &["name", "tagname", "position", "alias"];
/// Stands for half a character until the bytes are written; nobody has it in a name.
const CUT: char = '\u{f8ff}';
/// The first two of the three bytes of 李.
const HALF: [u8; 2] = [0xe6, 0x9d];

/// The bytes of a reply.
pub(super) fn written(mut reply: Value, shapes: &Shapes) -> Vec<u8> {
    if *shapes == Shapes::default() {
        return reply.to_string().into_bytes();
    }
    if let Value::Object(fields) = &mut reply
        && shapes.no_errcode
        && fields.get("errcode") == Some(&json!(0))
    {
        fields.remove("errcode");
        fields.remove("errmsg");
    }
    reshape("", &mut reply, shapes);
    let mut bytes = raw(reply.to_string().as_bytes(), shapes.control_characters);
    if shapes.byte_order_mark {
        bytes.splice(..0, *b"\xef\xbb\xbf");
    }
    bytes
}

fn reshape(key: &str, value: &mut Value, shapes: &Shapes) {
    match value {
        Value::Object(fields) => {
            rename(fields, shapes);
            for (key, value) in fields {
                if key == "department" {
                    fold(value, shapes);
                }
                reshape(key, value, shapes);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| reshape(key, item, shapes)),
        Value::Number(number) => *value = reshaped_number(key, number, shapes),
        Value::String(text) => *value = reshaped_text(key, text, shapes),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Names that are null or missing, userids that are called otherwise.
fn rename(fields: &mut Map<String, Value>, shapes: &Shapes) {
    for name in NAMES {
        if shapes.missing_names {
            fields.remove(*name);
        } else if let Some(value) = fields.get_mut(*name).filter(|_| shapes.null_names) {
            *value = Value::Null;
        }
    }
    if let Some(userid) = fields.get("userid").cloned() {
        match shapes.user_id {
            UserIdKey::Documented => return,
            UserIdKey::Beside => {}
            UserIdKey::Instead => _ = fields.remove("userid"),
        }
        fields.insert("UserId".to_owned(), userid);
    }
}

/// The list `department` of a member as a lone integer or as text; the lists of `department/list` hold objects and stay.
fn fold(value: &mut Value, shapes: &Shapes) {
    let Some(ids) = value.as_array().filter(|ids| ids.iter().all(Value::is_number)) else {
        return;
    };
    match ids.as_slice() {
        [id] if shapes.lone_department => *value = id.clone(),
        ids if shapes.comma_departments => {
            let ids: Vec<String> = ids.iter().map(Value::to_string).collect();
            *value = json!(ids.join(","));
        }
        _ => {}
    }
}

fn reshaped_number(key: &str, number: &Number, shapes: &Shapes) -> Value {
    let float = number.as_f64().filter(|_| shapes.float_ids && IDS.contains(&key));
    let number = float.map_or_else(|| json!(number), |float| json!(float));
    if shapes.numbers_as_text {
        json!(number.to_string())
    } else {
        number
    }
}

fn reshaped_text(key: &str, text: &str, shapes: &Shapes) -> Value {
    let plain = text.len() <= 15 && (text == "0" || !text.starts_with(['0', '+']));
    if let Some(number) = text.parse::<u64>().ok().filter(|_| shapes.text_as_numbers && plain) {
        return json!(number);
    }
    let mut text = text.to_owned();
    if TYPED.contains(&key) && !text.is_empty() {
        if shapes.control_characters {
            let first = text.chars().next().map_or(0, char::len_utf8);
            text.insert_str(first, "\u{1}\n");
        }
        if shapes.cut_utf8 {
            text.push(CUT);
        }
    }
    json!(text)
}

/// Half characters instead of their stand-in, and with `controls` every escaped control character raw.
fn raw(json: &[u8], controls: bool) -> Vec<u8> {
    let mut stand_in = [0; 4];
    let stand_in = CUT.encode_utf8(&mut stand_in).as_bytes();
    let (mut bytes, mut rest) = (Vec::with_capacity(json.len()), json);
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(stand_in) {
            bytes.extend(HALF);
            rest = after;
        } else if *first == b'\\'
            && let Some((kind, after)) = after.split_first()
        {
            // An escape as a whole, so that `\\n` is not taken for one.
            let (escape, after) = control(*kind, after)
                .filter(|_| controls)
                .map_or((vec![b'\\', *kind], after), |(byte, after)| (vec![byte], after));
            bytes.extend(escape);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}

/// The control character of an escape whose kind is this, and what follows it.
fn control(kind: u8, after: &[u8]) -> Option<(u8, &[u8])> {
    match kind {
        b'b' => Some((0x08, after)),
        b'f' => Some((0x0c, after)),
        b'n' => Some((b'\n', after)),
        b'r' => Some((b'\r', after)),
        b't' => Some((b'\t', after)),
        b'u' => {
            let (digits, after) = after.split_at_checked(4)?;
            let byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
            (byte < 0x20).then_some((byte, after))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(reply: Value, shapes: &Shapes) -> String {
        String::from_utf8(written(reply, shapes)).unwrap()
    }

    #[test]
    fn without_shapes_nothing_changes() {
        let reply = json!({"errcode": 0, "userid": "7", "name": "a\u{0}\\n", "department": [2]});
        assert_eq!(text(reply.clone(), &Shapes::default()), reply.to_string());
    }

    #[test]
    fn numbers_and_text_change_places_each_once() {
        let shapes = Shapes {
            numbers_as_text: true,
            text_as_numbers: true,
            ..Shapes::default()
        };
        let reply = json!({"errcode": 0, "gender": "1", "mobile": "0123", "alias": "Hua", "order": [7, 0]});
        let expected = json!({"errcode": "0", "gender": 1, "mobile": "0123", "alias": "Hua", "order": ["7", "0"]});
        assert_eq!(text(reply, &shapes), expected.to_string());
    }

    #[test]
    fn departments_are_lone_or_joined_and_ids_are_floats() {
        let shapes = Shapes {
            lone_department: true,
            comma_departments: true,
            float_ids: true,
            ..Shapes::default()
        };
        let reply =
            json!({"a": {"department": [2]}, "b": {"department": [2, 7]}, "department": [{"id": 2, "order": 3}]});
        let expected = r#"{"a":{"department":2.0},"b":{"department":"2,7"},"department":[{"id":2.0,"order":3}]}"#;
        assert_eq!(text(reply, &shapes), expected);
    }

    #[test]
    fn names_vanish_and_userids_have_another_key() {
        let reply = || json!({"userid": "lihua", "name": "李华", "tagname": "值班"});
        let shapes = Shapes {
            null_names: true,
            user_id: UserIdKey::Beside,
            ..Shapes::default()
        };
        let expected = json!({"UserId": "lihua", "name": null, "tagname": null, "userid": "lihua"});
        assert_eq!(
            serde_json::from_str::<Value>(&text(reply(), &shapes)).unwrap(),
            expected
        );
        let shapes = Shapes {
            missing_names: true,
            user_id: UserIdKey::Instead,
            ..Shapes::default()
        };
        assert_eq!(text(reply(), &shapes), r#"{"UserId":"lihua"}"#);
    }

    #[test]
    fn controls_stand_raw_and_characters_are_cut_without_touching_backslashes() {
        let shapes = Shapes {
            control_characters: true,
            cut_utf8: true,
            byte_order_mark: true,
            ..Shapes::default()
        };
        let bytes = written(json!({"name": "李\\n\"\u{0}"}), &shapes);
        let expected = b"\xef\xbb\xbf{\"name\":\"\xe6\x9d\x8e\x01\n\\\\n\\\"\x00\xe6\x9d\"}";
        assert_eq!(bytes, expected);
    }
}
