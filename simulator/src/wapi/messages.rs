//! Why a command is refused: the 43 messages of the guide's table "Error Cases" (wapi:4702-4898).
//!
//! The definitions printed beside the last dozen are one row out of step; only the messages
//! count. Quotes, which the guide prints in three shapes, are all `'`.

use std::fmt;

use super::command::{Action, Object};

/// A message of the guide's table.
struct Message {
    /// `{}` stands for a parameter.
    text: &'static str,
    /// ERROR_CODE (field-notes.md); -1 where no number is known.
    code: i32,
    #[allow(dead_code)] // read by whoever reads the table
    lines: &'static str,
}

/// The messages in the order in which they are printed, which is that of the E-numbers.
const MESSAGES: [Message; 43] = [
    message("Action '{}' Not Valid for the Object '{}'", -1, "wapi:4708"),
    message("Action Value not passed", -1, "wapi:4711"),
    message("Action Value Not Valid", -1, "wapi:4714"),
    message(
        "CASENUM '{}' is an EMAIL Case. The Description of an Email Case cannot be modified",
        -1,
        "wapi:4716-4717",
    ),
    message("Duplicate Tag '{}'", -1, "wapi:4722"),
    // 81 where it is the e-mail of an added customer.
    message("Duplicate value '{}' of '{}'", -1, "wapi:4725"),
    message("FAQCATID not passed", -1, "wapi:4728"),
    message(
        "FAQ Category cannot be deleted when FAQ exists for the given category",
        -1,
        "wapi:4731-4732",
    ),
    message(
        "Inconsistent tags. AUTOPASSWORD is TRUE and PASSWORD is also provided",
        -1,
        "wapi:4737-4738",
    ),
    message("Input Error: The tag '{}' not passed", 6, "wapi:4747"),
    message("Internal Error", -1, "wapi:4749"),
    message("No tags are found", 7, "wapi:4752"),
    message(
        "None of the possible mandatory tags or its values is found. Please check the \
         documentation and pass at least one mandatory tag",
        8,
        "wapi:4755-4756",
    ),
    message("Not a valid XML string", 1, "wapi:4760"),
    message("Not a valid XML string. Error after '{}'", 1, "wapi:4762"),
    message("OBJECT name '{}' not valid", -1, "wapi:4765"),
    message("OBJECT '{}' is not a valid object", -1, "wapi:4767"),
    message("OBJECT value not passed", -1, "wapi:4770"),
    message("Regular expression not allowed for the alias '{}'", 4, "wapi:4773"),
    message(
        "TAGS Incompatible. ASSIGNEDTO passed but no STATUS is passed. By default STATUS value \
         is label with USABILITY ='UNA'",
        -1,
        "wapi:4777-4778",
    ),
    message("TAGS Incompatible. ASSIGNEDTO passed but STATUS is UNASSIGNED", -1, "wapi:4784-4785"),
    message("TAGS Incompatible. ASSIGNEDTO passed with STATUS = Unassigned", -1, "wapi:4790-4791"),
    message("TAGS Incompatible. EMPTY ASSIGNEDTO passed with STATUS = OPEN", -1, "wapi:4796-4797"),
    message(
        "TAGS Incompatible. The usability of STATUS cannot be OPN, when the Case is not \
         assigned to some agent",
        -1,
        "wapi:4802-4803",
    ),
    message(
        "TAGS Incompatible. The usability of STATUS cannot be UNA, when the Case is assigned \
         to some agent",
        -1,
        "wapi:4812-4813",
    ),
    message(
        "TAGS Incompatible. The usability of STATUS is OPN, but no ASSIGNEDTO passed",
        -1,
        "wapi:4819-4821",
    ),
    message(
        "TAGS Incompatible. The value of STATUS cannot be Unassigned, when the Case is assigned \
         to some agent",
        -1,
        "wapi:4826-4827",
    ),
    message("The ALIAS 'AUTOPASSWD' is not given", -1, "wapi:4832"),
    message(
        "The ALIAS 'AUTOPASSWD' is FALSE, but ALIAS 'PASSWORD' is not provided",
        -1,
        "wapi:4835-4836",
    ),
    message(
        "The length of the value for the alias '{}' doesn't confirm to the criterion. The length \
         of the value passed is '{}', min length allowed is '{}' and max length allowed is '{}'",
        3,
        "wapi:4841-4844",
    ),
    // As printed: without its last quote.
    message(
        "The length of the value of the tag '{}' is '{}' which is greater than the allowed \
         value '{}",
        3,
        "wapi:4848-4849",
    ),
    message(
        "The mandatory tag '{}' is not passed or the value for this tag is not passed",
        -1,
        "wapi:4854-4855",
    ),
    message("The passed caseid '{}' is not valid", -1, "wapi:4859"),
    message(
        "The passed value '{}' of the alias '{}' doesn't meet the specified criterion",
        2,
        "wapi:4862-4863",
    ),
    message("The tag '{}' is not a valid tag for the '{}' on the '{}'", -1, "wapi:4868"),
    message(
        "The STATUS of the tag '{}' is 'DEL'. No action allowed on this tag",
        -1,
        "wapi:4870-4871",
    ),
    // The two are printed with different names for their parameter, and read the same.
    message("The STATUS of the value '{}' of the ASSIGNEDTO tag is deleted", -1, "wapi:4876-4879"),
    message("The STATUS of the value '{}' of the ASSIGNEDTO tag is deleted", -1, "wapi:4881-4882"),
    message(
        "The value of the passed alias '{}' is not in the correct format (mmddyyyy)",
        -1,
        "wapi:4887-4888",
    ),
    message("The value '{}' of the alias '{}' is not valid", 5, "wapi:4892"),
    message("The value '{}' for the tag '{}' is not valid", 5, "wapi:4894"),
    message("The value = '{}' of the tag '{}' is not valid", 5, "wapi:4896"),
    message("XML string not correct. Error at line '{}': '{}'", 1, "wapi:4898"),
];

/// ERROR_CODE of a customer that is added with an e-mail that another has (field-notes.md).
const DUPLICATE_EMAIL: i32 = 81;

const fn message(text: &'static str, code: i32, lines: &'static str) -> Message {
    Message { text, code, lines }
}

/// Why a command is refused, in the order of the E-numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    ActionNotForObject { action: Action, object: Object },
    ActionNotPassed,
    ActionNotValid,
    EmailCase { casenum: String },
    DuplicateTag { tag: String },
    DuplicateValue { value: String, tag: String, action: Action },
    FaqcatidNotPassed,
    CategoryHasFaqs,
    AutopasswdAndPassword,
    TagNotPassed { tag: String },
    Internal,
    NoTags,
    NoMandatoryTag,
    NotXml,
    NotXmlAfter { tag: String },
    ObjectNameNotValid { name: String },
    NotAnObject { name: String },
    ObjectNotPassed,
    WildcardNotAllowed { tag: String },
    AssignedWithoutStatus,
    AssignedButUnassigned,
    AssignedWithUnassigned,
    EmptyAssignedWithOpen,
    OpenOnUnassignedCase,
    UnaOnAssignedCase,
    OpenWithoutAssigned,
    UnassignedOnAssignedCase,
    AutopasswdNotGiven,
    PasswordNotProvided,
    Length { tag: String, length: usize, min: usize, max: usize },
    CustomFieldTooLong { tag: String, length: usize, max: usize },
    MandatoryNotPassed { tag: String },
    CaseNotValid { casenum: String },
    Criterion { value: String, tag: String },
    UnknownTag { tag: String, action: Action, object: Object },
    DeletedField { tag: String },
    DeletedAssignee { value: String },
    DeletedTaskAssignee { value: String },
    DateNotValid { tag: String },
    ValueNotValid { value: String, tag: String },
    CustomValueNotValid { value: String, tag: String },
    RecordNotValid { value: String, tag: String },
    XmlNotCorrect { line: u32, message: String },
}

impl Problem {
    /// The number of its message: 1 is E01.
    pub(crate) fn number(&self) -> usize {
        use Problem::*;
        match self {
            ActionNotForObject { .. } => 1,
            ActionNotPassed => 2,
            ActionNotValid => 3,
            EmailCase { .. } => 4,
            DuplicateTag { .. } => 5,
            DuplicateValue { .. } => 6,
            FaqcatidNotPassed => 7,
            CategoryHasFaqs => 8,
            AutopasswdAndPassword => 9,
            TagNotPassed { .. } => 10,
            Internal => 11,
            NoTags => 12,
            NoMandatoryTag => 13,
            NotXml => 14,
            NotXmlAfter { .. } => 15,
            ObjectNameNotValid { .. } => 16,
            NotAnObject { .. } => 17,
            ObjectNotPassed => 18,
            WildcardNotAllowed { .. } => 19,
            AssignedWithoutStatus => 20,
            AssignedButUnassigned => 21,
            AssignedWithUnassigned => 22,
            EmptyAssignedWithOpen => 23,
            OpenOnUnassignedCase => 24,
            UnaOnAssignedCase => 25,
            OpenWithoutAssigned => 26,
            UnassignedOnAssignedCase => 27,
            AutopasswdNotGiven => 28,
            PasswordNotProvided => 29,
            Length { .. } => 30,
            CustomFieldTooLong { .. } => 31,
            MandatoryNotPassed { .. } => 32,
            CaseNotValid { .. } => 33,
            Criterion { .. } => 34,
            UnknownTag { .. } => 35,
            DeletedField { .. } => 36,
            DeletedAssignee { .. } => 37,
            DeletedTaskAssignee { .. } => 38,
            DateNotValid { .. } => 39,
            ValueNotValid { .. } => 40,
            CustomValueNotValid { .. } => 41,
            RecordNotValid { .. } => 42,
            XmlNotCorrect { .. } => 43,
        }
    }

    /// ERROR_CODE: its number where field-notes.md knows it, else -1.
    pub(crate) fn error_code(&self) -> i32 {
        match self {
            Problem::DuplicateValue { tag, action: Action::Add, .. } if tag == "EMAIL" => {
                DUPLICATE_EMAIL
            }
            _ => self.message().code,
        }
    }

    /// ERROR_STR.
    pub(crate) fn text(&self) -> String {
        let mut pieces = self.message().text.split("{}");
        let mut text: String = pieces.next().unwrap_or_default().into();
        for (parameter, piece) in self.parameters().iter().zip(pieces) {
            text.push_str(parameter);
            text.push_str(piece);
        }
        text
    }

    fn message(&self) -> &'static Message {
        &MESSAGES[self.number() - 1]
    }

    /// What stands in the message, in its order.
    fn parameters(&self) -> Vec<String> {
        use Problem::*;
        match self {
            ActionNotForObject { action, object } => vec![action.to_string(), object.to_string()],
            EmailCase { casenum: one }
            | DuplicateTag { tag: one }
            | TagNotPassed { tag: one }
            | NotXmlAfter { tag: one }
            | ObjectNameNotValid { name: one }
            | NotAnObject { name: one }
            | WildcardNotAllowed { tag: one }
            | MandatoryNotPassed { tag: one }
            | CaseNotValid { casenum: one }
            | DeletedField { tag: one }
            | DeletedAssignee { value: one }
            | DeletedTaskAssignee { value: one }
            | DateNotValid { tag: one } => vec![one.clone()],
            DuplicateValue { value, tag, .. }
            | Criterion { value, tag }
            | ValueNotValid { value, tag }
            | CustomValueNotValid { value, tag }
            | RecordNotValid { value, tag } => vec![value.clone(), tag.clone()],
            Length { tag, length, min, max } => {
                vec![tag.clone(), length.to_string(), min.to_string(), max.to_string()]
            }
            CustomFieldTooLong { tag, length, max } => {
                vec![tag.clone(), length.to_string(), max.to_string()]
            }
            UnknownTag { tag, action, object } => {
                vec![tag.clone(), action.to_string(), object.to_string()]
            }
            XmlNotCorrect { line, message } => vec![line.to_string(), message.clone()],
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Add => "ADD",
            Action::Modify => "MODIFY",
            Action::Get => "GET",
            Action::Delete => "DELETE",
            Action::List => "LIST",
        })
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Object::Customer => "CUSTOMER",
            Object::Case => "CASE",
            Object::Followup => "FOLLOWUP",
            Object::Task => "TASK",
            Object::FaqCategory => "FAQCATEGORY",
            Object::Faq => "FAQ",
            Object::CustomField => "CUSTOMFIELD",
            Object::Country => "COUNTRY",
            Object::Agents => "AGENTS",
            Object::Groups => "GROUPS",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> [Problem; 43] {
        use Problem::*;
        let [tag, value, name, casenum] = ["T", "V", "N", "7"].map(String::from);
        let t = || tag.clone();
        let v = || value.clone();
        let (action, object) = (Action::Add, Object::FaqCategory);
        [
            ActionNotForObject { action, object },
            ActionNotPassed,
            ActionNotValid,
            EmailCase { casenum: casenum.clone() },
            DuplicateTag { tag: t() },
            DuplicateValue { value: v(), tag: t(), action },
            FaqcatidNotPassed,
            CategoryHasFaqs,
            AutopasswdAndPassword,
            TagNotPassed { tag: t() },
            Internal,
            NoTags,
            NoMandatoryTag,
            NotXml,
            NotXmlAfter { tag: t() },
            ObjectNameNotValid { name: name.clone() },
            NotAnObject { name },
            ObjectNotPassed,
            WildcardNotAllowed { tag: t() },
            AssignedWithoutStatus,
            AssignedButUnassigned,
            AssignedWithUnassigned,
            EmptyAssignedWithOpen,
            OpenOnUnassignedCase,
            UnaOnAssignedCase,
            OpenWithoutAssigned,
            UnassignedOnAssignedCase,
            AutopasswdNotGiven,
            PasswordNotProvided,
            Length { tag: t(), length: 5, min: 1, max: 4 },
            CustomFieldTooLong { tag: t(), length: 5, max: 4 },
            MandatoryNotPassed { tag: t() },
            CaseNotValid { casenum },
            Criterion { value: v(), tag: t() },
            UnknownTag { tag: t(), action, object },
            DeletedField { tag: t() },
            DeletedAssignee { value: v() },
            DeletedTaskAssignee { value: v() },
            DateNotValid { tag: t() },
            ValueNotValid { value: v(), tag: t() },
            CustomValueNotValid { value: v(), tag: t() },
            RecordNotValid { value: v(), tag: t() },
            XmlNotCorrect { line: 3, message: "bad".into() },
        ]
    }

    #[test]
    fn problems_stand_in_the_order_of_the_guide() {
        let numbers = all().map(|problem| problem.number());
        assert_eq!(numbers.to_vec(), (1..=43).collect::<Vec<_>>());
        let line = |message: &Message| -> usize {
            let lines = message.lines.trim_start_matches("wapi:");
            lines.split('-').next().and_then(|first| first.parse().ok()).unwrap()
        };
        assert!(MESSAGES.iter().map(line).is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn messages_hold_all_that_they_are_told() {
        for (problem, message) in all().iter().zip(&MESSAGES) {
            let places = message.text.matches("{}").count();
            assert_eq!(problem.parameters().len(), places, "E{:02}", problem.number());
            assert!(!problem.text().contains("{}"), "{}", problem.text());
        }
        let text = |number: usize| all()[number - 1].text();
        assert_eq!(text(1), "Action 'ADD' Not Valid for the Object 'FAQCATEGORY'");
        assert_eq!(
            text(4),
            "CASENUM '7' is an EMAIL Case. The Description of an Email Case cannot be modified"
        );
        assert_eq!(
            text(20),
            "TAGS Incompatible. ASSIGNEDTO passed but no STATUS is passed. By default STATUS \
             value is label with USABILITY ='UNA'"
        );
        assert_eq!(
            text(31),
            "The length of the value of the tag 'T' is '5' which is greater than the allowed \
             value '4"
        );
        assert_eq!(text(35), "The tag 'T' is not a valid tag for the 'ADD' on the 'FAQCATEGORY'");
        assert_eq!(text(42), "The value = 'V' of the tag 'T' is not valid");
        assert_eq!(text(43), "XML string not correct. Error at line '3': 'bad'");
    }

    #[test]
    fn known_numbers_are_told_and_others_are_not_made_up() {
        let codes = all().map(|problem| problem.error_code());
        let known = [
            (10, 6),
            (12, 7),
            (13, 8),
            (14, 1),
            (15, 1),
            (19, 4),
            (30, 3),
            (31, 3),
            (34, 2),
            (40, 5),
            (41, 5),
            (42, 5),
            (43, 1),
        ];
        for (index, code) in codes.into_iter().enumerate() {
            let number = index + 1;
            let expected = known.iter().find(|(other, _)| *other == number);
            assert_eq!(code, expected.map_or(-1, |(_, code)| *code), "E{number:02}");
        }
    }
}
