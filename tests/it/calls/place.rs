//! Placing calls: what is sent, what is refused, and what is never done twice.

use serde_json::json;
use vccpipe_simulator::{CallIdKey, CallsSettings, Settings};

use super::{
    BOB, JOHN, PLACE, assert_rang_once, bench, calls, column, endless, fault, lasting, number,
    rang, rings, write_load,
};
use crate::bench::Bench;

#[test]
fn each_row_rings_one_phone_with_all_that_it_says() {
    let bench = bench(endless(), PLACE);
    bench.write(
        "input.csv",
        "agentId,prefix,number,callerId,queueId,dialplanId,forceCall,extTransactionData.Name,\
         extTransactionData.Loyalty Level,ctlUserData.AccountRef\n\
         ag0VYyLh0YTsymdbtYIaaaa,1,6175551984,12015551212,598,12,TRUE,\"Bilbo \"\"B\"\" O'Bäggins\",Gold,BB1\n\
         ag1KdRw8QPqLxTnVzcMbbbb,,16175551985,,,,,,,\n",
    );
    bench.run().expect(0);
    let rings = rings(&bench);
    let (first, second) = (&rings[0], &rings[1]);
    let printed = json!({
        "agentId": BOB, "prefix": "1", "number": "6175551984", "callerId": "12015551212",
        "queueId": "598", "dialplanId": "12", "forceCall": true,
        "extTransactionData": [
            { "name": "Name", "value": "Bilbo \"B\" O'Bäggins" },
            { "name": "Loyalty Level", "value": "Gold" }
        ],
        "ctlUserData": [{ "name": "AccountRef", "value": "BB1" }]
    });
    let told = |ring: &serde_json::Value| {
        let fields = ring.as_object().unwrap().iter();
        let own = fields.filter(|(key, _)| !key.starts_with('_') && *key != "interactionGuid");
        serde_json::Value::Object(own.map(|(key, value)| (key.clone(), value.clone())).collect())
    };
    assert_eq!(told(first), printed);
    let plain = json!({ "agentId": JOHN, "prefix": "", "number": "16175551985", "callerId": "" });
    assert_eq!(told(second), plain);
    assert_eq!(second["_dialed"], "+16175551985");
    let loaded = bench.results("loaded.csv");
    assert_eq!(loaded[0]["interactionId"], first["interactionGuid"].as_str().unwrap());
    assert_eq!((loaded[0]["agentId"].as_str(), loaded[0]["number"].as_str()), (BOB, "6175551984"));
    assert_eq!((loaded[0]["_done"].as_str(), loaded[1]["_line"].as_str()), ("added", "3"));
    assert_eq!(loaded[0]["ctlUserData.AccountRef"], "BB1", "the input's own columns");
    assert_rang_once(&bench);
}

#[test]
fn place_without_confirmation_is_told_at_check_and_rings_nowhere() {
    let bench = bench(endless(), "action: place");
    bench.write("input.csv", &calls(2));
    let told = bench.vccpipe(&["check", "pipeline.yaml"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    pipeline.yaml:7:20
      × `place` needs `confirm_place: true` beside it
       ╭────
     6 │ load:
     7 │   calls: { action: place }
       ·                    ─────
       ╰────
      help: each row rings a phone, and nobody can take that back; `vccpipe run --dry-run` rings none
    ");
    bench.run().expect(2).says("confirm_place: true");
    assert_eq!(rang(&bench).len(), 0);
    for other in ["end", "hang_up", "free_lines", "free_line", "set_transaction_codes"] {
        write_load(&bench, &format!("action: {other}"));
        let told = bench.vccpipe(&["check", "pipeline.yaml"]);
        assert!(!told.stderr.contains("confirm_place"), "{other}: {}", told.stderr);
    }
}

#[test]
fn columns_and_values_that_no_call_has_are_told_before_a_phone_rings() {
    let bench = bench(endless(), PLACE);
    bench.write("input.csv", "agent_id,phone,extTransationData.Name\nx,1,y\n");
    let told = bench.run().expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    pipeline.yaml:7:20
      × the load target has no column `agent_id`
       ╭────
     6 │ load:
     7 │   calls: { action: place, confirm_place: true }
       ·                    ─────
       ╰────
      help: did you mean `agentId`?

    pipeline.yaml:7:20
      × the load target has no column `phone`
       ╭────
     6 │ load:
     7 │   calls: { action: place, confirm_place: true }
       ·                    ─────
       ╰────
      help: leave it out of the last `map`

    pipeline.yaml:7:20
      × the load target has no column `extTransationData.Name`
       ╭────
     6 │ load:
     7 │   calls: { action: place, confirm_place: true }
       ·                    ─────
       ╰────
      help: did you mean `extTransactionData.NAME`?

    pipeline.yaml:7:20
      × the load target demands a column `agentId`
       ╭────
     6 │ load:
     7 │   calls: { action: place, confirm_place: true }
       ·                    ─────
       ╰────
      help: add `agentId: ...` to the last `map`

    pipeline.yaml:7:20
      × the load target demands a column `number`
       ╭────
     6 │ load:
     7 │   calls: { action: place, confirm_place: true }
       ·                    ─────
       ╰────
      help: add `number: ...` to the last `map`
    ");
    bench.write(
        "input.csv",
        &format!("agentId,number,forceCall\n,1,\n{BOB},none,\n{BOB},1,maybe\n"),
    );
    bench.run().expect(3);
    insta::assert_snapshot!(column(&bench, "rejected.csv", "_reason").join("\n"), @r"
    agentId: missing (mandatory, phone-calls-api: Place Call For Agent)
    number: no digit in it (`none`, a number to dial, phone-calls-api: Place Call For Agent)
    forceCall: not allowed (`maybe`, true or false, phone-calls-api: Place Call For Agent)
    ");
    assert_eq!(rang(&bench).len(), 0);
}

#[test]
fn a_busy_agent_is_refused_with_the_servers_reason_and_nobody_else_waits() {
    let bench = bench(lasting(), &format!("{PLACE}, busy_agent: refuse"));
    let row = |agent: &str, row: usize| format!("{agent},{},598\n", number(row));
    let rows = row(BOB, 1) + &row(BOB, 2) + &row(JOHN, 3) + &row("agNobody", 4);
    bench.write("input.csv", &format!("agentId,number,queueId\n{rows}"));
    bench.run().expect(3);
    assert_eq!(rang(&bench), [number(1), number(3)]);
    assert_eq!(column(&bench, "refused.csv", "number"), [number(2), number(4)]);
    assert_eq!(column(&bench, "refused.csv", "_status"), ["400", "400"]);
    let messages = column(&bench, "refused.csv", "_message");
    assert_eq!(
        messages[0],
        format!(
            "Agent=[{BOB}] not available to handle interaction, already on busy phone interaction"
        )
    );
    assert_rang_once(&bench);
    let state = bench.tenant().state();
    assert_eq!(state.calls.requests["place 400"], 2, "each is asked once");
    assert_eq!(state.apis[&vccpipe_simulator::Api::Calls].max_concurrent, 1, "one at a time");
}

#[test]
fn a_busy_agent_is_waited_for_where_the_pipeline_says_so() {
    let settings = Settings {
        calls: CallsSettings {
            lasts_ms: Some(150),
            post_processing_ms: Some(0),
            ..CallsSettings::default()
        },
        ..endless()
    };
    let bench = bench(settings, &format!("{PLACE}, busy_agent: wait"));
    let rows: String = (1..=3).map(|row| format!("{BOB},{},598\n", number(row))).collect();
    bench.write("input.csv", &format!("agentId,number,queueId\n{rows}"));
    bench.run().expect(0);
    assert_eq!(rang(&bench).len(), 3);
    assert!(bench.tenant().state().calls.requests["place 400"] > 0, "nobody was busy");
    assert_rang_once(&bench);
}

#[test]
fn an_input_that_was_placed_is_not_placed_again() {
    let bench = bench(endless(), PLACE);
    bench.write("input.csv", &calls(3));
    bench.run().expect(0);
    bench.run().expect(0).says("nothing is sent");
    assert_eq!(rang(&bench).len(), 3);
    bench.append("input.csv", &format!("{BOB},1,{}\n", number(4)));
    bench.run().expect(0);
    assert_eq!(rang(&bench), [1, 2, 3, 4].map(number));
    assert_rang_once_in_all(&bench);
}

fn assert_rang_once_in_all(bench: &Bench) {
    assert_eq!(bench.tenant().state().calls.doubles, 0);
}

#[test]
fn a_file_that_was_mended_places_only_what_was_not_placed() {
    let lost = fault(json!({ "kind": "reset_after", "every": 2, "times": 1 }));
    let bench = bench(Settings { faults: vec![lost], ..endless() }, PLACE);
    let calls = calls(4).replace(&number(3), "none");
    bench.write("input.csv", &calls);
    bench.run().expect(4);
    assert_eq!(rang(&bench), [1, 2, 4].map(number));
    // The second is in doubt, the third was rejected, the fourth gets another agent.
    let mended = calls.replace("none", &number(3));
    let mended =
        mended.replace(&format!("{BOB},1,{}", number(4)), &format!("{JOHN},1,{}", number(4)));
    bench.write("input.csv", &mended);
    bench.run().expect(3);
    assert_eq!(rang(&bench), [1, 2, 4, 3].map(number));
    assert_eq!(column(&bench, "rejected.csv", "number"), [1, 2, 4].map(number));
    let reasons = bench.plain(&column(&bench, "rejected.csv", "_reason").join("\n"));
    insta::assert_snapshot!(reasons, @r"
    the same call was placed, or is in doubt, since run [run]; `--again` places it once more
    the same call was placed, or is in doubt, since run [run]; `--again` places it once more
    the same call was placed, or is in doubt, since run [run]; `--again` places it once more
    ");
    assert_rang_once_in_all(&bench);
    // Who wants it says so.
    bench.vccpipe(&["run", "pipeline.yaml", "--again"]).expect(0);
    assert_eq!(rang(&bench).len(), 8);
}

#[test]
fn a_refused_call_is_no_placed_one() {
    let bench = bench(lasting(), PLACE);
    let rows = |agent: &str| format!("agentId,number\n{BOB},1\n{agent},2\n");
    bench.write("input.csv", &rows("ag4GbFs9VRtYxJpQnlTeeee"));
    bench.run().expect(3);
    assert_eq!(rang(&bench), ["1"]);
    bench.write("input.csv", &rows(JOHN));
    bench.run().expect(3);
    assert_eq!(rang(&bench), ["1", "2"]);
}

#[test]
fn a_number_that_stands_there_twice_rings_once_unless_the_pipeline_allows_it() {
    let rows = format!("agentId,prefix,number\n{BOB},1,6175550100\n{JOHN},,+1 (617) 555-0100\n");
    let bench = bench(endless(), PLACE);
    bench.write("input.csv", &rows);
    bench.run().expect(3);
    assert_eq!(rang(&bench), ["6175550100"]);
    insta::assert_snapshot!(column(&bench, "rejected.csv", "_reason").join("\n"), @"number: given twice in the input (`16175550100`, first on line 2)");
    let bench = super::bench(endless(), &format!("{PLACE}, allow_repeats: true"));
    bench.write("input.csv", &rows);
    bench.run().expect(0);
    assert_eq!(rang(&bench).len(), 2);
}

#[test]
fn a_run_that_has_placed_calls_is_not_begun_anew_in_passing() {
    let bench = bench(endless(), PLACE);
    bench.write("input.csv", &calls(5));
    let crashed = bench
        .command(&["run", "pipeline.yaml"])
        .env("VCCPIPE_FAILPOINT", "leaving-is-durable:3")
        .output()
        .unwrap();
    assert!(crashed.status.code().is_none(), "{crashed:?}");
    let told = bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    error: the unfinished run [run] of `test-load` has placed calls: `--fresh` would place them again
      hint: give the same command without `--fresh`: it goes on where it was; if all phones shall ring again, add `--again`
    ");
    bench.run().expect(4);
    // The third may have left; the program that crashed knows no more.
    assert_eq!(column(&bench, "in_doubt.csv", "number"), [number(3)]);
    assert_eq!(rang(&bench), [1, 2, 4, 5].map(number));
    assert_rang_once(&bench);
}

#[test]
fn a_wrong_token_stops_after_one_request_and_the_run_goes_on_later() {
    let bench = bench(endless(), PLACE);
    bench.write("input.csv", &calls(4));
    bench.mend("connections.yaml", "    limits:\n", "    calls: { token: data }\n    limits:\n");
    let told = bench.run().expect(1);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    4 rows read ahead, up to 4 to be sent
    error: the server answered HTTP 403: Forbidden (sent with the Data Request Token (`tokens.data`))
      hint: check the tenant's name and this token against Configuration Manager, Integration, API Token; `calls: {token: ..}` in the connection chooses between `action` and `data`
    ");
    assert_eq!(bench.tenant().state().calls.requests.values().sum::<u64>(), 1);
    bench.mend(
        "connections.yaml",
        "calls: { token: data }",
        "calls: { token: action, version: 1 }",
    );
    bench.run().expect(0);
    assert_eq!(rang(&bench), [1, 2, 3, 4].map(number));
    assert_rang_once(&bench);
}

#[test]
fn the_id_is_read_under_its_other_name() {
    let calls_settings = CallsSettings { call_id_key: CallIdKey::Id, ..endless().calls };
    let bench = bench(Settings { calls: calls_settings, ..endless() }, PLACE);
    bench.write("input.csv", &calls(1));
    bench.run().expect(0);
    let ids: Vec<_> = rings(&bench).iter().map(|ring| ring["interactionGuid"].clone()).collect();
    assert_eq!(column(&bench, "loaded.csv", "interactionId"), [ids[0].as_str().unwrap()]);
}

#[test]
fn a_429_was_turned_away_and_a_503_may_have_rung() {
    let throttled = fault(json!({ "kind": "throttled", "every": 2 }));
    let bench = bench(Settings { faults: vec![throttled], ..endless() }, PLACE);
    bench.write("input.csv", &calls(6));
    bench.run().expect(0);
    assert_eq!(rang(&bench).len(), 6);
    assert_rang_once(&bench);

    let unavailable = || fault(json!({ "kind": "unavailable", "every": 3, "processed": true }));
    let bench = super::bench(Settings { faults: vec![unavailable()], ..endless() }, PLACE);
    bench.write("input.csv", &calls(6));
    bench.run().expect(4);
    assert_eq!(column(&bench, "in_doubt.csv", "number"), [3, 6].map(number));
    assert_eq!(rang(&bench), (1..=6).map(number).collect::<Vec<_>>());
    assert_rang_once(&bench);

    let turned_away = fault(json!({ "kind": "unavailable", "every": 3 }));
    let load = format!("{PLACE}, unavailable_means: not_applied");
    let bench = super::bench(Settings { faults: vec![turned_away], ..endless() }, &load);
    bench.write("input.csv", &calls(6));
    bench.run().expect(0);
    assert_eq!(rang(&bench).len(), 6);
    assert_rang_once(&bench);
}

#[test]
fn refusals_are_told_whatever_their_body_is() {
    for body in ["empty", "html"] {
        let settings = serde_json::from_value(json!({ "refusal_body": body })).unwrap();
        let bench = bench(Settings { calls: settings, ..lasting() }, PLACE);
        bench.write("input.csv", &format!("agentId,number\nagNobody,{}\n", number(1)));
        bench.run().expect(3);
        let messages = column(&bench, "refused.csv", "_message");
        match body {
            "empty" => assert_eq!(messages, ["HTTP 400"]),
            _ => assert!(messages[0].contains("begins with `<"), "{messages:?}"),
        }
        assert_rang_once(&bench);
    }
}

#[test]
fn too_many_refusals_stop_the_run() {
    let bench = bench(endless(), &format!("{PLACE}, max_refused: 1"));
    let rows: String = (1..=9).map(|row| format!("agNobody,{}\n", number(row))).collect();
    bench.write("input.csv", &format!("agentId,number\n{rows}"));
    bench.run().expect(1).says("2 records were refused, and `max_refused` is 1");
    assert_eq!(bench.tenant().state().calls.rings, 0);
}

#[test]
fn too_many_rejected_rows_stop_the_run() {
    let bench = bench(endless(), &format!("{PLACE}, max_rejected: 1"));
    bench.write("input.csv", &format!("agentId,number\n{BOB},none\n{BOB},\n"));
    bench.run().expect(1).says("2 records were rejected, and `max_rejected` is 1");
    assert_eq!(bench.tenant().state().calls.rings, 0);
}

#[test]
fn so_many_calls_as_burst_says_are_placed_at_once() {
    let bench = bench(endless(), PLACE);
    // Minutes between two calls, but for the burst.
    bench.mend(
        "connections.yaml",
        "calls: { per_second: unlimited }",
        "calls: { per_second: 0.01, burst: 3, concurrency: 1 }",
    );
    bench.write("input.csv", &calls(3));
    let started = std::time::Instant::now();
    bench.run().expect(0);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    assert_rang_once(&bench);
}
