//! Page texts and languages: one Fluent file per language, compiled in. Protocol errors are not translated (RFC 6749 §5.2).

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

/// A language of our pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Simplified Chinese, `zh-CN`.
    Zh,
    /// English, `en`.
    En,
}

impl Lang {
    /// Both languages, for tests and the language switch.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// BCP 47 tag in canonical casing.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The other language, for the switch on each page.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// Chooses the language: the first supported one in `ui_locales` (space-separated, OpenID Connect Core 3.1.2.1), else in
    /// `Accept-Language` (RFC 9110 §12.5.4, taken in the order written), else Chinese.
    pub fn negotiate(ui_locales: Option<&str>, accept_language: Option<&str>) -> Self {
        let wanted = ui_locales.into_iter().flat_map(str::split_whitespace);
        let accepted = accept_language.into_iter().flat_map(|list| list.split(','));
        wanted.chain(accepted).find_map(Self::of_tag).unwrap_or(Self::Zh)
    }

    /// The language that a tag's primary subtag names.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_', ';']).next()?.to_ascii_lowercase();
        match primary.as_str() {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

type Bundle = FluentBundle<FluentResource>;

static ZH: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::Zh, ZH_TEXTS));
static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::En, EN_TEXTS));

/// Texts of the pages for everybody, then of the console, section by section.
const ZH_TEXTS: &[&str] = &[
    include_str!("../../locales/zh-CN.ftl"),
    include_str!("../../locales/console/frame.zh-CN.ftl"),
    include_str!("../../locales/console/assistant.zh-CN.ftl"),
    include_str!("../../locales/console/audit.zh-CN.ftl"),
    include_str!("../../locales/console/fields.zh-CN.ftl"),
    include_str!("../../locales/console/installations.zh-CN.ftl"),
    include_str!("../../locales/console/leaving.zh-CN.ftl"),
    include_str!("../../locales/console/moves.zh-CN.ftl"),
    include_str!("../../locales/console/notices.zh-CN.ftl"),
    include_str!("../../locales/console/overview.zh-CN.ftl"),
    include_str!("../../locales/console/people.zh-CN.ftl"),
    include_str!("../../locales/console/portals.zh-CN.ftl"),
    include_str!("../../locales/console/refusals.zh-CN.ftl"),
    include_str!("../../locales/console/requests.zh-CN.ftl"),
    include_str!("../../locales/console/search.zh-CN.ftl"),
    include_str!("../../locales/console/settings.zh-CN.ftl"),
    include_str!("../../locales/console/setup.zh-CN.ftl"),
    include_str!("../../locales/console/suites.zh-CN.ftl"),
    include_str!("../../locales/console/sync.zh-CN.ftl"),
    include_str!("../../locales/console/wecom.zh-CN.ftl"),
];
const EN_TEXTS: &[&str] = &[
    include_str!("../../locales/en.ftl"),
    include_str!("../../locales/console/frame.en.ftl"),
    include_str!("../../locales/console/assistant.en.ftl"),
    include_str!("../../locales/console/audit.en.ftl"),
    include_str!("../../locales/console/fields.en.ftl"),
    include_str!("../../locales/console/installations.en.ftl"),
    include_str!("../../locales/console/leaving.en.ftl"),
    include_str!("../../locales/console/moves.en.ftl"),
    include_str!("../../locales/console/notices.en.ftl"),
    include_str!("../../locales/console/overview.en.ftl"),
    include_str!("../../locales/console/people.en.ftl"),
    include_str!("../../locales/console/portals.en.ftl"),
    include_str!("../../locales/console/refusals.en.ftl"),
    include_str!("../../locales/console/requests.en.ftl"),
    include_str!("../../locales/console/search.en.ftl"),
    include_str!("../../locales/console/settings.en.ftl"),
    include_str!("../../locales/console/setup.en.ftl"),
    include_str!("../../locales/console/suites.en.ftl"),
    include_str!("../../locales/console/sync.en.ftl"),
    include_str!("../../locales/console/wecom.en.ftl"),
];

fn bundle(lang: Lang, sources: &[&str]) -> Bundle {
    let mut bundle = Bundle::new_concurrent(lang.tag().parse().into_iter().collect());
    // Only names that strangers choose are isolated (see `isolated`); marks around everything would only break copying.
    bundle.set_use_isolating(false);
    // A damaged file shows as missing keys, which the test of all keys catches.
    for source in sources {
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(partial, _)| partial);
        drop(bundle.add_resource(resource));
    }
    bundle
}

/// A name that a stranger chose, between marks that keep its direction of writing to itself (FSI and PDI of Unicode Standard Annex 9).
pub fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

/// The text under `key`; the key itself where the file lacks it.
pub fn text(lang: Lang, key: &str) -> String {
    text_with(lang, key, &[])
}

/// Variables that are numbers: a text may say of one something else than of more (in English by `[one]` and `*[other]`).
const NUMBERS: [&str; 2] = ["number", "count"];

/// The text under `key` with its variables filled in.
pub fn text_with(lang: Lang, key: &str, variables: &[(&str, &str)]) -> String {
    let bundle: &Bundle = match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    };
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        return key.to_owned();
    };
    let mut arguments = FluentArgs::new();
    for (name, value) in variables {
        match NUMBERS.contains(name) {
            true => arguments.set(*name, FluentValue::try_number(value)),
            false => arguments.set(*name, *value),
        }
    }
    bundle
        .format_pattern(pattern, Some(&arguments), &mut Vec::new())
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The English texts by their keys, each as its file has it.
    fn messages() -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for line in EN_TEXTS.iter().flat_map(|file| file.lines()) {
            match line.split_once(" =").filter(|_| !line.starts_with([' ', '#'])) {
                Some((key, text)) => found.push((key.to_owned(), text.to_owned())),
                None => {
                    if let Some((_, text)) = found.last_mut() {
                        text.push_str(line);
                    }
                }
            }
        }
        found
    }

    /// Whether a word is said of more than one.
    fn is_of_many(word: &str) -> bool {
        let of_one = [
            "is", "has", "its", "this", "was", "lives", "lacks", "loses", "stays", "seconds",
        ];
        match word.trim_matches(|letter: char| !letter.is_alphanumeric()) {
            "people" | "are" | "have" | "were" | "live" | "lack" | "lose" => true,
            word => {
                let is_word = word.len() > 2 && word.chars().all(char::is_alphabetic);
                is_word && word.ends_with('s') && !word.ends_with("ss") && !of_one.contains(&word)
            }
        }
    }

    /// What stands behind a number, as far as the same part of the sentence goes.
    fn behind<'a>(text: &'a str, number: &str) -> Vec<&'a str> {
        let mut words = text.split_whitespace();
        let ends = ['.', ',', ':', ';', ')'];
        match words.find(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()) == number) {
            Some(found) if found.ends_with(ends) => Vec::new(),
            Some(_) => {
                let inside = words.clone().take_while(|word| !word.ends_with(ends)).count();
                words.take(inside.saturating_add(1).min(3)).collect()
            }
            None => text.split_whitespace().take(2).collect(),
        }
    }

    #[test]
    fn of_one_nothing_is_said_as_of_many() {
        let (mut counting, mut telling_apart) = (0, 0);
        for (key, message) in messages() {
            for variable in NUMBERS.iter().filter(|name| message.contains(&format!("${name}"))) {
                counting += 1;
                let of = |number: &str| text_with(Lang::En, &key, &[(*variable, number)]);
                let (one, many) = (of("1"), of("2"));
                assert!(one != key && !one.contains(&format!("${variable}")), "{key}: {one}");
                if message.contains("->") {
                    telling_apart += 1;
                    assert_ne!(one.replace('1', "2"), many, "{key}");
                }
                let said = behind(&one, "1");
                assert!(!said.iter().any(|word| is_of_many(word)), "{key}: {one}");
                let chinese = text_with(Lang::Zh, &key, &[(*variable, "1")]);
                assert!(
                    chinese != key && !chinese.contains(&format!("${variable}")),
                    "{key}: {chinese}"
                );
            }
        }
        assert!(counting > 50 && telling_apart > 25, "{counting} {telling_apart}");
        let fields = |number: &str| text_with(Lang::En, "console-run-fields", &[("number", number)]);
        assert_eq!(
            [fields("0"), fields("1"), fields("2"), fields("21")],
            ["fields", "field", "fields", "fields"]
        );
        let more = |number: &str| text_with(Lang::En, "console-and-more", &[("number", number)]);
        assert_eq!([more("1"), more("100000")], ["… and 1 more", "… and 100000 more"]);
        assert_eq!(
            text_with(Lang::Zh, "console-and-more", &[("number", "100000")]),
            "……另有 100000 项"
        );
        // Without a number, as at the head of a column, it is of many.
        assert_eq!(text(Lang::En, "console-installation-departments"), "departments");
    }

    #[test]
    fn words_of_many_are_known() {
        for (text, of_many) in [
            ("1 people are there", true),
            ("There are 1 fields", true),
            ("1 active people.", true),
            ("single members", true),
            ("1 access ended", false),
            ("1 min ago", false),
            ("People in it: 1. They stay", false),
        ] {
            assert_eq!(behind(text, "1").iter().any(|word| is_of_many(word)), of_many, "{text}");
        }
    }
}
