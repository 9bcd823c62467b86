//! Brandings of a file: the installation's, and what companies have in its place. They are always there, so none is ever made or deleted; a logo is sent as
//! the file that it is.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::{
    cli::{client::part, sync::report::text},
    crypto::digest::sha256_base64url,
    kernel::raster_image,
};

/// What the branding of the installation is called.
pub(super) const INSTALLATION: &str = "installation";
/// The field of the logo.
pub(super) const LOGO: &str = "logo";
/// Its file, as an entry names it.
const LOGO_FILE: &str = "logo_file";
/// The data source whose company it is; absent: it is the installation's.
const SOURCE: &str = "data_source_id";

/// A branding as the API shows it, with what it is known by here.
pub(super) fn view(shown: Value, source: Option<&str>, name: &str) -> Value {
    let Value::Object(mut view) = shown else {
        return Value::Null;
    };
    // No row has such an id.
    let id = source.unwrap_or(INSTALLATION);
    view.insert("id".to_owned(), json!(format!("branding:{id}")));
    view.insert("data_source".to_owned(), json!(name));
    if let Some(source) = source {
        view.insert(SOURCE.to_owned(), json!(source));
    }
    Value::Object(view)
}

/// All that a server has: the installation's, and one of each data source, where most are empty.
pub(super) fn views(installation: Value, sources: &[Value], own: &[Value]) -> Vec<Value> {
    let mut views = vec![view(installation, None, INSTALLATION)];
    for source in sources {
        let id = text(source, "id");
        let of_source = own.iter().find(|one| text(one, SOURCE) == id);
        let shown = of_source.and_then(|one| one.get("branding")).cloned();
        let shown = shown.unwrap_or_else(|| json!({}));
        views.push(view(shown, Some(id), text(source, "name")));
    }
    views
}

/// Where the branding of these fields is in the API.
pub(super) fn path(wanted: &Map<String, Value>) -> String {
    match source(wanted) {
        Some(source) => format!("data-sources/{}/branding", part(source)),
        None => "branding".to_owned(),
    }
}

/// Row id of the data source whose company it is.
pub(super) fn source(wanted: &Map<String, Value>) -> Option<&str> {
    wanted.get(SOURCE).and_then(Value::as_str)
}

/// The fields without those that the API does not take with the others.
pub(super) fn plain(fields: &Map<String, Value>) -> Map<String, Value> {
    let mut fields = fields.clone();
    fields.remove(SOURCE);
    fields.remove(LOGO);
    fields
}

/// Prepares a table of the file: the colour as the server shows it, and in the place of the logo's file the address that the server gives this picture;
/// answers the picture.
pub(super) fn prepared(
    table: &mut Map<String, Value>,
    folder: &Path,
    faults: &mut Vec<(String, String)>,
) -> Option<Vec<u8>> {
    if let Some(Value::String(accent)) = table.get_mut("accent") {
        *accent = accent.to_lowercase();
    }
    if table.remove(LOGO).is_some() {
        faults.push((LOGO.to_owned(), format!("is a file: name it as {LOGO_FILE}")));
    }
    let file = table.remove(LOGO_FILE)?;
    match picture(&file, folder) {
        Ok(bytes) => {
            let url = format!("/branding/logo?v={}", sha256_base64url(&bytes));
            table.insert(LOGO.to_owned(), json!({ "url": url }));
            Some(bytes)
        }
        Err(why) => {
            faults.push((LOGO_FILE.to_owned(), why));
            None
        }
    }
}

fn picture(file: &Value, folder: &Path) -> Result<Vec<u8>, String> {
    let name = file.as_str().filter(|name| !name.trim().is_empty());
    let name = name.ok_or("must be the name of a file")?;
    let path = folder.join(name);
    let failed = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let fits = |bytes: u64| usize::try_from(bytes).is_ok_and(|bytes| bytes <= raster_image::LARGEST);
    let is_small = fits(path.metadata().map_err(failed)?.len());
    let bytes = match is_small {
        true => std::fs::read(&path).map_err(failed)?,
        false => Vec::new(),
    };
    match raster_image::read(&bytes) {
        Some(_) => Ok(bytes),
        None => Err(format!("{} is no PNG, JPEG or WebP of at most 256 KiB", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{path, views};

    #[test]
    fn every_data_source_has_a_branding_and_the_installation_has_one() {
        let sources = [json!({ "id": "1", "name": "A" }), json!({ "id": "2", "name": "B" })];
        let own = [json!({ "data_source_id": "2", "data_source_name": "B", "branding": { "name": "Bee" } })];
        let views = views(json!({ "name": null }), &sources, &own);
        assert_eq!(
            views,
            [
                json!({ "name": null, "id": "branding:installation", "data_source": "installation" }),
                json!({ "id": "branding:1", "data_source": "A", "data_source_id": "1" }),
                json!({ "name": "Bee", "id": "branding:2", "data_source": "B", "data_source_id": "2" }),
            ]
        );
        let paths = views.iter().map(|view| path(view.as_object().unwrap()));
        let paths: Vec<String> = paths.collect();
        assert_eq!(
            paths,
            ["branding", "data-sources/1/branding", "data-sources/2/branding"]
        );
    }
}
