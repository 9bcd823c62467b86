//! Descriptions are written in CommonMark. Of that, what they use is told apart: paragraphs, lists, code. The rest is shown as it is written.

/// A part of a description.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Span>),
    /// A list.
    Items(Vec<Vec<Span>>),
    /// Lines that are kept as they are.
    Code(String),
}

/// A run of letters of one kind.
#[derive(Debug, PartialEq, Eq)]
pub struct Span {
    /// The letters.
    pub text: String,
    /// How they are meant.
    pub style: Style,
}

/// How a run of letters is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As text.
    Plain,
    /// As code, between backticks.
    Code,
    /// As important, between double asterisks.
    Strong,
}

/// The parts of a description.
pub fn blocks(source: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut lines = Vec::new();
    let mut fenced: Option<Vec<&str>> = None;
    for line in source.lines().chain([""]) {
        match (&mut fenced, line.trim_start().starts_with("```")) {
            (Some(code), true) => {
                found.push(Block::Code(code.join("\n")));
                fenced = None;
            }
            (Some(code), false) => code.push(line),
            (None, true) => {
                found.extend(block(&std::mem::take(&mut lines)));
                fenced = Some(Vec::new());
            }
            (None, false) if line.trim().is_empty() => found.extend(block(&std::mem::take(&mut lines))),
            (None, false) => lines.push(line.trim()),
        }
    }
    found
}

/// Lines between two empty ones: a paragraph, a list, or a paragraph that ends in a list.
fn block(lines: &[&str]) -> Vec<Block> {
    let mut paragraph = String::new();
    let mut items: Vec<String> = Vec::new();
    for line in lines {
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
        match (item, items.last_mut()) {
            (Some(item), _) => items.push(item.to_owned()),
            (None, Some(last)) => joined(last, line),
            (None, None) => joined(&mut paragraph, line),
        }
    }
    let paragraph = (!paragraph.is_empty()).then(|| Block::Paragraph(spans(&paragraph)));
    let items = (!items.is_empty()).then(|| Block::Items(items.iter().map(|item| spans(item)).collect()));
    paragraph.into_iter().chain(items).collect()
}

fn joined(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(line);
}

fn spans(text: &str) -> Vec<Span> {
    let code = in_turn(text, "`", Style::Plain, Style::Code);
    code.into_iter()
        .flat_map(|span| match span.style {
            Style::Plain => in_turn(&span.text, "**", Style::Plain, Style::Strong),
            _ => vec![span],
        })
        .collect()
}

/// A mark begins the other style and ends it again. One without a partner is a letter like others.
fn in_turn(text: &str, mark: &str, outside: Style, inside: Style) -> Vec<Span> {
    let parts: Vec<&str> = text.split(mark).collect();
    let is_paired = parts.len() % 2 == 1;
    let parts = if is_paired { parts } else { vec![text] };
    let spans = parts.into_iter().enumerate().map(|(place, part)| Span {
        text: part.to_owned(),
        style: if place % 2 == 1 { inside } else { outside },
    });
    spans.filter(|span| !span.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, style: Style) -> Span {
        Span {
            text: text.to_owned(),
            style,
        }
    }

    fn plain(text: &str) -> Span {
        span(text, Style::Plain)
    }

    #[test]
    fn paragraphs_lists_and_code_are_told_apart() {
        let told = blocks("**One** of\n`a` or b.\n\nThen:\n- first\n  goes on\n- `second`\n\n```\nx  y\n```\nend");
        let wanted = [
            Block::Paragraph(vec![
                span("One", Style::Strong),
                plain(" of "),
                span("a", Style::Code),
                plain(" or b."),
            ]),
            Block::Paragraph(vec![plain("Then:")]),
            Block::Items(vec![vec![plain("first goes on")], vec![span("second", Style::Code)]]),
            Block::Code("x  y".to_owned()),
            Block::Paragraph(vec![plain("end")]),
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn a_backtick_alone_is_a_letter() {
        assert_eq!(blocks("a ` b"), [Block::Paragraph(vec![plain("a ` b")])]);
        assert_eq!(blocks(""), []);
    }
}
