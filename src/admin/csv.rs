//! Comma-separated values (RFC 4180) for spreadsheets, in which no cell is ever a formula. Pure.

/// Stands before the first line: without it spreadsheets take the file for one in the encoding of their country, and names are unreadable.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

/// One line with its line break.
pub fn line<const N: usize>(cells: [String; N]) -> String {
    format!("{}\r\n", cells.map(|cell| quoted(&cell)).join(","))
}

/// What begins a formula; spreadsheets of East Asia take the full-width forms for the same.
const FORMULA: &[char] = &['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];

/// A cell; text that a spreadsheet would take for a formula gets an apostrophe in front.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(FORMULA);
    let text = if formula { format!("'{cell}") } else { cell.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{line, quoted};

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(quoted("li,hua"), "\"li,hua\"");
        assert_eq!(quoted("say \"hi\""), "\"say \"\"hi\"\"\"");
        for formula in ["=1+1", "+1", "-1", "@SUM", "＝1+1", "＋1", "－1", "＠SUM", "\t=1"] {
            assert_eq!(quoted(formula), format!("'{formula}"));
        }
        assert_eq!(quoted("\n=1"), "\"'\n=1\"");
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(line(["a", "@b", "c\nd"].map(str::to_owned)), "a,'@b,\"c\nd\"\r\n");
    }
}
