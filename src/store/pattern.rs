//! Patterns of LIKE in which what somebody typed stands for itself; to be used with `ESCAPE '\'`.

/// A text with the characters marked that mean something in a pattern.
pub fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal
}
