//! From a clock on the wall to UTC, looking the zone's transitions up once per stretch of time
//! and not once per row.

use jiff::{
    Timestamp,
    tz::{AmbiguousOffset, TimeZone},
};

use datafusion::common::Result as EngineResult;

use super::{Text, failure, local_time::LocalTime};
use crate::transform::names::nearest;

/// Stretches kept: of two years' rows, summer and winter each.
const KEPT: usize = 4;

/// A zone, and the stretches of it that were looked up.
pub(super) struct Zone {
    zone: TimeZone,
    name: String,
    stretches: Vec<Stretch>,
    oldest: usize,
}

/// A time during which the offset is the same and no clock reads the same twice.
#[derive(Clone, Copy)]
struct Stretch {
    /// Seconds of the wall clock, the end not within.
    from: i64,
    to: i64,
    offset: i64,
}

impl Zone {
    /// The zone of this IANA name.
    pub fn named(name: &str) -> Result<Self, String> {
        match TimeZone::get(name) {
            Ok(zone) => Ok(Zone {
                zone,
                name: name.to_owned(),
                stretches: Vec::with_capacity(KEPT),
                oldest: 0,
            }),
            Err(_) => Err(unknown(name)),
        }
    }

    /// The name it was asked for by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Milliseconds since 1970 in UTC. Of a time that the clock shows twice, the first.
    pub fn utc_of(&mut self, local: LocalTime) -> Result<i64, String> {
        let seconds = local.seconds;
        let known = self.stretches.iter().find(|s| (s.from..s.to).contains(&seconds));
        let offset = match known {
            Some(stretch) => stretch.offset,
            None => self.look_up(local)?,
        };
        Ok((seconds - offset) * 1000 + i64::from(local.millis))
    }

    /// What the zone's clocks show at an instant, in milliseconds since 1970 in UTC.
    pub fn local_of(&self, millis: i64) -> Option<LocalTime> {
        let at = Timestamp::from_millisecond(millis).ok()?;
        let offset = i64::from(self.zone.to_offset(at).seconds());
        Some(LocalTime::from_millis(millis + offset * 1000))
    }

    fn look_up(&mut self, local: LocalTime) -> Result<i64, String> {
        let out_of_range = || "the time is out of range".to_owned();
        let civil = local.civil().ok_or_else(out_of_range)?;
        match self.zone.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Gap { .. } => Err(format!(
                "`{} {}` does not exist in {}: the clocks are put forward over it",
                civil.date(),
                civil.time(),
                self.name
            )),
            AmbiguousOffset::Fold { before, .. } => Ok(before.seconds().into()),
            AmbiguousOffset::Unambiguous { offset } => {
                let at = offset.to_timestamp(civil).map_err(|_| out_of_range())?;
                self.keep(self.stretch_at(at, offset.seconds().into()));
                Ok(offset.seconds().into())
            }
        }
    }

    /// The stretch around `at`. At its ends lie the clock readings that exist twice or never,
    /// which belong to no stretch.
    fn stretch_at(&self, at: Timestamp, offset: i64) -> Stretch {
        let next = self.zone.following(at).next();
        let next = next.map(|next| (next.timestamp().as_second(), next.offset().seconds().into()));
        // `preceding` does not count a transition at `at` itself.
        let after_at = at.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(at);
        let last = self.zone.preceding(after_at).next().map(|last| {
            let begin = last.timestamp();
            let before = begin.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(begin);
            (begin.as_second(), i64::from(self.zone.to_offset(before).seconds()))
        });
        Stretch {
            from: last.map_or(i64::MIN, |(begin, before)| begin + offset.max(before)),
            to: next.map_or(i64::MAX, |(end, after): (i64, i64)| end + offset.min(after)),
            offset,
        }
    }

    fn keep(&mut self, stretch: Stretch) {
        if self.stretches.len() < KEPT {
            self.stretches.push(stretch);
        } else {
            self.stretches[self.oldest] = stretch;
            self.oldest = (self.oldest + 1) % KEPT;
        }
    }
}

/// The zone of each row; that of the row before is at hand.
pub(super) struct Zones<'a> {
    names: Text<'a>,
    last: Option<Zone>,
}

impl<'a> Zones<'a> {
    /// The zones of these names.
    pub fn of(names: Text<'a>) -> Self {
        Zones { names, last: None }
    }

    /// The zone of a row; none where its name is null.
    pub fn row(&mut self, row: usize) -> EngineResult<Option<&mut Zone>> {
        let Some(name) = self.names.row(row) else { return Ok(None) };
        if self.last.as_ref().is_none_or(|zone| zone.name() != name) {
            self.last = Some(Zone::named(name).map_err(failure)?);
        }
        Ok(self.last.as_mut())
    }
}

fn unknown(name: &str) -> String {
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    // People know the city, and forget the continent.
    let last = |zone: &str| zone.rsplit('/').next().unwrap_or(zone).to_owned();
    let city =
        names.iter().find(|zone| last(zone).eq_ignore_ascii_case(&last(name).replace(' ', "_")));
    let near = city.map(String::as_str).or_else(|| nearest(name, names.iter().map(String::as_str)));
    match near {
        Some(near) => format!("there is no time zone `{name}`; did you mean `{near}`?"),
        None => {
            format!("there is no time zone `{name}`; give an IANA name such as `America/New_York`")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utc(zone: &mut Zone, text: &str) -> String {
        let local = LocalTime::read(text).unwrap();
        match zone.utc_of(local) {
            Ok(millis) => Timestamp::from_millisecond(millis).unwrap().to_string(),
            Err(why) => why,
        }
    }

    #[test]
    fn a_gap_is_an_error_and_of_a_fold_the_first_is_taken() {
        let mut zone = Zone::named("America/New_York").unwrap();
        // 2026: forward on March 8 at 02:00, back on November 1 at 02:00.
        let texts = [
            "2026-03-08 01:59:59",
            "2026-03-08 02:00",
            "2026-03-08 02:59:59",
            "2026-03-08 03:00",
            "2026-07-01 12:00",
            "2026-11-01 00:59:59",
            "2026-11-01 01:00",
            "2026-11-01 01:59:59",
            "2026-11-01 02:00",
            "2026-03-08 02:30",
            "2026-11-01 01:30",
        ];
        let told: Vec<_> =
            texts.iter().map(|text| format!("{text} = {}", utc(&mut zone, text))).collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        2026-03-08 01:59:59 = 2026-03-08T06:59:59Z
        2026-03-08 02:00 = `2026-03-08 02:00:00` does not exist in America/New_York: the clocks are put forward over it
        2026-03-08 02:59:59 = `2026-03-08 02:59:59` does not exist in America/New_York: the clocks are put forward over it
        2026-03-08 03:00 = 2026-03-08T07:00:00Z
        2026-07-01 12:00 = 2026-07-01T16:00:00Z
        2026-11-01 00:59:59 = 2026-11-01T04:59:59Z
        2026-11-01 01:00 = 2026-11-01T05:00:00Z
        2026-11-01 01:59:59 = 2026-11-01T05:59:59Z
        2026-11-01 02:00 = 2026-11-01T07:00:00Z
        2026-03-08 02:30 = `2026-03-08 02:30:00` does not exist in America/New_York: the clocks are put forward over it
        2026-11-01 01:30 = 2026-11-01T05:30:00Z
        ");
    }

    #[test]
    fn an_unknown_zone_is_told_with_the_nearest() {
        let told = |name| Zone::named(name).err().unwrap();
        insta::assert_snapshot!(told("America/NewYork"), @"there is no time zone `America/NewYork`; did you mean `America/New_York`?");
        insta::assert_snapshot!(told("Berlin"), @"there is no time zone `Berlin`; did you mean `Europe/Berlin`?");
        insta::assert_snapshot!(told("Middle Earth"), @"there is no time zone `Middle Earth`; give an IANA name such as `America/New_York`");
    }

    proptest! {
        /// Whatever was asked before, the answer is the one of the zone itself.
        #[test]
        fn stretches_never_change_the_answer(
            name in prop::sample::select(vec![
                "America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe",
                "Africa/Casablanca", "Pacific/Apia", "UTC", "America/Sao_Paulo",
            ]),
            seconds in prop::collection::vec(-2_000_000_000_i64..4_000_000_000, 1..50),
            near in 0_i64..20_000_000,
        ) {
            let mut zone = Zone::named(name).unwrap();
            for seconds in seconds.iter().flat_map(|s| [*s, s + near, s - near]) {
                let local = LocalTime { seconds, millis: 7, offset: None };
                let fresh = Zone::named(name).unwrap().utc_of(local);
                prop_assert_eq!(zone.utc_of(local), fresh.clone());
                let civil = local.civil().unwrap();
                let jiffs = zone.zone.to_ambiguous_timestamp(civil);
                let expected = match jiffs.offset() {
                    AmbiguousOffset::Gap { .. } => None,
                    _ => Some(jiffs.earlier().unwrap().as_millisecond() + 7),
                };
                prop_assert_eq!(fresh.ok(), expected);
            }
        }
    }
}
