//! The six requests that there are.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{
    answer, authorize,
    change::Change,
    messages::{Done, Refusal},
    request, require_json,
    switchboard::Switchboard,
};
use crate::shared::Shared;

/// `POST .../calls`
pub(super) async fn place(
    State(shared): State<Arc<Shared>>,
    Path((version, tenant)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let placed = || {
        authorize(&shared, &version, &tenant, &headers)?;
        require_json(&headers)?;
        let (wanted, received) = request::wanted(&body, &shared.settings.calls)?;
        let mut board = shared.switchboard();
        let placed = board.judge(&wanted, received, shared.clock.now())?;
        let guid = placed.guid.clone();
        keep(&shared, &mut board, vec![Change::Rang(placed)])?;
        Ok(Done::Placed { guid })
    };
    answer(&shared, placed())
}

/// `PUT .../calls/{interaction}/agent/{agent}/transaction-codes`
pub(super) async fn set_transaction_codes(
    State(shared): State<Arc<Shared>>,
    Path((version, tenant, guid, agent)): Path<(String, String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let set = || {
        authorize(&shared, &version, &tenant, &headers)?;
        require_json(&headers)?;
        let selections = request::selections(&body, &shared.settings.calls)?;
        let mut board = shared.switchboard();
        let change = board.judge_codes(&guid, &agent, selections, shared.clock.now())?;
        keep(&shared, &mut board, vec![change])?;
        Ok(Done::CodesSet)
    };
    answer(&shared, set())
}

/// `DELETE .../calls/{interaction}`
pub(super) async fn end(
    State(shared): State<Arc<Shared>>,
    Path((version, tenant, guid)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let ended = || {
        authorize(&shared, &version, &tenant, &headers)?;
        let settings = &shared.settings.calls;
        let post_processing_too = request::ends_post_processing(query.as_deref(), settings)?;
        let mut board = shared.switchboard();
        let change = board.judge_end(&guid, post_processing_too, shared.clock.now())?;
        keep(&shared, &mut board, vec![change])?;
        Ok(Done::Ended { guid })
    };
    answer(&shared, ended())
}

/// `DELETE .../calls/{interaction}/agent/{agent}`
pub(super) async fn hang_up(
    State(shared): State<Arc<Shared>>,
    Path((version, tenant, guid, agent)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let hung_up = || {
        authorize(&shared, &version, &tenant, &headers)?;
        let mut board = shared.switchboard();
        let change = board.judge_hang_up(&guid, &agent, shared.clock.now())?;
        keep(&shared, &mut board, vec![change])?;
        Ok(Done::HungUp { agent: board.long_name(&agent), guid })
    };
    answer(&shared, hung_up())
}

/// `DELETE .../agents/{agent}/calls`
pub(super) async fn free_lines(
    State(shared): State<Arc<Shared>>,
    Path((version, tenant, agent)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let freed = || {
        authorize(&shared, &version, &tenant, &headers)?;
        let mut board = shared.switchboard();
        let freed = board.judge_free(&agent, None, shared.clock.now())?;
        keep(&shared, &mut board, freed.into_iter().map(|(_, change)| change).collect())?;
        Ok(Done::LinesFreed { agent: board.long_name(&agent) })
    };
    answer(&shared, freed())
}

/// `DELETE .../agents/{agent}/calls/line/{line}`
pub(super) async fn free_line(
    State(shared): State<Arc<Shared>>,
    Path((version, tenant, agent, line)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let freed = || {
        authorize(&shared, &version, &tenant, &headers)?;
        let line = match line.as_str() {
            "1" => 1,
            "2" => 2,
            _ => return Err(Refusal::UnknownLine { line }),
        };
        let mut board = shared.switchboard();
        let freed = board.judge_free(&agent, Some(line), shared.clock.now())?;
        let guid = freed.last().map(|(guid, _)| guid.clone()).unwrap_or_default();
        keep(&shared, &mut board, freed.into_iter().map(|(_, change)| change).collect())?;
        Ok(Done::LineFreed { agent: board.long_name(&agent), line, guid })
    };
    answer(&shared, freed())
}

/// Keeps changes, and then makes them.
fn keep(shared: &Shared, board: &mut Switchboard, changes: Vec<Change>) -> Result<(), Refusal> {
    shared.keep_calls(board, &changes).map_err(|_| Refusal::Internal)?;
    for change in changes {
        board.carry_out(change);
    }
    Ok(())
}
