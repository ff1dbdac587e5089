//! The page itself: plain HTML with its style in it, for light and dark.

use std::fmt::Write;

use super::{
    Data,
    charts::{self, milliseconds_told},
};
use crate::run::summary::Summary;

/// Reasons of each kind that are shown.
const MOST_REASONS: usize = 15;

/// What a page tells.
pub struct Page<'a> {
    pub summary: &'a Summary,
    pub data: &'a Data,
    /// Reasons of rejected rows, the most frequent first.
    pub rejected: &'a [(String, u64)],
    /// Messages of refused rows, the most frequent first.
    pub refused: &'a [(String, u64)],
}

/// The style sheet. The charts' colours are named by the colour that the drawing library wrote.
const STYLE: &str = include_str!("page.css");

impl Page<'_> {
    /// The whole page.
    pub fn html(&self) -> String {
        let title = format!("{} {}", self.summary.pipeline, self.summary.status);
        let mut html = String::with_capacity(64 << 10);
        let parts = [
            format!(
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
                 <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
                 <meta name=\"color-scheme\" content=\"light dark\">\n\
                 <meta http-equiv=\"Content-Security-Policy\" \
                 content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
                 <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
                escaped(&title)
            ),
            self.head(),
            self.outcomes(),
            self.course(),
            self.latency(),
            self.reasons("Rejected, by rule", "rejected.csv", self.rejected),
            self.reasons("Refused, by the server's words", "refused.csv", self.refused),
            self.slowest(),
            self.settings(),
            "</main>\n</body>\n</html>\n".to_owned(),
        ];
        parts.iter().for_each(|part| html.push_str(part));
        html
    }

    fn head(&self) -> String {
        let summary = self.summary;
        let mut html = format!(
            "<header>\n<p class=\"status {}\">{}</p>\n<h1>{}</h1>\n<p class=\"quiet\">run {}, \
             began {}, ended {}</p>\n",
            escaped(&summary.status),
            escaped(&summary.status),
            escaped(&summary.pipeline),
            escaped(&summary.run_id),
            moment(&summary.started_at),
            moment(&summary.finished_at)
        );
        if let Some(why) = &summary.stopped_because {
            let hint = summary.hint.as_deref().unwrap_or_default();
            let _ = writeln!(
                html,
                "<p class=\"why\"><strong>{}</strong><br>{}</p>",
                escaped(why),
                escaped(hint)
            );
        }
        for (words, run) in [
            ("sends again what was left over by run", &summary.retry_of),
            ("went on from run", &summary.resumed_from),
        ] {
            if let Some(run) = run {
                let _ = writeln!(html, "<p class=\"quiet\">{words} {}</p>", escaped(run));
            }
        }
        html + "</header>\n"
    }

    fn outcomes(&self) -> String {
        let summary = self.summary;
        let outcomes = [
            ("loaded", summary.loaded, self.loaded_detail()),
            ("rejected", summary.rejected, "stopped by a rule; nothing was sent".into()),
            ("refused", summary.refused, "the server said no, or it was left over".into()),
            ("skipped", summary.skipped, "filtered out, or a duplicate".into()),
            ("in doubt", summary.in_doubt, "sent, and nobody knows whether it was applied".into()),
            ("pending", summary.pending, "taken up, without an outcome yet".into()),
        ];
        let mut bar = String::new();
        let mut rows = String::new();
        for (name, count, what) in &outcomes {
            let class = name.replace(' ', "-");
            if *count > 0 {
                let _ = write!(
                    bar,
                    "<span class=\"{class}\" style=\"flex-grow:{count}\" title=\"{name}: {}\">\
                     </span>",
                    grouped(*count)
                );
            }
            if *count == 0 && *name == "pending" {
                continue;
            }
            let what = if *count > 0 { what.as_str() } else { "" };
            let share = share(*count, summary.read);
            let _ = writeln!(
                rows,
                "<tr><th><i class=\"{class}\"></i>{name}</th><td>{}</td><td>{share}</td>\
                 <td class=\"quiet\">{}</td></tr>",
                grouped(*count),
                escaped(what)
            );
        }
        let figures = [
            ("rows read", grouped(summary.read)),
            ("seconds", format!("{:.1}", summary.elapsed_seconds)),
            ("rows a second", self.rows_a_second()),
            ("requests", grouped(summary.requests)),
            ("of them again", grouped(summary.retries)),
            ("sent", bytes(summary.bytes_sent)),
            ("received", bytes(summary.bytes_received)),
        ];
        let figures: String = figures
            .iter()
            .map(|(name, value)| format!("<div><dd>{value}</dd><dt>{name}</dt></div>"))
            .collect();
        let fixes: String = summary
            .fixes
            .iter()
            .map(|(fix, count)| format!("<li>{}: {}</li>", escaped(fix), grouped(*count)))
            .collect();
        let fixes = match fixes.is_empty() {
            true => String::new(),
            false => format!("<p>Values that were mended:</p><ul>{fixes}</ul>"),
        };
        format!(
            "<section>\n<dl class=\"figures\">{figures}</dl>\n<div class=\"bar\">{bar}</div>\n\
             <table class=\"outcomes\">\n{rows}</table>\n{fixes}</section>\n"
        )
    }

    fn loaded_detail(&self) -> String {
        let detail = &self.summary.loaded_detail;
        let parts = [
            ("added", detail.added),
            ("modified", detail.modified),
            ("unchanged", detail.unchanged),
            ("removed", detail.removed),
            ("confirmed after a lost answer", detail.confirmed_on_resume),
        ];
        let told: Vec<String> = parts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(word, count)| format!("{} {word}", grouped(*count)))
            .collect();
        told.join(", ")
    }

    fn rows_a_second(&self) -> String {
        match self.summary.elapsed_seconds {
            seconds if seconds > 0.0 => grouped((self.summary.read as f64 / seconds) as u64),
            _ => "0".to_owned(),
        }
    }

    fn course(&self) -> String {
        let Some(chart) = charts::rate(&self.data.samples.course.points) else {
            return String::new();
        };
        format!(
            "<section>\n<h2>Rows a second</h2>\n<p class=\"quiet\"><i class=\"loaded\"></i>loaded \
             <i class=\"rejected\"></i>rejected, refused or in doubt</p>\n<figure>{chart}</figure>\n\
             </section>\n"
        )
    }

    fn latency(&self) -> String {
        let latencies = &self.data.samples.latencies;
        let Some(chart) = charts::latency(latencies) else { return String::new() };
        let percentiles = [("half", 0.5), ("95 %", 0.95), ("99 %", 0.99)];
        let told: String = percentiles
            .iter()
            .map(|(name, share)| (*name, latencies.percentile(*share)))
            .chain([("all", latencies.longest())])
            .map(|(name, value)| {
                format!("<div><dd>{}</dd><dt>{name}, at most</dt></div>", milliseconds_told(value))
            })
            .collect();
        format!(
            "<section>\n<h2>How long units took</h2>\n<p class=\"quiet\">{} units sent, with the \
             questions that each needs; the lines are at half, 95 % and 99 % of them</p>\n\
             <figure>{chart}</figure>\n<dl class=\"figures\">{told}</dl>\n</section>\n",
            grouped(latencies.count())
        )
    }

    fn reasons(&self, title: &str, file: &str, reasons: &[(String, u64)]) -> String {
        let Some((_, most)) = reasons.first() else { return String::new() };
        let mut rows = String::new();
        for (reason, count) in reasons.iter().take(MOST_REASONS) {
            let width = (*count as f64 / *most as f64 * 100.0).max(0.5);
            let _ = writeln!(
                rows,
                "<tr><td>{}</td><td class=\"meter\"><span style=\"width:{width:.1}%\"></span></td>\
                 <td>{}</td></tr>",
                escaped(reason),
                grouped(*count)
            );
        }
        let more = match reasons.len().saturating_sub(MOST_REASONS) {
            0 => String::new(),
            more => format!("<p class=\"quiet\">and {more} more</p>\n"),
        };
        format!(
            "<section>\n<h2>{title}</h2>\n<p class=\"quiet\">each row with its line stands in \
             {file}</p>\n<table class=\"reasons\">\n{rows}</table>\n{more}</section>\n"
        )
    }

    fn slowest(&self) -> String {
        let slowest = &self.data.samples.slowest;
        if slowest.is_empty() {
            return String::new();
        }
        let mut rows = String::new();
        for slow in slowest {
            let _ = writeln!(
                rows,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                milliseconds_told(slow.milliseconds),
                grouped(slow.rows as u64),
                match &slow.window {
                    Some(window) => escaped(window),
                    None => format!("from line {}", grouped(slow.first_line)),
                },
                slow.attempt
            );
        }
        format!(
            "<section>\n<h2>Slowest requests</h2>\n<table class=\"numbers\">\n<tr><th>took</th>\
             <th>rows</th><th>what</th><th>attempt</th></tr>\n{rows}</table>\n</section>\n"
        )
    }

    fn settings(&self) -> String {
        let mut rows = String::new();
        for (name, value) in &self.data.settings {
            let (name, value) = (escaped(name), escaped(value));
            let _ = writeln!(rows, "<tr><th>{name}</th><td>{value}</td></tr>");
        }
        format!(
            "<section>\n<h2>Settings</h2>\n<table class=\"settings\">\n{rows}</table>\n</section>\n"
        )
    }
}

/// A text as HTML has it.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

/// A time without its fractions of a second.
fn moment(text: &str) -> String {
    let plain = match text.split_once('.') {
        Some((seconds, _)) => seconds.replace('T', " ") + " UTC",
        None => text.to_owned(),
    };
    escaped(&plain)
}

/// A share of all rows, as HTML has it.
fn share(count: u64, of: u64) -> String {
    if count == 0 || of == 0 {
        return String::new();
    }
    match count as f64 / of as f64 * 100.0 {
        share if share < 0.1 => "&lt; 0.1 %".to_owned(),
        share => format!("{share:.1} %"),
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut told = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

fn bytes(count: u64) -> String {
    match count as f64 {
        count if count >= 1e9 => format!("{:.1} GB", count / 1e9),
        count if count >= 1e6 => format!("{:.1} MB", count / 1e6),
        count if count >= 1e3 => format!("{:.1} kB", count / 1e3),
        count => format!("{count:.0} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_name_holds_it_stays_a_text() {
        let nasty = "<script>alert('&\"')</script>";
        let told = escaped(nasty);
        assert_eq!(told, "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;");
    }

    #[test]
    fn numbers_read_as_a_person_writes_them() {
        assert_eq!([0, 999, 1000, 5_000_000].map(grouped), ["0", "999", "1,000", "5,000,000"]);
        assert_eq!([12, 1200, 3_400_000].map(bytes), ["12 B", "1.2 kB", "3.4 MB"]);
        assert_eq!((share(1, 5000), share(1, 3)), ("&lt; 0.1 %".into(), "33.3 %".into()));
        assert_eq!(moment("2026-11-26T09:15:00.123Z"), "2026-11-26 09:15:00 UTC");
    }
}
