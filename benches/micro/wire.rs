//! The body of a POST of 500 customers, and the 207 that answers it.

use arrow::array::{Int64Array, TimestampMillisecondArray};
use divan::{Bencher, counter::ItemsCount};
use vccpipe::wire::campaign::{answer, encode_customers};

const ROWS: i64 = 500;

fn ids() -> Vec<i64> {
    (0..ROWS).map(|row| 10_000_000 + row).collect()
}

#[divan::bench]
fn encode(bencher: Bencher) {
    let ids = Int64Array::from(ids());
    let schedule: TimestampMillisecondArray =
        (0..ROWS).map(|row| (row % 4 == 0).then_some(1_795_600_000_000 + row * 60_000)).collect();
    let mut body = Vec::new();
    bencher.counter(ItemsCount::new(ROWS as u64)).bench_local(|| {
        body.clear();
        encode_customers(&ids, Some(&schedule), &mut body);
        body.len()
    });
}

/// How many of a hundred customers the server refuses.
#[divan::bench(args = [0, 10, 100])]
fn decode(bencher: Bencher, refused: i64) {
    let sent = ids();
    let item = |id: &i64| match id % 100 < refused {
        true => format!(
            r#"{{"customer-id":{id},"http-status":404,"message":"The customer-id has not been found."}}"#
        ),
        false => format!(r#"{{"customer-id":{id},"http-status":200}}"#),
    };
    let body = format!("[{}]", sent.iter().map(item).collect::<Vec<_>>().join(","));
    let doubt = vec![false; sent.len()];
    bencher
        .counter(ItemsCount::new(ROWS as u64))
        .bench_local(|| answer(207, body.as_bytes(), &sent, &doubt));
}
