//! What an entity calls sealed is sealed anew when the seal key is replaced.

use super::{report, sources};

/// The columns by which the list knows them.
const LIST: &str = "src/admin/resealing/store/places.rs";

#[test]
fn every_column_that_holds_sealed_values_is_sealed_anew() {
    let list = sources("src").remove(LIST).unwrap();
    let (mut faults, mut seen) = (Vec::new(), 0);
    for (file, text) in sources("entity/src") {
        let table = file.trim_start_matches("entity/src/").trim_end_matches(".rs");
        for column in sealed_columns(&text) {
            seen += 1;
            if !list.contains(&format!("{table}::Column::{column}")) {
                faults.push(format!("{file}: {column} holds sealed values and is not in {LIST}"));
            }
        }
    }
    assert_eq!(seen, list.matches(" Place::").count(), "one entry for each column");
    report(&faults);
}

/// The fields that an entity calls sealed, by their names or in words, as columns are written.
fn sealed_columns(entity: &str) -> Vec<String> {
    let (mut found, mut about) = (Vec::new(), String::new());
    for line in entity.lines().map(str::trim) {
        if line.starts_with("///") {
            about.push_str(line);
            continue;
        }
        let field = line.strip_prefix("pub ").and_then(|line| line.split_once(": "));
        if let Some((name, _)) = field
            && (about.contains("ealed") || name.ends_with("_sealed"))
        {
            let words = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
            found.push(words.collect());
        }
        if !line.starts_with('#') {
            about.clear();
        }
    }
    found
}

#[test]
fn sealed_columns_are_seen_by_name_and_by_word() {
    let entity = "/// Sealed rows.\npub struct Model {\n    /// Sealed.\n    #[sea_orm(x)]\n    pub aes_key: String,\n    pub b_sealed: Option<String>,\n    pub c: i64,\n}";
    assert_eq!(sealed_columns(entity), ["AesKey", "BSealed"]);
}
