//! Rules of a customer in a dialer campaign (campaign-records-api).

use super::rule::{Format, Most, Presence, Rule};

/// The document's name, as in a reason that a user reads.
pub const CAMPAIGN_DOCUMENT: &str = "campaign-records-api";

/// Records of one campaign upload: "Uploads for a maximum of 5 million records".
pub const MOST_CAMPAIGN_RECORDS: Most = Most {
    value: 5_000_000,
    document: CAMPAIGN_DOCUMENT,
    section: "Overview",
    lines: "campaign:21",
};

const CUSTOMER: Rule = Rule {
    document: CAMPAIGN_DOCUMENT,
    section: "Customer Record",
    ..Rule::new("CampaignCustomer", "Add", "")
};

const CUSTOMER_ADD_ID: Rule = Rule {
    tag: "customer-id",
    presence: Some(Presence::Mandatory),
    charset: Some("[0-9]"),
    format: Some(Format::Integer),
    // "Duplicate customer" is the answer to the second record of the same customer.
    unique: true,
    lines: &["campaign:74-76", "campaign:108-111", "campaign:119-121", "campaign:124-126"],
    ..CUSTOMER
};

static CUSTOMER_ADD: [Rule; 2] = [
    CUSTOMER_ADD_ID,
    Rule {
        tag: "schedule-date-time",
        presence: Some(Presence::Optional),
        format: Some(Format::ZonedDateTime { most_days_ahead: 7 }),
        lines: &["campaign:20", "campaign:77", "campaign:113-116", "campaign:129-144"],
        ..CUSTOMER
    },
];

static CUSTOMER_DELETE: [Rule; 1] = [Rule {
    action: "Delete",
    section: "Delete Campaign Record",
    lines: &["campaign:267-268"],
    ..CUSTOMER_ADD_ID
}];

/// The parameters of a customer that is taken out of a campaign.
pub fn campaign_removal() -> &'static [Rule] {
    &CUSTOMER_DELETE
}

/// The parameters of a customer that is added to a campaign, in the document's order.
pub fn campaign_customer() -> &'static [Rule] {
    &CUSTOMER_ADD
}

#[cfg(test)]
mod tests {
    use super::super::{find, nearest, rule::tests::json};
    use super::*;

    #[test]
    fn the_table_has_the_keys_that_other_programs_read() {
        let [first, second, ..] = campaign_customer() else { panic!("two rules") };
        let (first, second) = (json(first), json(second));
        assert_eq!(first["presence"], "M");
        assert_eq!(second["presence"], "O");
        assert_eq!(
            second["format"],
            "ISO 8601 date and time with zone, not in the past, at most 7 days ahead"
        );
    }

    #[test]
    fn a_mandatory_parameter_cannot_be_blanked() {
        assert!(!find(campaign_customer(), "customer-id").unwrap().may_be_blanked());
        assert!(find(campaign_customer(), "schedule-date-time").unwrap().may_be_blanked());
        assert!(find(campaign_customer(), "phone").is_none());
    }

    #[test]
    fn the_nearest_name_is_told_only_where_it_is_near() {
        assert_eq!(nearest(campaign_customer(), "customer_id"), Some("customer-id"));
        assert_eq!(nearest(campaign_customer(), "Customer ID"), Some("customer-id"));
        assert_eq!(nearest(campaign_customer(), "schedule-datetime"), Some("schedule-date-time"));
        assert_eq!(nearest(campaign_customer(), "phone"), None);
    }
}
