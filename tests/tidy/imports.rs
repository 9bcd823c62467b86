//! The import graph of a crate: which file names items of which other file. A path counts for the file it names, also where that file only
//! re-exports the item; so files inside a room name the file that defines what they use, and a room's `mod.rs` is for other rooms.

use std::collections::{BTreeMap, BTreeSet};

use crate::reading::code;

/// `crate::gate::store` → `["gate", "store"]`.
type Module = Vec<String>;

/// A crate's files by the module each holds.
pub struct Imports {
    files: BTreeMap<Module, String>,
    /// From each file to those it names.
    edges: BTreeMap<Module, BTreeSet<Module>>,
}

impl Imports {
    /// Reads a crate: `sources` by path, all below `root` (`src`). The crate's own file is nobody's: it declares all others.
    pub fn of(root: &str, sources: &BTreeMap<String, String>) -> Self {
        let mut files: BTreeMap<Module, String> = BTreeMap::new();
        for file in sources.keys().filter(|file| !file.ends_with("/main.rs")) {
            files.insert(module_of(root, file), file.clone());
        }
        for (file, text) in sources {
            for (named, name) in path_attributes(text) {
                let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
                let mut module = module_of(root, file);
                module.push(name);
                if files.remove(&module_of(root, &format!("{folder}/{named}"))).is_some() {
                    files.insert(module, format!("{folder}/{named}"));
                }
            }
        }
        let mut edges = BTreeMap::new();
        for (module, file) in files.iter().filter(|(module, _)| !module.is_empty()) {
            let text = sources.get(file).map(String::as_str).unwrap_or_default();
            let mut named = named_by(&files, module, &code(text));
            named.remove(module);
            named.remove(&Module::new());
            edges.insert(module.clone(), named);
        }
        Self { files, edges }
    }

    /// Pairs of files: the first names items of the second.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self
            .edges
            .iter()
            .flat_map(|(from, named)| named.iter().map(move |to| (from, to)));
        pairs.filter_map(|(from, to)| Some((self.files.get(from)?.as_str(), self.files.get(to)?.as_str())))
    }

    /// One circle for each group of files that name each other, shortest way round: `a.rs → b.rs → a.rs`.
    pub fn circles(&self) -> Vec<String> {
        let mut seen: BTreeSet<&Module> = BTreeSet::new();
        let mut found = Vec::new();
        for start in self.edges.keys() {
            if seen.contains(start) {
                continue;
            }
            if let Some(circle) = self.way_back(start) {
                let names: Vec<&str> = circle
                    .iter()
                    .filter_map(|module| self.files.get(*module).map(String::as_str))
                    .collect();
                found.push(names.join(" → "));
                seen.extend(circle);
            }
        }
        found
    }

    /// Breadth first from a file to itself.
    fn way_back<'a>(&'a self, start: &'a Module) -> Option<Vec<&'a Module>> {
        let mut from: BTreeMap<&Module, &Module> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            for next in self.edges.get(at).into_iter().flatten() {
                if next == start {
                    let mut way = vec![start, at];
                    while let Some(before) = way.last().and_then(|last| from.get(last)) {
                        way.push(before);
                    }
                    if at == start {
                        way.pop();
                    }
                    way.reverse();
                    way.push(start);
                    way.dedup();
                    return Some(way);
                }
                if !from.contains_key(next) {
                    from.insert(next, at);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

fn module_of(root: &str, file: &str) -> Module {
    let path = file.strip_prefix(root).unwrap_or(file).trim_start_matches('/');
    let mut module: Module = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib")) {
        module.pop();
    }
    module
}

/// `#[path = "x_tests.rs"] mod tests;` → (`x_tests.rs`, `tests`).
fn path_attributes(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for rest in text.split("#[path = \"").skip(1) {
        let Some((file, after)) = rest.split_once('"') else {
            continue;
        };
        let Some((_, after)) = after.split_once("mod ") else {
            continue;
        };
        if let Some((name, _)) = after.split_once(';') {
            found.push((file.to_owned(), name.to_owned()));
        }
    }
    found
}

fn named_by(files: &BTreeMap<Module, String>, module: &Module, code: &str) -> BTreeSet<Module> {
    let (statements, body) = use_statements(code);
    let mut named = BTreeSet::new();
    // Modules that were imported by name stand at the beginning of paths in the body.
    let mut imported: BTreeMap<String, Module> = BTreeMap::new();
    for path in statements.iter().flat_map(|tree| expand(tree)) {
        let (path, alias) = match path.split_once(" as ") {
            Some((path, alias)) => (path.to_owned(), Some(alias.trim().to_owned())),
            None => (path, None),
        };
        let path = path.strip_suffix("::self").unwrap_or(&path);
        if let Some((target, whole)) = resolve(files, module, &BTreeMap::new(), path) {
            if whole && let Some(name) = alias.or_else(|| target.last().cloned()) {
                imported.insert(name, target.clone());
            }
            named.insert(target);
        }
    }
    for path in inline_paths(&body) {
        named.extend(resolve(files, module, &imported, &path).map(|(target, _)| target));
    }
    named
}

/// The deepest module on the path, and whether it is all of the path; `None` where it leads out of the crate.
fn resolve(
    files: &BTreeMap<Module, String>,
    module: &Module,
    imported: &BTreeMap<String, Module>,
    path: &str,
) -> Option<(Module, bool)> {
    let mut segments = path.split("::").map(str::trim).peekable();
    let mut at = match *segments.peek()? {
        "crate" => Module::new(),
        "self" | "super" => module.clone(),
        first if imported.contains_key(first) => imported.get(first)?.clone(),
        first => {
            let child: Module = module.iter().cloned().chain([first.to_owned()]).collect();
            files.contains_key(&child).then_some(child)?
        }
    };
    if segments.peek() != Some(&"super") {
        segments.next();
    }
    while segments.next_if_eq(&"super").is_some() {
        at.pop();
    }
    while let Some(segment) = segments.peek() {
        at.push((*segment).to_owned());
        if !files.contains_key(&at) {
            at.pop();
            break;
        }
        segments.next();
    }
    Some((at, segments.peek().is_none()))
}

/// The trees of all `use` statements, and the code without them and without visibilities (`pub(in crate::oidc)`).
fn use_statements(code: &str) -> (Vec<String>, String) {
    let (mut trees, mut body) = (Vec::new(), String::new());
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let mut rest = line.trim_start();
        if let Some(after) = rest.strip_prefix("pub") {
            let after = after.trim_start();
            rest = match after.strip_prefix('(') {
                Some(scope) => scope.split_once(')').map_or("", |(_, after)| after.trim_start()),
                None => after,
            };
        }
        let Some(tree) = rest.strip_prefix("use ") else {
            body.push_str(rest);
            body.push('\n');
            continue;
        };
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            let Some(line) = lines.next() else { break };
            tree.push_str(line.trim());
            tree.push(' ');
        }
        trees.push(tree.split(';').next().unwrap_or_default().to_owned());
    }
    (trees, body)
}

/// `a::{b, c::{d, self}}` → `a::b`, `a::c::d`, `a::c::self`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, list)) = tree.split_once('{') else {
        return vec![tree.to_owned()];
    };
    let list = list.rsplit_once('}').map_or(list, |(list, _)| list);
    let (mut items, mut item, mut depth) = (Vec::new(), String::new(), 0_usize);
    for letter in list.chars() {
        match letter {
            ',' if depth == 0 => items.push(std::mem::take(&mut item)),
            letter => {
                depth = match letter {
                    '{' => depth + 1,
                    '}' => depth.saturating_sub(1),
                    _ => depth,
                };
                item.push(letter);
            }
        }
    }
    items.push(item);
    let items = items.iter().filter(|item| !item.trim().is_empty());
    items
        .flat_map(|item| expand(item))
        .map(|rest| format!("{before}{rest}"))
        .collect()
}

/// Paths with at least one `::`, from their first word on.
fn inline_paths(body: &str) -> Vec<String> {
    let part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':');
    let words = body.split(|letter| !part(letter));
    let paths = words.filter(|word| word.contains("::") && !word.starts_with(':'));
    paths.map(str::to_owned).collect()
}

#[test]
fn a_circle_is_found_and_its_way_is_told() {
    let sources = |files: &[(&str, &str)]| -> BTreeMap<String, String> {
        files
            .iter()
            .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
            .collect()
    };
    let inserted = sources(&[
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a/mod.rs", "pub mod http;\npub mod store;\n"),
        ("src/a/http.rs", "use super::store;\nfn f() { store::g() }"),
        ("src/a/store.rs", "fn g() { crate::b::h() }"),
        ("src/b.rs", "use crate::{\n    a::{http::{self as pages, F}},\n};\n"),
    ]);
    assert_eq!(
        Imports::of("src", &inserted).circles(),
        ["src/a/http.rs → src/a/store.rs → src/b.rs → src/a/http.rs"]
    );
    let of_two = sources(&[
        ("src/a/mod.rs", "mod b;\npub use b::B;\npub struct A;"),
        ("src/a/b.rs", "use super::A;\npub struct B(A);"),
    ]);
    assert_eq!(
        Imports::of("src", &of_two).circles(),
        ["src/a/mod.rs → src/a/b.rs → src/a/mod.rs"]
    );
    let none = sources(&[
        ("src/a/mod.rs", "mod b;\nmod c;\npub use b::B;"),
        ("src/a/b.rs", "pub(in crate::a) struct B; // crate::a::B"),
        (
            "src/a/c.rs",
            "use super::b::B;\n#[cfg(test)]\nmod tests {\n    use crate::a::B;\n}",
        ),
    ]);
    assert!(Imports::of("src", &none).circles().is_empty());
}
