//! The faults of one entry, taken apart again so that each is told with its line.

/// Faults as (field, what was expected there); the field is empty where none is named.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FaultList(pub(super) Vec<(String, String)>);

impl FaultList {
    /// Takes apart what a validation says: `field: expected; field: expected`.
    pub(super) fn of(told: &str) -> Self {
        let mut list: Vec<(String, String)> = Vec::new();
        for piece in told.split("; ") {
            let parts = piece.split_once(": ").filter(|(field, _)| is_field(field));
            match (parts, list.last_mut()) {
                (Some((field, expected)), _) => list.push((field.to_owned(), expected.to_owned())),
                (None, Some((_, expected))) => {
                    expected.push_str("; ");
                    expected.push_str(piece);
                }
                (None, None) => list.push((String::new(), piece.to_owned())),
            }
        }
        Self(list)
    }
}

fn is_field(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.[]".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::FaultList;

    #[test]
    fn faults_are_taken_apart_where_a_field_begins() {
        let told = "name: is needed; colour: is not known here; known are a, b; list[3].x_y: must be text";
        let list = FaultList::of(told).0;
        let fields: Vec<&str> = list.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["name", "colour", "list[3].x_y"]);
        assert_eq!(list[1].1, "is not known here; known are a, b");
        assert_eq!(
            FaultList::of("Something else.").0,
            [(String::new(), "Something else.".to_owned())]
        );
    }
}
