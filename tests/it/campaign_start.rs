//! `start_after_load`: a campaign that is started once its customers are in it.

use serde_json::{Value, json};
use vccpipe_simulator::{FaultRule, Settings, StatusMethod};

use crate::{
    bench::{Bench, CAMPAIGN, csv_of, customers, settings},
    crm_bad_answers::{Keep, Pass, page},
};

const RUNNING: u8 = 3;
const PAUSED: u8 = 8;
const STOPPED: u8 = 5;

/// A load of some customers into a campaign in this state, which is to be started then.
fn load(state: u8, change: impl FnOnce(&mut Settings)) -> (Bench, Vec<u64>) {
    let mut settings = settings(12_000);
    settings.tenant.campaigns[0].status = state;
    change(&mut settings);
    let bench = Bench::new(settings);
    let known = customers(10);
    bench.write("input.csv", &csv_of(&known));
    bench.write_pipeline_with(3, ", start_after_load: true");
    (bench, known)
}

fn state_of(bench: &Bench) -> u8 {
    bench.tenant().state().campaigns[&CAMPAIGN].status
}

fn fault(rule: Value) -> FaultRule {
    serde_json::from_value(rule).unwrap()
}

const START: &str = "/api/tstats/campaigns/125";

#[test]
fn a_paused_campaign_runs_once_all_are_loaded() {
    let (bench, _) = load(PAUSED, |_| {});
    let told = bench.run().expect(0).says("campaign 125 is started");
    assert!(told.stderr.contains("campaign 125 is started"), "a note, and no result");
    assert_eq!(state_of(&bench), RUNNING);
    bench.assert_books_are_true();
    let requests = &bench.tenant().state().campaigns[&CAMPAIGN].requests;
    let counted = bench.summary()["requests"].as_u64().unwrap();
    assert_eq!(counted, requests.values().sum::<u64>(), "{requests:?}");
}

#[test]
fn a_purged_campaign_can_run_again_and_a_running_one_is_left_alone() {
    let (bench, _) = load(10, |_| {});
    bench.run().expect(0);
    assert_eq!(state_of(&bench), RUNNING);
    let (bench, _) = load(RUNNING, |_| {});
    bench.run().expect(0).says("campaign 125 is running already");
    assert_eq!(state_of(&bench), RUNNING);
}

#[test]
fn a_stopped_campaign_is_told_before_anything_is_sent() {
    let (bench, _) = load(STOPPED, |_| {});
    bench.run().expect(1).says("takes no customers any more: its state is `Manual Stopped`");
    assert_eq!(bench.posts(), 0);
}

#[test]
fn the_verb_is_a_setting_and_the_hint_names_it() {
    let (bench, _) =
        load(PAUSED, |settings| settings.campaigns.status_method = StatusMethod::Patch);
    let told = bench.run().expect(1);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    10 rows read ahead, up to 10 to be sent
    error: campaign 125 was not started: HTTP 405: Method Not Allowed
      hint: `campaigns: {start_method: patch}` in the connection uses the other verb
    ");
    let posts = bench.posts();
    bench.mend(
        "connections.yaml",
        "    limits:\n",
        "    campaigns: { start_method: patch }\n    limits:\n",
    );
    bench.run().expect(0).says("campaign 125 is started");
    assert_eq!(state_of(&bench), RUNNING);
    assert_eq!(bench.posts(), posts, "no customer was sent a second time");
}

#[test]
fn refused_and_rejected_rows_keep_nobody_waiting() {
    let (bench, _) = load(PAUSED, |_| {});
    bench.append("input.csv", "99000001,\nx,\n");
    bench.run().expect(3).says("campaign 125 is started");
    assert_eq!(state_of(&bench), RUNNING);
}

#[test]
fn a_run_that_was_stopped_by_its_thresholds_starts_nothing() {
    let (bench, _) = load(PAUSED, |_| {});
    bench.append("input.csv", "x,\ny,\n");
    bench.write_pipeline_with(3, ", start_after_load: true, max_rejected: 1");
    bench.run().expect(1);
    assert_eq!(state_of(&bench), PAUSED);
}

#[test]
fn nothing_is_started_while_customers_are_in_doubt_or_left_out() {
    let doubt = json!({ "kind": "status_206", "applied": 1.0, "path": "*/customers", "after": 9 });
    let (bench, _) = load(PAUSED, |settings| settings.faults = vec![fault(doubt)]);
    bench.mend("connections.yaml", "attempts: 12", "attempts: 2");
    let told = bench.run().expect(4);
    told.says("the campaign is not started: 1 of its customers are in doubt");
    assert_eq!(state_of(&bench), PAUSED);

    let (bench, _) = load(PAUSED, |_| {});
    bench
        .vccpipe(&["run", "pipeline.yaml", "--limit", "4"])
        .expect(0)
        .says("the campaign is not started: `--limit` has taken up only a part of the input");
    assert_eq!(state_of(&bench), PAUSED);
    bench.run().expect(0).says("campaign 125 is started");
    assert_eq!(state_of(&bench), RUNNING);

    let (bench, _) = load(PAUSED, |_| {});
    bench.write("input.csv", "account,callback\nx,\n");
    bench.run().expect(3).says("the campaign is not started: no customer was loaded");
    assert_eq!(state_of(&bench), PAUSED);
}

#[test]
fn a_lost_answer_to_the_start_is_followed_by_a_look() {
    for kind in ["reset_after", "reset_before", "error", "unavailable"] {
        let lost = json!({ "kind": kind, "method": "POST", "path": START, "times": 1 });
        let (bench, _) = load(PAUSED, |settings| settings.faults = vec![fault(lost)]);
        bench.run().expect(0).says("campaign 125 is started");
        assert_eq!(state_of(&bench), RUNNING, "{kind}");
    }
}

#[test]
fn a_page_is_no_campaign_that_was_started() {
    let (bench, _) = load(PAUSED, |_| {});
    let _host = bench.behind(|command, nth, _| match (command, nth) {
        ("POST /api/tstats/campaigns/125", 0) => Keep(page("200 OK")),
        _ => Pass,
    });
    bench.run().expect(0).says("campaign 125 is started");
    assert_eq!(state_of(&bench), RUNNING);
}

#[test]
fn a_host_that_answers_pages_only_has_started_nothing() {
    let (bench, _) = load(PAUSED, |_| {});
    bench.mend("connections.yaml", "attempts: 12", "attempts: 3");
    let _host = bench.behind(|command, _, _| match command {
        "POST /api/tstats/campaigns/125" => Keep(page("200 OK")),
        _ => Pass,
    });
    bench.run().expect(1).says("campaign 125 was not started: HTTP 200: the reply is not the JSON");
    assert_eq!(state_of(&bench), PAUSED);
}

#[test]
fn a_program_that_ends_between_load_and_start_starts_it_when_it_goes_on() {
    let (bench, _) = load(PAUSED, |_| {});
    let crashed = bench
        .command(&["run", "pipeline.yaml"])
        .env("VCCPIPE_FAILPOINT", "load-is-done:1")
        .output()
        .unwrap();
    assert!(crashed.status.code().is_none(), "{crashed:?}");
    assert_eq!(state_of(&bench), PAUSED);
    let posts = bench.posts();
    bench.run().expect(0).says("campaign 125 is started");
    // One more: the one that starts it.
    assert_eq!((state_of(&bench), bench.posts()), (RUNNING, posts + 1));
    bench.assert_books_are_true();
    bench.run().expect(0).says("nothing is sent");
}

#[test]
fn a_start_that_fails_is_made_up_for_by_the_next_run() {
    let broken = json!({ "kind": "error", "method": "POST", "path": START, "times": 2 });
    let (bench, _) = load(PAUSED, |settings| settings.faults = vec![fault(broken)]);
    bench.mend("connections.yaml", "attempts: 12", "attempts: 2");
    let told = bench.run().expect(1);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    10 rows read ahead, up to 10 to be sent
    error: campaign 125 was not started: HTTP 500: the reply is not the JSON expected but begins with `<html> <head><title>500 Internal server error</title></head>`
      hint: give the same command again: it sends no customer a second time, and starts the campaign; or start it in Configuration Manager, Campaigns
    ");
    assert_eq!(state_of(&bench), PAUSED);
    bench.run().expect(0).says("campaign 125 is started");
    assert_eq!(state_of(&bench), RUNNING);
    bench.assert_books_are_true();
}
