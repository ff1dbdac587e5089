//! Columns of other types than text, and columns that are not those of the target.

use arrow::{
    array::{
        BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array,
        LargeStringArray, NullArray, StringViewArray, Time32SecondArray, TimestampMicrosecondArray,
        TimestampSecondArray,
    },
    datatypes::{Int32Type, TimeUnit},
};

use super::*;

/// What is sent of a column; a reason begins with `!`.
fn sent_of(object: Object, tag: &str, column: ArrayRef) -> Vec<Option<String>> {
    let rules = plain_rules(object, LoadAction::Add);
    let rows = column.len();
    let others = documented(&rules).filter(|rule| rule.is_mandatory() && rule.tag != tag);
    let value = |rule: &Rule| if rule.tag == "AUTOPASSWD" { "True" } else { sound(rule) };
    let mut columns: Vec<(&str, ArrayRef)> = others
        .map(|rule| (rule.tag, Arc::new(StringArray::from(vec![value(rule); rows])) as ArrayRef))
        .collect();
    columns.push((tag, column));
    let checked = rules.check(&batch(columns)).unwrap();
    let told = |row| match verdict(&checked, tag, row) {
        Verdict::Sent(value) | Verdict::Mended(Some(value), _) => Some(value),
        Verdict::NotSent | Verdict::Mended(None, _) => None,
        Verdict::Wrong(reason) => Some(format!("! {reason}")),
    };
    (0..rows as u32).map(told).collect()
}

fn texts(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}

#[test]
fn texts_of_each_kind_are_the_same_texts() {
    let values = vec![Some("Ann"), None, Some("Bo")];
    let columns: [ArrayRef; 4] = [
        Arc::new(StringArray::from(values.clone())),
        Arc::new(LargeStringArray::from(values.clone())),
        Arc::new(StringViewArray::from(values.clone())),
        Arc::new(values.iter().copied().collect::<DictionaryArray<Int32Type>>()),
    ];
    for column in columns {
        let told = sent_of(Object::Customer, "COMPANY", column);
        assert_eq!(told, [Some("Ann".into()), None, Some("Bo".into())]);
    }
    assert_eq!(sent_of(Object::Customer, "COMPANY", Arc::new(NullArray::new(2))), [None, None]);
}

#[test]
fn numbers_are_written_without_a_fraction_that_they_have_not() {
    let number = |column| sent_of(Object::Case, "ACCOUNTNUM", column);
    assert_eq!(number(Arc::new(Int64Array::from(vec![10003629]))), texts(&["10003629"]));
    assert_eq!(number(Arc::new(Float64Array::from(vec![10003629.0]))), texts(&["10003629"]));
    let decimal = Decimal128Array::from(vec![42]).with_precision_and_scale(10, 0).unwrap();
    assert_eq!(number(Arc::new(decimal)), texts(&["42"]));
    let wrong = number(Arc::new(Float64Array::from(vec![1.5, -1.0])));
    insta::assert_debug_snapshot!(wrong, @r#"
    [
        Some(
            "! ACCOUNTNUM: the character `.` (`1.5`, allowed are [0-9], wapi-crm-api: Add Case)",
        ),
        Some(
            "! ACCOUNTNUM: the character `-` (`-1`, allowed are [0-9], wapi-crm-api: Add Case)",
        ),
    ]
    "#);
    let zip = sent_of(Object::Customer, "ADDR1ZIP", Arc::new(Int64Array::from(vec![501])));
    assert_eq!(zip, texts(&["501"]));
}

#[test]
fn days_and_times_are_written_as_the_crm_reads_them() {
    let due = |column| sent_of(Object::Task, "DUEDATE", column);
    let day = jiff::civil::date(2012, 6, 21);
    let days = day.since(jiff::civil::date(1970, 1, 1)).unwrap().get_days();
    assert_eq!(due(Arc::new(Date32Array::from(vec![days]))), texts(&["062120120000"]));
    let second = i64::from(days) * 86_400 + 13 * 3600 + 15 * 60 + 59;
    let written = texts(&["062120121315"]);
    assert_eq!(due(Arc::new(TimestampSecondArray::from(vec![second]))), written);
    let micros = TimestampMicrosecondArray::from(vec![second * 1_000_000]);
    assert_eq!(due(Arc::new(micros)), written);
    assert_eq!(due(Arc::new(TimestampSecondArray::from(vec![None::<i64>]))), [None]);
    // Nothing but a text takes a time without a day.
    let told = due(Arc::new(Time32SecondArray::from(vec![60])));
    assert!(told[0].as_ref().unwrap().contains("not a day and a time (`00:01:00`"), "{told:?}");
    let text = sent_of(Object::Customer, "COMMENTS", Arc::new(Date32Array::from(vec![days])));
    assert_eq!(text, texts(&["2012-06-21"]));
}

#[test]
fn truth_values_are_written_as_the_guide_spells_them() {
    let column = BooleanArray::from(vec![Some(true)]);
    assert_eq!(sent_of(Object::Customer, "AUTOPASSWD", Arc::new(column)), texts(&["True"]));
    let column = BooleanArray::from(vec![Some(true)]);
    let told = sent_of(Object::Faq, "PRIVATE", Arc::new(column));
    assert!(told[0].as_ref().unwrap().contains("not one of its values (`true`, Y, N"), "{told:?}");
}

#[test]
fn sound_texts_are_passed_on_without_a_copy() {
    let rules = plain_rules(Object::Customer, LoadAction::Delete);
    let column = StringArray::from(vec!["1", "2"]);
    let values = column.values().as_ptr();
    let checked = rules.check(&batch(vec![("ACCOUNTNUM", Arc::new(column))])).unwrap();
    assert_eq!(checked.batch.columns.column(0).as_string::<i32>().values().as_ptr(), values);
}

/// What is said of columns, each with its hint.
fn told(rules: &WapiRules, columns: &[(&str, DataType)]) -> String {
    let fields = columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true));
    let problems = rules.complaints(&Schema::new(fields.collect::<Vec<_>>()));
    let line = |problem: &ColumnProblem| format!("{problem}\n  hint: {}", problem.hint());
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn columns_that_the_crm_does_not_know_or_misses_are_told() {
    let custom = ["REGION", "region", "Email", "PLACE"].map(str::to_owned).to_vec();
    let rules = WapiRules::new(Object::Customer, LoadAction::Add, custom, BTreeMap::new(), None);
    let columns = [
        "FIRSTNAME",
        "LAST_NAME",
        "e-mail",
        "lastname",
        "PLACE",
        "CF02.NAME",
        "_match",
        "PHONE",
        "shoe size",
    ];
    let columns = columns.map(|name| (name, DataType::Utf8));
    insta::assert_snapshot!(told(&rules, &columns), @r"
    the custom field `region` has the name of the field `REGION`: nobody can tell which of the two is meant
      hint: give the custom field another name in Configuration Manager, or leave it out
    the custom field `Email` has the name of the field `EMAIL`: nobody can tell which of the two is meant
      hint: give the custom field another name in Configuration Manager, or leave it out
    the load target has no column `LAST_NAME`
      hint: did you mean `LASTNAME`? if not, name a custom field of the tenant under `custom_fields: [LAST_NAME]`, or leave the column out of the last `map`
    the load target has no column `e-mail`
      hint: did you mean `EMAIL`? if not, name a custom field of the tenant under `custom_fields: [e-mail]`, or leave the column out of the last `map`
    the load target has no column `lastname`
      hint: did you mean `LASTNAME`? if not, name a custom field of the tenant under `custom_fields: [lastname]`, or leave the column out of the last `map`
    the load target has no column `CF02.NAME`
      hint: name a custom field of the tenant under `custom_fields: [CF02.NAME]`, or leave the column out of the last `map`
    the load target has no column `_match`
      hint: name a custom field of the tenant under `custom_fields: [_match]`, or leave the column out of the last `map`
    the load target has no column `PHONE`
      hint: name a custom field of the tenant under `custom_fields: [PHONE]`, or leave the column out of the last `map`
    the load target has no column `shoe size`
      hint: name a custom field of the tenant under `custom_fields: [shoe size]`, or leave the column out of the last `map`
    the load target demands a column `LASTNAME`
      hint: add `LASTNAME: ...` to the last `map`
    the load target demands a column `AUTOPASSWD`
      hint: add `AUTOPASSWD: ...` to the last `map`
    ");
    let all: Vec<(&str, DataType)> = documented(&plain_rules(Object::Case, LoadAction::Add))
        .map(|rule| (rule.tag, DataType::Utf8))
        .collect();
    assert_eq!(told(&plain_rules(Object::Case, LoadAction::Add), &all), "");
}

/// The guide's placeholders are names that a tenant may have given.
#[test]
fn a_custom_field_may_have_the_name_that_the_guide_uses_for_one() {
    let custom = vec!["CF01_PICKLIST.NAME".to_owned(), "CF02.NAME".to_owned()];
    let rules = WapiRules::new(Object::Customer, LoadAction::Modify, custom, BTreeMap::new(), None);
    let columns = ["ACCOUNTNUM", "CF01_PICKLIST.NAME", "CF02.NAME"];
    assert_eq!(told(&rules, &columns.map(|name| (name, DataType::Utf8))), "");
}

#[test]
fn a_moment_is_no_date_of_the_crm() {
    let rules = plain_rules(Object::Task, LoadAction::Add);
    let moment = |zone: Option<&str>| DataType::Timestamp(TimeUnit::Second, zone.map(Into::into));
    let columns = |zone| [("ACCOUNTNUM", DataType::Int64), ("DUEDATE", moment(zone))];
    assert_eq!(told(&rules, &columns(None)), "");
    insta::assert_snapshot!(told(&rules, &columns(Some("UTC"))), @r"
    the times of column `DUEDATE` are moments, and the CRM's dates have no zone
      hint: say in which zone it is meant: `DUEDATE: wapi_datetime(.., 'America/New_York')`
    ");
}

#[test]
fn lists_are_asked_for_where_the_tenant_defines_the_values() {
    let custom = vec!["REGION".to_owned()];
    let wanted = |object, action, columns: &[&str]| {
        let rules = WapiRules::new(object, action, custom.clone(), BTreeMap::new(), None);
        let fields = columns.iter().map(|name| Field::new(*name, DataType::Utf8, true));
        rules.wanted_lists(&Schema::new(fields.collect::<Vec<_>>()))
    };
    let columns = ["ACCOUNTNUM", "STATUS", "ASSIGNEDTO", "VISIBILITY", "REGION"];
    assert_eq!(
        wanted(Object::Case, LoadAction::Add, &columns),
        [
            ("STATUS".to_owned(), TenantValues::Picklist),
            ("ASSIGNEDTO".to_owned(), TenantValues::AgentsAndGroups),
            ("REGION".to_owned(), TenantValues::Picklist),
        ]
    );
    assert_eq!(
        wanted(Object::Customer, LoadAction::Upsert, &["ADDR1COUNTRY"]),
        [("ADDR1COUNTRY".to_owned(), TenantValues::Countries)]
    );
    assert_eq!(wanted(Object::Case, LoadAction::Delete, &["CASENUM"]), []);
}
