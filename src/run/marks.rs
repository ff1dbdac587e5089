//! Lines of files, a bit for each: which rows of millions have been seen.

use std::collections::HashMap;

/// Words of a page; a page is there once a line of it is marked, so that a line far out costs no
/// more than one.
const WORDS: usize = 1024;

/// Lines of a page.
const LINES: u64 = WORDS as u64 * 64;

/// Marked lines of some files.
#[derive(Debug, Default)]
pub struct Marks {
    pages: HashMap<(usize, u64), Box<[u64]>>,
    count: u64,
}

impl Marks {
    /// Marks a line; whether it was not marked before.
    pub fn add(&mut self, file: usize, line: u64) -> bool {
        let page = self.pages.entry((file, line / LINES)).or_insert_with(|| vec![0; WORDS].into());
        let (word, bit) = place(line);
        let is_new = page[word] & bit == 0;
        page[word] |= bit;
        self.count += u64::from(is_new);
        is_new
    }

    /// Takes a mark away; whether it was there.
    pub fn take(&mut self, file: usize, line: u64) -> bool {
        let Some(page) = self.pages.get_mut(&(file, line / LINES)) else { return false };
        let (word, bit) = place(line);
        let was_there = page[word] & bit != 0;
        page[word] &= !bit;
        self.count -= u64::from(was_there);
        was_there
    }

    /// Whether a line is marked.
    pub fn has(&self, file: usize, line: u64) -> bool {
        let (word, bit) = place(line);
        self.pages.get(&(file, line / LINES)).is_some_and(|page| page[word] & bit != 0)
    }

    /// How many are marked.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// The first `most` marked lines, in order.
    pub fn first(&self, most: usize) -> Vec<(usize, u64)> {
        let mut pages: Vec<&(usize, u64)> = self.pages.keys().collect();
        pages.sort_unstable();
        let marked = pages.into_iter().flat_map(|&(file, page)| {
            let lines = page * LINES..(page + 1) * LINES;
            lines.filter(move |line| self.has(file, *line)).map(move |line| (file, line))
        });
        marked.take(most).collect()
    }
}

fn place(line: u64) -> (usize, u64) {
    let at = line % LINES;
    ((at / 64) as usize, 1 << (at % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_marked_once_and_taken_once() {
        let mut marks = Marks::default();
        for line in [2, 3, LINES - 1, LINES, u64::MAX / 2] {
            assert!(marks.add(0, line), "{line}");
            assert!(!marks.add(0, line), "{line}");
            assert!(marks.has(0, line) && !marks.has(1, line) && !marks.has(0, line + 7));
        }
        assert_eq!(marks.len(), 5);
        assert_eq!(marks.first(2), [(0, 2), (0, 3)]);
        assert!(marks.take(0, 2) && !marks.take(0, 2) && !marks.take(3, 9));
        assert_eq!((marks.len(), marks.first(9).len()), (4, 4));
    }
}
