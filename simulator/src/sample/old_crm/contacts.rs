//! Contacts: two files, because the old CRM exports 300 at a time.

use super::{About, american, draws, past_day, text};
use crate::sample::{
    customer_rows::write_phone,
    draws::Draws,
    table::{Odd, Table, lists, long, odd},
    words::{FIRST_NAMES, LAST_NAMES},
};

/// How many contacts there are.
pub(super) const COUNT: u64 = 600;
/// So many are in the first file.
const IN_FIRST: u64 = 300;
/// So many of the first file come again in the second.
const OVERLAP: u64 = 3;

const HEADER: &[&str] = &[
    "contact_id",
    "First Name",
    "Last Name",
    "Company",
    "Type",
    "email",
    "phone",
    "Mobile",
    "fax",
    "Street",
    "Street 2",
    "City",
    "State",
    "Zip",
    "Country",
    "Do-Not-Contact",
    "Active",
    "Created",
    "Notes",
];

/// E-mail addresses that customers of the sample tenant have already.
const TENANT_EMAILS: [&str; 4] = [
    "bjorn.gates5@mail.example.com",
    "james.oster102@example.com",
    "robert.dangelo199@mail.example.com",
    "dvora.davis296@example.org",
];

/// Contacts that cannot become customers as they are.
const KEPT_OUT: &[Odd] = &[
    // The address of a contact before.
    odd(60, "email", "zoe.obrien@example.com"),
    odd(133, "email", "accounts@att-reseller.example.com"),
    odd(250, "email", "j.smith_1@example.org"),
    odd(377, "email", "zoe.obrien@example.com"),
    odd(444, "email", "info@lodz-logistics.example.net"),
    odd(590, "email", "m-m.motors@example.com"),
    // The address of a customer whom the tenant has.
    odd(77, "email", TENANT_EMAILS[0]),
    odd(188, "email", TENANT_EMAILS[1]),
    odd(289, "email", TENANT_EMAILS[2]),
    odd(410, "email", TENANT_EMAILS[3]),
    // No address, or more than fits.
    odd(88, "email", "zoë@example.com"),
    odd(199, "email", "info(at)example.com"),
    odd(512, "email", "jean luc@example.com"),
    odd(401, "email", "anna+crm@example.com"),
    odd(266, "email", "the.department.of.very.long.mail.addresses.indeed@example.com"),
    odd(30, "Last Name", ""),
    odd(330, "Last Name", "  "),
    odd(530, "Last Name", ""),
    odd(140, "Last Name", "Wolfeschlegelsteinhausenbergerdorff"),
    odd(215, "Company", "Initech <EMEA>"),
    odd(475, "Company", "Hooli ~ Berlin"),
    long(321, "Street", "1 Long Road, Building 7, 3rd floor, back entrance. ", 80),
    odd(55, "Country", "Atlantis"),
    odd(366, "Country", "Freedonia"),
    odd(170, "Type", "partner"),
    odd(488, "Type", "partner"),
    odd(205, "Type", "Prospect"),
    odd(340, "Notes", "pasted from Word\u{c}second page"),
    // Two mistakes in one row.
    odd(555, "Country", "Utopia"),
    odd(555, "email", "o'brien@example.com"),
];

/// Contacts that the old CRM keeps, and nobody wants.
const INACTIVE: &[Odd] = &[
    odd(8, "Active", "N"),
    odd(51, "Active", "N"),
    odd(99, "Active", "N"),
    odd(123, "Active", "N"),
    odd(176, "Active", "N"),
    odd(232, "Active", "N"),
    odd(281, "Active", "N"),
    odd(345, "Active", "N"),
    odd(398, "Active", "N"),
    odd(432, "Active", "N"),
    odd(501, "Active", "N"),
    odd(577, "Active", "N"),
];

/// Contacts that can be loaded, by a fix or as they are.
const UNUSUAL: &[Odd] = &[
    odd(12, "email", "zoe.obrien@example.com"),
    odd(45, "email", "accounts@att-reseller.example.com"),
    odd(101, "email", "j.smith_1@example.org"),
    odd(310, "email", "info@lodz-logistics.example.net"),
    odd(589, "email", "m-m.motors@example.com"),
    odd(12, "First Name", "Zoë"),
    odd(12, "Last Name", "O'Brien"),
    odd(45, "Company", "AT&T"),
    odd(20, "First Name", ""),
    odd(150, "First Name", ""),
    odd(260, "First Name", " "),
    odd(370, "First Name", ""),
    odd(480, "First Name", ""),
    // More than 50 characters.
    odd(33, "Company", "The Most Excellent & Worshipful Company of Bulk Data Movers Ltd"),
    odd(
        202,
        "Company",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    ),
    odd(303, "Company", "O'Brien + Smith & Daughters International Import and Export Inc."),
    odd(
        550,
        "Company",
        "北京市朝阳区最大的数据迁移和客户关系管理软件开发与咨询服务股份有限责任公司以及其在上海广州深圳和香港的所有分公司",
    ),
    // Whom to call is not a number.
    odd(66, "Mobile", "ask Zoë"),
    odd(244, "Mobile", "n/a"),
    odd(466, "Mobile", "206-555-0199 ext. 9"),
    odd(25, "phone", "unknown"),
    odd(225, "phone", "-"),
    long(111, "Notes", "called again, no answer; ", 60),
    long(422, "Notes", "said \"50 % off\" or nothing\r\n", 50),
    odd(14, "Company", "   "),
];

/// Whether a contact becomes a customer.
pub(super) fn is_loaded(contact: u64) -> bool {
    !lists(KEPT_OUT, contact) && !lists(INACTIVE, contact)
}

/// `C-000123`
pub(super) fn id(contact: u64) -> String {
    format!("C-{contact:06}")
}

/// A contact that becomes a customer.
pub(super) fn any_loaded(draws: &mut Draws) -> u64 {
    loop {
        let contact = 1 + draws.below(COUNT);
        if is_loaded(contact) {
            return contact;
        }
    }
}

/// Both files.
pub(super) fn files(seed: u64) -> [Vec<u8>; 2] {
    [1..=IN_FIRST, IN_FIRST + 1 - OVERLAP..=COUNT].map(|contacts| {
        let mut table = Table::new(HEADER, ',');
        for contact in contacts {
            let mut row = table.row(fields(contact, &mut draws(seed, About::Contact, contact)));
            for odds in [KEPT_OUT, INACTIVE, UNUSUAL] {
                row.set(contact, odds);
            }
            table.push(&row);
        }
        table.utf8()
    })
}

fn fields(contact: u64, draws: &mut Draws) -> Vec<String> {
    let names = [text(draws, &FIRST_NAMES), text(draws, &LAST_NAMES)];
    let [first, last] =
        names.map(|name| if draws.below(40) == 0 { format!(" {name} ") } else { name });
    let company = text(draws, &COMPANIES);
    let kind = text(draws, &["Standard", "Standard", "Standard", "", "NT", "Partner"]);
    let email = email(contact, draws);
    let phone = phone(draws);
    let mobile = if draws.below(3) == 0 { american_phone(draws) } else { String::new() };
    let fax = if draws.below(6) == 0 { american_phone(draws) } else { String::new() };
    let street = text(draws, &STREETS);
    let street_2 = text(draws, &["", "", "", "Suite 4, Floor 2", "c/o O'Neill", "2. Stock"]);
    let [city, state, zip, country] =
        CITIES[draws.below(CITIES.len() as u64) as usize].map(str::to_owned);
    let country = if draws.below(20) == 0 { String::new() } else { country };
    let do_not_contact = text(draws, &["N", "N", "N", "N", "", "", "", "Y"]);
    let created = american(past_day(draws));
    let notes = text(draws, &NOTES);
    vec![
        id(contact),
        first,
        last,
        company,
        kind,
        email,
        phone,
        mobile,
        fax,
        street,
        street_2,
        city,
        state,
        zip,
        country,
        do_not_contact,
        "Y".into(),
        created,
        notes,
    ]
}

fn email(contact: u64, draws: &mut Draws) -> String {
    match draws.below(20) {
        0..3 => String::new(),
        3..10 => format!("contact.{contact:06}@example.com"),
        10..16 => format!("Contact_{contact:06}@Example.org"),
        _ => format!("contact-{contact:06}@mail.example.net"),
    }
}

fn phone(draws: &mut Draws) -> String {
    match draws.below(20) {
        0 => String::new(),
        1 => format!("+44 20 7946 0{}", 100 + draws.below(900)),
        2 => format!("0049 351 5550{}", 100 + draws.below(900)),
        3 => format!("+33 1 99 00 {} {}", 10 + draws.below(90), 10 + draws.below(90)),
        _ => american_phone(draws),
    }
}

fn american_phone(draws: &mut Draws) -> String {
    let mut phone = Vec::new();
    write_phone(draws, &mut phone);
    // An extension is no part of what Mobile and Fax may hold.
    let phone = String::from_utf8(phone).unwrap_or_default();
    phone.split(" x").next().unwrap_or_default().to_owned()
}

/// No comma: the guide can be read as forbidding it.
const COMPANIES: [&str; 18] = [
    "",
    "",
    "",
    "",
    "AT&T",
    "O'Brien & Sons",
    "Acme Inc.",
    "Café Zoë",
    "The \"Best\" Plumbing",
    "Johnson & Johnson",
    "Müller GmbH",
    "Łódź Logistics",
    "北京科技",
    "M&M Motors",
    "Contoso Ltd",
    "50 % off Tyres",
    "Rocket 🚀 Labs",
    "Smith; Jones + Co",
];

const STREETS: [&str; 10] = [
    "",
    "12 O'Connell Street",
    "Hauptstraße 5",
    "1 Infinite Way",
    "C/ Mallorca 401",
    "7th Ave, corner of \"B\"",
    "ul. Piotrkowska 104",
    "Marina Blvd #300",
    "南京东路 100号",
    "Unit 5 & 6, Mill Lane",
];

/// City, state, zip and country, as people write them.
const CITIES: [[&str; 4]; 20] = [
    ["Boston", "MA", "02134", "US"],
    ["Newark", "NJ", "07102", "USA"],
    ["Seattle", "WA", "98101", "United States"],
    ["Austin", "TX", "73301", "United States"],
    ["Coeur d'Alene", "ID", "83814", "US"],
    ["Los Angeles", "CA", "00123", "U.S.A."],
    ["Dresden", "", "01067", "DE"],
    ["München", "Bayern", "80331", "Germany"],
    ["London", "", "SW1A 1AA", "GB"],
    ["Cardiff", "", "CF10 1EP", "United Kingdom"],
    ["Dublin", "", "D02 AF30", "Ireland"],
    ["Montréal", "QC", "H2Y 1C6", "CA"],
    ["Toronto", "ON", "M5H 2N2", "Canada"],
    ["Kraków", "", "30-001", "Poland"],
    ["Łódź", "", "90-001", "PL"],
    ["Barcelona", "", "08001", "ES"],
    ["Paris", "", "75001", "France"],
    ["上海", "", "200000", "China"],
    ["東京", "", "100-0001", "Japan"],
    ["Ciudad de México", "", "06000", "Mexico"],
];

const NOTES: [&str; 14] = [
    "",
    "",
    "",
    "",
    "",
    "prefers mornings",
    "VIP 🎉",
    "gets 50 % off until 2027",
    "tel. only; e-mail bounces",
    "中文 preferred",
    "said \"call me next week\"\r\nthen hung up",
    "spoke w/ Zoë, not with O'Brien",
    "discount < 10 % & > 5 %",
    "line 1\nline 2\n\nline 4",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_odd_value_has_its_column() {
        let odds = KEPT_OUT.iter().chain(INACTIVE).chain(UNUSUAL);
        odds.for_each(|odd| assert!(HEADER.contains(&odd.column), "{}", odd.column));
    }
}
