//! The whole table, and how it is searched. Pure.

use actix_web::http::Method;

use super::{act::Act, people, settings, wecom};
use crate::{admin::Role, console::http::address::filled};

/// Pages that are there for an act whose form stands elsewhere, or comes later: the address below `/console`, and the lowest role that has something to
/// look for there.
const ON_THE_WAY: &[(&str, Role)] = &[
    ("/sync/start", Role::Operator),
    ("/portals/new", Role::Admin),
    ("/portals/{id}/trials/{trial}", Role::Admin),
    ("/installations/return", Role::Admin),
    ("/installations/scanned", Role::Admin),
    ("/installations/invited/{suite}/{id}", Role::Admin),
    ("/installations/invited/{suite}/{id}/live", Role::Admin),
    ("/setup", Role::Admin),
    ("/setup/{source}", Role::Admin),
    ("/setup/{source}/callbacks/live", Role::Admin),
    ("/setup/{source}/domain/live", Role::Admin),
    ("/setup/{source}/people", Role::Admin),
    ("/setup/{source}/portal", Role::Admin),
    ("/assistant", Role::Admin),
    ("/assistant/{source}", Role::Admin),
    ("/assistant/{source}/finish", Role::Admin),
    ("/assistant/{source}/{step}/live", Role::Admin),
];

fn all() -> impl Iterator<Item = &'static Act> {
    let tables = [people::ACTS, wecom::ACTS, settings::ACTS];
    tables.into_iter().flatten()
}

/// The act of this address below `/console`.
pub(in crate::console::http) fn of_route(route: &str) -> Option<&'static Act> {
    all().find(|act| act.route == route)
}

/// The lowest role without which this address below `/console` is of no use: to send its form, or to open its page. `None`: everybody at the console may.
pub(in crate::console::http) fn needed(method: &Method, route: &str) -> Option<Role> {
    let act = of_route(route);
    if *method == Method::POST {
        return act.map(|act| act.role);
    }
    let on_the_way = || ON_THE_WAY.iter().find(|(page, _)| *page == route);
    let of_act = act.filter(|act| act.alone).map(|act| act.role);
    of_act.or_else(|| on_the_way().map(|(_, role)| *role))
}

/// The acts whose forms stand on the page at this address below `/console`.
pub(in crate::console::http) fn all_on(page: &str) -> impl Iterator<Item = &'static Act> {
    all().filter(move |act| act.page == page)
}

/// The page below `/console` on which the form of this address stands, and its calls: method and path, with what the address says filled in.
pub(in crate::console::http) fn of_path(path: &str) -> Option<(String, Vec<String>)> {
    let (act, named) = all().find_map(|act| Some((act, named(act.route, path)?)))?;
    let values = || named.iter().map(|(name, value)| (*name, *value));
    let call = |call: super::act::Offered| format!("{} {}", call.method, filled(call.path, values()));
    // A call of which something is not said in the address tells nothing.
    let calls = act.calls().map(call).filter(|call| !call.contains('{'));
    Some((filled(act.page, values()), calls.collect()))
}

/// What varies in a route, as this path has it; `None`: it is another route.
fn named<'a>(route: &'a str, path: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let (mut wanted, mut there) = (route.split('/'), path.split('/'));
    let mut named = Vec::new();
    loop {
        match (wanted.next(), there.next()) {
            (None, None) => return Some(named),
            (Some(part), Some(value)) => match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                Some(name) if !value.is_empty() => named.push((name, value)),
                None if part == value => {}
                _ => return None,
            },
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        path::Path,
    };

    use actix_web::http::Method;
    use serde_json::Value;

    use super::all;

    /// Addresses below `/console` that take this method, as the sources mount them.
    fn mounted(folder: &Path, method: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                mounted(&path, method, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for route in text.split(".route(").skip(1) {
                let call = route.split(".to(").next().unwrap_or_default();
                let address = call
                    .split('"')
                    .nth(1)
                    .filter(|_| call.contains(&format!("web::{method}()")));
                found.extend(address.map(str::to_owned));
            }
        }
    }

    fn addresses(method: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console/http");
        mounted(&room, method, &mut found);
        found
    }

    // A new address that takes a form is in no table, and whoever adds it must say whether it is dangerous.
    #[test]
    fn each_address_that_takes_a_form_is_in_the_table_once_and_nothing_else_is() {
        let listed: Vec<String> = all().map(|act| act.route.to_owned()).collect();
        let set: BTreeSet<String> = listed.iter().cloned().collect();
        assert_eq!(listed.len(), set.len(), "one stands there twice");
        assert_eq!(set, addresses("post"));
    }

    #[test]
    fn each_form_stands_on_a_page_that_is_there() {
        let pages = addresses("get");
        for act in all().filter(|act| act.route != "/setup/check") {
            assert!(pages.contains(act.page), "{act:?}");
        }
    }

    #[test]
    fn the_form_of_an_address_is_known_with_what_it_is_about() {
        let told = |path: &str| super::of_path(path);
        let (page, calls) = told("/people/7/enable").unwrap();
        assert_eq!(
            (page.as_str(), calls.as_slice()),
            ("/people/7", &["PATCH users/7".to_owned()][..])
        );
        let (page, calls) = told("/people/7/remove-passkey").unwrap();
        assert_eq!(
            (page.as_str(), calls.len()),
            ("/people/7/ways-in", 0),
            "which one, the form says"
        );
        assert_eq!(told("/people/7/nothing"), None);
    }

    #[test]
    fn each_page_on_the_way_is_there_and_is_no_page_of_an_act_itself() {
        let pages = addresses("get");
        for (page, role) in super::ON_THE_WAY {
            assert!(pages.contains(*page), "{page}");
            assert!(super::of_route(page).is_none_or(|act| act.route != act.page), "{page}");
            assert_eq!(super::needed(&Method::GET, page), Some(*role), "{page}");
        }
    }

    /// A path with its parameters alike.
    fn plain(path: &str) -> String {
        let parts = path
            .split('/')
            .map(|part| if part.starts_with('{') { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    // A call that is shown to be copied exists, has a body where the operation takes one, and sends the entity tag where one is asked for.
    #[test]
    fn each_call_is_an_operation_of_the_api() {
        let document: Value = serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap();
        let mut operations = BTreeMap::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                operations.insert((method.to_uppercase(), plain(path)), operation.clone());
            }
        }
        for act in all() {
            let calls: Vec<_> = act.calls().collect();
            let written = act.call.split('|').filter(|call| !call.is_empty()).count();
            assert_eq!(calls.len(), written, "{act:?}");
            for call in calls {
                let path = plain(&format!("/api/v1/{}", call.path));
                let operation = operations
                    .get(&(call.method.to_string(), path))
                    .unwrap_or_else(|| panic!("{act:?}"));
                let named = |wanted: &str| {
                    let mut parameters = operation["parameters"].as_array().into_iter().flatten();
                    parameters.any(|parameter| {
                        parameter["name"]
                            .as_str()
                            .is_some_and(|name| name.eq_ignore_ascii_case(wanted))
                    })
                };
                assert!(!call.tagged || named("if-match"), "{act:?}");
                let Some(body) = call.body else { continue };
                let body: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{act:?}: {error}"));
                let content = &operation["requestBody"]["content"]["application/json"]["schema"];
                let schema = content["$ref"]
                    .as_str()
                    .or_else(|| content["oneOf"][1]["$ref"].as_str())
                    .unwrap_or_default();
                let schema = &document["components"]["schemas"][schema.rsplit('/').next().unwrap_or_default()];
                for field in body.as_object().unwrap().keys() {
                    assert!(schema["properties"].get(field).is_some(), "{act:?}: {field}");
                }
            }
        }
    }
}
