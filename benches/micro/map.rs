//! The steps of a pipeline and the target's rules over a chunk of rows.

use std::sync::Arc;

use divan::{Bencher, counter::ItemsCount};
use jiff::Timestamp;
use vccpipe::{
    batch::{Batch, SourceBatch},
    extract::{ExtractOptions, Source, csv::CsvOptions},
    spec::{Pipeline, Vars},
    transform::{Step, Steps},
    validate::Rules,
};

const ROWS: u64 = 8192;

const PIPELINE: &str = r#"
version: 1
name: bench
connection: bench
extract:
  csv: { path: unused.csv }
transform:
  - filter: "coalesce(opt_out, '') <> 'Y'"
  - map:
      customer-id: cast(account_number as bigint)
      schedule-date-time: to_utc(callback_at, 'America/New_York')
load:
  campaign: { action: add, campaign: 1 }
"#;

/// One chunk of clean rows, as the source reads them.
fn chunk() -> (Source, Arc<SourceBatch>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input.csv");
    let mut file = std::fs::File::create(&path).unwrap();
    vccpipe_simulator::sample::write_clean_campaign_customers(ROWS, 0, &mut file).unwrap();
    let options = ExtractOptions::Csv(CsvOptions::at(&[path.to_str().unwrap()]));
    let source = Source::open(&options, None).unwrap();
    let mut rows = source.rows(Default::default(), ROWS as usize).unwrap();
    let chunk = rows.next_chunk().unwrap().unwrap();
    drop(rows);
    (source, chunk.rows)
}

fn steps(source: &Source, now: Timestamp) -> Steps {
    let pipeline = Pipeline::parse("bench.yaml", PIPELINE, &Vars::default()).unwrap();
    let steps: Vec<Step> = pipeline.transform.into_iter().map(|step| step.value).collect();
    Steps::compile(PIPELINE, &steps, source.schema(), now).unwrap()
}

/// The day after the sample's export: its callbacks are ahead.
fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

#[divan::bench]
fn filter_and_map(bencher: Bencher) {
    let (source, rows) = chunk();
    let steps = steps(&source, now());
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        let batch = Batch::from_source(Arc::clone(&rows));
        steps.apply(batch, &mut Vec::new()).unwrap()
    });
}

#[divan::bench]
fn validate(bencher: Bencher) {
    let (source, rows) = chunk();
    let batch = steps(&source, now()).apply(Batch::from_source(rows), &mut Vec::new()).unwrap();
    let rules = Rules::Campaign { blank_schedule: false, window: None, removes: false };
    bencher
        .counter(ItemsCount::new(ROWS))
        .bench_local(|| rules.check(&batch, now(), &mut Vec::new()).unwrap().rows);
}
