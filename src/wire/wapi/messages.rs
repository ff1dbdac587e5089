//! What the server's messages say: the 43 of the guide's last table, told apart by code and by
//! loose phrases.
//!
//! The guide has several messages for one fault (ruling SIMILAR_ERRORS), other guides have other
//! wordings, and the definitions beside the last dozen are a row out of step (ruling
//! ERROR_TABLE_SHIFT): so a message is only told as far as its family, and definitions do not
//! count.

use super::reply::Answer;

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// The object does not have the action.
    ActionNotValid,
    /// The action or the object of the command is missing or unknown.
    CommandNotValid,
    /// The description of a case that came by e-mail cannot be changed.
    EmailCase,
    /// A tag is there twice.
    DuplicateTag,
    /// Another record has the value, which has to be unique.
    DuplicateValue,
    /// A category still holds FAQs.
    CategoryInUse,
    /// AUTOPASSWD and PASSWORD do not go together.
    Password,
    /// A tag or its value is missing.
    TagMissing,
    /// The server failed.
    Internal,
    /// The packet is not XML.
    NotXml,
    /// `%` in a tag that does not take it.
    Wildcard,
    /// STATUS and ASSIGNEDTO do not go together.
    StatusAndAssignee,
    /// A value is too long or too short.
    Length,
    /// There is no such case.
    CaseNotValid,
    /// A value has characters that are not allowed.
    Criterion,
    /// The object or the action does not have the tag.
    TagNotValid,
    /// The custom field is deleted.
    FieldDeleted,
    /// The agent or group is deleted.
    AssigneeDeleted,
    /// A date is not MMDDYYYY.
    DateFormat,
    /// A value is not one of those that there are.
    ValueNotValid,
    /// Something is not there. No guide prints such a message.
    NotFound,
}

impl Family {
    /// What the reader can do about it, where the message does not say.
    pub fn hint(self) -> Option<&'static str> {
        Some(match self {
            Family::ActionNotValid => {
                "some tenants do not let the CRM API delete, and follow-ups cannot be modified"
            }
            Family::EmailCase => "leave DESCRIPTION out for cases that came by e-mail",
            Family::DuplicateValue => {
                "another record of the tenant has this value: modify or upsert that one"
            }
            Family::CategoryInUse => "delete the FAQs of the category first",
            Family::Password => "send either AUTOPASSWD True, or AUTOPASSWD False and a PASSWORD",
            Family::StatusAndAssignee => {
                "an open record needs ASSIGNEDTO, an unassigned one has none, and ASSIGNEDTO needs \
                 a status"
            }
            Family::Wildcard => "only a few tags can be searched with `%`: see `vccpipe rules`",
            Family::TagNotValid => {
                "the tenant has no such field for this object: compare its name with Configuration \
                 Manager, CRM, Custom Fields"
            }
            Family::FieldDeleted => {
                "the custom field was deleted in Configuration Manager: leave it out, or restore it"
            }
            Family::AssigneeDeleted => {
                "the agent or group was deleted in Configuration Manager: assign another one"
            }
            Family::DateFormat => "the CRM takes dates as MMDDYYYY",
            Family::ValueNotValid => {
                "the tenant's own values are in Configuration Manager; upper and lower case count"
            }
            _ => return None,
        })
    }
}

/// A message of the guide.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// Its place in the guide's table: 1 to 43.
    pub number: u8,
    /// What it is about.
    pub family: Family,
    /// The values of ERROR_CODE that it may come with, besides none, 0 and -1.
    codes: &'static [i64],
    /// Phrases of which the message begins with one, in lower case, single blanks between words and
    /// no punctuation; ` * ` stands for any words between.
    phrases: &'static [&'static str],
    /// Where it is printed.
    pub source: &'static str,
}

const fn message(
    number: u8,
    family: Family,
    codes: &'static [i64],
    phrases: &'static [&'static str],
    source: &'static str,
) -> Message {
    Message { number, family, codes, phrases, source }
}

/// The messages of the guide. The first line that fits counts.
pub static MESSAGES: &[Message] = &[
    message(1, Family::ActionNotValid, &[], &["action * not valid for the object"], "wapi:4706"),
    message(2, Family::CommandNotValid, &[], &["action value not passed"], "wapi:4709"),
    message(3, Family::CommandNotValid, &[], &["action value not valid"], "wapi:4712"),
    message(4, Family::EmailCase, &[], &["casenum * is an email case"], "wapi:4716-4717"),
    message(5, Family::DuplicateTag, &[], &["duplicate tag"], "wapi:4722"),
    message(
        6,
        Family::DuplicateValue,
        &[2, 5, 81],
        &["duplicate value", "duplicated value"],
        "wapi:4725",
    ),
    message(7, Family::TagMissing, &[6, 8], &["faqcatid not passed"], "wapi:4728"),
    message(8, Family::CategoryInUse, &[], &["faq category cannot be deleted"], "wapi:4731-4732"),
    message(9, Family::Password, &[], &["inconsistent tags autopass"], "wapi:4737-4738"),
    message(
        10,
        Family::TagMissing,
        &[6, 8],
        &["input error the tag * not passed", "the tag * not passed"],
        "wapi:4747",
    ),
    message(11, Family::Internal, &[], &["internal error", "internal server error"], "wapi:4749"),
    message(12, Family::TagMissing, &[7], &["no tags are found", "no tags found"], "wapi:4752"),
    message(
        13,
        Family::TagMissing,
        &[8],
        &["none of the possible mandatory tags"],
        "wapi:4755-4756",
    ),
    message(15, Family::NotXml, &[1], &["not a valid xml string error after"], "wapi:4762"),
    message(14, Family::NotXml, &[1], &["not a valid xml", "not valid xml"], "wapi:4760"),
    message(16, Family::CommandNotValid, &[], &["object name * not valid"], "wapi:4765"),
    message(17, Family::CommandNotValid, &[], &["object * is not a valid object"], "wapi:4767"),
    message(18, Family::CommandNotValid, &[], &["object value not passed"], "wapi:4770"),
    message(19, Family::Wildcard, &[4], &["regular expression not allowed"], "wapi:4773"),
    message(
        20,
        Family::StatusAndAssignee,
        &[],
        &["tags incompatible assignedto passed but no"],
        "wapi:4777-4778",
    ),
    message(
        21,
        Family::StatusAndAssignee,
        &[],
        &["tags incompatible assignedto passed but status is unassigned"],
        "wapi:4784-4785",
    ),
    message(
        22,
        Family::StatusAndAssignee,
        &[],
        &["tags incompatible assignedto passed with status unassigned"],
        "wapi:4790-4791",
    ),
    message(
        23,
        Family::StatusAndAssignee,
        &[],
        &["tags incompatible empty assignedto"],
        "wapi:4796-4797",
    ),
    message(
        24,
        Family::StatusAndAssignee,
        &[],
        &["tags incompatible the usability of status cannot be opn"],
        "wapi:4802-4803",
    ),
    message(
        25,
        Family::StatusAndAssignee,
        &[],
        &["tags incompatible the usability of status cannot be una"],
        "wapi:4812-4813",
    ),
    message(
        26,
        Family::StatusAndAssignee,
        &[],
        &["tags incompatible the usability of status is opn"],
        "wapi:4819-4821",
    ),
    // Any other wording of the family ends here, too.
    message(
        27,
        Family::StatusAndAssignee,
        &[],
        &["tags incompatible the value of status cannot be unassigned", "tags incompatible"],
        "wapi:4826-4827",
    ),
    message(28, Family::Password, &[6, 8], &["the alias autopass * not given"], "wapi:4832"),
    message(29, Family::Password, &[6, 8], &["the alias autopass * is false"], "wapi:4835-4836"),
    message(30, Family::Length, &[3], &["the length of the value for the alias"], "wapi:4841-4844"),
    message(31, Family::Length, &[3], &["the length of the value"], "wapi:4848-4849"),
    message(32, Family::TagMissing, &[6, 8], &["the mandatory tag * not passed"], "wapi:4854-4855"),
    message(33, Family::CaseNotValid, &[5], &["the passed caseid * not valid"], "wapi:4859"),
    message(
        34,
        Family::Criterion,
        &[2],
        &["the passed value * doesn t meet", "the passed value * does not meet"],
        "wapi:4862-4863",
    ),
    message(35, Family::TagNotValid, &[], &["the tag * is not a valid tag"], "wapi:4868"),
    message(36, Family::FieldDeleted, &[5], &["the status of the tag"], "wapi:4870-4871"),
    // 38 has the same words.
    message(
        37,
        Family::AssigneeDeleted,
        &[5],
        &["the status of the value * assignedto tag is deleted"],
        "wapi:4876-4879",
    ),
    message(
        38,
        Family::AssigneeDeleted,
        &[5],
        &["the status of the value * is deleted"],
        "wapi:4881-4882",
    ),
    message(
        39,
        Family::DateFormat,
        &[2, 5],
        &["the value of the passed alias * not in the correct format"],
        "wapi:4887-4888",
    ),
    message(
        40,
        Family::ValueNotValid,
        &[5],
        &["the value * of the alias * not valid", "the passed value * of the alias * not valid"],
        "wapi:4892",
    ),
    message(41, Family::ValueNotValid, &[5], &["the value * for the tag * not valid"], "wapi:4894"),
    message(42, Family::ValueNotValid, &[5], &["the value * of the tag * not valid"], "wapi:4896"),
    message(43, Family::NotXml, &[1], &["xml string not correct"], "wapi:4898"),
];

/// The numbers of ERROR_CODE that are known (field-notes, WAPI).
const CODES: [(i64, Family); 9] = [
    (1, Family::NotXml),
    (2, Family::Criterion),
    (3, Family::Length),
    (4, Family::Wildcard),
    (5, Family::ValueNotValid),
    (6, Family::TagMissing),
    (7, Family::TagMissing),
    (8, Family::TagMissing),
    (81, Family::DuplicateValue),
];

/// Wordings that no guide prints, anywhere in a message.
const OTHERS: [(&str, Family); 11] = [
    ("already exists", Family::DuplicateValue),
    ("already in use", Family::DuplicateValue),
    ("not found", Family::NotFound),
    ("does not exist", Family::NotFound),
    ("doesn t exist", Family::NotFound),
    ("no such", Family::NotFound),
    ("no record found", Family::NotFound),
    ("no records", Family::NotFound),
    ("no matching", Family::NotFound),
    ("no data found", Family::NotFound),
    ("no rows", Family::NotFound),
];

/// What an answer is about, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is about.
    pub family: Family,
    /// The message's place in the guide's table.
    pub number: Option<u8>,
}

/// What an answer is about: by its code first, then by its message.
pub fn recognise(answer: &Answer) -> Option<Problem> {
    let message = plain(&answer.message);
    let by_code = answer
        .error_code
        .and_then(|code| CODES.iter().find(|(known, _)| *known == code))
        .map(|(code, family)| (*code, *family));
    let fits = |known: &&Message| {
        by_code.is_none_or(|(code, _)| known.codes.contains(&code)) && known.fits(&message)
    };
    if let Some(known) = MESSAGES.iter().find(fits) {
        return Some(Problem { family: known.family, number: Some(known.number) });
    }
    let by_words = || OTHERS.iter().find(|(words, _)| message.contains(words));
    let family = by_code.or_else(|| by_words().map(|(_, family)| (0, *family)))?.1;
    Some(Problem { family, number: None })
}

/// Whether the message says that the value of one of the tags is not valid.
pub(super) fn is_about(answer: &Answer, tags: &[&str]) -> bool {
    let message = plain(&answer.message);
    let joints = ["of the alias ", "for the alias ", "of the tag ", "for the tag "];
    let named = joints.iter().filter_map(|joint| Some(message.rfind(joint)? + joint.len())).max();
    let tag = named.and_then(|at| message[at..].split(' ').next());
    tag.is_some_and(|tag| tags.iter().any(|known| known.eq_ignore_ascii_case(tag)))
}

impl Message {
    fn fits(&self, message: &str) -> bool {
        self.phrases.iter().any(|phrase| begins_with(message, phrase))
    }
}

/// Lower case, with one blank for each run of anything that is no letter or digit: quotes of all
/// kinds are gone.
pub(super) fn plain(message: &str) -> String {
    let words = message.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether `message` begins with the first part of `phrase` and has the others behind it in this
/// order. Were it enough to find the first part anywhere, a customer's value could be taken for it.
fn begins_with(message: &str, phrase: &str) -> bool {
    let mut parts = phrase.split(" * ");
    let Some(mut rest) = parts.next().and_then(|first| message.strip_prefix(first)) else {
        return false;
    };
    parts.all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::wire::wapi::Status;

    /// The messages as the guide prints them, with values in their gaps.
    pub(in crate::wire::wapi) const PRINTED: [(u8, Family, &str); 43] = {
        use Family::*;
        [
            (1, ActionNotValid, "Action 'DELETE' Not Valid for the Object ‘CASE'"),
            (2, CommandNotValid, "Action Value not passed"),
            (3, CommandNotValid, "Action Value Not Valid"),
            (
                4,
                EmailCase,
                "CASENUM ‘38' is an EMAIL Case. The Description of an Email Case cannot be modified",
            ),
            (5, DuplicateTag, "Duplicate Tag ‘SUBJECT'"),
            (6, DuplicateValue, "Duplicate value 'a@b.c' of ‘EMAIL'"),
            (7, TagMissing, "FAQCATID not passed"),
            (
                8,
                CategoryInUse,
                "FAQ Category cannot be deleted when FAQ exists for the given category",
            ),
            (9, Password, "Inconsistent tags. AUTOPASSWORD is TRUE and PASSWORD is also provided"),
            (10, TagMissing, "Input Error: The tag 'NAME' not passed"),
            (11, Internal, "Internal Error"),
            (12, TagMissing, "No tags are found"),
            (
                13,
                TagMissing,
                "None of the possible mandatory tags or its values is found. Please check the \
                 documentation and pass at least one mandatory tag",
            ),
            (14, NotXml, "Not a valid XML string"),
            (15, NotXml, "Not a valid XML string. Error after ‘SUBJECT'"),
            (16, CommandNotValid, "OBJECT name 'CUSTOMERS' not valid"),
            (17, CommandNotValid, "OBJECT 'CUSTOMERS' is not a valid object"),
            (18, CommandNotValid, "OBJECT value not passed"),
            (19, Wildcard, "Regular expression not allowed for the alias ‘FAX'"),
            (
                20,
                StatusAndAssignee,
                "TAGS Incompatible. ASSIGNEDTO passed but no STATUS is passed. By default STATUS \
                 value is label with USABILITY ='UNA'",
            ),
            (
                21,
                StatusAndAssignee,
                "TAGS Incompatible. ASSIGNEDTO passed but STATUS is UNASSIGNED",
            ),
            (
                22,
                StatusAndAssignee,
                "TAGS Incompatible. ASSIGNEDTO passed with STATUS = Unassigned",
            ),
            (
                23,
                StatusAndAssignee,
                "TAGS Incompatible. EMPTY ASSIGNEDTO passed with STATUS = OPEN",
            ),
            (
                24,
                StatusAndAssignee,
                "TAGS Incompatible. The usability of STATUS cannot be OPN, when the Case is not \
                 assigned to some agent",
            ),
            (
                25,
                StatusAndAssignee,
                "TAGS Incompatible. The usability of STATUS cannot be UNA, when the Case is \
                 assigned to some agent",
            ),
            (
                26,
                StatusAndAssignee,
                "TAGS Incompatible. The usability of STATUS is OPN, but no ASSIGNEDTO passed",
            ),
            (
                27,
                StatusAndAssignee,
                "TAGS Incompatible. The value of STATUS cannot be Unassigned, when the Case is \
                 assigned to some agent",
            ),
            (28, Password, "The ALIAS 'AUTOPASSWD' is not given"),
            (29, Password, "The ALIAS 'AUTOPASSWD' is FALSE, but ALIAS 'PASSWORD' is not provided"),
            (
                30,
                Length,
                "The length of the value for the alias ‘FAX' doesn't confirm to the criterion. The \
                 length of the value passed is ‘40', min length allowed is ‘0' and max length \
                 allowed is ‘32'",
            ),
            (
                31,
                Length,
                "The length of the value of the tag ‘task_text' is ‘300' which is greater than the \
                 allowed value ‘255",
            ),
            (
                32,
                TagMissing,
                "The mandatory tag ‘LASTNAME' is not passed or the value for this tag is not passed",
            ),
            (33, CaseNotValid, "The passed caseid ‘99' is not valid"),
            (
                34,
                Criterion,
                "The passed value 'a' of the alias ‘VOICE' doesn't meet the specified criterion",
            ),
            (35, TagNotValid, "The tag 'PBX' is not a valid tag for the 'ADD' on the ‘CUSTOMER'"),
            (
                36,
                FieldDeleted,
                "The STATUS of the tag ‘CF01' is 'DEL'. No action allowed on this tag",
            ),
            (
                37,
                AssigneeDeleted,
                "The STATUS of the value 'jsmith' of the ASSIGNEDTO tag is deleted",
            ),
            (
                38,
                AssigneeDeleted,
                "The STATUS of the value ‘jsmith' of the ASSIGNEDTO tag is deleted",
            ),
            (
                39,
                DateFormat,
                "The value of the passed alias ‘DUEDATE' is not in the correct format (mmddyyyy)",
            ),
            (40, ValueNotValid, "The value 'Hihg' of the alias 'PRIORITY' is not valid"),
            (41, ValueNotValid, "The value ‘Hihg' for the tag ‘PRIORITY' is not valid"),
            (42, ValueNotValid, "The value = 'Hihg' of the tag ‘PRIORITY' is not valid"),
            (43, NotXml, "XML string not correct. Error at line ‘3': ‘mismatched tag'"),
        ]
    };

    fn failed(error_code: Option<i64>, message: &str) -> Answer {
        Answer { status: Status::Failed, error_code, message: message.to_owned() }
    }

    #[test]
    fn each_message_of_the_guide_is_recognised_in_any_case_and_with_any_quotes() {
        for (number, family, printed) in PRINTED {
            let straight = printed.replace('‘', "'");
            for text in [
                printed.to_owned(),
                straight.to_uppercase(),
                straight.replace('\'', "\""),
                printed.replace('\'', "’"),
                format!("  {} . ", straight.replace(' ', "  ").to_lowercase()),
            ] {
                for code in [None, Some(0), Some(-1), Some(17)] {
                    let found = recognise(&failed(code, &text)).unwrap();
                    assert_eq!(found.family, family, "{text}");
                    // 37 and 38 differ in nothing but the quotes.
                    let number = if number == 38 { 37 } else { number };
                    assert_eq!(found.number, Some(number), "{text}");
                }
            }
        }
    }

    #[test]
    fn each_message_stands_in_the_table_once() {
        let numbers: BTreeSet<u8> = MESSAGES.iter().map(|message| message.number).collect();
        assert_eq!(numbers, (1..=43).collect());
        assert_eq!(MESSAGES.len(), 43);
        for message in MESSAGES {
            let (_, family, _) = PRINTED[usize::from(message.number) - 1];
            assert_eq!(message.family, family, "{message:?}");
            for part in message.phrases.iter().flat_map(|phrase| phrase.split(" * ")) {
                assert_eq!(plain(part), part, "it would never be found");
            }
        }
    }

    #[test]
    fn the_code_counts_before_the_message() {
        let cases = [
            (81, "That address is taken", Family::DuplicateValue, None),
            (81, "The value 'a' of the alias 'EMAIL' is not valid", Family::DuplicateValue, None),
            (81, "Duplicate value 'a' of 'EMAIL'", Family::DuplicateValue, Some(6)),
            (2, "", Family::Criterion, None),
            (3, "Too long", Family::Length, None),
            (4, "No % here", Family::Wildcard, None),
            (5, "The passed caseid '9' is not valid", Family::CaseNotValid, Some(33)),
            (5, "Internal Error", Family::ValueNotValid, None),
            (6, "Where is it?", Family::TagMissing, None),
            (7, "No tags are found", Family::TagMissing, Some(12)),
            (8, "One is needed", Family::TagMissing, None),
            (1, "Broken", Family::NotXml, None),
        ];
        for (code, message, family, number) in cases {
            let found = recognise(&failed(Some(code), message));
            assert_eq!(found, Some(Problem { family, number }), "{code} {message}");
        }
    }

    #[test]
    fn a_value_in_a_message_is_not_taken_for_a_message() {
        for value in ["Internal Error", "Duplicate value", "does not exist", "' for the tag 'X"] {
            let text = format!("The value '{value}' of the alias 'SUBJECT' is not valid");
            let found = recognise(&failed(None, &text)).unwrap();
            assert_eq!(found, Problem { family: Family::ValueNotValid, number: Some(40) });
        }
        assert_eq!(recognise(&failed(None, "Something else")), None);
        assert_eq!(recognise(&failed(Some(-1), "")), None);
    }

    #[test]
    fn the_tag_of_a_value_is_the_last_one_named() {
        let about = |text: &str| is_about(&failed(None, text), &["CASENUM"]);
        assert!(about("The value '9' of the alias 'CASENUM' is not valid"));
        assert!(about("The value = ‘9' for the tag ‘casenum’ is not valid"));
        assert!(!about("The value 'x of the alias CASENUM' of the alias 'SUBJECT' is not valid"));
        assert!(!about("The value '9' of the alias 'ACCOUNTNUM' is not valid"));
        assert!(!about("CASENUM"));
    }
}
