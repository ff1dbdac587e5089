//! Cases, with descriptions in HTML.

use super::{About, american, contacts, draws, past_day, text};
use crate::sample::{
    draws::Draws,
    table::{Odd, Table, lists, long, odd},
};

/// How many cases there are.
pub(super) const COUNT: u64 = 900;

const HEADER: &[&str] = &[
    "case_id",
    "contact_id",
    "Subject",
    "Description",
    "Status",
    "Priority",
    "Severity",
    "Category",
    "Owner",
    "Channel",
    "Public",
    "Opened",
];

/// Cases that cannot be loaded as they are.
const KEPT_OUT: &[Odd] = &[
    // Nobody knows whose they are.
    odd(40, "contact_id", "C-009999"),
    odd(140, "contact_id", "C-009998"),
    odd(240, "contact_id", "C-000000"),
    odd(340, "contact_id", "C-999999"),
    odd(440, "contact_id", "O'Brien"),
    odd(540, "contact_id", "C-000601"),
    odd(640, "contact_id", ""),
    odd(740, "contact_id", ""),
    odd(840, "contact_id", ""),
    odd(890, "contact_id", ""),
    // Their contacts are kept out.
    odd(61, "contact_id", "C-000060"),
    odd(161, "contact_id", "C-000088"),
    odd(261, "contact_id", "C-000321"),
    odd(361, "contact_id", "C-000055"),
    odd(77, "Status", "Escalated"),
    odd(277, "Status", "Escalated"),
    odd(477, "Status", "Escalated"),
    odd(677, "Status", "Escalated"),
    // An open case belongs to somebody.
    odd(81, "Status", "Assigned"),
    odd(81, "Owner", ""),
    odd(381, "Status", "Assigned"),
    odd(381, "Owner", ""),
    odd(681, "Status", "Assigned"),
    odd(681, "Owner", ""),
    // Who has left has no login any more.
    odd(92, "Status", "Waiting"),
    odd(92, "Owner", "mary.jones"),
    odd(392, "Status", "Solved"),
    odd(392, "Owner", "mary.jones"),
    odd(692, "Status", "Assigned"),
    odd(692, "Owner", "mary.jones"),
    odd(105, "Priority", "0 - Urgent"),
    odd(605, "Priority", "0 - Urgent"),
    odd(118, "Category", "gold"),
    odd(618, "Category", "gold"),
    odd(131, "Description", ""),
    odd(431, "Description", ""),
    odd(731, "Description", ""),
];

/// Cases that can be loaded, by a fix or as they are.
const UNUSUAL: &[Odd] = &[
    long(15, "Subject", "Fwd: Re: Re: Your request about the printer that doesn't print ", 5),
    long(215, "Subject", "AW: AW: Rückfrage – größer als erlaubt! ", 9),
    long(415, "Subject", "中文标题太长了", 60),
    long(515, "Subject", "50 % off & more; ", 20),
    long(715, "Subject", "🔥 router 🔥 ", 40),
    long(815, "Subject", "x", 256),
    long(816, "Subject", "x", 255),
    odd(25, "Subject", ""),
    odd(325, "Subject", "   "),
    odd(625, "Subject", ""),
    odd(825, "Subject", ""),
    long(
        35,
        "Description",
        "<p>Log of the call: <b>it doesn't work</b> &amp; nobody knows why.</p>\r\n",
        300,
    ),
];

/// Rows after which an export has the same row again.
const AGAIN: [u64; 5] = [5, 205, 405, 606, 805];

/// Whether a case is loaded.
fn is_loaded(case: u64) -> bool {
    !lists(KEPT_OUT, case)
}

/// `CS-00123`
pub(super) fn id(case: u64) -> String {
    format!("CS-{case:05}")
}

/// A case that is loaded.
pub(super) fn any_loaded(draws: &mut Draws) -> u64 {
    loop {
        let case = 1 + draws.below(COUNT);
        if is_loaded(case) {
            return case;
        }
    }
}

/// The file.
pub(super) fn file(seed: u64) -> Vec<u8> {
    let mut table = Table::new(HEADER, ',');
    for case in 1..=COUNT {
        let mut row = table.row(fields(case, &mut draws(seed, About::Case, case)));
        row.set(case, KEPT_OUT);
        row.set(case, UNUSUAL);
        table.push(&row);
        if AGAIN.contains(&case) {
            table.push(&row);
        }
    }
    table.utf8()
}

fn fields(case: u64, draws: &mut Draws) -> Vec<String> {
    let contact = contacts::id(contacts::any_loaded(draws));
    let subject = text(draws, &SUBJECTS);
    let description = text(draws, &DESCRIPTIONS);
    let status = text(draws, &["New", "Assigned", "Waiting", "Solved", "Done", "Done"]);
    let owner = text(draws, &OWNERS);
    let ownerless = match status.as_str() {
        "New" => true,
        "Assigned" => false,
        _ => draws.below(10) == 0,
    };
    vec![
        id(case),
        contact,
        subject,
        description,
        status,
        text(draws, &["1 - High", "2 - Medium", "2 - Medium", "3 - Low", ""]),
        text(draws, &["info", "minor", "major", "critical", ""]),
        text(draws, &["Default", "Gold", "Platinum", "Billing", ""]),
        if ownerless { String::new() } else { owner },
        text(draws, &["Phone", "E-Mail", "Chat", "Web", ""]),
        text(draws, &["yes", "no", ""]),
        american(past_day(draws)),
    ]
}

const OWNERS: [&str; 8] = [
    "bob.power",
    "john.doe",
    "jane.smith",
    "r.shasta",
    "s.baker",
    "p.ma",
    "Sales Team",
    "Support Team",
];

const SUBJECTS: [&str; 12] = [
    "Printer doesn't work",
    "Invoice 2231: the 50 % off are missing",
    "Can't log in",
    "Rückfrage zur Rechnung",
    "AT&T line down",
    "handed over to \"Tier 2\"",
    "中文 menu is missing",
    "Refund < 30 days?",
    "Question, comma, and \"Gold\" plan",
    "Router 🔥 hot",
    "Zoë asks for O'Brien",
    "Delivery date\nstill unknown",
];

const DESCRIPTIONS: [&str; 12] = [
    "<p>Customer says: <b>it doesn't work</b>.</p><p>Tried &amp; failed.</p>",
    "<div>Called O'Brien &amp; Sons.<br>They want 50&nbsp;% off.</div>",
    "no HTML at all, but 5 &lt; 6",
    "<ul>\r\n<li>unplugged it</li>\r\n<li>plugged it in &quot;again&quot;</li>\r\n</ul>",
    "<p style=\"color:red\">URGENT!!!</p><script>alert(\"x\");</script>",
    "<!-- pasted from Word --><p class=\"MsoNormal\">Liefertermin: übermorgen</p>",
    "closing ]]> of nothing, and 3 > 2",
    "<p>中文 <i>客户</i> – Zoë</p>",
    "<table><tr><td>Order</td><td>4711</td></tr><tr><td>Paid</td><td>&euro; 12,50</td></tr></table>",
    "<p>See <a href=\"https://crm.example.com/?a=1&amp;b=2\">the ticket</a>, 😡 customer</p>",
    "Line 1\nLine 2\n\n\"quoted\" line 4",
    "<P>UPPER CASE TAGS<BR/>with &#39;references&#39; &#x263A;</P>",
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
