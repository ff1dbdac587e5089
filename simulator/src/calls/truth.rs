//! The ground truth of calls: each ring that there was.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    change::What,
    ring::{Phase, Ring},
    switchboard::Switchboard,
};

/// The rings from the n-th on, at most so many, each as a line of JSON; and the place to go on
/// at, if there are more.
pub(crate) fn lines(
    board: &Switchboard,
    from: usize,
    most: usize,
    now: Timestamp,
) -> (String, Option<usize>) {
    let mut rings = board.rings(from, now);
    let mut out = String::new();
    for (ring, phase, rang) in rings.by_ref().take(most) {
        out.push_str(&line(ring, phase, rang).to_string());
        out.push('\n');
    }
    (out, rings.next().map(|_| from + most))
}

/// The fields as they were received, and what no reply tells.
fn line(ring: &Ring, phase: Phase, rang: u64) -> Value {
    let placed = &ring.placed;
    let mut line: Map<String, Value> = placed.received.clone();
    for (key, value) in [
        ("interactionGuid", json!(placed.guid)),
        ("_at", json!(placed.at)),
        ("_line", json!(placed.line)),
        ("_dialed", json!(placed.dialed)),
        ("_presented", json!(placed.presented)),
        ("_times_rang", json!(rang)),
        ("_state", json!(name(phase))),
        ("_codes", json!(ring.codes)),
        ("_done", ring.deeds.iter().map(|deed| done(&deed.what, deed.at)).collect()),
    ] {
        line.insert(key.into(), value);
    }
    Value::Object(line)
}

fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::InProgress => "in_progress",
        Phase::PostProcessing => "post_processing",
        Phase::Ended => "ended",
    }
}

fn done(what: &What, at: Timestamp) -> Value {
    match what {
        What::SetTransactionCodes(selections) => {
            json!({ "at": at, "action": "set_transaction_codes", "selections": selections })
        }
        What::End { post_processing_too } => {
            json!({ "at": at, "action": "end", "endPostProcessing": post_processing_too })
        }
        What::HangUp => json!({ "at": at, "action": "hang_up" }),
        What::FreeLines => json!({ "at": at, "action": "free_lines" }),
        What::FreeLine(line) => json!({ "at": at, "action": "free_line", "lineNo": line }),
    }
}
