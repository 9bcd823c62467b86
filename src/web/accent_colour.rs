//! The accent colour of our pages: read from `#rrggbb`, and bright or dark enough to be read on them (WCAG 2.1, 1.4.3: 4.5 to 1). Pure.
//!
//! It stands on pages as text on paper (links, badges) and as the ground of a button's text. On light pages the ink of a button is the
//! paper's white, so one contrast decides both. On dark pages a colour that passes there would be too dim, so it is mixed with white until
//! it can be read.

/// Least contrast of text and ground.
pub const LEAST: f64 = 4.5;

/// `--paper` of light pages in `assets/menjin.css`.
const PAPER: Colour = Colour([0xff, 0xff, 0xff]);
/// `--paper` of dark pages.
const DARK_PAPER: Colour = Colour([0x1a, 0x21, 0x2a]);
/// `--accent-ink` of dark pages.
const DARK_INK: &str = "#08121f";
/// White, per cent, that is mixed in at a time.
const STEP: u16 = 2;

/// A colour, red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl Colour {
    /// Reads `#rrggbb` in either letter case.
    pub fn of(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let part = |from: usize| u8::from_str_radix(digits.get(from..from.checked_add(2)?)?, 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// `#rrggbb` in lower case.
    pub fn text(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// Relative luminance (WCAG 2.1).
    fn luminance(self) -> f64 {
        let linear = self.0.map(|part| {
            let share = f64::from(part) / 255.0;
            match share <= 0.040_45 {
                true => share / 12.92,
                false => ((share + 0.055) / 1.055).powf(2.4),
            }
        });
        let [red, green, blue] = linear;
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast of two colours, 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Contrast with the paper of light pages, which is also that of a button's ink.
    pub fn contrast_with_paper(self) -> f64 {
        self.contrast(PAPER)
    }

    fn mixed_with_white(self, percent: u16) -> Self {
        Self(self.0.map(|part| {
            let missing = u16::from(u8::MAX - part);
            let added = missing.saturating_mul(percent) / 100;
            part.saturating_add(u8::try_from(added).unwrap_or(u8::MAX))
        }))
    }

    /// The colour as dark pages show it: the least bright mixture with white that can be read there.
    pub fn on_dark_pages(self) -> Self {
        let mixtures = (0..=100_u16).step_by(usize::from(STEP));
        let mut mixtures = mixtures.map(|percent| self.mixed_with_white(percent));
        let readable = mixtures.find(|mixture| mixture.contrast(DARK_PAPER) >= LEAST);
        readable.unwrap_or(PAPER)
    }

    /// The style sheet that gives our pages this accent, to be loaded after `menjin.css`.
    pub fn style_sheet(self) -> String {
        let (light, dark) = (self.text(), self.on_dark_pages().text());
        format!(
            ":root {{ --accent: {light}; --accent-ink: #ffffff; }}\n\
             @media (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; --accent-ink: {DARK_INK}; }} }}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_six_hexadecimal_digits_are_a_colour() {
        assert_eq!(Colour::of("#1769D2").unwrap().text(), "#1769d2");
        for rubbish in [
            "",
            "#",
            "1769d2",
            "#1769d",
            "#1769d2f",
            "red",
            "#12345g",
            "#1769d2;}",
            "#１2345",
            "#é345",
        ] {
            assert!(Colour::of(rubbish).is_none(), "{rubbish}");
        }
    }

    #[test]
    fn contrasts_are_those_of_the_standard() {
        let contrast = |text: &str| Colour::of(text).unwrap().contrast_with_paper();
        assert!((contrast("#000000") - 21.0).abs() < 0.001);
        assert!((contrast("#ffffff") - 1.0).abs() < 0.001);
        // The border that WCAG's own tools tell: #767676 passes on white, #777777 does not.
        assert!(contrast("#767676") >= LEAST && contrast("#777777") < LEAST);
    }

    #[test]
    fn every_colour_that_is_taken_can_be_read_on_dark_pages_too() {
        let ink = Colour::of(DARK_INK).unwrap();
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let dark = Colour([red, green, blue]).on_dark_pages();
                    assert!(dark.contrast(DARK_PAPER) >= LEAST, "{dark:?}");
                    assert!(dark.contrast(ink) >= LEAST, "{dark:?}");
                }
            }
        }
    }

    #[test]
    fn papers_are_those_of_the_style_sheet() {
        let sheet = include_str!("../../assets/menjin.css");
        for paper in [PAPER, DARK_PAPER] {
            assert!(sheet.contains(&format!("--paper: {};", paper.text())), "{paper:?}");
        }
        assert!(sheet.contains(&format!("--accent-ink: {DARK_INK};")));
    }
}
