//! The state machine of campaigns (field-notes.md, "Campaign records").

/// The status of a campaign by the number that the status answer gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Status(u8);

/// What a campaign can do, whoever started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    New,
    Running,
    Paused,
    Purged,
    /// Also Completed; final.
    Stopped,
}

/// Number, name and phase of each status.
const STATUSES: [(u8, &str, Phase); 12] = [
    (0, "New", Phase::New),
    (1, "Manual Started", Phase::Running),
    (2, "Scheduled", Phase::New),
    (3, "Manual Running", Phase::Running),
    (4, "Schedule Running", Phase::Running),
    (5, "Manual Stopped", Phase::Stopped),
    (6, "Completed", Phase::Stopped),
    (7, "Schedule Stopped", Phase::Stopped),
    (8, "Manual Paused", Phase::Paused),
    (9, "Schedule Paused", Phase::Paused),
    (10, "Manual Purged", Phase::Purged),
    (11, "Schedule Purged", Phase::Purged),
];

impl Status {
    /// The status with this number.
    pub(crate) fn numbered(number: u8) -> Option<Status> {
        STATUSES.iter().any(|(known, ..)| *known == number).then_some(Status(number))
    }

    pub(crate) fn number(self) -> u8 {
        self.0
    }

    pub(crate) fn phase(self) -> Phase {
        STATUSES[usize::from(self.0)].2
    }

    /// The status after a change to a phase, if there is such a change. A campaign that runs by
    /// schedule goes on so; a new one begins by schedule if it has one.
    pub(crate) fn changed_to(self, phase: Phase, has_schedule: bool) -> Option<Status> {
        use Phase::{New, Paused, Purged, Running, Stopped};
        let allowed = matches!(
            (self.phase(), phase),
            (New, Running)
                | (Running, Paused | Stopped)
                | (Paused, Running | Purged | Stopped)
                | (Purged, Running | Stopped)
        );
        let by_schedule = match self.phase() {
            New => has_schedule || self.0 == 2,
            _ => matches!(self.0, 4 | 9 | 11),
        };
        allowed.then_some(Status(match (phase, by_schedule) {
            (New, _) => 0,
            (Running, false) => 3,
            (Running, true) => 4,
            (Paused, false) => 8,
            (Paused, true) => 9,
            (Purged, false) => 10,
            (Purged, true) => 11,
            (Stopped, false) => 5,
            (Stopped, true) => 7,
        }))
    }
}

impl Phase {
    /// The phase that a request to change the status names.
    pub(crate) fn named(name: &str) -> Option<Phase> {
        Some(match name {
            "RUNNING" => Phase::Running,
            "PAUSED" => Phase::Paused,
            "PURGED" => Phase::Purged,
            "STOPPED" => Phase::Stopped,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_places_in_the_table() {
        for (place, (number, ..)) in STATUSES.iter().enumerate() {
            assert_eq!(usize::from(*number), place);
        }
        assert_eq!(Status::numbered(12), None);
    }

    #[test]
    fn only_the_documented_changes_are_made() {
        let names = ["RUNNING", "PAUSED", "PURGED", "STOPPED"];
        for (from, allowed) in [
            (0, [Some(3), None, None, None]),
            (1, [None, Some(8), None, Some(5)]),
            (2, [Some(4), None, None, None]),
            (3, [None, Some(8), None, Some(5)]),
            (4, [None, Some(9), None, Some(7)]),
            (5, [None; 4]),
            (6, [None; 4]),
            (7, [None; 4]),
            (8, [Some(3), None, Some(10), Some(5)]),
            (9, [Some(4), None, Some(11), Some(7)]),
            (10, [Some(3), None, None, Some(5)]),
            (11, [Some(4), None, None, Some(7)]),
        ] {
            let from = Status::numbered(from).unwrap();
            let changed = names.map(|name| {
                from.changed_to(Phase::named(name).unwrap(), false).map(Status::number)
            });
            assert_eq!(changed, allowed, "from {from:?}");
        }
        assert_eq!(Status(0).changed_to(Phase::Running, true), Some(Status(4)));
    }
}
