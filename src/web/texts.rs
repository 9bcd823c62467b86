//! Page texts and languages: one Fluent file per language, compiled in. Protocol errors are not translated (RFC 6749 §5.2).

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

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
        arguments.set(*name, *value);
    }
    bundle
        .format_pattern(pattern, Some(&arguments), &mut Vec::new())
        .into_owned()
}
