//! The character entities of HTML 4 (its chapter 24), and `apos`.

use encoding_rs::WINDOWS_1252;

/// Those of U+00A0 to U+00FF, in their order.
#[rustfmt::skip]
const LATIN_1: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf",
    "laquo", "not", "shy", "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro",
    "para", "middot", "cedil", "sup1", "ordm", "raquo", "frac14", "frac12", "frac34", "iquest",
    "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave",
    "Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve",
    "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml",
    "Yacute", "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig",
    "ccedil", "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth",
    "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave",
    "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml",
];

/// The others, sorted by name.
#[rustfmt::skip]
const OTHERS: &[(&str, char)] = &[
    ("Alpha", 'Α'), ("Beta", 'Β'), ("Chi", 'Χ'), ("Dagger", '‡'), ("Delta", 'Δ'),
    ("Epsilon", 'Ε'), ("Eta", 'Η'), ("Gamma", 'Γ'), ("Iota", 'Ι'), ("Kappa", 'Κ'),
    ("Lambda", 'Λ'), ("Mu", 'Μ'), ("Nu", 'Ν'), ("OElig", 'Œ'), ("Omega", 'Ω'), ("Omicron", 'Ο'),
    ("Phi", 'Φ'), ("Pi", 'Π'), ("Prime", '″'), ("Psi", 'Ψ'), ("Rho", 'Ρ'), ("Scaron", 'Š'),
    ("Sigma", 'Σ'), ("Tau", 'Τ'), ("Theta", 'Θ'), ("Upsilon", 'Υ'), ("Xi", 'Ξ'), ("Yuml", 'Ÿ'),
    ("Zeta", 'Ζ'), ("alefsym", 'ℵ'), ("alpha", 'α'), ("amp", '&'), ("and", '∧'), ("ang", '∠'),
    ("apos", '\u{27}'), ("asymp", '≈'), ("bdquo", '„'), ("beta", 'β'), ("bull", '•'),
    ("cap", '∩'), ("chi", 'χ'), ("circ", 'ˆ'), ("clubs", '♣'), ("cong", '≅'), ("crarr", '↵'),
    ("cup", '∪'), ("dArr", '⇓'), ("dagger", '†'), ("darr", '↓'), ("delta", 'δ'), ("diams", '♦'),
    ("empty", '∅'), ("emsp", '\u{2003}'), ("ensp", '\u{2002}'), ("epsilon", 'ε'), ("equiv", '≡'),
    ("eta", 'η'), ("euro", '€'), ("exist", '∃'), ("fnof", 'ƒ'), ("forall", '∀'), ("frasl", '⁄'),
    ("gamma", 'γ'), ("ge", '≥'), ("gt", '>'), ("hArr", '⇔'), ("harr", '↔'), ("hearts", '♥'),
    ("hellip", '…'), ("image", 'ℑ'), ("infin", '∞'), ("int", '∫'), ("iota", 'ι'), ("isin", '∈'),
    ("kappa", 'κ'), ("lArr", '⇐'), ("lambda", 'λ'), ("lang", '〈'), ("larr", '←'), ("lceil", '⌈'),
    ("ldquo", '“'), ("le", '≤'), ("lfloor", '⌊'), ("lowast", '∗'), ("loz", '◊'),
    ("lrm", '\u{200e}'), ("lsaquo", '‹'), ("lsquo", '‘'), ("lt", '<'), ("mdash", '—'),
    ("minus", '−'), ("mu", 'μ'), ("nabla", '∇'), ("ndash", '–'), ("ne", '≠'), ("ni", '∋'),
    ("notin", '∉'), ("nsub", '⊄'), ("nu", 'ν'), ("oelig", 'œ'), ("oline", '‾'), ("omega", 'ω'),
    ("omicron", 'ο'), ("oplus", '⊕'), ("or", '∨'), ("otimes", '⊗'), ("part", '∂'),
    ("permil", '‰'), ("perp", '⊥'), ("phi", 'φ'), ("pi", 'π'), ("piv", 'ϖ'), ("prime", '′'),
    ("prod", '∏'), ("prop", '∝'), ("psi", 'ψ'), ("quot", '\u{22}'), ("rArr", '⇒'),
    ("radic", '√'), ("rang", '〉'), ("rarr", '→'), ("rceil", '⌉'), ("rdquo", '”'), ("real", 'ℜ'),
    ("rfloor", '⌋'), ("rho", 'ρ'), ("rlm", '\u{200f}'), ("rsaquo", '›'), ("rsquo", '’'),
    ("sbquo", '‚'), ("scaron", 'š'), ("sdot", '⋅'), ("sigma", 'σ'), ("sigmaf", 'ς'),
    ("sim", '∼'), ("spades", '♠'), ("sub", '⊂'), ("sube", '⊆'), ("sum", '∑'), ("sup", '⊃'),
    ("supe", '⊇'), ("tau", 'τ'), ("there4", '∴'), ("theta", 'θ'), ("thetasym", 'ϑ'),
    ("thinsp", '\u{2009}'), ("tilde", '˜'), ("trade", '™'), ("uArr", '⇑'), ("uarr", '↑'),
    ("upsih", 'ϒ'), ("upsilon", 'υ'), ("weierp", '℘'), ("xi", 'ξ'), ("zeta", 'ζ'),
    ("zwj", '\u{200d}'), ("zwnj", '\u{200c}'),
];

/// Longest name, with room for a number: what is longer is no entity.
const LONGEST: usize = 12;

/// The character that a text begins with as an entity (`&eacute;`, `&#233;`, `&#xE9;`), and how many
/// bytes that takes. None for anything else, such as the sign in `AT&T`.
pub(super) fn entity(text: &str) -> Option<(char, usize)> {
    let within = text.strip_prefix('&')?;
    let end = within.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = within.get(..end)?;
    let character = match name.strip_prefix('#') {
        Some(number) => numbered(number)?,
        None => named(name)?,
    };
    Some((character, end + 2))
}

fn named(name: &str) -> Option<char> {
    let latin_1 = LATIN_1.iter().position(|known| *known == name);
    if let Some(place) = latin_1 {
        return char::from_u32(0xa0 + place as u32);
    }
    let place = OTHERS.binary_search_by_key(&name, |(name, _)| name).ok()?;
    Some(OTHERS[place].1)
}

/// Numbers of control characters mean those of windows-1252, as browsers take them
/// (https://html.spec.whatwg.org/#numeric-character-reference-end-state).
fn numbered(number: &str) -> Option<char> {
    let number = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    match number {
        0 => None,
        0x80..=0x9f => WINDOWS_1252.decode_without_bom_handling(&[number as u8]).0.chars().next(),
        _ => char::from_u32(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_known_by_name_and_by_number() {
        for (text, character) in [
            ("&eacute;", 'é'),
            ("&nbsp;", '\u{a0}'),
            ("&yuml;", 'ÿ'),
            ("&amp;", '&'),
            ("&apos;", '\''),
            ("&rsquo;", '’'),
            ("&euro;", '€'),
            ("&thetasym;", 'ϑ'),
            ("&#233;", 'é'),
            ("&#xE9;", 'é'),
            ("&#X1F600;", '😀'),
            ("&#146;", '’'),
        ] {
            assert_eq!(entity(text), Some((character, text.len())), "{text}");
        }
        for text in
            ["&", "&;", "&T", "AT&T;", "&nothing;", "&Eacute", "&#;", "&#0;", "&#xd800;", "&é;"]
        {
            assert_eq!(entity(text), None, "{text}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_has_what_html_4_has() {
        assert!(OTHERS.is_sorted_by(|one, next| one.0 < next.0));
        assert_eq!(LATIN_1.len() + OTHERS.len(), 252 + 1);
    }
}
