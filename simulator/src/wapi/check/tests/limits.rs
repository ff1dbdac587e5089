//! Every length of every table, at the limit, one under and one over.

use super::*;
use fields::Form;

type Limit = (Object, &'static [Action], &'static str, usize, &'static str);

/// Object, actions, tag, greatest length, and what to fill it with. Fillers of two bytes show
/// that characters are counted.
const LIMITS: &[Limit] = &[
    (Customer, &[Add, Modify, Get], "FIRSTNAME", 30, "é"),
    (Customer, &[Add, Modify, Get], "LASTNAME", 30, "中"),
    (Customer, &[Add, Modify, Get], "EMAIL", 55, "a"),
    (Customer, &[Add, Modify, Get], "COMPANY", 50, "é"),
    (Customer, &[Add, Modify, Get], "VOICE", 38, "1"),
    (Customer, &[Add, Modify], "ALTERNATIVE", 38, "1"),
    (Customer, &[Add, Modify], "FAX", 38, "1"),
    (Customer, &[Add, Modify], "COMMENTS", 1024, "é"),
    (Customer, &[Modify], "PASSWORD", 15, "_"),
    (Customer, &[Add, Modify], "ADDR1STR1", 50, "é"),
    (Customer, &[Add, Modify], "ADDR1STR2", 50, "é"),
    (Customer, &[Add, Modify], "ADDR1CITY", 40, "é"),
    (Customer, &[Add, Modify], "ADDR1STATE", 30, "é"),
    (Customer, &[Add, Modify], "ADDR1ZIP", 15, "é"),
    (Customer, &[Add, Modify], "ADDR2STR1", 50, "é"),
    (Customer, &[Add, Modify], "ADDR2STR2", 50, "é"),
    (Customer, &[Add, Modify], "ADDR2CITY", 40, "é"),
    (Customer, &[Add, Modify], "ADDR2STATE", 30, "é"),
    (Customer, &[Add, Modify], "ADDR2ZIP", 15, "é"),
    (Case, &[Add, Modify, Get], "SUBJECT", 255, "é"),
    (Case, &[Add, Modify], "DESCRIPTION", 2_097_152, "é"),
    (Case, &[Get], "COMPANY", 50, "é"),
    (Case, &[Get], "LASTNAME", 30, "é"),
    (Followup, &[Add], "SUBJECT", 255, "é"),
    (Followup, &[Add], "DESCRIPTION", 2_097_152, "e"),
    (Task, &[Add, Modify, Get], "SUBJECT", 255, "é"),
    (Task, &[Add, Modify, Get], "DESCRIPTION", 2_097_152, "é"),
    (Task, &[Add, Modify, Get], "PHONE", 128, "1"),
    (Task, &[Add, Get], "CAMPAIGNNAME", 255, "é"),
    (Task, &[Add], "CALLDURATION", 13, "1"),
    (Task, &[Add, Get], "TRANSID", 10, "1"),
    (FaqCategory, &[Add], "FAQCATEGORY", 50, "a"),
    (FaqCategory, &[Modify], "FAQCATEGORY", 50, "é"),
    (Faq, &[Add, Modify], "QUESTION", 250, "é"),
    (Faq, &[Add, Modify], "ANSWER", 4000, "é"),
    (Faq, &[Add, Modify], "SHORTCUT", 20, "é"),
];

#[test]
fn values_have_at_most_the_length_of_their_row() {
    for (object, actions, tag, max, filler) in LIMITS {
        for action in *actions {
            for (length, number) in [(max - 1, 0), (*max, 0), (max + 1, 30)] {
                let value = filler.repeat(length);
                let judged = with(*object, *action, &[(tag, &value)]);
                assert_eq!(judged, number, "{object} {action} {tag} of {length}");
            }
        }
    }
}

#[test]
fn no_row_with_a_length_is_forgotten() {
    for object in [Customer, Case, Followup, Task, FaqCategory, Faq] {
        for action in [Add, Modify, Get, Delete] {
            let Some(table) = fields::table(object, action) else { continue };
            for field in table.fields {
                let max = match field.form {
                    Form::Text { max: usize::MAX, .. } => continue,
                    Form::Text { max, .. } | Form::Digits { max } => max,
                    Form::Description => 2_097_152,
                    _ => continue,
                };
                let stands = LIMITS.iter().any(|(of, actions, tag, limit, _)| {
                    *of == object
                        && (actions.contains(&action) || field.tag == "PASSWORD")
                        && *tag == field.tag
                        && *limit == max
                });
                assert!(stands, "{object} {action} {}", field.tag);
            }
        }
    }
}

#[test]
fn a_password_has_three_to_fifteen_characters() {
    for (length, number) in [(2, 30), (3, 0), (4, 0), (15, 0), (16, 30)] {
        let password = "a".repeat(length);
        let tags = [("AUTOPASSWD", "False"), ("PASSWORD", password.as_str())];
        assert_eq!(with(Customer, Add, &tags), number, "{length}");
        assert_eq!(with(Customer, Modify, &tags), number, "{length}");
    }
}

#[test]
fn a_tasks_address_has_at_most_255_characters() {
    for action in [Add, Modify, Get] {
        for (length, number) in [(254, 0), (255, 0), (256, 30)] {
            let address =
                format!("{}@é.example", "a".repeat(length - "@é.example".chars().count()));
            assert_eq!(with(Task, action, &[("EMAIL", &address)]), number, "{action} {length}");
        }
    }
}

#[test]
fn a_description_counts_references_as_iso_8859_1_writes_them() {
    // `&#20013;` is eight bytes.
    let most = "中".repeat(2_097_152 / 8);
    assert_eq!(with(Case, Modify, &[("DESCRIPTION", &most)]), 0);
    assert_eq!(with(Case, Modify, &[("DESCRIPTION", &format!("{most}x"))]), 30);
}

#[test]
fn a_transaction_id_counts_only_digits_of_a_pattern() {
    for (value, number) in
        [("%1234567890%", 0), ("%12345678901%", 30), ("1234567890", 0), ("%", 0), ("%x%", 34)]
    {
        assert_eq!(with(Task, Get, &[("TRANSID", value)]), number, "{value}");
    }
}

#[test]
fn a_length_is_told_with_its_limits() {
    let tenant = Fake::default();
    let tags = [("ACCOUNTNUM", "10000001"), ("PASSWORD", "ab")];
    let problem = check(&command(Customer, Modify, &tags), &tenant).unwrap_err();
    assert_eq!(
        problem.text(),
        "The length of the value for the alias 'PASSWORD' doesn't confirm to the criterion. The \
         length of the value passed is '2', min length allowed is '3' and max length allowed is \
         '15'"
    );
    assert_eq!(problem.error_code(), 3);
}
