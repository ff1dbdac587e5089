//! Each fault of the server alone, and what the books say of it.

use std::{
    fs,
    time::{Duration, Instant},
};

use vccpipe_simulator::{
    Api, CampaignDefinition, DuplicateWording, ErrorBody, FaultKind, FaultRule, JsonValues,
    LimitSettings, ScheduleWindow, Settings, Tokens,
};

use crate::bench::{Bench, CAMPAIGN, Told, base64, csv_of, customers, fault, settings};

const ROWS: usize = 400;

/// A load of some hundred rows in batches of twenty.
fn load(settings: Settings) -> (Bench, Vec<u64>) {
    let bench = Bench::new(settings);
    let valid = customers(ROWS);
    bench.write("input.csv", &csv_of(&valid));
    bench.write_pipeline(20);
    (bench, valid)
}

fn load_with(fault: FaultRule) -> (Bench, Vec<u64>) {
    load(Settings { faults: vec![fault], ..settings(12_000) })
}

/// The faults of a kind that were given.
fn given(bench: &Bench, kind: FaultKind) -> u64 {
    let state = bench.tenant().state();
    state.apis[&Api::Campaigns].faults.get(kind.name()).copied().unwrap_or(0)
}

/// Every customer of the input is loaded, and was taken in once.
#[track_caller]
fn assert_all_loaded(bench: &Bench, valid: &[u64]) {
    bench.assert_books_are_true();
    let truth = bench.truth();
    let missing: Vec<_> = valid.iter().filter(|customer| !truth.contains_key(customer)).collect();
    assert!(missing.is_empty(), "lost: {missing:?}");
    assert_eq!(bench.summary()["loaded"], valid.len() as u64);
}

/// Runs with a fault that passes, and gives how many of the loaded were confirmed afterwards.
#[track_caller]
fn survives(fault: FaultRule) -> u64 {
    let kind = fault.kind;
    let (bench, valid) = load_with(fault);
    bench.run().expect(0);
    assert!(given(&bench, kind) > 0, "the fault never struck");
    assert_all_loaded(&bench, &valid);
    bench.summary()["loaded_detail"]["confirmed_on_resume"].as_u64().unwrap()
}

#[test]
fn a_503_waits_and_is_sent_again() {
    assert_eq!(survives(fault(FaultKind::Unavailable, 0.3)), 0);
}

#[test]
fn a_retry_after_is_waited_for() {
    for kind in [FaultKind::Unavailable, FaultKind::Throttled] {
        let rule = FaultRule { retry_after: Some(1), times: Some(1), after: 3, ..fault(kind, 1.0) };
        let began = Instant::now();
        assert_eq!(survives(rule), 0);
        assert!(began.elapsed() >= Duration::from_secs(1), "{kind:?}: {:?}", began.elapsed());
    }
}

#[test]
fn a_429_waits_and_is_sent_again() {
    assert_eq!(survives(fault(FaultKind::Throttled, 0.3)), 0);
    let rule = FaultRule {
        ratelimit_headers: true,
        retry_after: Some(1),
        times: Some(1),
        ..fault(FaultKind::Throttled, 1.0)
    };
    assert_eq!(survives(rule), 0);
}

#[test]
fn a_500_may_have_been_applied_and_is_sent_again_as_doubtful() {
    for body in [ErrorBody::Html, ErrorBody::Json] {
        let not_applied = FaultRule { body, ..fault(FaultKind::Error, 0.3) };
        assert_eq!(survives(not_applied), 0);
        let applied = FaultRule { body, processed: true, ..fault(FaultKind::Error, 0.3) };
        assert!(survives(applied) > 0, "nothing was confirmed");
    }
}

#[test]
fn a_502_may_have_been_applied_and_is_sent_again_as_doubtful() {
    assert_eq!(survives(fault(FaultKind::BadGateway, 0.3)), 0);
    let applied = FaultRule { processed: true, ..fault(FaultKind::BadGateway, 0.3) };
    assert!(survives(applied) > 0, "nothing was confirmed");
}

#[test]
fn a_connection_that_is_reset_is_sent_again_as_doubtful() {
    assert_eq!(survives(fault(FaultKind::ResetBefore, 0.3)), 0);
    assert!(survives(fault(FaultKind::ResetAfter, 0.3)) > 0, "nothing was confirmed");
}

#[test]
fn a_time_out_is_sent_again_in_smaller_batches() {
    let rule = |kind| FaultRule { times: Some(3), after: 2, ..fault(kind, 1.0) };
    assert_eq!(survives(rule(FaultKind::TimeoutBefore)), 0);
    assert_eq!(survives(rule(FaultKind::TimeoutAfter)), 60, "three batches of twenty");
}

#[test]
fn a_truncated_reply_answers_nothing_and_is_confirmed_by_duplicates() {
    assert!(survives(fault(FaultKind::Truncated, 0.3)) > 0, "nothing was confirmed");
}

#[test]
fn a_206_is_settled_by_sending_it_again() {
    let rule = |applied, alone| FaultRule {
        applied,
        alone,
        ..fault(FaultKind::Status206, if alone { 0.3 } else { 0.1 })
    };
    assert_eq!(survives(rule(0.0, false)), 0);
    assert!(survives(rule(1.0, false)) > 0, "nothing was confirmed");
    assert_eq!(survives(rule(0.0, true)), 0);
    assert!(survives(rule(1.0, true)) > 0, "nothing was confirmed");
}

#[test]
fn a_207_that_misses_an_item_leaves_that_one_in_doubt_and_settles_it() {
    assert!(survives(fault(FaultKind::DropItem, 0.05)) > 0, "nothing was confirmed");
}

#[test]
fn an_item_without_its_id_is_matched_by_its_place() {
    assert_eq!(survives(fault(FaultKind::NullId, 0.2)), 0);
}

#[test]
fn a_slow_server_is_waited_for() {
    let rule = FaultRule { delay_ms: 150, ..fault(FaultKind::Slow, 0.3) };
    assert_eq!(survives(rule), 0);
}

#[test]
fn other_wordings_and_types_are_read_alike() {
    let mut settings = settings(12_000);
    settings.campaigns.customer_id_as = JsonValues::Strings;
    settings.campaigns.http_status_as = JsonValues::Strings;
    settings.campaigns.digits_as = JsonValues::Strings;
    settings.campaigns.duplicate_wording = DuplicateWording::FieldNotes;
    settings.faults = vec![fault(FaultKind::ResetAfter, 0.2)];
    let (bench, valid) = load(settings);
    bench.append("input.csv", "99999999,\n");
    bench.run().expect(3);
    assert_all_loaded(&bench, &valid);
    assert_eq!(bench.results("refused.csv")[0]["_status"], "404");
    assert!(bench.summary()["loaded_detail"]["confirmed_on_resume"].as_u64() > Some(0));
}

#[test]
fn what_nobody_knows_is_listed_and_never_counted_as_loaded() {
    // The answer to one customer is a 206, however often it is asked.
    let rule = FaultRule { times: None, applied: 1.0, ..fault(FaultKind::Status206, 1.0) };
    let (bench, valid) = load_with(rule);
    bench.write("input.csv", &csv_of(&valid[..3]));
    bench.mend("connections.yaml", "attempts: 12", "attempts: 3");
    let told = bench.run().expect(4);
    let summary = bench.summary();
    assert_eq!((&summary["in_doubt"], &summary["loaded"]), (&3.into(), &0.into()), "{summary}");
    assert_eq!(bench.results("loaded.csv").len(), 0);
    let rows = bench.results("in_doubt.csv");
    assert_eq!(rows.iter().map(|row| row["_line"].as_str()).collect::<Vec<_>>(), ["2", "3", "4"]);
    assert_eq!(rows[0]["account"], valid[0].to_string());
    insta::assert_snapshot!(rows[0]["_reason"], @"tried 3 times, and nobody knows whether it was applied: the server answered HTTP 206: The request was sent but the response timed out. Please check the result status later");
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load finished: run [run]
      read                    3
      loaded                  0
      rejected                0
      refused                 0
      skipped                 0
      in doubt                3   .vccpipe/runs/test-load/[run]/in_doubt.csv
      requests                4   2 of them again
      time        [time]
    in doubt:
      line 2: tried 3 times, and nobody knows whether it was applied: the server answered HTTP 206: The request was sent but the response timed out. Please check the result status later
      line 3: tried 3 times, and nobody knows whether it was applied: the server answered HTTP 206: The request was sent but the response timed out. Please check the result status later
      line 4: tried 3 times, and nobody knows whether it was applied: the server answered HTTP 206: The request was sent but the response timed out. Please check the result status later
    ");
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    3 rows read ahead, up to 3 to be sent
    ");
    // What is in doubt is not sent again by itself.
    let posts = bench.posts();
    bench.run().says("nothing is sent");
    assert_eq!(bench.posts(), posts);
}

#[test]
fn when_in_doubt_leave_sends_nothing_a_second_time() {
    for kind in [FaultKind::ResetAfter, FaultKind::ResetBefore, FaultKind::DropItem] {
        let rule = FaultRule { after: 2, times: Some(2), ..fault(kind, 1.0) };
        let (bench, valid) = load_with(rule);
        bench.write_pipeline_with(20, ", when_in_doubt: leave");
        bench.run().expect(4);
        let summary = bench.summary();
        let of_a_batch = if kind == FaultKind::DropItem { 1 } else { 20 };
        assert_eq!(summary["in_doubt"], 2 * of_a_batch, "{kind:?}: {summary}");
        assert_eq!(summary["loaded"], ROWS as u64 - 2 * of_a_batch, "{kind:?}: {summary}");
        assert_eq!(bench.results("in_doubt.csv").len() as u64, 2 * of_a_batch);
        let truth = bench.truth();
        let lost = if kind == FaultKind::ResetBefore { 40 } else { 0 };
        assert_eq!(truth.len(), valid.len() - lost, "{kind:?}");
        assert!(truth.values().all(|applied| *applied == 1));
        assert_eq!(summary["retries"], 0, "{kind:?}: {summary}");
    }
}

#[test]
fn a_413_halves_the_batches_until_they_pass() {
    let mut settings = settings(12_000);
    settings.campaigns.max_records_per_post = 30;
    let (bench, valid) = load(settings);
    bench.write_pipeline(200);
    bench.run().expect(0);
    assert_all_loaded(&bench, &valid);
    let requests = &bench.tenant().state().campaigns[&CAMPAIGN].requests;
    // 200, 100 and 50, and what was on its way beside them: not each batch that was cut before.
    assert!(requests["POST 413"] < 6, "{requests:?}");
}

#[test]
fn one_record_that_is_too_large_is_refused_alone() {
    let mut settings = settings(12_000);
    settings.campaigns.max_bytes_per_post = 10;
    let (bench, valid) = load(settings);
    bench.write("input.csv", &csv_of(&valid[..4]));
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_eq!(bench.summary()["refused"], 4);
    let refused = &bench.results("refused.csv")[0];
    assert_eq!(refused["_status"], "413", "{refused:?}");
}

#[test]
fn no_request_is_longer_than_batch_bytes() {
    let mut settings = settings(12_000);
    settings.campaigns.max_bytes_per_post = 2048;
    let (bench, valid) = load(settings);
    bench.write_pipeline_with(400, ", batch_bytes: 2048");
    bench.run().expect(0);
    assert_all_loaded(&bench, &valid);
    assert_eq!(bench.summary()["retries"], 0);
    assert!(!bench.tenant().state().campaigns[&CAMPAIGN].requests.contains_key("POST 413"));
}

/// Runs against a campaign that takes nobody; gives what it says, after one request.
fn turned_away(campaign: CampaignDefinition, look: bool) -> String {
    let mut settings = settings(12_000);
    settings.tenant.campaigns = vec![campaign];
    let (bench, _) = load(settings);
    if !look {
        bench.write_pipeline_with(20, ", check_campaign: false");
    }
    let told = bench.run().expect(1);
    assert_eq!(bench.tenant().state().apis[&Api::Campaigns].requests, 1, "{told:?}");
    let summary = bench.summary();
    assert_eq!((&summary["status"], &summary["loaded"]), (&"failed".into(), &0.into()));
    bench.plain(&told.stderr)
}

#[test]
fn a_campaign_that_takes_nobody_ends_the_run_after_one_request() {
    let campaign = || CampaignDefinition {
        id: CAMPAIGN,
        name: "Winter Renewals".into(),
        ..CampaignDefinition::default()
    };
    let kinds = [
        CampaignDefinition { dynamic: false, ..campaign() },
        CampaignDefinition { enabled: false, ..campaign() },
        CampaignDefinition { status: 5, ..campaign() },
        CampaignDefinition { status: 6, ..campaign() },
        CampaignDefinition { id: 7, ..campaign() },
    ];
    let said = kinds.clone().map(|campaign| turned_away(campaign, true)).join("\n");
    insta::assert_snapshot!(said, @r"
    test-load: run [run] begins
    error: campaign 125 (`Winter Renewals`) is not a dynamic campaign
      hint: choose a campaign that is configured as dynamic (Configuration Manager, Campaigns)

    test-load: run [run] begins
    error: campaign 125 (`Winter Renewals`) is not enabled
      hint: enable it in Configuration Manager, Campaigns, and run again

    test-load: run [run] begins
    error: campaign 125 (`Winter Renewals`) takes no customers any more: its state is `Manual Stopped`
      hint: a stopped or completed campaign cannot be started again: create a new one and load into that

    test-load: run [run] begins
    error: campaign 125 (`Winter Renewals`) takes no customers any more: its state is `Completed`
      hint: a stopped or completed campaign cannot be started again: create a new one and load into that

    test-load: run [run] begins
    error: campaign 125 was not found
      hint: check the number (Configuration Manager, Campaigns, column Campaign ID) and the connection's tenant and platform
    ");
    let said = kinds.map(|campaign| turned_away(campaign, false)).join("\n");
    insta::assert_snapshot!(said, @r#"
    test-load: run [run] begins
    400 rows read ahead, up to 400 to be sent
    error: the server answered HTTP 400: This is not a dynamic campaign.
      hint: use a campaign that is configured as a dynamic campaign (Configuration Manager, Campaigns), or make this one dynamic

    test-load: run [run] begins
    400 rows read ahead, up to 400 to be sent
    error: the server answered HTTP 400: The campaign is not enabled.
      hint: enable the campaign in Configuration Manager, Campaigns, and run again

    test-load: run [run] begins
    400 rows read ahead, up to 400 to be sent
    error: the server answered HTTP 400: The campaign has stopped. No additional customers can be added.
      hint: a stopped or completed campaign takes no customers and cannot be started again: create a new campaign and load into that one

    test-load: run [run] begins
    400 rows read ahead, up to 400 to be sent
    error: the server answered HTTP 400: The campaign has stopped. No additional customers can be added.
      hint: a stopped or completed campaign takes no customers and cannot be started again: create a new campaign and load into that one

    test-load: run [run] begins
    400 rows read ahead, up to 400 to be sent
    error: the server answered HTTP 404: The campaign-id has not been found.
      hint: check `campaign` in the pipeline file against the column "Campaign ID" in Configuration Manager, and `platform` or `base_url` of the connection
    "#);
}

#[test]
fn a_campaign_that_was_not_started_ends_the_run_after_one_batch() {
    let mut settings = settings(12_000);
    settings.tenant.campaigns[0].status = 0;
    let (bench, _) = load(settings);
    let told = bench.run().expect(1);
    assert_eq!(bench.posts(), 1, "{told:?}");
    assert_eq!(bench.truth().len(), 0);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    warning: campaign 125 has not been started (state `New`): the server may refuse customers until it is
    400 rows read ahead, up to 400 to be sent
    error: the server answered HTTP 400: The operation is invalid for a campaign that has not started.
      hint: start the campaign (Configuration Manager, Campaigns) and run again
    ");
}

#[test]
fn a_paused_campaign_is_loaded_with_a_warning() {
    let mut settings = settings(12_000);
    settings.tenant.campaigns[0].status = 8;
    let (bench, valid) = load(settings);
    let told = bench.run().expect(0);
    assert_all_loaded(&bench, &valid);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    warning: campaign 125 is in state `Manual Paused`: nobody is called until it runs again
    400 rows read ahead, up to 400 to be sent
    ");
}

#[test]
fn a_wrong_token_is_named_after_one_request() {
    let (bench, _) = load(settings(12_000));
    let right = bench.tenant().credentials().action_token;
    bench.mend("connections.yaml", &right, "some-other-token");
    let told = bench.run().expect(1);
    assert_eq!(bench.posts(), 1, "{told:?}");
    assert_eq!(bench.truth().len(), 0);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    400 rows read ahead, up to 400 to be sent
    error: the server answered HTTP 401: Unauthorized (sent with the Action Request Token (`tokens.action`))
      hint: check the tenant's name and this token; `campaigns: {add_token: data}` in the connection uses the other one
    ");

    let (bench, _) = load(settings(12_000));
    let right = bench.tenant().credentials().data_token;
    bench.mend("connections.yaml", &right, "some-other-token");
    let told = bench.run().expect(1);
    assert_eq!(bench.posts(), 0, "{told:?}");
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    error: campaign 125 could not be looked at: HTTP 401 with the Data Request Token (`tokens.data`)
      hint: check the tenant's name and this token; `campaigns: {status_token: action}` in the connection uses the other one
    ");
}

#[test]
fn the_token_of_each_call_can_be_chosen() {
    let mut settings = settings(12_000);
    settings.campaigns.tokens = Tokens::Swapped;
    let (bench, valid) = load(settings);
    bench.run().expect(1).says("status_token: action");
    bench.mend(
        "connections.yaml",
        "    limits:",
        "    campaigns: { add_token: data, status_token: action }\n    limits:",
    );
    bench.run().expect(0);
    assert_all_loaded(&bench, &valid);
}

#[test]
fn a_missing_token_is_told_before_any_request() {
    let (bench, _) = load(settings(12_000));
    let known = bench.tenant().credentials();
    bench.mend("connections.yaml", &format!("action: {}, ", known.action_token), "");
    let told = bench.run().expect(2);
    assert!(bench.tenant().state().campaigns[&CAMPAIGN].requests.is_empty());
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    error: the connection `acme` lacks the Action Request Token (`tokens.action`)
      hint: write it under `tokens:`; Configuration Manager, Integration, API Token shows it
    ");
}

#[test]
fn a_campaign_that_is_stopped_in_the_middle_keeps_what_was_loaded() {
    let mut settings = settings(12_000);
    settings.latency_ms.insert(Api::Campaigns, 30);
    let (bench, _) = load(settings);
    bench.write_pipeline(5);
    let child = bench.run_until_posts(4);
    bench.post(&format!("/api/tstats/campaigns/{CAMPAIGN}"), r#"{"status":"STOPPED"}"#);
    let told = Told::of(child.wait_with_output().unwrap()).expect(1);
    let truth = bench.truth();
    let summary = bench.summary();
    assert!(!truth.is_empty() && truth.len() < ROWS, "{truth:?}");
    assert_eq!(summary["loaded"], truth.len() as u64, "{summary}");
    assert_eq!(bench.results("loaded.csv").len(), truth.len());
    assert_eq!((&summary["refused"], &summary["in_doubt"]), (&0.into(), &0.into()), "{summary}");
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    400 rows read ahead, up to 400 to be sent
    error: the server answered HTTP 400: The campaign has stopped. No additional customers can be added.
      hint: a stopped or completed campaign takes no customers and cannot be started again: create a new campaign and load into that one
    ");
    // Given again it says the same, after one look.
    bench.run().expect(1).says("Manual Stopped");
    assert_eq!(bench.truth(), truth);
}

#[test]
fn try_again_later_waits_until_there_is_room() {
    let mut settings = settings(12_000);
    settings.tenant.campaigns[0].max_scheduled = Some(10);
    settings.tenant.campaigns[0].scheduled_freed_per_second = 40.0;
    let (bench, valid) = load(settings);
    let soon = vccpipe::clock::Clock::System.now() + jiff::SignedDuration::from_hours(5);
    let rows: String = valid[..60].iter().map(|one| format!("{one},{soon:.0}\n")).collect();
    bench.write("input.csv", &format!("account,callback\n{rows}"));
    bench.run().expect(0);
    assert_all_loaded(&bench, &valid[..60]);
    let summary = bench.summary();
    assert!(summary["retries"].as_u64() > Some(0), "{summary}");
    assert_eq!(summary["loaded_detail"]["added"], 60, "nothing was in doubt: {summary}");
}

#[test]
fn a_campaign_without_room_gives_up_after_a_while_and_goes_on_later() {
    let mut settings = settings(12_000);
    settings.tenant.campaigns[0].max_scheduled = Some(10);
    let (bench, valid) = load(settings);
    let soon = vccpipe::clock::Clock::System.now() + jiff::SignedDuration::from_hours(5);
    let rows: String = valid[..60].iter().map(|one| format!("{one},{soon:.0}\n")).collect();
    bench.write("input.csv", &format!("account,callback\n{rows}"));
    bench.mend("connections.yaml", "give_up_after: 20s", "give_up_after: 2s");
    let told = bench.run().expect(1);
    let summary = bench.summary();
    assert_eq!((&summary["loaded"], &summary["refused"]), (&10.into(), &0.into()), "{summary}");
    assert_eq!(summary["in_doubt"], 0, "{summary}");
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    60 rows read ahead, up to 60 to be sent
    error: the server has taken nothing for 2 s; it last said: the server answered HTTP 400: Maximum limit of scheduled customers has been reached. Please try call again later on.
      hint: give the same command again later: it goes on where it was
    ");
}

#[test]
fn a_schedule_that_the_campaign_tells_is_kept_before_anything_is_sent() {
    let mut settings = settings(12_000);
    settings.tenant.campaigns[0].schedule = Some(ScheduleWindow { from_hours: 0, to_hours: 24 });
    let (bench, valid) = load(settings);
    let hours =
        |hours| vccpipe::clock::Clock::System.now() + jiff::SignedDuration::from_hours(hours);
    let text =
        format!("account,callback\n{},{:.0}\n{},{:.0}\n", valid[0], hours(5), valid[1], hours(48));
    bench.write("input.csv", &text);
    bench.run().expect(3);
    bench.assert_books_are_true();
    insta::assert_snapshot!(bench.plain(&bench.results("rejected.csv")[0]["_reason"]), @"schedule-date-time: outside the campaign's schedule (`[moment]`, from [moment] to [moment], campaign-records-api: Customer Record)");
}

#[test]
fn a_server_that_goes_away_for_a_while_is_waited_for() {
    for kind in [FaultKind::Unavailable, FaultKind::ResetBefore, FaultKind::BadGateway] {
        let rule = FaultRule { after: 5, times: Some(40), ..fault(kind, 1.0) };
        let (bench, valid) = load_with(rule);
        bench.mend("connections.yaml", "attempts: 12", "attempts: 60");
        bench.run().expect(0);
        assert_all_loaded(&bench, &valid);
    }
}

#[test]
fn a_server_that_stays_away_ends_the_run_and_the_same_command_goes_on() {
    let rule = FaultRule { after: 5, times: Some(80), ..fault(FaultKind::Unavailable, 1.0) };
    let (bench, valid) = load_with(rule);
    bench.mend("connections.yaml", "give_up_after: 20s", "give_up_after: 1s");
    let told = bench.run().expect(1);
    let summary = bench.summary();
    assert_eq!(summary["status"], "failed");
    assert_eq!(summary["loaded"], 100, "five batches: {summary}");
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    400 rows read ahead, up to 400 to be sent
    error: the server has taken nothing for 1 s; it last said: the server answered HTTP 503: Service Unavailable
      hint: give the same command again later: it goes on where it was
    ");
    // Until the server is back the same command fails again, and loses nothing.
    let mut runs = 0;
    while bench.run().code != Some(0) {
        runs += 1;
        assert!(runs < 20, "the server is back, and the run does not end");
    }
    assert_all_loaded(&bench, &valid);
    assert_eq!(bench.summary()["loaded_detail"]["added"], ROWS as u64, "nothing was in doubt");
}

#[test]
fn a_server_that_cannot_be_reached_ends_the_run_after_a_while() {
    let (bench, _) = load(settings(12_000));
    let url = bench.tenant().base_url();
    // A port on which nobody listens.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    bench.mend("connections.yaml", &url, &format!("http://{free}"));
    bench.mend("connections.yaml", "give_up_after: 20s", "give_up_after: 1s");
    let told = bench.run().expect(1);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    error: campaign 125 could not be looked at: the request was not sent: error sending request: client error (Connect): tcp connect error: Connection refused (os error 111)
      hint: check `platform` or `base_url` of the connection, and whether this machine reaches that host
    ");
    bench.write_pipeline_with(20, ", check_campaign: false");
    let told = bench.run().expect(1);
    let summary = bench.summary();
    assert_eq!((&summary["loaded"], &summary["in_doubt"]), (&0.into(), &0.into()), "{summary}");
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] goes on
    400 rows read ahead, up to 400 to be sent
    error: the server has taken nothing for 1 s; it last said: the request was not sent: error sending request: client error (Connect): tcp connect error: Connection refused (os error 111)
      hint: give the same command again later: it goes on where it was
    ");
    bench.mend("connections.yaml", &format!("http://{free}"), &url);
}

#[test]
fn a_rate_limit_is_obeyed() {
    let mut settings = settings(12_000);
    settings.limits.insert(
        Api::Campaigns,
        LimitSettings { per_second: Some(8.0), burst: Some(4.0), ..LimitSettings::default() },
    );
    let (bench, valid) = load(settings);
    bench.run().expect(0);
    assert_all_loaded(&bench, &valid);
    let state = bench.tenant().state();
    let api = &state.apis[&Api::Campaigns];
    // It asks how fast it may be: each wait ends with a refusal or two, and most are served.
    assert!(
        api.limited * 2 < api.requests,
        "{} of {} requests were refused",
        api.limited,
        api.requests
    );
}

#[test]
fn a_connection_that_knows_the_rate_limit_is_never_refused() {
    let mut settings = settings(12_000);
    settings.limits.insert(
        Api::Campaigns,
        LimitSettings { per_second: Some(20.0), burst: Some(4.0), ..LimitSettings::default() },
    );
    let (bench, valid) = load(settings);
    bench.mend("connections.yaml", "per_second: unlimited", "per_second: 19, burst: 2");
    bench.run().expect(0);
    assert_all_loaded(&bench, &valid);
    assert_eq!(bench.tenant().state().apis[&Api::Campaigns].limited, 0);
}

#[test]
fn no_more_requests_are_on_their_way_than_the_connection_allows() {
    let mut settings = settings(12_000);
    settings.latency_ms.insert(Api::Campaigns, 20);
    let (bench, valid) = load(settings);
    bench.write_pipeline(5);
    bench.mend("connections.yaml", "concurrency: 4", "concurrency: 3");
    bench.run().expect(0);
    assert_all_loaded(&bench, &valid);
    let most = bench.tenant().state().campaigns[&CAMPAIGN].max_concurrent_posts;
    assert_eq!(most, 3);
}

#[test]
fn tokens_never_appear_in_any_file_or_output() {
    let mut settings = settings(12_000);
    settings.faults = vec![fault(FaultKind::ResetAfter, 0.2), fault(FaultKind::Unavailable, 0.2)];
    let (bench, valid) = load(settings);
    bench.append("input.csv", "abc,\n99999999,\n");
    let known = bench.tenant().credentials();
    let told = bench.vccpipe(&["run", "pipeline.yaml", "-vv", "--log-format", "json"]).expect(3);
    assert_all_loaded(&bench, &valid);
    let auth = base64(&format!("{}:{}", known.tenant, known.action_token));
    let mut texts = vec![("output".into(), (told.stdout + &told.stderr).into_bytes())];
    read_all(&bench.path(".vccpipe"), &mut texts);
    assert!(texts.len() > 6, "the files of the run were not found");
    for (name, text) in texts {
        for secret in [known.action_token.as_str(), known.data_token.as_str(), auth.as_str()] {
            let found = text.windows(secret.len()).any(|piece| piece == secret.as_bytes());
            assert!(!found, "a token stands in {name}");
        }
    }
}

fn read_all(folder: &std::path::Path, texts: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => read_all(&path, texts),
            false => texts.push((path.display().to_string(), fs::read(&path).unwrap())),
        }
    }
}

#[test]
fn a_503_that_was_processed_is_no_refusal_where_the_pipeline_says_so() {
    let processed = FaultRule { processed: true, ..fault(FaultKind::Unavailable, 0.4) };
    let (bench, valid) = load_with(processed);
    bench.write_pipeline_with(20, ", unavailable_means: in_doubt");
    bench.run().expect(0);
    assert_all_loaded(&bench, &valid);
    let confirmed = bench.summary()["loaded_detail"]["confirmed_on_resume"].as_u64().unwrap();
    assert!(confirmed > 0, "{}", bench.summary());
}
