//! The report's charts, as SVG. Their colours are names for the page's style sheet, which gives
//! each its own in light and in dark.

use plotters::{
    coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter},
    prelude::*,
};

use super::samples::{Latencies, Point};

/// Width and height of a chart.
const SIZE: (u32, u32) = (720, 240);

/// Steps of the rate over time.
const STEPS: usize = 72;

/// Ink, as the style sheet knows it.
pub const INK: RGBColor = RGBColor(0x6b, 0x72, 0x80);
/// Lines behind the chart.
pub const GRID: RGBColor = RGBColor(0xe5, 0xe7, 0xeb);
/// Rows that were loaded, and requests.
pub const MAIN: RGBColor = RGBColor(0x25, 0x63, 0xeb);
/// Rows that were not.
pub const BAD: RGBColor = RGBColor(0xdc, 0x26, 0x26);

type Drawn<T> = Result<T, DrawingAreaErrorKind<std::io::Error>>;

/// Rows a second over the time of the run; none where it was too short to tell.
pub fn rate(points: &[Point]) -> Option<String> {
    let (first, last) = (points.first()?, points.last()?);
    let span = last.seconds - first.seconds;
    if span < 0.05 || points.len() < 3 {
        return None;
    }
    let step = span / STEPS as f64;
    let at = |seconds: f64, of: fn(&Point) -> u64| between(points, seconds, of);
    let steps = |of: fn(&Point) -> u64| -> Vec<(f64, f64)> {
        (0..STEPS)
            .map(|n| first.seconds + n as f64 * step)
            .map(|from| (from + step / 2.0, (at(from + step, of) - at(from, of)) / step))
            .collect()
    };
    let loaded = steps(|point| point.loaded);
    let bad = steps(|point| point.not_loaded);
    let highest = loaded.iter().chain(&bad).map(|(_, rate)| *rate).fold(1.0, f64::max);
    svg(|area| {
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .x_label_area_size(32)
            .y_label_area_size(64)
            .build_cartesian_2d(first.seconds..last.seconds, 0.0..highest * 1.08)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .axis_style(INK)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .label_style(("sans-serif", 13, &INK))
            .x_labels(8)
            .y_labels(5)
            .x_label_formatter(&|seconds| seconds_told(*seconds, span))
            .y_label_formatter(&|rate| count_told(*rate))
            .draw()?;
        let mut area: Vec<(f64, f64)> = loaded.clone();
        area.push((last.seconds - step / 2.0, 0.0));
        area.insert(0, (first.seconds + step / 2.0, 0.0));
        chart.draw_series([Polygon::new(area, MAIN.mix(0.14).filled())])?;
        chart.draw_series(LineSeries::new(loaded.iter().copied(), MAIN.stroke_width(2)))?;
        if bad.iter().any(|(_, rate)| *rate > 0.0) {
            chart.draw_series(LineSeries::new(bad.iter().copied(), BAD.stroke_width(2)))?;
        }
        Ok(())
    })
}

/// A count at a moment, from those before and after it.
fn between(points: &[Point], seconds: f64, of: fn(&Point) -> u64) -> f64 {
    let after = points.partition_point(|point| point.seconds < seconds);
    let (Some(before), Some(next)) = (points.get(after.saturating_sub(1)), points.get(after))
    else {
        return points.last().map_or(0.0, |last| of(last) as f64);
    };
    let span = next.seconds - before.seconds;
    let share = if span > 0.0 { (seconds - before.seconds) / span } else { 1.0 };
    of(before) as f64 + (of(next) as f64 - of(before) as f64) * share.clamp(0.0, 1.0)
}

/// How many requests took how long; none where there were none.
pub fn latency(latencies: &Latencies) -> Option<String> {
    let buckets = latencies.buckets();
    let (first, last) = (buckets.first()?.0, buckets.last()?.1);
    let highest = buckets.iter().map(|(_, _, count)| *count).max()? as f64;
    // Some room on both sides, so that a single bucket is no wall.
    let (left, right) = (first / 1.3, last * 1.3);
    svg(|area| {
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .x_label_area_size(32)
            .y_label_area_size(64)
            .build_cartesian_2d(Doublings(left, right), 0.0..highest * 1.1)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .axis_style(INK)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .label_style(("sans-serif", 13, &INK))
            .x_labels(10)
            .y_labels(5)
            .y_label_formatter(&|count| count_told(*count))
            .draw()?;
        let bars = buckets.iter().filter(|(_, _, count)| *count > 0).map(|(from, to, count)| {
            Rectangle::new([(*from, 0.0), (*to, *count as f64)], MAIN.mix(0.75).filled())
        });
        chart.draw_series(bars)?;
        for share in [0.5, 0.95, 0.99] {
            let at = latencies.percentile(share);
            let line = [(at, 0.0), (at, highest * 1.1)];
            chart.draw_series(LineSeries::new(line, INK.stroke_width(1)))?;
        }
        Ok(())
    })
}

/// An axis on which each doubling is as long as the next.
#[derive(Clone)]
struct Doublings(f64, f64);

impl Ranged for Doublings {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value / self.0).log2() / (self.1 / self.0).log2();
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        let decades = (-4..8).map(|power| 10_f64.powi(power));
        let all: Vec<f64> = decades
            .flat_map(|decade| [1.0, 2.0, 5.0].map(|step| step * decade))
            .filter(|value| (self.0..=self.1).contains(value))
            .collect();
        let every = all.len().div_ceil(hint.max_num_points().max(1));
        all.into_iter().step_by(every.max(1)).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.0..self.1
    }
}

impl ValueFormatter<f64> for Doublings {
    fn format(value: &f64) -> String {
        milliseconds_told(*value)
    }
}

/// Milliseconds as a person reads them.
pub fn milliseconds_told(value: f64) -> String {
    match value {
        value if value >= 60_000.0 => format!("{:.1} min", value / 60_000.0),
        value if value >= 9_950.0 => format!("{:.0} s", value / 1000.0),
        value if value >= 1000.0 => format!("{:.1} s", value / 1000.0),
        value if value >= 9.95 => format!("{value:.0} ms"),
        value => format!("{value:.1} ms"),
    }
}

fn seconds_told(seconds: f64, span: f64) -> String {
    match span {
        span if span < 10.0 => format!("{seconds:.1} s"),
        span if span < 600.0 => format!("{seconds:.0} s"),
        span if span < 36_000.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

fn count_told(count: f64) -> String {
    match count {
        count if count >= 1e6 => format!("{:.1} M", count / 1e6),
        count if count >= 1e4 => format!("{:.0} k", count / 1e3),
        count if count >= 10.0 || count.fract() == 0.0 => format!("{count:.0}"),
        count => format!("{count:.1}"),
    }
}

fn svg(
    draw: impl Fn(&DrawingArea<SVGBackend<'_>, plotters::coord::Shift>) -> Drawn<()>,
) -> Option<String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        draw(&area).and_then(|()| area.present()).ok()?;
    }
    // The page is HTML: no declaration within it.
    let start = text.find("<svg")?;
    Some(text.split_off(start))
}
