//! The examples of the repository, in the order in which a user would run them.

use std::{collections::BTreeMap, fs, path::Path};

use crate::bench::{Bench, Told};

fn rows(bench: &Bench, pipeline: &str, file: &str) -> Vec<BTreeMap<String, String>> {
    let path = bench.path(&format!(".vccpipe/runs/{pipeline}/latest/{file}"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn calls_are_placed_coded_and_ended_by_the_examples() {
    let bench = Bench::without_tenant();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in [
        "pipelines/place_calls.yaml",
        "pipelines/transaction_codes.yaml",
        "pipelines/end_calls.yaml",
        "samples/callbacks.csv",
        "samples/call_outcomes.csv",
    ] {
        let path = bench.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(repository.join(name), path).unwrap();
    }
    let run = |name: &str| -> Told { bench.vccpipe(&["run", &format!("pipelines/{name}.yaml")]) };
    let told = run("place_calls").expect(3);
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    place-calls finished: run [run]
      read                    8
      loaded                  4   4 added
      rejected                2   .vccpipe/runs/place-calls/[run]/rejected.csv
      refused                 1   .vccpipe/runs/place-calls/[run]/refused.csv
      skipped                 1   .vccpipe/runs/place-calls/[run]/skipped.csv
      in doubt                0
      requests                5   0 of them again
      time        [time]
    rejected:
      line 7: number: missing (mandatory, phone-calls-api: Place Call For Agent)
      line 9: number: given twice in the input (`16175550101`, first on line 2)
    refused:
      line 8: refused by the server: Agent=[ag4GbFs9VRtYxJpQnlTeeee] not available to handle interaction, status=[on break]
    ");
    let placed = rows(&bench, "place-calls", "loaded.csv");
    assert_eq!(placed.len(), 4);
    assert!(placed.iter().all(|row| row["interactionId"].starts_with("int-")), "{placed:?}");
    run("transaction_codes").expect(0);
    assert_eq!(rows(&bench, "transaction-codes", "loaded.csv").len(), 4);
    run("end_calls").expect(0);
    let ended = rows(&bench, "end-calls", "loaded.csv");
    assert!(ended.len() == 4 && ended.iter().all(|row| row["_done"] == "removed"), "{ended:?}");
    run("place_calls").expect(0).says("nothing is sent");
}
