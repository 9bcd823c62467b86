//! The first pages and docs/: both READMEs say the same, no link leads nowhere, and the index of docs/ misses no page.

use std::{
    collections::BTreeSet,
    fs, mem,
    path::{Component, Path, PathBuf},
};

const ENGLISH: &str = "README.md";
const CHINESE: &str = "README.zh-CN.md";
const DOCS: &str = "docs";
const INDEX: &str = "docs/README.md";

/// Lines a first page may have: one and a half screens.
const LONGEST_README: usize = 90;
/// Lines in which each README leads to the other.
const FIRST_LINES: usize = 4;

/// Its opening line opens and closes a fenced code block.
const FENCE: &str = "```";

/// The page without its code blocks, and the code blocks, each with its opening line.
fn split(page: &str) -> (Vec<&str>, Vec<String>) {
    let (mut prose, mut blocks) = (Vec::new(), Vec::new());
    let mut open: Option<String> = None;
    for line in page.lines() {
        let fence = line.trim_start().starts_with(FENCE);
        match (open.as_mut(), fence) {
            (None, false) => prose.push(line),
            (None, true) => open = Some(format!("{line}\n")),
            (Some(block), false) => {
                block.push_str(line);
                block.push('\n');
            }
            (Some(block), true) => {
                blocks.push(mem::take(block));
                open = None;
            }
        }
    }
    // A block that nobody closed is one to whoever reads the page.
    blocks.extend(open);
    (prose, blocks)
}

/// The levels of the headings, in order.
fn levels(page: &str) -> Vec<usize> {
    let (prose, _) = split(page);
    prose.into_iter().filter_map(level).collect()
}

fn level(line: &str) -> Option<usize> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    ((1..=6).contains(&level) && text.starts_with(' ')).then_some(level)
}

/// A code block without comments and blank lines. A `#` begins a comment where a word begins outside quotes.
fn commands(block: &str) -> String {
    let mut kept = String::new();
    let mut quote = None;
    let mut comment = false;
    let mut before = '\n';
    for letter in block.chars() {
        match (letter, quote) {
            ('\n', _) => comment = false,
            ('#', None) if before.is_whitespace() => comment = true,
            ('"' | '\'', None) if !comment => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            _ => {}
        }
        if !comment {
            kept.push(letter);
        }
        before = letter;
    }
    let lines = kept.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// What two pages that are to say the same do not have in common, besides their words.
fn faults_between(one: &str, other: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let (here, there) = (levels(one), levels(other));
    if here != there {
        faults.push(format!("their headings have the levels {here:?} and {there:?}"));
    }
    let blocks = |page: &str| -> Vec<String> { split(page).1.iter().map(|block| commands(block)).collect() };
    let (here, there) = (blocks(one), blocks(other));
    if here.len() != there.len() {
        faults.push(format!("they have {} and {} code blocks", here.len(), there.len()));
    }
    let differ = here.iter().zip(&there).filter(|(here, there)| here != there);
    faults.extend(differ.map(|(here, there)| format!("these code blocks differ:\n{here}\n---\n{there}")));
    faults
}

/// Where the links and pictures of a page lead, as written. What stands in code is no link.
fn links(page: &str) -> Vec<String> {
    let (prose, _) = split(page);
    prose.into_iter().flat_map(links_of_line).collect()
}

fn links_of_line(line: &str) -> Vec<String> {
    // Every second piece is inline code.
    let text: String = line.split('`').step_by(2).collect();
    let definition = text.starts_with('[').then(|| text.split_once("]: ")).flatten();
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let targets = inline
        .map(|(target, _)| target)
        .chain(definition.map(|(_, target)| target));
    // A title may follow the address.
    targets
        .filter_map(|target| target.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// The file a link of `page` leads to, from the root folder; `None` for another site, or the page itself.
fn file_meant(page: &str, link: &str) -> Option<PathBuf> {
    let (path, _) = link.split_once('#').unwrap_or((link, ""));
    if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
        return None;
    }
    let folder = Path::new(page).parent().unwrap_or_else(|| Path::new(""));
    let mut file = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::ParentDir => drop(file.pop()),
            Component::CurDir => {}
            part => file.push(part),
        }
    }
    Some(file)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap()
}

/// The pages below a folder of the root, by their path from there.
fn pages_below(folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(root().join(folder)).unwrap().flatten() {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(pages_below(&path));
        } else if path.ends_with(".md") {
            found.insert(path);
        }
    }
    found
}

fn report(faults: &[String]) {
    assert!(faults.is_empty(), "pages:\n  {}", faults.join("\n  "));
}

#[test]
fn both_readmes_have_the_same_headings_and_commands() {
    report(&faults_between(&read(ENGLISH), &read(CHINESE)));
}

#[test]
fn each_readme_leads_to_the_other_in_its_first_lines() {
    for (page, other) in [(ENGLISH, CHINESE), (CHINESE, ENGLISH)] {
        let text = read(page);
        let leads = text
            .lines()
            .take(FIRST_LINES)
            .flat_map(links_of_line)
            .any(|link| link == other);
        assert!(leads, "{page} does not link {other} in its first {FIRST_LINES} lines");
    }
}

#[test]
fn a_readme_is_a_screen_and_a_half() {
    for page in [ENGLISH, CHINESE] {
        let lines = read(page).lines().count();
        assert!(
            lines <= LONGEST_README,
            "{page} has {lines} lines, more than {LONGEST_README}"
        );
    }
}

#[test]
fn every_link_between_pages_leads_to_a_file() {
    let mut faults = Vec::new();
    let pages = [ENGLISH, CHINESE]
        .map(str::to_owned)
        .into_iter()
        .chain(pages_below(DOCS));
    for page in pages {
        for link in links(&read(&page)) {
            let missing = file_meant(&page, &link).is_some_and(|file| !root().join(file).exists());
            if missing {
                faults.push(format!("{page} links {link}, which is not there"));
            }
        }
    }
    report(&faults);
}

#[test]
fn the_index_of_docs_links_every_page() {
    let index = read(INDEX);
    let linked: Vec<PathBuf> = links(&index)
        .iter()
        .filter_map(|link| file_meant(INDEX, link))
        .collect();
    let pages = pages_below(DOCS).into_iter().filter(|page| page != INDEX);
    let missing = pages.filter(|page| !linked.contains(&PathBuf::from(page)));
    let faults: Vec<String> = missing.map(|page| format!("{INDEX} does not link {page}")).collect();
    report(&faults);
}

#[test]
fn other_headings_are_seen() {
    assert!(faults_between("# a\n## b", "# 甲\n## 乙").is_empty());
    assert!(!faults_between("# a", "## a").is_empty());
    assert!(!faults_between("# a\n## b", "# a").is_empty());
    assert!(!faults_between("# a\n## b\n### c", "# a\n### c\n## b").is_empty());
    assert_eq!(levels("#tag\n####### seven\n```\n# comment\n```\n## b"), [2]);
}

#[test]
fn other_commands_are_seen_and_other_comments_are_not() {
    let page = |block: &str| format!("words\n```console\n{block}\n```\n");
    let faults = |one: &str, other: &str| faults_between(&page(one), &page(other));
    assert!(faults("# build\ncargo build  # quick\n", "\ncargo build\n# 构建").is_empty());
    assert!(!faults("cargo build", "cargo test").is_empty());
    assert!(!faults("echo '# a'", "echo '# b'").is_empty());
    assert!(!faults("curl -d '{\n # a\n}'", "curl -d '{\n # b\n}'").is_empty());
    assert!(!faults("open https://a/#b", "open https://a/#c").is_empty());
    assert!(!faults_between(&page("a"), "```sh\na\n```").is_empty());
    assert!(!faults_between(&page("a"), "words").is_empty());
    assert!(!faults_between(&page("a"), "```console\na\n```\n```\nb").is_empty());
}

#[test]
fn a_quote_in_a_comment_opens_nothing() {
    assert_eq!(commands("a # it's\nb # c"), "a\nb");
    assert_eq!(commands("a \"it's # b\" # c"), "a \"it's # b\"");
}

#[test]
fn links_and_pictures_are_found_outside_code() {
    let page = "[a](b.md) ![c](d.png \"e\") [f](../g.md#h)\n`[i](j)`\n```\n[k](l)\n```\n[m]: n.md\n";
    assert_eq!(links(page), ["b.md", "d.png", "../g.md#h", "n.md"]);
}

#[test]
fn links_are_followed_from_their_page() {
    let meant = |page: &str, link: &str| file_meant(page, link).map(|file| file.to_string_lossy().into_owned());
    assert_eq!(meant("docs/a.md", "../README.md#run").as_deref(), Some("README.md"));
    assert_eq!(meant("docs/a.md", "./b.md").as_deref(), Some("docs/b.md"));
    assert_eq!(meant("README.md", "docs/a.md").as_deref(), Some("docs/a.md"));
    assert_eq!(meant("README.md", "#run"), None);
    assert_eq!(meant("README.md", "https://a.example/b.md"), None);
}
