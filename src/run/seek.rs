//! Looking at the target for rows that stayed in doubt. Nothing is sent but questions.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use arrow::{array::AsArray, datatypes::Int64Type};

use super::{RunError, connect, unit::Unit};
use crate::{
    connections::Connection,
    ledger::Assigned,
    load::{LoadOptions, Sighting, Sink, campaign::CampaignAction, wapi::WapiSink},
    outcome::LoadedAs,
    tenant::{CampaignRecords, Unanswered},
};

/// Looks for the rows of one kind of load.
pub enum Seeker {
    /// By the records of the campaign.
    Campaign { records: CampaignRecords, action: CampaignAction },
    /// By the look-up that follows a lost answer.
    Wapi(Box<WapiSink>),
    /// There is no question that tells.
    Nobody { why: String },
}

impl Seeker {
    /// One for this load; `folder` is the run's, `ledger` its pipeline's.
    ///
    /// # Errors
    /// What the connection lacks.
    pub fn of(
        load: &LoadOptions,
        connection: &Connection,
        folder: &Path,
        ledger: &Path,
    ) -> Result<Seeker, RunError> {
        match load {
            LoadOptions::Campaign(options) => Ok(Seeker::Campaign {
                records: connect::campaign_records(connection, options.campaign)?,
                action: options.action.value,
            }),
            LoadOptions::Wapi(_) => {
                let Sink::Wapi(mut sink) = connect::sink(load, connection)? else {
                    return Ok(Seeker::Nobody { why: "this load is not looked for".into() });
                };
                if !sink.recall(folder) {
                    let why = format!(
                        "`{}` is gone, by which new records are told from older ones",
                        folder.join("tenant.json").display()
                    );
                    return Ok(Seeker::Nobody { why });
                }
                sink.learn_assigned(Assigned::open(ledger)?);
                Ok(Seeker::Wapi(sink))
            }
            LoadOptions::Calls(_) => {
                Ok(Seeker::Nobody { why: "the API cannot tell whether a call was placed".into() })
            }
            LoadOptions::Parquet(_) | LoadOptions::Csv(_) | LoadOptions::Json(_) => {
                Ok(Seeker::Nobody { why: "rows of files are never in doubt".into() })
            }
        }
    }

    /// What the target says of each row of these units.
    ///
    /// # Errors
    /// What keeps the target from being asked.
    pub async fn seek(&self, units: &[Unit]) -> Result<Vec<Vec<Sighting>>, RunError> {
        match self {
            Seeker::Campaign { records, action } => campaign(records, *action, units).await,
            Seeker::Wapi(sink) => wapi(sink, units).await,
            Seeker::Nobody { why } => {
                let unknown = |_| Sighting::Unknown { why: why.clone() };
                let of = |unit: &Unit| (0..unit.len()).map(unknown).collect();
                Ok(units.iter().map(of).collect())
            }
        }
    }
}

async fn campaign(
    records: &CampaignRecords,
    action: CampaignAction,
    units: &[Unit],
) -> Result<Vec<Vec<Sighting>>, RunError> {
    let customers = |unit: &Unit| -> Vec<i64> {
        unit.rows.column(0).as_primitive::<Int64Type>().values().to_vec()
    };
    let wanted: HashSet<i64> = units.iter().flat_map(customers).collect();
    let mut there: HashMap<i64, u32> = HashMap::new();
    let read = records.each(|customer| {
        if wanted.contains(&customer) {
            *there.entry(customer).or_default() += 1;
        }
    });
    let listing =
        read.await.map_err(|Unanswered { what, hint }| RunError::Target { what, hint })?;
    let gap = listing.gap();
    let campaign = records.campaign;
    let sight = |customer: i64| match (action, there.contains_key(&customer)) {
        (_, false) if gap.is_some() => Sighting::Unknown { why: gap.clone().unwrap_or_default() },
        (CampaignAction::Add, true) => Sighting::There {
            done: LoadedAs::ConfirmedOnResume,
            id: None,
            what: format!("customer {customer} is in campaign {campaign}"),
        },
        (CampaignAction::Add, false) => Sighting::NotThere {
            what: format!("customer {customer} is not in campaign {campaign}"),
        },
        (CampaignAction::Remove, false) => Sighting::There {
            done: LoadedAs::Removed,
            id: None,
            what: format!("customer {customer} is not in campaign {campaign} any more"),
        },
        (CampaignAction::Remove, true) => Sighting::NotThere {
            what: format!("customer {customer} is still in campaign {campaign}"),
        },
    };
    Ok(units.iter().map(|unit| customers(unit).into_iter().map(sight).collect()).collect())
}

async fn wapi(sink: &WapiSink, units: &[Unit]) -> Result<Vec<Vec<Sighting>>, RunError> {
    let mut all = Vec::with_capacity(units.len());
    for unit in units {
        let mut sightings = Vec::with_capacity(unit.len());
        for row in 0..unit.len() {
            let seen = sink.seek(&unit.rows.slice(row, 1)).await;
            sightings.push(seen.map_err(|(what, hint)| RunError::Target { what, hint })?);
        }
        all.push(sightings);
    }
    Ok(all)
}
