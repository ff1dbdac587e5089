//! The customers that a campaign has, page by page, and how many records it says it has.

use crate::{
    http::{Api, Auth, Client, Request},
    wire::campaign::{CampaignStatus, record_ids},
};

/// A campaign that can be asked for its records.
#[derive(Clone, Debug)]
pub struct CampaignRecords {
    /// The client of the tenant's host.
    pub client: Client,
    /// The token for reading records.
    pub auth: Auth,
    /// The token for reading the status.
    pub status: Auth,
    /// The campaign's number.
    pub campaign: u64,
}

/// How much of a campaign's records was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Records that came.
    pub rows: u64,
    /// Records that the campaign says it has, where that had to be asked and it told.
    pub told: Option<u64>,
}

impl Listing {
    /// Why a customer who is not in the list may be in the campaign nevertheless.
    pub fn gap(&self) -> Option<String> {
        let told = self.told.filter(|told| *told > self.rows)?;
        Some(format!(
            "the list has only {} of the {told} records that the campaign says it has",
            self.rows
        ))
    }
}

/// Why the records are not known, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// What happened.
    pub what: String,
    /// The way out.
    pub hint: String,
}

/// A piece of the list.
enum Page {
    Records(Vec<i64>),
    /// There is no such page; `n=` may not even be a parameter of this list.
    None {
        status: u16,
    },
}

impl CampaignRecords {
    /// Hands on the number of each customer that the campaign has.
    ///
    /// Whether the list comes in pages is not documented: it is asked for until a page is empty,
    /// shorter than the first, or the one before again (field-notes, Campaign records). Where no
    /// second page came, the first may be all, or all that the server gives at once: then the
    /// campaign is asked how many records it has.
    ///
    /// # Errors
    /// The campaign does not tell, or not in a form that is understood.
    pub async fn each(&self, mut take: impl FnMut(i64)) -> Result<Listing, Unanswered> {
        let (mut rows, mut pages, mut first_page, mut before) = (0, 0, 0, None);
        let mut refused = None;
        loop {
            let page = match self.page(rows + 1).await? {
                Page::Records(page) => page,
                Page::None { status } => {
                    refused = Some(status).filter(|status| *status == 400);
                    break;
                }
            };
            let begins_with = page.first().copied();
            if page.is_empty() || begins_with == before {
                break;
            }
            page.iter().copied().for_each(&mut take);
            rows += page.len();
            pages += 1;
            first_page = first_page.max(page.len());
            before = begins_with;
            if page.len() < first_page {
                break;
            }
        }
        let told = if pages > 1 { None } else { self.told().await };
        let listing = Listing { rows: rows as u64, told };
        match refused {
            Some(status) if told.is_none() => Err(self.only_one_page(status)),
            _ => Ok(listing),
        }
    }

    /// How many records the campaign says it has (field-notes: `no-of-records`); `None` where it
    /// does not tell, which is no reason to stop.
    pub async fn told(&self) -> Option<u64> {
        let path = format!("/api/stats/campaigns/{}.json", self.campaign);
        let request = Request::get(Api::Campaigns, path, self.status.clone());
        let reply = self.client.send(request).await.ok()?;
        if reply.status != 200 {
            return None;
        }
        CampaignStatus::decode(&reply.body).ok()?.records
    }

    async fn page(&self, from: usize) -> Result<Page, Unanswered> {
        let id = self.campaign;
        let query = if from > 1 { format!("?n={from}") } else { String::new() };
        let path = format!("/api/stats/campaigns/{id}/records.json{query}");
        let request = Request::get(Api::Campaigns, path, self.auth.clone());
        let later = "give the same command again later";
        let reply = self.client.send(request).await.map_err(|failure| Unanswered {
            hint: failure.hint().unwrap_or(later).to_owned(),
            what: format!("the records of campaign {id} could not be read: {failure}"),
        })?;
        let is_further = from > 1;
        match reply.status {
            200 if is_further && reply.body.trim_ascii().is_empty() => {
                return Ok(Page::None { status: 200 });
            }
            200 => {}
            status @ (204 | 400 | 404) if is_further || status == 204 => {
                return Ok(Page::None { status });
            }
            status => return Err(self.unread(status)),
        }
        record_ids(&reply.body).map(Page::Records).map_err(|error| Unanswered {
            what: format!("the records of campaign {id} were not understood: {error}"),
            hint: "see whether the host is the tenant's own, and report this reply".to_owned(),
        })
    }

    fn unread(&self, status: u16) -> Unanswered {
        let hint = match status {
            401 | 403 => {
                "check the tenant's name and the token; `campaigns: {records_token: ..}` in \
                 the connection says which one is used"
            }
            404 => "check the campaign's number and the connection's tenant and platform",
            _ => "give the same command again later",
        };
        let id = self.campaign;
        let what = format!("the records of campaign {id} could not be read: HTTP {status}");
        Unanswered { what, hint: hint.to_owned() }
    }

    fn only_one_page(&self, status: u16) -> Unanswered {
        Unanswered {
            what: format!(
                "nobody knows whether campaign {} has more records than came at first: it gives \
                 no further ones (HTTP {status} to `n=`), and does not tell how many it has",
                self.campaign
            ),
            hint: "check `campaigns: {status_token: ..}` in the connection: the status tells \
                   how many records there are"
                .to_owned(),
        }
    }
}
