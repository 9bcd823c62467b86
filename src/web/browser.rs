//! What a browser says it is, in words of ours: of what it sends, which anybody can make up, nothing is repeated. Pure.

use super::texts::{Lang, text};

/// A program and the system it runs on, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Browser {
    /// Its name in English and in Chinese.
    program: Option<(&'static str, &'static str)>,
    system: Option<&'static str>,
}

/// What a `User-Agent` contains, and the program: the first that fits counts, since most claim to be others as well.
const PROGRAMS: &[(&str, &str, &str)] = &[
    ("wxwork/", "WeCom", "企业微信"),
    ("MicroMessenger/", "WeChat", "微信"),
    ("Edg", "Edge", "Edge"),
    ("OPR/", "Opera", "Opera"),
    ("QQBrowser/", "QQ Browser", "QQ浏览器"),
    ("Firefox/", "Firefox", "Firefox"),
    ("Chrome/", "Chrome", "Chrome"),
    ("Safari/", "Safari", "Safari"),
];
/// The same of systems.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];
/// How much of a `User-Agent` is looked at, bytes.
const LOOKED_AT: usize = 512;

impl Browser {
    /// By its `User-Agent`.
    pub fn of(agent: &[u8]) -> Self {
        let agent = agent.get(..LOOKED_AT).unwrap_or(agent);
        let has = |part: &str| agent.windows(part.len()).any(|window| window == part.as_bytes());
        Self {
            program: PROGRAMS
                .iter()
                .find(|program| has(program.0))
                .map(|program| (program.1, program.2)),
            system: SYSTEMS.iter().find(|system| has(system.0)).map(|system| system.1),
        }
    }

    /// In words: `Chrome, Windows`.
    pub fn words(self, lang: Lang) -> String {
        let program = self.program.map(|program| match lang {
            Lang::En => program.0,
            Lang::Zh => program.1,
        });
        let known: Vec<&str> = program.into_iter().chain(self.system).collect();
        match (known.is_empty(), lang) {
            (true, _) => text(lang, "browser-unknown"),
            (false, Lang::En) => known.join(", "),
            (false, Lang::Zh) => known.join("、"),
        }
    }
}

/// Browser and network as a page tells them; `None`: neither is known.
pub fn place(lang: Lang, browser: Option<&str>, network: Option<&str>) -> Option<String> {
    let browser = browser.map(|words| told(words, lang));
    let known: Vec<String> = browser.into_iter().chain(network.map(str::to_owned)).collect();
    (!known.is_empty()).then(|| known.join(" · "))
}

/// What [`Browser::words`] said in English, in another language.
fn told(words: &str, lang: Lang) -> String {
    let (program, system) = words
        .split_once(", ")
        .map_or((words, None), |(program, system)| (program, Some(system)));
    let known = PROGRAMS.iter().find(|known| known.1 == program);
    let program = match lang {
        Lang::En => program,
        Lang::Zh => known.map_or(program, |known| known.2),
    };
    match (system, lang) {
        (None, _) => program.to_owned(),
        (Some(system), Lang::En) => format!("{program}, {system}"),
        (Some(system), Lang::Zh) => format!("{program}、{system}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_by_words_of_ours_alone() {
        for (agent, en, zh) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
                "Edge, Windows",
                "Edge、Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Mobile/15E148 wxwork/4.1 MicroMessenger/7.0",
                "WeCom, iPhone",
                "企业微信、iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
                "Firefox, Linux",
                "Firefox、Linux",
            ),
        ] {
            let browser = Browser::of(agent.as_bytes());
            assert_eq!(
                (browser.words(Lang::En).as_str(), browser.words(Lang::Zh).as_str()),
                (en, zh)
            );
            assert_eq!((told(en, Lang::En).as_str(), told(en, Lang::Zh).as_str()), (en, zh));
        }
        for hostile in ["", "<script>\u{202e}", "curl/8", &"x".repeat(100_000)] {
            let words = Browser::of(hostile.as_bytes()).words(Lang::En);
            assert_eq!(words, text(Lang::En, "browser-unknown"), "{hostile:.20}");
        }
    }
}
