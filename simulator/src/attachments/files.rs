//! Which files each record has: a pure function of the seed, the settings and the record's
//! number. Only records that were there at first have any; nothing adds one by an API.

use super::{
    content::Content,
    names::{NAMES, in_zip, percent},
    nasty,
    settings::{AttachmentSettings, ZipBomb},
    zip::{Entry, Form, MIB, archive},
};
use crate::{
    chance::{fraction, mix},
    error::Error,
    settings::CrmObject,
};

/// The record to which files are attached: its object and the object's own number of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub object: CrmObject,
    pub id: u64,
}

/// A file.
pub(super) struct File {
    /// As the agent named it; bytes, for some names are no text.
    pub name: Vec<u8>,
    pub content: Content,
    pub form: Form,
    /// An entry of a ZIP that explodes into so many bytes.
    pub bomb: Option<u64>,
}

/// The files of all records.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    seed: u64,
    pub(super) settings: AttachmentSettings,
}

/// What a draw is for.
#[derive(Clone, Copy)]
enum About {
    Has = 61,
    Count,
    Name,
    Bytes,
    Large,
    Bomb,
    Gone,
    Key,
}

impl Files {
    pub(crate) fn new(seed: u64, settings: &AttachmentSettings) -> Result<Self, Error> {
        let wrong = |key: &str, problem: String| Error::Setting {
            setting: format!("attachments.{key}"),
            problem,
        };
        for (key, share) in [
            ("cases", settings.cases),
            ("followups", settings.followups),
            ("faqs", settings.faqs),
            ("large_share", settings.large_share),
            ("zip_bombs", settings.zip_bombs),
            ("vanished", settings.vanished),
        ] {
            if !(0.0..=1.0).contains(&share) {
                return Err(wrong(key, format!("is `{share}`, but must be from 0 to 1")));
            }
        }
        let most = 1 << 31;
        for (key, number, allowed) in [
            ("most_files", settings.most_files, 1..=NAMES.len() as u64),
            ("least_bytes", settings.least_bytes, 0..=settings.most_bytes),
            ("most_bytes", settings.most_bytes, 0..=most),
            ("large_bytes", settings.large_bytes, 0..=most),
            ("zip_bomb_bytes", settings.zip_bomb_bytes, 0..=most),
        ] {
            if !allowed.contains(&number) {
                let (least, most) = allowed.into_inner();
                return Err(wrong(key, format!("is `{number}`, but must be {least} to {most}")));
            }
        }
        Ok(Files { seed, settings: settings.clone() })
    }

    /// How many files a record has, also where they are gone.
    pub(crate) fn count(&self, of: Holder) -> u64 {
        let share = match of.object {
            CrmObject::Case => self.settings.cases,
            CrmObject::Followup => self.settings.followups,
            CrmObject::Faq => self.settings.faqs,
            _ => 0.0,
        };
        if self.fraction(of, About::Has) >= share {
            return 0;
        }
        match 1 + self.draw(of, About::Count) % self.settings.most_files {
            count if count > 1 && self.settings.nasty_names => nasty::all().len() as u64,
            count => count,
        }
    }

    /// Whether a record's files are gone, though the CRM tells of them.
    pub(super) fn are_gone(&self, of: Holder) -> bool {
        self.fraction(of, About::Gone) < self.settings.vanished
    }

    /// The files of a record.
    pub(super) fn of(&self, of: Holder) -> Vec<File> {
        let count = self.count(of);
        let mut files: Vec<File> = match self.settings.nasty_names {
            true if count > 1 => {
                let all = nasty::all().into_iter().enumerate();
                all.map(|(nth, nasty)| self.nasty(of, nth as u64, nasty)).collect()
            }
            true if count == 1 => {
                let name = nasty::alone(self.draw(of, About::Name));
                vec![File { name, content: self.text(of, 0), form: Form::File, bomb: None }]
            }
            _ => (0..count).map(|nth| self.file(of, nth)).collect(),
        };
        if count > 1 && self.fraction(of, About::Bomb) < self.settings.zip_bombs {
            let bytes = self.settings.zip_bomb_bytes.next_multiple_of(MIB);
            let (name, content) = (b"bomb.bin".to_vec(), Content::default());
            files.push(File { name, content, form: Form::File, bomb: Some(bytes) });
        }
        files
    }

    /// The ZIP of a record's files.
    pub(super) fn zip(&self, files: Vec<File>) -> Content {
        let entries = files.into_iter().filter_map(|file| {
            if let Some(bytes) = file.bomb {
                let told = (self.settings.zip_bomb_as == ZipBomb::Lying).then_some(1_000);
                return Entry::bomb(&String::from_utf8_lossy(&file.name), bytes, told);
            }
            let (name, utf8) = self.name_in_zip(&file);
            Some(Entry::new(name, utf8, file.form, file.content))
        });
        archive(entries.collect())
    }

    /// The name under which a file stands in a ZIP. Nasty names stand there as they are.
    pub(super) fn name_in_zip(&self, file: &File) -> (Vec<u8>, bool) {
        match std::str::from_utf8(&file.name) {
            Ok(name) if !self.settings.nasty_names => in_zip(name, self.settings.zip_names),
            read => (file.name.clone(), read.is_ok_and(|name| !name.is_ascii())),
        }
    }

    fn file(&self, of: Holder, nth: u64) -> File {
        // Names that follow one another, so that none is there twice.
        let place = self.draw(of, About::Name).wrapping_add(nth) % NAMES.len() as u64;
        let name = NAMES[place as usize];
        let is_large = nth == 0 && self.fraction(of, About::Large) < self.settings.large_share;
        let bytes = if is_large { self.settings.large_bytes } else { self.bytes(of, nth) };
        let key = self.key(of, nth);
        let start = |text: &str| Content::bytes(text.as_bytes().to_vec());
        let noise = |bytes: u64, start: Content| {
            let rest = bytes.saturating_sub(start.len());
            start.then(Content::noise(key, rest))
        };
        let content = match name.rsplit('.').next() {
            Some("docx") if !is_large => documents(key, bytes, &DOCX),
            Some("zip") if !is_large => documents(key, bytes, &ZIPPED),
            Some("txt" | "csv") => Content::text(key, bytes),
            Some("pdf") => noise(bytes, start("%PDF-1.4\n")),
            Some("png") => noise(bytes, Content::bytes(b"\x89PNG\r\n\x1a\n".to_vec())),
            _ => noise(bytes, Content::default()),
        };
        File { name: name.into(), content, form: Form::File, bomb: None }
    }

    fn nasty(&self, of: Holder, nth: u64, nasty: nasty::Nasty) -> File {
        let content = match nasty.form {
            Form::File => self.text(of, nth),
            Form::Directory => Content::default(),
            Form::Symlink => Content::bytes(nasty.to.as_bytes()),
        };
        File { name: nasty.name, content, form: nasty.form, bomb: None }
    }

    fn text(&self, of: Holder, nth: u64) -> Content {
        Content::text(self.key(of, nth), self.bytes(of, nth))
    }

    fn bytes(&self, of: Holder, nth: u64) -> u64 {
        let (least, most) = (self.settings.least_bytes, self.settings.most_bytes);
        least + mix(&[self.draw(of, About::Bytes), nth]) % (most - least + 1)
    }

    fn key(&self, of: Holder, nth: u64) -> u64 {
        mix(&[self.draw(of, About::Key), nth])
    }

    fn draw(&self, of: Holder, about: About) -> u64 {
        mix(&[self.seed, of.object as u64 + 200, about as u64, of.id])
    }

    fn fraction(&self, of: Holder, about: About) -> f64 {
        fraction(&[self.seed, of.object as u64 + 200, about as u64, of.id])
    }
}

const DOCX: [&str; 2] = ["[Content_Types].xml", "word/document.xml"];
const ZIPPED: [&str; 2] = ["one.txt", "folder/two.txt"];

/// A file that is a ZIP itself: its bytes begin like those of a ZIP of several files.
fn documents(key: u64, bytes: u64, names: &[&str]) -> Content {
    let entry = |(nth, name): (u64, &&str)| {
        let content = Content::text(mix(&[key, nth]), bytes);
        Entry::new(name.as_bytes().to_vec(), false, Form::File, content)
    };
    archive((0..).zip(names).map(entry).collect())
}

/// The type of a file by its name.
pub(super) fn content_type(name: &[u8]) -> &'static str {
    let name = String::from_utf8_lossy(name);
    match name.rsplit('.').next() {
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg") => "image/jpeg",
        Some("txt") => "text/plain",
        Some("csv") => "text/csv",
        Some("zip") => "application/zip",
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => "application/octet-stream",
    }
}

/// The name that a reply with several files bears.
pub(super) fn zip_name(object: CrmObject, id: &str) -> String {
    format!("{}_{}.zip", object.name(), percent(id.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(settings: AttachmentSettings) -> Files {
        Files::new(1, &settings).unwrap()
    }

    fn cases(count: u64) -> impl Iterator<Item = Holder> {
        (0..count).map(|id| Holder { object: CrmObject::Case, id })
    }

    #[test]
    fn as_many_records_have_files_as_is_set() {
        let files = files(AttachmentSettings { cases: 0.25, ..AttachmentSettings::default() });
        let counts: Vec<u64> = cases(4_000).map(|of| files.count(of)).collect();
        let with = counts.iter().filter(|count| **count > 0).count();
        assert!((900..1_100).contains(&with), "{with} of 4000");
        assert!((1..=3).all(|many| counts.contains(&many)) && counts.iter().all(|n| *n <= 3));
    }

    #[test]
    fn files_of_a_record_have_different_names_and_are_the_same_each_time() {
        let files = files(AttachmentSettings { cases: 1.0, ..AttachmentSettings::default() });
        for of in cases(100) {
            let (first, again) = (files.of(of), files.of(of));
            assert_eq!(first.len() as u64, files.count(of));
            let mut names: Vec<_> = first.iter().map(|file| &file.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), first.len());
            for (file, again) in first.iter().zip(&again) {
                assert_eq!(file.content.sha256(), again.content.sha256());
            }
        }
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_by_name() {
        for (settings, expected) in [
            (
                AttachmentSettings { cases: 1.5, ..AttachmentSettings::default() },
                "`attachments.cases` is `1.5`",
            ),
            (
                AttachmentSettings {
                    least_bytes: 9,
                    most_bytes: 8,
                    ..AttachmentSettings::default()
                },
                "`attachments.least_bytes` is `9`, but must be 0 to 8",
            ),
            (
                AttachmentSettings { most_files: 0, ..AttachmentSettings::default() },
                "`attachments.most_files` is `0`",
            ),
        ] {
            let error = Files::new(1, &settings).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
