//! `vccpipe preview`: the first rows after each step, and what would be rejected and why.

use std::fmt::Write;

use comfy_table::{Cell, Table, TableComponent, presets};

use super::{
    args::{Global, PreviewArgs},
    exit::Exit,
    outlook,
    report::{counted, grouped},
    run::{connection_without_requests, fail, nowhere, read_pipeline},
    scratch::scratch,
    simulator::Tenant,
};
use crate::{
    clock::Clock,
    connections::Connection,
    run::{self, Event, Job, Mark, Observer, Options, Preview, Stage},
};

/// Characters of a cell beyond which it is cut.
const WIDE: usize = 26;

/// Characters of a line where nothing tells the width of the terminal.
const LINE: usize = 110;

/// Shows the rows of a pipeline.
pub fn preview(global: &Global, args: &PreviewArgs) -> Exit {
    let stage = match super::run::Stage::set(global) {
        Ok(stage) => stage,
        Err(exit) => return exit,
    };
    let pipeline = match read_pipeline(global, &args.file, &args.variables, false) {
        Ok(pipeline) => pipeline,
        Err(message) => {
            eprintln!("{message}");
            return Exit::Usage;
        }
    };
    let name = args.connection.as_deref().unwrap_or(&pipeline.connection);
    let is_remote = pipeline.extract.is_remote();
    let found = match is_remote {
        true => stage.looks_over(global, name, args.simulator_config.as_deref()),
        false => Ok(without_requests(global, name)),
    };
    let (_tenant, connection, identity) = match found {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let options = Options {
        state_dir: global.state_dir.clone(),
        limit: Some(args.limit),
        input: args.input.clone(),
        period: args.days.into(),
        ..Options::default()
    };
    let job = Job {
        pipeline: &pipeline,
        connection: &connection,
        connection_identity: &identity,
        options: &options,
        clock: &Clock::System,
        halting: &stage.halting,
        observer: &Warnings,
    };
    stage.listen();
    let scratch = match scratch() {
        Ok(scratch) => scratch,
        Err(exit) => return exit,
    };
    let (show, looked) = (args.rows.max(1), args.limit.max(1));
    match run::preview(&job, scratch.path(), show, looked, stage.runtime.handle()) {
        Ok(preview) if preview.halted => Exit::Interrupted,
        Ok(preview) => {
            preview.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
            outlook::tell_requests(global, preview.asked);
            say!("{}", told(&pipeline.name, &preview, show, width()).trim_end());
            Exit::Success
        }
        Err(error) => fail(global, &error),
    }
}

/// A connection that cannot be used yet hinders nobody from looking at rows of files.
fn without_requests(global: &Global, name: &str) -> (Option<Tenant>, Connection, String) {
    let (connection, identity) = connection_without_requests(global, name).unwrap_or_else(|_| {
        eprintln!("note: the connection `{name}` cannot be used yet; the preview needs none");
        (nowhere(), String::new())
    });
    (None, connection, identity)
}

/// Only what the user should know; the rest is of a run.
struct Warnings;

impl Observer for Warnings {
    fn observe(&self, event: Event) {
        if let Event::Warning { message } = event {
            eprintln!("warning: {message}");
        }
    }
}

/// Characters of a line.
fn width() -> usize {
    let of_terminal = Table::new().width().map(usize::from).filter(|width| *width >= 40);
    of_terminal.unwrap_or(LINE)
}

/// All stages as text.
fn told(name: &str, preview: &Preview, show: usize, width: usize) -> String {
    let rows = counted(preview.rows, "row", "rows");
    let mut text = match (preview.asked, preview.whole) {
        (Some(_), _) => format!("{name}: {rows} of the tenant were looked at; nothing was sent\n"),
        (None, true) => format!("{name}: all {rows} were looked at; nothing was sent\n"),
        (None, false) => format!("{name}: the first {rows} were looked at; nothing was sent\n"),
    };
    let last = preview.stages.len().saturating_sub(1);
    for (at, stage) in preview.stages.iter().enumerate() {
        let title = match at {
            0 => "as read".to_owned(),
            at if at == last => "after the rules of the target, to be sent".to_owned(),
            at => format!("after step {at}, {}", stage.name),
        };
        let _ = writeln!(text, "\n{title}: {}", counts(stage));
        text.push_str(&table(stage, width));
        for told in &stage.told {
            let file = told.file.as_ref().map(|file| format!(" of {file}")).unwrap_or_default();
            let reason = one_line(&told.reason, 300);
            let _ = writeln!(text, "  {} line {}{file}: {reason}", told.what, told.line);
        }
        let more = (stage.rejected + stage.skipped + stage.fixed) as usize;
        if more > stage.told.len() {
            let _ = writeln!(text, "  .. and {} more (-n shows more)", more - stage.told.len());
        }
    }
    let marks = preview.stages.iter().flat_map(|stage| &stage.columns);
    if marks.into_iter().any(|column| column.mark != Mark::Same) {
        let _ =
            writeln!(text, "\n+ made by the step, * changed by it; at most {show} rows are shown");
    }
    text
}

fn counts(stage: &Stage) -> String {
    let mut parts = vec![counted(stage.left, "row", "rows")];
    for (number, word) in
        [(stage.rejected, "rejected"), (stage.skipped, "skipped"), (stage.fixed, "values fixed")]
    {
        if number > 0 {
            parts.push(format!("{} {word}", grouped(number)));
        }
    }
    parts.join(", ")
}

/// The rows as one table, or as several below each other where the columns need more room.
fn table(stage: &Stage, width: usize) -> String {
    if stage.shown.is_empty() {
        return String::new();
    }
    let heads: Vec<String> = stage
        .columns
        .iter()
        .map(|column| match column.mark {
            Mark::Same => one_line(&column.name, WIDE),
            Mark::New => format!("{} +", one_line(&column.name, WIDE)),
            Mark::Changed => format!("{} *", one_line(&column.name, WIDE)),
        })
        .collect();
    let cells: Vec<Vec<String>> = stage
        .shown
        .iter()
        .map(|(_, values)| {
            values.iter().map(|value| value.as_deref().map_or(String::new(), cell)).collect()
        })
        .collect();
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            let of = cells.iter().map(|row| row[column].chars().count());
            of.chain([heads[column].chars().count()]).max().unwrap_or_default()
        })
        .collect();
    let mut text = String::new();
    for columns in blocks(&widths, width) {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        table.set_style(TableComponent::HeaderLines, '─');
        table.set_style(TableComponent::MiddleHeaderIntersections, '─');
        let head = columns.clone().map(|column| Cell::new(&heads[column]));
        table.set_header(std::iter::once(Cell::new("line")).chain(head));
        for ((line, _), row) in stage.shown.iter().zip(&cells) {
            let values = columns.clone().map(|column| row[column].clone());
            table.add_row(std::iter::once(line.to_string()).chain(values));
        }
        for line in table.to_string().lines() {
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text
}

/// Columns that fit side by side.
fn blocks(widths: &[usize], width: usize) -> Vec<std::ops::Range<usize>> {
    let mut blocks = Vec::new();
    let (mut start, mut used) = (0, 10);
    for (column, wide) in widths.iter().enumerate() {
        if column > start && used + wide + 2 > width {
            blocks.push(start..column);
            (start, used) = (column, 10);
        }
        used += wide + 2;
    }
    blocks.push(start..widths.len());
    blocks
}

/// A value as a cell shows it; blanks at its ends are seen.
fn cell(value: &str) -> String {
    if value.is_empty() || value.trim() != value {
        return one_line(&format!("`{value}`"), WIDE);
    }
    one_line(value, WIDE)
}

/// A text on one line, cut where it is too long.
fn one_line(text: &str, most: usize) -> String {
    let mut line = String::new();
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\r' => line.push('⏎'),
            c if c.is_control() => line.push('·'),
            c => line.push(c),
        }
    }
    match line.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
