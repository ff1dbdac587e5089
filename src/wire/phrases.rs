//! Loose phrases in what servers say: their texts differ in wording between the guides.

/// Lower case, with one blank for each run of anything that is no letter or digit.
pub(super) fn plain(message: &str) -> String {
    let words = message.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether the parts of `phrase` stand in `message` in this order; ` * ` is any words between.
pub(super) fn holds(message: &str, phrase: &str) -> bool {
    let mut rest = message;
    phrase.split(" * ").all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}
