//! Names that lead a careless client out of its folder, or of which it cannot make a file.

use super::zip::Form;

/// A name and what bears it. A symbolic link leads to its `to`.
pub(super) struct Nasty {
    pub name: Vec<u8>,
    pub form: Form,
    pub to: &'static str,
}

/// Files, by what is wrong with their names.
const FILES: &[&[u8]] = &[
    // Out of the folder.
    b"../../evil.txt",
    b"x/../../evil.txt",
    b"/tmp/evil.txt",
    b"//evil.txt",
    b"..\\..\\evil.txt",
    b"C:\\evil.txt",
    b"C:evil.txt",
    b"\\\\server\\share\\evil.txt",
    b"..%2f..%2fevil.txt",
    b"%2e%2e/%2e%2e/evil.txt",
    b"~/evil.txt",
    // Repeated, or the same to some file systems.
    b"same.txt",
    b"same.txt",
    b"same.txt",
    b"Same.TXT",
    b"same (1).txt",
    "\u{e9}t\u{e9}.txt".as_bytes(),
    "e\u{301}te\u{301}.txt".as_bytes(),
    // None at all.
    b"",
    b" ",
    b".",
    b"..",
    b"/",
    b"...",
    // Characters.
    b"nul\0byte.txt",
    b"bell\x07.txt",
    b"line\nbreak\r.txt",
    b"a:b*c?d\"e<f>g|h.txt",
    b"caf\xE9.txt",
    b"\xFF\xFE\x80.bin",
    "gnp.\u{202e}txt.exe".as_bytes(),
    b"-rf",
    b"trailing dot.",
    b"trailing blank ",
    // Reserved.
    b"CON",
    b"con.txt",
    b"NUL.tar.gz",
    b"COM1",
    b"lpt9.doc",
    b"aux.c",
    // A file where there is to be a folder, and folders in folders.
    b"both",
    b"both/inner.txt",
    b"a/b/c/d/e/inner.txt",
];

/// How long the longest name is.
const LONG: usize = 300;

/// All of them, in the order in which a ZIP holds them.
pub(super) fn all() -> Vec<Nasty> {
    let file = |name: Vec<u8>| Nasty { name, form: Form::File, to: "" };
    let link = |name: &[u8], to| Nasty { name: name.into(), form: Form::Symlink, to };
    let mut all: Vec<Nasty> = FILES.iter().map(|name| file(name.to_vec())).collect();
    all.push(file([vec![b'n'; LONG], b".txt".to_vec()].concat()));
    // As many bytes as a name may have, but far more than so many characters of one byte.
    all.push(file(["\u{5199}".repeat(100).into_bytes(), b".png".to_vec()].concat()));
    all.push(Nasty { name: b"folder/".into(), form: Form::Directory, to: "" });
    all.push(Nasty { name: b"../outside/".into(), form: Form::Directory, to: "" });
    all.push(link(b"link", "../.."));
    all.push(file(b"link/through.txt".into()));
    all.push(link(b"passwords.txt", "/etc/passwd"));
    all
}

/// The n-th name of a file that is sent alone; some of the characters no header can hold.
pub(super) fn alone(nth: u64) -> Vec<u8> {
    let place = nth as usize % (FILES.len() + 1);
    FILES.get(place).map_or_else(|| [vec![b'n'; LONG], b".txt".to_vec()].concat(), |n| n.to_vec())
}
