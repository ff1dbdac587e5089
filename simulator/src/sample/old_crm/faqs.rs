//! Questions that are asked often, and their categories.

use crate::sample::table::{Odd, Table, long, odd};

const CATEGORY_HEADER: &[&str] = &["category_id", "Name", "Internal"];

/// The last is the one whose name the API does not take.
const CATEGORIES: [(&str, &str); 8] = [
    ("Getting started", "no"),
    ("Billing & invoices", "no"),
    ("What's new?", "no"),
    ("Rabatte: 50 % off", "no"),
    ("Troubleshooting", "no"),
    ("Escalation, second level", "yes"),
    ("Contact / opening hours", "no"),
    ("Old stuff (do not use)", "yes"),
];

const HEADER: &[&str] =
    &["faq_no", "category_id", "question", "answer", "code", "internal", "language"];
const COUNT: u64 = 40;
/// The categories in which the plain questions are.
const FILLED: u64 = 7;

const KEPT_OUT: &[Odd] = &[
    odd(9, "category_id", "8"),
    odd(29, "category_id", "8"),
    odd(19, "category_id", "99"),
    // The code of question 5.
    odd(35, "code", "Q-005"),
    odd(13, "code", "a-code-of-more-than-20-characters"),
    odd(23, "language", "Suomi"),
    long(33, "answer", "<p>It depends, as always, on what O'Brien &amp; Zoë say.</p>", 100),
    odd(39, "answer", ""),
];

const UNUSUAL: &[Odd] = &[
    long(17, "question", "And what if the printer still doesn't print? ", 6),
    odd(27, "code", ""),
];

/// The categories.
pub(super) fn categories() -> Vec<u8> {
    let mut table = Table::new(CATEGORY_HEADER, ',');
    for (nth, (name, internal)) in (1..).zip(CATEGORIES) {
        let fields = [nth.to_string(), name.to_owned(), internal.to_owned()];
        let row = table.row(fields.into());
        table.push(&row);
    }
    table.utf8()
}

/// The questions.
pub(super) fn file() -> Vec<u8> {
    let mut table = Table::new(HEADER, ',');
    for nth in 1..=COUNT {
        let mut row = table.row(fields(nth));
        row.set(nth, KEPT_OUT);
        row.set(nth, UNUSUAL);
        table.push(&row);
    }
    table.utf8()
}

fn fields(nth: u64) -> Vec<String> {
    let place = (nth - 1) as usize;
    let (question, answer, language) = TEXTS[place % TEXTS.len()];
    vec![
        nth.to_string(),
        (1 + (nth - 1) % FILLED).to_string(),
        format!("{question} ({nth})"),
        answer.to_owned(),
        format!("Q-{nth:03}"),
        if nth.is_multiple_of(5) { "yes".into() } else { "no".into() },
        language.to_owned(),
    ]
}

const TEXTS: [(&str, &str, &str); 9] = [
    ("How do I log in?", "<p>With your <b>e-mail</b> &amp; password.</p>", "English"),
    ("What's a \"seat\"?", "One person, one seat.", "English"),
    ("Wie bekomme ich 50 % Rabatt?", "<p>Gar nicht.<br>Außer im März.</p>", "Deutsch"),
    ("¿Dónde está mi factura?", "<ul><li>Menú</li><li>Facturas</li></ul>", "Español"),
    ("Où est O'Brien ?", "<p>À l'étranger.</p>", "Français"),
    ("如何更改语言？", "<p>设置 &gt; 语言</p>", "中文"),
    ("Is 5 < 6?", "Yes, and 7 > 3 & \"that is that\".\r\nAsk Zoë.", "English"),
    ("Gdzie jest Łódź?", "W Polsce.", "Polski"),
    ("Can I call AT&T?", "Any time 📞", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_odd_value_has_its_column() {
        let odds = KEPT_OUT.iter().chain(UNUSUAL);
        odds.for_each(|odd| assert!(HEADER.contains(&odd.column), "{}", odd.column));
    }
}
