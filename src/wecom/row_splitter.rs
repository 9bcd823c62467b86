//! Cuts a JSON object that arrives in parts into the rows of one of its lists, and what stands around them. Pure.
//!
//! It knows texts and brackets and nothing else: what stands between two commas of the list is a row, and whoever reads it says whether it is one.
//! So only the row under way is kept, and one that is broken costs itself only. Broken bytes move no border: none of them is a quote, a backslash or
//! a bracket. What is not closed again, such as a body that was cut, leaves what stands around the rows unreadable.

use super::lenient::mend;

/// Most rows of one list; WeCom allows a department and a tag 30,000 nodes, and a corp as many departments (reference 5.2, 5.4).
pub(super) const MOST_ROWS: usize = 100_000;
/// Longest row, bytes: members have a kibibyte or two (reference 17.2).
pub(super) const LONGEST_ROW: usize = 8 * 1024 * 1024;
/// Most bytes around the rows: a code, some words and a cursor.
const MOST_AROUND: usize = 1024 * 1024;

/// A row as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RawRow<'a> {
    /// Its bytes.
    Whole(&'a [u8]),
    /// It is longer than [`LONGEST_ROW`].
    TooLong,
}

/// There is more than anybody sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    /// Of rows.
    Rows,
    /// Around them.
    Around,
}

/// A document under way.
pub(super) struct RowSplitter {
    /// The name of the list, in any letter case.
    list: &'static str,
    at: At,
    text: Text,
    /// Brackets that are open: in all, or within the row.
    depth: usize,
    /// The text of the root object that was read last, as it was written.
    name: Vec<u8>,
    /// What comes is the value of the list's name.
    is_named: bool,
    /// All but the rows.
    around: Vec<u8>,
    /// The row under way, as far as it came in earlier parts.
    row: Vec<u8>,
    is_too_long: bool,
    rows: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Before,
    Within,
    Behind,
}

impl RowSplitter {
    /// Of the list of this name in the root object.
    pub(super) const fn new(list: &'static str) -> Self {
        Self {
            list,
            at: At::Before,
            text: Text::new(),
            depth: 0,
            name: Vec::new(),
            is_named: false,
            around: Vec::new(),
            row: Vec::new(),
            is_too_long: false,
            rows: 0,
        }
    }

    /// Takes the next part, and hands over each row that ends in it.
    pub(super) fn take(&mut self, part: &[u8], mut each: impl FnMut(RawRow<'_>)) -> Result<(), Excess> {
        let mut rest = part;
        while !rest.is_empty() {
            rest = match self.at {
                At::Within => self.take_rows(rest, &mut each)?,
                At::Before | At::Behind => self.take_around(rest)?,
            };
        }
        Ok(())
    }

    /// What stands around the rows: the document with an empty list.
    pub(super) fn around(self) -> Vec<u8> {
        self.around
    }

    /// Takes what comes before the first row, or after the last; the rest begins with the first row.
    fn take_around<'a>(&mut self, part: &'a [u8]) -> Result<&'a [u8], Excess> {
        let opens = part.iter().position(|byte| self.opens_list(*byte));
        let taken = opens.map_or(part.len(), |at| at + 1);
        let (around, rest) = part.split_at_checked(taken).unwrap_or((part, &[]));
        if self.around.len() + around.len() > MOST_AROUND {
            return Err(Excess::Around);
        }
        self.around.extend_from_slice(around);
        if opens.is_some() {
            self.at = At::Within;
            self.depth = 0;
        }
        Ok(rest)
    }

    /// Whether this byte opens the list.
    fn opens_list(&mut self, byte: u8) -> bool {
        let is_first = !self.text.is_open;
        if self.text.takes(byte) {
            if is_first {
                self.name.clear();
            }
            if self.depth == 1 {
                self.name.push(byte);
            }
            return false;
        }
        match byte {
            b'[' if self.depth == 1 && self.is_named && self.at == At::Before => return true,
            b'[' | b'{' => self.depth += 1,
            b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            b':' if self.depth == 1 => self.is_named = self.names_list(),
            b',' if self.depth == 1 => self.is_named = false,
            _ => {}
        }
        false
    }

    fn names_list(&self) -> bool {
        let name = serde_json::from_str::<String>(&mend(&self.name));
        name.is_ok_and(|name| name.eq_ignore_ascii_case(self.list))
    }

    /// Takes rows; the rest begins with the bracket that closes the list.
    fn take_rows<'a>(&mut self, part: &'a [u8], each: &mut impl FnMut(RawRow<'_>)) -> Result<&'a [u8], Excess> {
        let from = |at: usize| part.get(at..).unwrap_or_default();
        let (mut row, mut at) = (0, 0);
        while let Some(byte) = part.get(at).copied() {
            let here = at;
            at += 1;
            if self.text.takes(byte) {
                at += self.text.plain(from(at));
                continue;
            }
            match byte {
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' if self.depth > 0 => self.depth -= 1,
                b',' if self.depth == 0 => {
                    self.end_row(part.get(row..here).unwrap_or_default(), each)?;
                    row = at;
                }
                b']' | b'}' => {
                    self.end_list(part.get(row..here).unwrap_or_default(), each)?;
                    return Ok(from(here));
                }
                _ => {}
            }
        }
        self.keep(from(row));
        Ok(&[])
    }

    fn end_row(&mut self, end: &[u8], each: &mut impl FnMut(RawRow<'_>)) -> Result<(), Excess> {
        self.rows += 1;
        if self.rows > MOST_ROWS {
            return Err(Excess::Rows);
        }
        if self.row.is_empty() && !self.is_too_long && end.len() <= LONGEST_ROW {
            each(RawRow::Whole(end));
            return Ok(());
        }
        self.keep(end);
        match self.is_too_long {
            true => each(RawRow::TooLong),
            false => each(RawRow::Whole(&self.row)),
        }
        self.row.clear();
        self.is_too_long = false;
        Ok(())
    }

    /// Ends the last row, unless nothing stands between the brackets of the list.
    fn end_list(&mut self, end: &[u8], each: &mut impl FnMut(RawRow<'_>)) -> Result<(), Excess> {
        self.keep(end);
        let is_empty = self.rows == 0 && !self.is_too_long && mend(&self.row).trim().is_empty();
        if !is_empty {
            self.end_row(&[], each)?;
        }
        self.row = Vec::new();
        self.at = At::Behind;
        // The root object, and the list, whose bracket comes.
        self.depth = 2;
        Ok(())
    }

    /// Keeps a part of a row that goes on.
    fn keep(&mut self, part: &[u8]) {
        self.is_too_long |= self.row.len() + part.len() > LONGEST_ROW;
        if self.is_too_long {
            self.row = Vec::new();
        } else {
            self.row.extend_from_slice(part);
        }
    }
}

/// Whether bytes stand in a text.
struct Text {
    is_open: bool,
    /// The byte before was a backslash that counts.
    is_escaped: bool,
}

impl Text {
    const fn new() -> Self {
        Self {
            is_open: false,
            is_escaped: false,
        }
    }

    /// Takes a byte; whether it is one of a text, its quotes included.
    const fn takes(&mut self, byte: u8) -> bool {
        if !self.is_open {
            self.is_open = byte == b'"';
            return self.is_open;
        }
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            b'"' => self.is_open = false,
            _ => {}
        }
        true
    }

    /// How many bytes at the beginning of these need not be looked at.
    fn plain(&self, bytes: &[u8]) -> usize {
        if !self.is_open || self.is_escaped {
            return 0;
        }
        let special = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
        special.unwrap_or(bytes.len())
    }
}

#[cfg(test)]
#[path = "row_splitter_tests.rs"]
mod tests;
