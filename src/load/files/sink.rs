//! A load into files: it looks at the place, writes beside it, and says how to publish.

use std::{
    fs,
    path::{Path, PathBuf},
};

use arrow::{array::RecordBatch, datatypes::Schema};
use jiff::Timestamp;

use super::{
    CsvFileOptions, FileLoadError, JsonFileOptions, MANIFEST, Manifest, Mode, ParquetOptions,
    columns::Columns,
    parquet::{Fates, Folder, ParquetWriter},
    publish::{Placing, PublishPlan},
    staging::{self, Staging},
    store::Place,
    text::{CsvWriter, JsonWriter, TextFile},
};
use crate::{files::FileError, load::Threshold};

/// What kind of files.
#[derive(Clone, Debug)]
pub enum Format {
    Parquet(ParquetOptions),
    Csv(CsvFileOptions),
    Json(JsonFileOptions),
}

/// A load into files.
#[derive(Clone, Debug)]
pub struct FileSink {
    format: Format,
    /// The folder in which the files stand.
    place: Place,
    /// The one file, where it is one.
    name: Option<String>,
    /// The path as the pipeline file has it.
    path: String,
}

/// What a run tells about itself.
#[derive(Clone, Copy)]
pub struct RunOf<'a> {
    pub pipeline: &'a str,
    pub id: &'a str,
    /// The run's folder.
    pub folder: &'a Path,
    /// The time that the manifest tells.
    pub now: Timestamp,
    /// The part of the tenant's records that was asked for.
    pub window: Option<&'a serde_json::Value>,
    /// Whether the run is to stop.
    pub halted: &'a (dyn Fn() -> bool + Sync),
}

/// What stands at the place.
#[derive(Clone, Debug)]
pub struct Found {
    before: Option<Manifest>,
    foreign: Vec<String>,
    columns: Columns,
    /// What the user should know.
    pub warnings: Vec<String>,
}

impl FileSink {
    /// A load of this format; nothing is opened.
    pub fn new(format: Format) -> Result<FileSink, FileLoadError> {
        let path = match &format {
            Format::Parquet(parquet) => &parquet.path,
            Format::Csv(csv) => &csv.path,
            Format::Json(json) => &json.path,
        };
        let path = path.value.clone();
        let whole = Place::parse(&path)?;
        let (place, name) = match &format {
            Format::Parquet(_) => (whole, None),
            Format::Csv(_) | Format::Json(_) => {
                let (folder, name) = whole.parent().ok_or_else(|| {
                    FileLoadError::refused(format!("`{path}` names no file"), "name a file")
                })?;
                (folder, Some(name))
            }
        };
        Ok(FileSink { format, place, name, path })
    }

    /// The path as the pipeline file has it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it adds rows, so that the same input must not be loaded twice.
    pub fn adds(&self) -> bool {
        matches!(&self.format, Format::Parquet(parquet) if parquet.mode == Mode::Append)
    }

    /// Whether the rows of a run take the place of all that is there.
    pub fn replaces(&self) -> bool {
        !matches!(&self.format, Format::Parquet(parquet) if parquet.mode != Mode::Snapshot)
    }

    /// That the rows that a run has left over, mended or not, are no snapshot: whoever reads it
    /// would find nothing but them.
    pub fn left_over(&self, input: &Path) -> FileLoadError {
        FileLoadError::refused(
            format!(
                "`{}` holds rows that a run has left over, and `{}` would hold nothing but them",
                input.display(),
                self.path
            ),
            "mend the rows where they came from and run the pipeline again: it writes all of them \
             anew; a Parquet folder takes single rows by `mode: upsert`",
        )
    }

    /// Whether what becomes of a row is known at the end only.
    pub fn tells_at_the_end(&self) -> bool {
        matches!(&self.format, Format::Parquet(parquet) if parquet.mode == Mode::Upsert)
    }

    /// Where a run keeps rows that are being sorted; nobody needs it after the run.
    pub fn scratch(run_folder: &Path) -> PathBuf {
        run_folder.join(SCRATCH)
    }

    /// Rejected records beyond which the run stops.
    pub fn max_rejected(&self) -> Option<Threshold> {
        match &self.format {
            Format::Parquet(parquet) => parquet.max_rejected,
            Format::Csv(csv) => csv.max_rejected,
            Format::Json(json) => json.max_rejected,
        }
    }

    /// Whether the place can take the files of this load, as far as the disk tells: what stands
    /// there, and that it is none of the files `inputs` that the rows come from.
    pub fn check(&self, inputs: &[PathBuf]) -> Result<(), FileLoadError> {
        let Place::Folder(folder) = &self.place else { return Ok(()) };
        if let Some(file) = folder.ancestors().find(|above| above.is_file()) {
            return Err(FileError::NotFolder { path: file.to_owned() }.into());
        }
        let Some(name) = &self.name else { return Ok(()) };
        let path = folder.join(name);
        if path.is_dir() {
            return Err(FileLoadError::refused(
                format!("`{}` is a folder, and a file is to be written there", self.path),
                "name a file in it",
            ));
        }
        let same = |input: &PathBuf| match (fs::canonicalize(input), fs::canonicalize(&path)) {
            (Ok(input), Ok(path)) => input == path,
            _ => false,
        };
        match inputs.iter().find(|input| same(input)) {
            Some(_) => Err(FileLoadError::refused(
                format!("`{}` is the input itself", self.path),
                "write to another file",
            )),
            None => Ok(()),
        }
    }

    /// Looks at what stands at the place, before anything is read or written, and whether rows
    /// with the columns of `output` go with it.
    pub fn look(
        &self,
        output: &Schema,
        pipeline: &str,
        run_id: &str,
    ) -> Result<Found, FileLoadError> {
        let store = self.place.open()?;
        let Format::Parquet(options) = &self.format else {
            return Ok(Found {
                before: None,
                foreign: Vec::new(),
                columns: Columns::of(output),
                warnings: Vec::new(),
            });
        };
        let before = Manifest::read(store.as_ref(), &self.path)?;
        let names = store.list()?;
        let listed = before.as_ref().map(Manifest::names).unwrap_or_default();
        let foreign: Vec<String> = names
            .iter()
            .filter(|name| *name != MANIFEST && !listed.contains(name.as_str()))
            .cloned()
            .collect();
        let mut warnings = Vec::new();
        match (&before, foreign.first()) {
            (None, Some(file)) => {
                return Err(FileLoadError::refused(
                    format!(
                        "`{}` holds files that vccpipe did not write, such as `{file}`",
                        self.path
                    ),
                    "name a folder of its own, or an empty one: readers would take all for one \
                     table",
                ));
            }
            (Some(_), Some(file)) => warnings.push(format!(
                "{} in `{}` that vccpipe did not write, such as `{file}`, are left alone: readers \
                 of the folder may take them for a part of the table",
                match foreign.len() {
                    1 => "a file".to_owned(),
                    number => format!("{number} files"),
                },
                self.path
            )),
            (_, None) => {}
        }
        let columns = match &before {
            None => Columns::of(output),
            Some(before) => {
                self.check_before(options, before, &names, pipeline, run_id)?;
                Columns::after(output, before, options.mode, |word| warnings.push(word))?
            }
        };
        Ok(Found { before, foreign, columns, warnings })
    }

    /// Whether this load may go on where the one of the manifest ended.
    fn check_before(
        &self,
        options: &ParquetOptions,
        before: &Manifest,
        names: &[String],
        pipeline: &str,
        run_id: &str,
    ) -> Result<(), FileLoadError> {
        let path = &self.path;
        if before.pipeline != pipeline {
            return Err(FileLoadError::refused(
                format!("`{path}` is written by the pipeline `{}`", before.pipeline),
                format!(
                    "name another folder; if the pipeline was only renamed, correct `pipeline` in \
                     `{MANIFEST}`"
                ),
            ));
        }
        if options.mode == Mode::Snapshot {
            return Ok(());
        }
        let folders: Vec<&str> =
            options.partition_by.iter().map(|name| name.value.as_str()).collect();
        if before.partition_by != folders {
            return Err(FileLoadError::refused(
                format!(
                    "`{path}` is partitioned by {}, and the rows are to be by {}",
                    listed(&before.partition_by),
                    listed(&folders)
                ),
                "load everything once by `mode: snapshot`, or name another folder",
            ));
        }
        let gone = before.files.iter().find(|file| names.binary_search(&file.path).is_err());
        if let Some(file) = gone {
            return Err(FileLoadError::refused(
                format!("`{}` of `{path}` is gone, and `{MANIFEST}` lists it", file.path),
                "put it back from a copy, or load everything once by `mode: snapshot`",
            ));
        }
        if options.mode == Mode::Append && before.files.iter().any(|file| file.run_id == run_id) {
            return Err(FileLoadError::refused(
                format!("`{path}` has the rows of the run {run_id} already"),
                "nothing is left to do; `--fresh` begins another run, which adds the rows again",
            ));
        }
        Ok(())
    }

    /// Begins to write.
    pub fn begin(&self, found: Found, run: &RunOf<'_>) -> Result<FileWriter, FileLoadError> {
        if let Place::Folder(folder) = &self.place {
            // As others make folders: readers are to get in.
            fs::create_dir_all(folder)
                .map_err(|error| FileLoadError::io(folder, "make the folder", error))?;
        }
        let staging = Staging::begin(&self.place.staging(run.pipeline, run.folder))?;
        let place = self.place.to_string();
        let format = match &self.format {
            Format::Parquet(options) => {
                let scratch = FileSink::scratch(run.folder);
                staging::remove(&scratch)?;
                crate::files::private_dir(&scratch)?;
                let Found { before, foreign, columns, .. } = found;
                let folder = Folder { before, foreign, staging, scratch };
                let writer = ParquetWriter::new(options, columns, folder)?;
                return Ok(FileWriter {
                    place,
                    name: String::new(),
                    format: Writer::Parquet(Box::new(writer)),
                });
            }
            Format::Csv(_) | Format::Json(_) => &self.format,
        };
        let name = self.name.clone().unwrap_or_default();
        let file = staging.create("00000")?;
        let path = file.path().to_owned();
        let file = TextFile::new(file, &name)?;
        let columns = found.columns;
        let text = match format {
            Format::Csv(options) => {
                Text::Csv(CsvWriter::new(file, path, &columns.schema, options)?)
            }
            _ => Text::Json(JsonWriter::new(file, path, &columns.schema)),
        };
        Ok(FileWriter {
            place,
            name,
            format: Writer::Text(Box::new(TextWriter { text, columns, staging })),
        })
    }
}

/// Columns as a message has them.
fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match names.is_empty() {
        true => "nothing".to_owned(),
        false => names.join(", "),
    }
}

impl RunOf<'_> {
    /// Goes on, unless the run is to stop.
    pub fn go_on(&self) -> Result<(), FileLoadError> {
        match (self.halted)() {
            true => Err(FileLoadError::Stopped),
            false => Ok(()),
        }
    }
}

/// Where the run's folder keeps rows that are being sorted.
const SCRATCH: &str = "sorting";

/// Writes the files of one run.
pub struct FileWriter {
    place: String,
    name: String,
    format: Writer,
}

enum Writer {
    Parquet(Box<ParquetWriter>),
    Text(Box<TextWriter>),
}

/// A writer of text, and what is done before.
struct TextWriter {
    text: Text,
    columns: Columns,
    staging: Staging,
}

enum Text {
    Csv(CsvWriter),
    Json(JsonWriter),
}

/// Files that are whole, durable, and not published yet.
#[derive(Debug)]
pub struct Written {
    pub plan: PublishPlan,
    /// What became of each row.
    pub fates: Fates,
    /// What the user should know.
    pub notes: Vec<String>,
}

impl FileWriter {
    /// Adds rows.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), FileLoadError> {
        match &mut self.format {
            Writer::Parquet(writer) => writer.write(rows),
            Writer::Text(writer) => {
                let TextWriter { text, columns, staging } = writer.as_mut();
                let arranged = columns.arrange(rows);
                let rows = arranged.map_err(|e| FileLoadError::columns(staging.folder(), e))?;
                match text {
                    Text::Csv(writer) => writer.write(&rows),
                    Text::Json(writer) => writer.write(&rows),
                }
            }
        }
    }

    /// Makes everything durable, beside the place.
    pub fn finish(self, run: &RunOf<'_>) -> Result<Written, FileLoadError> {
        let (text, staging) = match self.format {
            Writer::Parquet(writer) => {
                let (plan, fates) = writer.finish(self.place, run)?;
                return Ok(Written { plan, fates, notes: Vec::new() });
            }
            Writer::Text(writer) => (writer.text, writer.staging),
        };
        let (staged, made_safe) = match text {
            Text::Csv(writer) => writer.finish()?,
            Text::Json(writer) => (writer.finish()?, 0),
        };
        let notes = match made_safe {
            0 => Vec::new(),
            1 => {
                vec!["a cell that a spreadsheet would take for a formula got an apostrophe".into()]
            }
            cells => vec![format!(
                "{cells} cells that a spreadsheet would take for formulas got an apostrophe"
            )],
        };
        let plan = PublishPlan {
            place: self.place,
            staging: staging.folder().to_owned(),
            files: vec![Placing::of(staged, self.name)],
            obsolete: Vec::new(),
            manifest: None,
        };
        Ok(Written { plan, fates: Fates::Added, notes })
    }
}
