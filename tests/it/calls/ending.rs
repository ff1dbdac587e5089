//! Codes set, calls ended, lines freed.

use serde_json::json;
use vccpipe_simulator::Settings;

use super::{BOB, JOHN, bench, column, fault, lasting, placed, rings};

#[test]
fn codes_of_several_lists_are_set_and_wrong_ones_are_refused_with_the_servers_reason() {
    let bench = bench(lasting(), "action: set_transaction_codes");
    let (first, second) = (placed(&bench, BOB, "1"), placed(&bench, JOHN, "2"));
    bench.write(
        "input.csv",
        &format!(
            "interactionId,agentId,codes\n{first},{BOB},12:234; 2281:7361;2281:7362\n\
             {second},{JOHN},12:234;12:235\n{first},{JOHN},12:234\n{second},{BOB},12:9\n\
             {first},{BOB},12:235\n{second},ag2TnXc5HJfWyBgKmsRcccc,12\n"
        ),
    );
    bench.run().expect(3);
    let expected = json!([
        { "id": 12, "codes": [{ "id": 234 }] },
        { "id": 2281, "codes": [{ "id": 7361 }, { "id": 7362 }] }
    ]);
    assert_eq!(rings(&bench)[0]["_codes"], expected);
    assert_eq!(rings(&bench)[1]["_codes"], json!([]));
    assert_eq!(bench.summary()["loaded_detail"]["modified"], 1);
    let loaded = bench.results("loaded.csv");
    assert_eq!((&loaded[0]["interactionId"], &loaded[0]["agentId"]), (&first, &BOB.to_owned()));
    let told = [
        column(&bench, "refused.csv", "_message").join("\n"),
        column(&bench, "rejected.csv", "_reason").join("\n"),
    ]
    .join("\n")
    .replace(&first, "[first]")
    .replace(&second, "[second]");
    insta::assert_snapshot!(told, @r"
    Invalid transaction codes, lists=[12] are not supporting multiple choice
    Interaction [[first]] for agent [ag1KdRw8QPqLxTnVzcMbbbb] was not found
    Interaction [[second]] for agent [ag0VYyLh0YTsymdbtYIaaaa] was not found
    interactionId, agentId: given twice in the input (`[first], ag0VYyLh0YTsymdbtYIaaaa`, first on line 2)
    codes: `12` is not two numbers with `:` between them (`12`, listId:itemId;listId:itemId, phone-calls-api: Set Transaction Codes)
    ");
}

#[test]
fn codes_whose_answer_was_lost_are_set_again() {
    for kind in ["reset_after", "timeout_after", "truncated", "error", "unavailable"] {
        let lost = fault(json!({ "kind": kind, "method": "PUT", "times": 1, "processed": true }));
        let settings = Settings { faults: vec![lost], ..lasting() };
        let bench = bench(settings, "action: set_transaction_codes");
        let call = placed(&bench, BOB, "1");
        bench.write("input.csv", &format!("interactionId,agentId,codes\n{call},{BOB},12:234\n"));
        bench.run().expect(0);
        assert_eq!(bench.tenant().state().calls.codes_set, 2, "{kind}");
        assert_eq!(bench.summary()["loaded_detail"]["modified"], 1);
    }
}

#[test]
fn a_call_is_ended_and_one_that_has_ended_already_is_told_apart() {
    let bench = bench(lasting(), "action: end");
    let (first, second) = (placed(&bench, BOB, "1"), placed(&bench, JOHN, "2"));
    bench.write(
        "input.csv",
        &format!(
            "interactionId,endPostProcessing\n{first},true\n{second},\n{first},true\nint-unknown,\n"
        ),
    );
    bench.run().expect(3);
    let states: Vec<_> = rings(&bench).iter().map(|ring| ring["_state"].clone()).collect();
    assert_eq!(states, ["ended", "post_processing"]);
    let detail = &bench.summary()["loaded_detail"];
    assert_eq!((&detail["removed"], &detail["unchanged"]), (&json!(2), &json!(1)), "{detail}");
    assert_eq!(column(&bench, "loaded.csv", "_done"), ["removed", "removed", "unchanged"]);
    assert_eq!(column(&bench, "refused.csv", "interactionId"), ["int-unknown"]);
    // Nothing is added by it, so that it may be run again.
    bench.run().expect(3);
    assert_eq!(column(&bench, "loaded.csv", "_done"), ["unchanged"; 3]);
}

#[test]
fn an_end_whose_answer_was_lost_is_confirmed_by_the_second() {
    let cases = [
        ("end", "interactionId", 0),
        ("hang_up", "interactionId,agentId", 1),
        ("free_lines", "agentId", 2),
        ("free_line", "agentId,lineNo", 3),
    ];
    for nothing in ["gone", "bad_request"] {
        for (action, header, which) in cases {
            let lost = fault(json!({ "kind": "reset_after", "method": "DELETE", "times": 1 }));
            let calls = serde_json::from_value(json!({ "nothing_to_free": nothing })).unwrap();
            let settings = Settings { faults: vec![lost], calls, ..lasting() };
            let bench = bench(settings, &format!("action: {action}"));
            let call = placed(&bench, BOB, "1");
            let row = [call.clone(), format!("{call},{BOB}"), BOB.into(), format!("{BOB},1")];
            bench.write("input.csv", &format!("{header}\n{}\n", row[which]));
            bench.run().expect(0);
            let summary = bench.summary();
            assert_eq!(summary["loaded_detail"]["confirmed_on_resume"], 1, "{action}: {summary}");
            assert_eq!(summary["requests"], 2, "{action}: {summary}");
            assert_ne!(rings(&bench)[0]["_state"], "in_progress", "{action}");
        }
    }
}

#[test]
fn hang_ups_and_freed_lines_end_what_they_name_and_nothing_else() {
    for (action, header, row) in [
        ("hang_up", "interactionId,agentId", "[call],[agent]"),
        ("free_lines", "agentId", "[agent]"),
        ("free_line", "agentId,lineNo", "[agent],1"),
    ] {
        let bench = bench(lasting(), &format!("action: {action}"));
        let (call, _) = (placed(&bench, BOB, "1"), placed(&bench, JOHN, "2"));
        let row = row.replace("[call]", &call).replace("[agent]", BOB);
        bench.write("input.csv", &format!("{header}\n{row}\n"));
        bench.run().expect(0);
        let rings = rings(&bench);
        assert_ne!(rings[0]["_state"], "in_progress", "{action}");
        assert_eq!(rings[1]["_state"], "in_progress", "{action}");
        assert_eq!(rings[0]["_done"][0]["action"], action);
        assert_eq!(bench.summary()["loaded_detail"]["removed"], 1, "{action}");
    }
    let bench = bench(lasting(), "action: free_line");
    bench.write("input.csv", &format!("agentId,lineNo\n{BOB},3\n{BOB},2\n"));
    bench.run().expect(3);
    insta::assert_snapshot!(column(&bench, "rejected.csv", "_reason").join("\n"), @"lineNo: not allowed (`3`, 1 or 2, phone-calls-api: Free specific agent line)");
    // 410: nothing is on that line, which is what was wanted.
    assert_eq!(column(&bench, "loaded.csv", "_done"), ["unchanged"]);
}
