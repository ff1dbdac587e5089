//! Customers taken out of a campaign, one by one.

use serde_json::json;
use vccpipe_simulator::{FaultKind, FaultRule, Settings};

use crate::bench::{Bench, CAMPAIGN, csv_of, customers, settings};

/// A campaign that holds some customers, and a pipeline that takes those of `input.csv` out.
fn filled(settings: Settings, held: &[u64], load: &str) -> Bench {
    let bench = Bench::new(settings);
    let body: Vec<_> = held.iter().map(|customer| json!({ "customer-id": customer })).collect();
    bench.post_customers(CAMPAIGN, &json!(body).to_string());
    bench.write_pipeline(1);
    let add = format!("action: add, campaign: {CAMPAIGN}, batch_size: 1");
    bench.mend("pipeline.yaml", &add, &format!("action: remove, campaign: {CAMPAIGN}{load}"));
    bench.mend("pipeline.yaml", "      schedule-date-time: callback\n", "");
    bench
}

fn removed(bench: &Bench) -> u64 {
    bench.tenant().state().campaigns[&CAMPAIGN].removed
}

fn deletes(bench: &Bench) -> u64 {
    let state = bench.tenant().state();
    let requests = &state.campaigns[&CAMPAIGN].requests;
    requests.iter().filter(|(what, _)| what.starts_with("DELETE")).map(|(_, n)| n).sum()
}

fn lost(kind: FaultKind, every: u64) -> FaultRule {
    let rule = json!({
        "kind": kind, "method": "DELETE", "every": every, "processed": true, "delay_ms": 900
    });
    serde_json::from_value(rule).unwrap()
}

#[test]
fn customers_are_taken_out_and_one_who_is_not_there_is_refused() {
    let known = customers(6);
    let bench = filled(settings(12_000), &known[..5], "");
    let mut text = csv_of(&known[1..]);
    text.push_str("x12,\n");
    bench.write("input.csv", &text);
    bench.run().expect(3);
    assert_eq!(removed(&bench), 4);
    let summary = bench.summary();
    assert_eq!(summary["loaded_detail"]["removed"], 4, "{summary}");
    assert_eq!((&summary["refused"], &summary["rejected"]), (&json!(1), &json!(1)));
    let refused = bench.results("refused.csv");
    assert_eq!(refused[0]["account"], known[5].to_string());
    assert_eq!(refused[0]["_status"], "404");
    assert_eq!(refused[0]["_message"], "The customer-id has not been found.");
    let loaded = bench.results("loaded.csv");
    let told = (loaded[0]["customer-id"].as_str(), loaded[0]["_done"].as_str());
    assert_eq!(told, (known[1].to_string().as_str(), "removed"));
    // Nothing is added by it: given again it asks again.
    bench.run().expect(3);
    assert_eq!(bench.summary()["refused"], 5);
}

#[test]
fn one_whose_answer_was_lost_is_taken_out_once_and_confirmed() {
    let known = customers(20);
    for kind in [FaultKind::ResetAfter, FaultKind::TimeoutAfter, FaultKind::Error] {
        let faults = vec![lost(kind, 5)];
        let bench = filled(Settings { faults, ..settings(12_000) }, &known, "");
        bench.write("input.csv", &csv_of(&known));
        bench.run().expect(0);
        let detail = &bench.summary()["loaded_detail"];
        let of = |key: &str| detail[key].as_u64().unwrap();
        assert_eq!(of("removed") + of("confirmed_on_resume"), 20, "{kind:?}: {detail}");
        assert!(of("confirmed_on_resume") > 0, "{kind:?}: {detail}");
        assert_eq!(removed(&bench), 20, "{kind:?}");
    }
}

#[test]
fn what_concerns_the_whole_campaign_stops_before_or_after_one_request() {
    let known = customers(5);
    for (status, dynamic, enabled) in [(5, true, true), (3, false, true), (3, true, false)] {
        let mut settings = settings(12_000);
        let campaign = &mut settings.tenant.campaigns[0];
        (campaign.status, campaign.dynamic, campaign.enabled) = (status, dynamic, enabled);
        let bench = filled(settings, &[], "");
        bench.write("input.csv", &csv_of(&known));
        bench.run().expect(1);
        assert_eq!(deletes(&bench), 0, "the look is enough");
        bench.mend("pipeline.yaml", "action: remove", "check_campaign: false, action: remove");
        bench.mend(
            "connections.yaml",
            "campaigns: { per_second: unlimited, concurrency: 4 }",
            "campaigns: { per_second: unlimited, concurrency: 1 }",
        );
        bench.run().expect(1);
        assert_eq!(deletes(&bench), 1, "status {status}, dynamic {dynamic}, enabled {enabled}");
        assert_eq!(bench.summary()["refused"], 0, "not five refusals");
    }
}

#[test]
fn the_token_is_named_where_it_is_refused_and_can_be_chosen() {
    let known = customers(3);
    let mut swapped = settings(12_000);
    swapped.campaigns.tokens = vccpipe_simulator::Tokens::Any;
    let bench = filled(swapped, &known, "");
    bench.write("input.csv", &csv_of(&known));
    bench.mend(
        "connections.yaml",
        "    limits:\n",
        "    campaigns: { remove_token: action }\n    limits:\n",
    );
    bench.run().expect(0);
    assert_eq!(removed(&bench), 3);

    let bench = filled(settings(12_000), &known, "");
    bench.write("input.csv", &csv_of(&known));
    bench.mend(
        "connections.yaml",
        "    limits:\n",
        "    campaigns: { remove_token: action }\n    limits:\n",
    );
    let told = bench.run().expect(1);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    3 rows read ahead, up to 3 to be sent
    error: the server answered HTTP 401: Unauthorized (sent with the Action Request Token (`tokens.action`))
      hint: check the tenant's name and this token; `campaigns: {remove_token: data}` in the connection uses the other one
    ");
    assert_eq!(removed(&bench), 0);
}

#[test]
fn columns_that_only_an_add_takes_are_told() {
    let bench = filled(settings(12_000), &[], "");
    bench.write("input.csv", &csv_of(&customers(1)));
    bench.mend(
        "pipeline.yaml",
        "customer-id: account\n",
        "customer-id: account\n      schedule-date-time: callback\n",
    );
    let told = bench.vccpipe(&["check", "pipeline.yaml"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    pipeline.yaml:9:7
      × the load target has no column `schedule-date-time`
        ╭────
      8 │       customer-id: account
      9 │       schedule-date-time: callback
        ·       ──────────────────
     10 │ load:
        ╰────
      help: leave it out of the last `map`
    ");
    bench.mend("pipeline.yaml", "      schedule-date-time: callback\n", "");
    bench.mend("pipeline.yaml", "action: remove", "start_after_load: true, action: remove");
    bench
        .vccpipe(&["check", "pipeline.yaml"])
        .expect(2)
        .says("`start_after_load` makes no sense with `remove`");
}

#[test]
fn a_crash_takes_nobody_out_twice_and_loses_nobody() {
    let known = customers(30);
    for passage in [1, 3] {
        let bench = filled(settings(12_000), &known, "");
        bench.write("input.csv", &csv_of(&known));
        let crashed = bench
            .command(&["run", "pipeline.yaml"])
            .env("VCCPIPE_FAILPOINT", format!("results-are-written:{passage}"))
            .output()
            .unwrap();
        assert!(crashed.status.code().is_none(), "{crashed:?}");
        bench.run().expect(0);
        assert_eq!((removed(&bench), &bench.summary()["loaded"]), (30, &json!(30)));
        assert_eq!(bench.results("loaded.csv").len(), 30);
    }
}
