//! The records of a campaign, page by page, until a page is short, empty or a repeat of one before
//! (field-notes, Campaign records: whether there are pages is not known).

use std::collections::{BTreeMap, HashMap};

use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::DataType,
};
use schemars::JsonSchema;
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    fetch::{FetchError, Found, Purpose, Surroundings, Told},
    spooled::{Cast, Column, Shape},
};
use crate::{
    http::{Api, Request},
    spool::{Key, Packed, Part, Spool},
    tenant::CampaignRecords,
    wire::campaign::{CODE_NAMES, RECORD_COLUMNS, decode_records},
};

/// The records of a campaign.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignExtract {
    /// The campaign's id, as Configuration Manager shows it.
    pub campaign: u64,
    /// What the records must fulfil: fields with their values, such as `status: "3"`.
    #[serde(default)]
    pub r#where: BTreeMap<String, String>,
    /// The form in which the records are asked for. Default `json`.
    #[serde(default)]
    pub format: Format,
    /// Whether to ask for further records after the first reply: `auto` asks until a page is
    /// short, empty or repeated; `never` takes the first reply for all.
    #[serde(default)]
    pub paging: Paging,
}

/// The form of a list of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `records.json`.
    #[default]
    Json,
    /// `records`, which is XML.
    Xml,
}

/// Whether lists come in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// Ask until nothing new comes.
    #[default]
    Auto,
    /// One reply is all.
    Never,
}

/// The note with the number of the next row to be asked for.
const NEXT: &str = "next";

/// The note with the rows of the first page.
const PAGE: &str = "page";

impl CampaignExtract {
    /// What a run belongs to.
    pub fn identity(&self) -> String {
        format!("campaign {} {:?} {:?} {:?}", self.campaign, self.r#where, self.format, self.paging)
    }

    /// The columns: the document's, the names of the codes, and others that came.
    pub fn shape(&self, seen: &[String]) -> Shape {
        let numbers = ["campaign-id", "record-id", "status", "status-code", "disposition-code"];
        let names = CODE_NAMES.iter().map(|(_, name, _)| *name);
        let known: Vec<&str> = RECORD_COLUMNS.iter().copied().chain(names).collect();
        let further = seen.iter().map(String::as_str).filter(|name| !known.contains(name));
        let column = |name: &str| Column {
            name: name.to_owned(),
            cast: if numbers.contains(&name) { Cast::Number } else { Cast::Text },
        };
        let columns = known.iter().copied().chain(further).map(column).collect();
        Shape { columns, map: None, zone: None }
    }

    /// What a run asks for, for a person.
    pub fn outlook(&self) -> Vec<String> {
        let pages = match self.paging {
            Paging::Auto => "page by page, until one brings nothing new",
            Paging::Never => "by one request",
        };
        vec![format!("the records of campaign {} ({}), {pages}", self.campaign, self.path(1))]
    }

    fn path(&self, first: u64) -> String {
        let end = match self.format {
            Format::Json => ".json",
            Format::Xml => "",
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        self.r#where.iter().for_each(|(name, value)| {
            query.append_pair(name, value);
        });
        if first > 1 {
            query.append_pair("n", &first.to_string());
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/api/stats/campaigns/{}/records{end}{mark}{query}", self.campaign)
    }
}

/// Fetches the records of a campaign into the spool.
///
/// # Errors
/// The campaign is not there, or the tenant does not answer.
pub async fn fetch(
    options: &CampaignExtract,
    around: &Surroundings<'_>,
    spool: &mut Spool,
) -> Result<Found, FetchError> {
    // A look is content with the first page.
    let is_look = matches!(around.purpose, Purpose::Look { .. });
    let refused = pages(options, around, spool, is_look).await?;
    let (windows, rows) = spool.parts()?;
    let records = spool.keys()?;
    // Where a second page came there are pages, and they have come to their end.
    let total = if windows > 1 || is_look { None } else { told(options, around).await };
    let missing = total.unwrap_or(0).saturating_sub(records);
    match refused {
        Some(status) if total.is_none_or(|_| missing > 0) => {
            return Err(only_one_page(options, status, records, total));
        }
        _ if missing > 0 => (around.tell)(Told::Warning(format!(
            "campaign {} says that it has {} records, and {records} came: the tenant may give no \
             more than that at once, and no further pages",
            options.campaign,
            total.unwrap_or(0),
        ))),
        _ => {}
    }
    let asked = format!("the records of campaign {}", options.campaign);
    Ok(Found { asked, windows, rows, records, total, missing, ..Found::default() })
}

/// Fetches page after page, until one brings nothing new; gives the status of a refusal of `n=`.
async fn pages(
    options: &CampaignExtract,
    around: &Surroundings<'_>,
    spool: &mut Spool,
    only_first: bool,
) -> Result<Option<u16>, FetchError> {
    let mut next = number(spool, NEXT)?.unwrap_or(1);
    let mut refused = None;
    loop {
        let page = match page(options, around, next).await? {
            Page::Records(batch) => Some(batch),
            Page::None { status } => {
                refused = Some(status).filter(|status| *status == 400);
                None
            }
        };
        let rows = page.as_ref().map_or(0, RecordBatch::num_rows) as u64;
        let mut is_new = false;
        if let Some(batch) = page {
            let keys = keys(&batch);
            for key in &keys {
                is_new |= !spool.has(key)?;
            }
            if next == 1 {
                spool.set_note(PAGE, &rows.to_string())?;
            }
            let hashes = vec![0; keys.len()];
            let what = format!("records from {next} on");
            let part = Part { what, rows: Packed::of(&[batch])?, keys, hashes };
            next += rows;
            if is_new {
                spool.enter(&[part], &[(NEXT, &next.to_string())])?;
            }
        }
        (around.tell)(Told::Fetched { rows, keys: next - 1, total: None, left: 0 });
        let full = number(spool, PAGE)?.unwrap_or(0);
        if !is_new || rows < full || options.paging == Paging::Never || only_first {
            return Ok(refused);
        }
    }
}

/// How many records the campaign says it has, where all of them are asked for.
async fn told(options: &CampaignExtract, around: &Surroundings<'_>) -> Option<u64> {
    let (data, status) = (around.remote.data.as_ref()?, around.remote.campaign_status.clone()?);
    if !options.r#where.is_empty() {
        return None;
    }
    let campaign = CampaignRecords {
        client: data.client.clone(),
        auth: data.auth.clone(),
        status,
        campaign: options.campaign,
    };
    campaign.told().await
}

fn only_one_page(
    options: &CampaignExtract,
    status: u16,
    records: u64,
    total: Option<u64>,
) -> FetchError {
    let all = total.map_or_else(String::new, |total| format!(" of {total}"));
    FetchError::tenant(
        format!(
            "{records}{all} records of campaign {} came, and the tenant gives no further ones \
             (HTTP {status} to `n=`)",
            options.campaign
        ),
        "`paging: never` in the pipeline's `extract` takes the first reply for all; `where` asks \
         for a part of the records",
    )
}

/// A reply to the question for records.
enum Page {
    Records(RecordBatch),
    /// No records; with 400 `n=` may not even be a parameter of this list.
    None {
        status: u16,
    },
}

async fn page(
    options: &CampaignExtract,
    around: &Surroundings<'_>,
    first: u64,
) -> Result<Page, FetchError> {
    let Some(data) = &around.remote.data else {
        return Err(FetchError::tenant(
            "the connection has no token for reading",
            "write `tokens: {data: ..}` into it",
        ));
    };
    let path = options.path(first);
    let mut attempt = 0;
    loop {
        let request = Request::get(Api::Campaigns, path.clone(), data.auth.clone());
        let message = match data.client.send(request).await {
            Err(failure) => failure.to_string(),
            Ok(reply) => match reply.status {
                200 => match decode_records(&reply.body) {
                    Ok(Some(batch)) => return Ok(Page::Records(batch)),
                    Ok(None) => return Ok(Page::None { status: 200 }),
                    Err(error) => error.to_string(),
                },
                status @ 204 => return Ok(Page::None { status }),
                status @ (400 | 404) if first > 1 => return Ok(Page::None { status }),
                401 | 403 => {
                    return Err(FetchError::tenant(
                        format!("the tenant refuses {} (HTTP {})", data.token_name, reply.status),
                        "check the tenant's name and this token; `campaigns: {records_token: ..}` \
                         in the connection chooses between `action` and `data`",
                    ));
                }
                400 | 404 => {
                    return Err(FetchError::tenant(
                        format!(
                            "campaign {} cannot be read (HTTP {}): {}",
                            options.campaign,
                            reply.status,
                            String::from_utf8_lossy(&reply.body)
                                .chars()
                                .take(200)
                                .collect::<String>()
                        ),
                        "check `campaign` and `where`: Configuration Manager shows the campaigns \
                         with their ids",
                    ));
                }
                status => format!("HTTP {status}"),
            },
        };
        attempt += 1;
        if attempt >= around.remote.attempts {
            return Err(FetchError::tenant(
                format!("the records of campaign {} do not come: {message}", options.campaign),
                "give the same command again later: it goes on where it was",
            ));
        }
        let delay = around.remote.backoff.delay(attempt - 1, around.dice);
        (around.tell)(Told::Waiting { what: path.clone(), delay, message });
        tokio::time::sleep(delay).await;
    }
}

/// A record is known by its record-id; one that stands in a page twice is there twice.
fn keys(batch: &RecordBatch) -> Vec<Key> {
    let ids = batch
        .column_by_name("record-id")
        .filter(|column| *column.data_type() == DataType::Utf8)
        .map(|column| column.as_string::<i32>());
    let mut times: HashMap<u64, u64> = HashMap::new();
    (0..batch.num_rows())
        .map(|row| {
            let id = ids.map_or("", |ids| ids.value(row));
            let times = times.entry(xxh3_64(id.as_bytes())).or_default();
            *times += 1;
            Key::of([id, &times.to_string()].into_iter())
        })
        .collect()
}

fn number(spool: &Spool, name: &str) -> Result<Option<u64>, FetchError> {
    Ok(spool.note(name)?.and_then(|text| text.parse().ok()))
}
