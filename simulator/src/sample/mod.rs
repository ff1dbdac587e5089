//! Files as users have them, for samples, tests and benchmarks: any number of rows, streamed.
//!
//! A row is a pure function of the seed and of its place, so a file of a million rows begins
//! with the file of a thousand.

mod customer_rows;
mod draws;
mod old_crm;
mod people;
mod salesforce;
mod table;
mod words;

use std::io::{self, Write};

use customer_rows::{CleanRows, Rows};

use crate::{settings::Settings, tenant::Customers};

/// The day on which the sample was exported: callbacks are wished for the days after it.
pub const EXPORT_DATE: &str = "2026-11-23";

const HEADER: &str =
    "account_number,first_name,last_name,company,phone,email,callback_at,opt_out,notes\r\n";
const BOM: &str = "\u{feff}";
const BUFFER: usize = 1 << 16;

/// Writes a CSV of a dialer team for the sample tenant grown to `customers` customers.
///
/// As such files are: a BOM, CRLF, quoted newlines, spaces round values, leading zeros, several
/// styles of phones and dates (local time of New York, 1 to 5 days after [`EXPORT_DATE`]), and
/// among them duplicates (1 %), opt-outs (3 %), callbacks in the past and too far ahead (0.2 %
/// each), ragged rows (0.05 %), and account numbers that are unknown or no numbers.
///
/// With more rows than customers, customers come again.
///
/// # Errors
/// Those of `out`.
pub fn write_campaign_customers(
    rows: u64,
    seed: u64,
    customers: u64,
    out: &mut impl Write,
) -> io::Result<()> {
    let writer = Rows::new(seed, customers, sample_customers(customers));
    buffered(out, |buffer, nth| writer.write(nth, buffer), rows)
}

/// Writes such a CSV without anything that a load must refuse: distinct ascending customers,
/// none on the do-not-call list, no opt-outs, callbacks in one style within 1 to 5 days after
/// [`EXPORT_DATE`]. It begins with the customer number `first` of the tenant, counted from 0,
/// and returns the one after its last; the tenant must have so many.
///
/// # Errors
/// Those of `out`.
pub fn write_clean_campaign_customers(
    rows: u64,
    first: u64,
    out: &mut impl Write,
) -> io::Result<u64> {
    let mut writer = CleanRows::new(first, sample_customers(u64::MAX));
    buffered(out, |buffer, _| writer.write(buffer), rows)?;
    Ok(writer.next())
}

/// One of the committed samples of the CRM.
#[derive(Clone, Debug)]
pub struct SampleFile {
    /// Where it stands below `samples/`.
    pub path: &'static str,
    /// What it holds.
    pub content: Vec<u8>,
}

/// The exports of an old CRM (`migrate/`), people with phones but without account numbers
/// (`dialer/`), and a report of contacts from Salesforce.
///
/// Their rows are those of one old CRM and of one list; only what is in them changes with the
/// seed, and not which rows are odd.
pub fn crm_files(seed: u64) -> Vec<SampleFile> {
    let mut files = old_crm::files(seed);
    files.push(people::file(seed));
    files.push(salesforce::file(seed));
    files
}

/// The sample tenant's customers, were there so many.
fn sample_customers(count: u64) -> Customers {
    let mut settings = Settings::default();
    settings.tenant.customers = count;
    Customers::new(settings.seed, &settings.tenant)
}

/// Writes the header and then rows, some thousand at a time.
fn buffered(
    out: &mut impl Write,
    mut row: impl FnMut(&mut Vec<u8>, u64),
    rows: u64,
) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(BUFFER + 16_384);
    buffer.extend(BOM.as_bytes());
    buffer.extend(HEADER.as_bytes());
    for nth in 0..rows {
        row(&mut buffer, nth);
        if buffer.len() >= BUFFER {
            out.write_all(&buffer)?;
            buffer.clear();
        }
    }
    out.write_all(&buffer)?;
    out.flush()
}
