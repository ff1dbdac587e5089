//! Names under which files can be made anywhere, and which lead nowhere.

use std::collections::HashSet;

/// Bytes of a name at the most: file systems take 255, and a number may have to be added.
const LONGEST: usize = 200;

/// Bytes of the ending that a cut leaves.
const LONGEST_ENDING: usize = 20;

/// What a file is called that has no name.
const NO_NAME: &str = "unnamed";

/// Names of devices, whatever their ending is.
const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];

/// The name of a file in its folder, for a name that came from outside: only what follows the last
/// `/` or `\` of it, without characters that a file system or a shell takes for something else.
pub fn safe_name(name: &str) -> String {
    let last = name.split(['/', '\\']).map(str::trim).rfind(|part| !is_nothing(part));
    let mut safe: String = last.unwrap_or_default().chars().map(safe_character).collect();
    safe.truncate(safe.trim_end_matches(is_no_end).len());
    if safe.is_empty() {
        safe.push_str(NO_NAME);
    }
    if safe.starts_with(['.', '-', '~']) || is_a_device(&safe) {
        safe.insert(0, '_');
    }
    cut(&safe, LONGEST)
}

fn is_nothing(part: &str) -> bool {
    part.chars().all(|c| matches!(c, '.' | ' ' | '\0'))
}

/// What Windows takes off the end of a name.
fn is_no_end(character: char) -> bool {
    character == '.' || character.is_whitespace()
}

fn safe_character(character: char) -> char {
    let is_unsafe = character.is_control()
        || matches!(character, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' | '\u{fffd}')
        // Signs that cannot be seen, and those that turn the direction of writing.
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if is_unsafe { '_' } else { character }
}

fn is_a_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim().to_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|device| {
        let number = stem.strip_prefix(device).unwrap_or_default();
        number.chars().count() == 1
            && number.chars().all(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'))
    });
    numbered || DEVICES.contains(&stem.as_str())
}

/// The stem, and the ending with its dot.
fn parts(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= LONGEST_ENDING => name.split_at(dot),
        _ => (name, ""),
    }
}

/// The name within so many bytes, with its ending.
fn cut(name: &str, most: usize) -> String {
    if name.len() <= most {
        return name.to_owned();
    }
    let (stem, ending) = parts(name);
    let mut length = most.saturating_sub(ending.len());
    while !stem.is_char_boundary(length) {
        length -= 1;
    }
    format!("{}{ending}", stem[..length].trim_end_matches(is_no_end))
}

/// The names that are taken in a folder.
#[derive(Debug, Default)]
pub struct Taken(HashSet<String>);

impl Taken {
    /// The name, or where it is taken the name with a number: `same (2).txt`. Names are the same
    /// where they differ only by case or by accents, as they are to some file systems.
    pub fn free(&mut self, name: &str) -> String {
        if self.0.insert(folded(name)) {
            return name.to_owned();
        }
        let (stem, ending) = parts(name);
        let mut number = 2_u64;
        loop {
            let suffix = format!(" ({number}){ending}");
            let candidate = cut(stem, LONGEST.saturating_sub(suffix.len())) + &suffix;
            if self.0.insert(folded(&candidate)) {
                return candidate;
            }
            number += 1;
        }
    }
}

fn folded(name: &str) -> String {
    // One letter with its accent and two signs for it are transliterated alike.
    any_ascii::any_ascii(&name.to_lowercase()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_folder() {
        for (name, safe) in [
            ("../../evil.txt", "evil.txt"),
            ("/tmp/evil.txt", "evil.txt"),
            ("..\\..\\evil.txt", "evil.txt"),
            ("C:\\evil.txt", "evil.txt"),
            ("C:evil.txt", "C_evil.txt"),
            ("\\\\server\\share\\evil.txt", "evil.txt"),
            ("~/evil.txt", "evil.txt"),
            ("a/b/c/inner.txt", "inner.txt"),
            ("folder/", "folder"),
            ("..", "unnamed"),
            ("a/..", "a"),
            ("...", "unnamed"),
            (" ", "unnamed"),
            ("/", "unnamed"),
            ("", "unnamed"),
            ("\0", "unnamed"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
    }

    #[test]
    fn no_name_is_taken_for_something_else() {
        for (name, safe) in [
            ("a:b*c?d\"e<f>g|h.txt", "a_b_c_d_e_f_g_h.txt"),
            ("nul\0byte.txt", "nul_byte.txt"),
            ("line\nbreak\r.txt", "line_break_.txt"),
            ("gnp.\u{202e}txt.exe", "gnp._txt.exe"),
            ("CON", "_CON"),
            ("con.txt", "_con.txt"),
            ("NUL.tar.gz", "_NUL.tar.gz"),
            ("lpt9.doc", "_lpt9.doc"),
            ("COM¹", "_COM¹"),
            ("COM10", "COM10"),
            ("console.txt", "console.txt"),
            ("-rf", "_-rf"),
            (".vccpipe-attachments.csv", "_.vccpipe-attachments.csv"),
            ("trailing dot.", "trailing dot"),
            ("trailing blank ", "trailing blank"),
            ("写真.png", "写真.png"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_becomes_one_that_stays_in_its_folder(name in "(\\PC|[\\x00-\\x20/\\\\.:%~-]){0,300}") {
            let safe = safe_name(&name);
            assert!((1..=LONGEST).contains(&safe.len()), "{safe:?}");
            assert!(!safe.contains(['/', '\\', '\0', ':']), "{safe:?}");
            assert!(!safe.starts_with('.') && !safe.ends_with(['.', ' ']), "{safe:?}");
            assert_eq!(safe_name(&safe), safe, "safe already");
        }
    }

    #[test]
    fn a_long_name_is_cut_before_its_ending_and_within_a_character_never() {
        let long = safe_name(&format!("{}.txt", "n".repeat(300)));
        assert_eq!((long.len(), long.ends_with("n.txt")), (200, true));
        let wide = safe_name(&format!("{}.png", "写".repeat(100)));
        assert!(wide.len() <= 200 && wide.ends_with("写.png"), "{wide}");
        let no_ending = safe_name(&format!("a.{}", "b".repeat(300)));
        assert_eq!(no_ending.len(), 200);
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let mut taken = Taken::default();
        let names = ["same.txt", "same.txt", "Same.TXT", "same (2).txt", "é", "e\u{301}", "x"];
        let free: Vec<String> = names.iter().map(|name| taken.free(name)).collect();
        let expected = [
            "same.txt",
            "same (2).txt",
            "Same (3).TXT",
            "same (2) (2).txt",
            "é",
            "e\u{301} (2)",
            "x",
        ];
        assert_eq!(free, expected);
        let long = safe_name(&format!("{}.txt", "n".repeat(300)));
        let (first, second) = (taken.free(&long), taken.free(&long));
        assert_eq!(first, long);
        assert!(second.len() <= 200 && second.ends_with(" (2).txt"), "{second}");
    }
}
