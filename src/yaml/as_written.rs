//! The schema of a file as an editor sees it: with `${..}` where values will stand.

use serde_json::{Map, Value as Json, json};

/// What an editor takes for a value that is not known yet.
const INTERPOLATION: &str = r"\$\{(env|file|var):";

/// What narrows a text. A text without any of these takes `${..}` as it is.
const NARROWS: [&str; 6] = ["const", "enum", "pattern", "minLength", "maxLength", "format"];

/// Lets a schema take `"${..}"` wherever it wants a number, `true`, `false` or one of some texts: a
/// file is checked with the values replaced, an editor sees it as written.
pub fn as_written(schema: &mut Json) {
    match schema {
        Json::Array(items) => items.iter_mut().for_each(as_written),
        Json::Object(keys) => {
            if keys.get("oneOf").is_some_and(has_scalars) {
                // More than one branch takes a `${..}`, and `oneOf` would have none of them.
                let branches = keys.remove("oneOf").unwrap_or_default();
                keys.insert("anyOf".to_owned(), branches);
            }
            keys.values_mut().for_each(as_written);
            if is_narrow_scalar(keys) {
                *schema = with_interpolation(std::mem::take(keys));
            }
        }
        _ => {}
    }
}

fn has_scalars(branches: &Json) -> bool {
    let mut branches = branches.as_array().into_iter().flatten();
    branches.any(|branch| branch.as_object().is_some_and(is_narrow_scalar))
}

fn is_narrow_scalar(keys: &Map<String, Json>) -> bool {
    let types = match keys.get("type") {
        Some(Json::Array(types)) => types.iter().filter_map(Json::as_str).collect(),
        Some(Json::String(name)) => vec![name.as_str()],
        _ => Vec::new(),
    };
    let is_text = types.contains(&"string");
    let is_other = types.iter().any(|name| matches!(*name, "integer" | "number" | "boolean"));
    let is_narrow = || NARROWS.iter().any(|name| keys.contains_key(*name));
    match is_text {
        true => is_narrow(),
        // A list of values without a type is one of texts: `missing: reject`.
        false => is_other || types.is_empty() && keys.get("enum").is_some_and(Json::is_array),
    }
}

/// The description stays where editors look for it.
fn with_interpolation(mut plain: Map<String, Json>) -> Json {
    let parts = ["description", "default"].map(|name| (name, plain.remove(name)));
    let mut both = json!({ "anyOf": [plain, { "type": "string", "pattern": INTERPOLATION }] });
    for (name, part) in parts.into_iter().filter_map(|(name, part)| Some((name, part?))) {
        both[name] = part;
    }
    both
}
