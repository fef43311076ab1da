//! Rows as they came, many in one piece of text: no cell has memory of its own, and a piece goes through a pipe as it is.

/// Text of a piece before it is handed on.
const FULL_BYTES: usize = 1 << 20;
/// Rows of a piece before it is handed on.
const FULL_ROWS: usize = 8_192;

/// One row inside a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    /// Row as the office program counts it, from 1.
    number: u32,
    /// Cells of the piece up to the end of this row.
    end: u32,
}

/// Some non-empty rows of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// The trimmed cells, one behind the other.
    text: String,
    /// End of each cell in `text`.
    ends: Vec<u32>,
    lines: Vec<Line>,
    /// Cells, counted through the piece, that the office program holds as numbers; ascending.
    numeric: Vec<u32>,
}

/// One non-empty row as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawRow<'a> {
    chunk: &'a Chunk,
    /// Row as the office program counts it, from 1.
    pub number: u32,
    first: usize,
    end: usize,
}

impl<'a> RawRow<'a> {
    /// How many cells the row has.
    pub(crate) fn len(&self) -> usize {
        self.end - self.first
    }

    /// A cell, trimmed; empty beyond the last one.
    pub(crate) fn cell(&self, at: usize) -> &'a str {
        let at = self.first + at;
        if at < self.end { self.chunk.cell(at) } else { "" }
    }

    /// The cells from left to right.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let chunk = self.chunk;
        (self.first..self.end).map(|at| chunk.cell(at))
    }

    /// The cell is held as a number by the office program.
    pub(crate) fn is_numeric(&self, at: usize) -> bool {
        let at = (self.first + at) as u32;
        !self.chunk.numeric.is_empty() && self.chunk.numeric.binary_search(&at).is_ok()
    }
}

impl Chunk {
    /// The rows in their order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = RawRow<'_>> {
        let first = |i: usize| if i == 0 { 0 } else { self.lines[i - 1].end as usize };
        self.lines.iter().enumerate().map(move |(i, l)| RawRow {
            chunk: self,
            number: l.number,
            first: first(i),
            end: l.end as usize,
        })
    }

    /// Bytes of text.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    fn cell(&self, at: usize) -> &str {
        let from = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.text[from..self.ends[at] as usize]
    }

    /// The piece as bytes: four counts, then rows, ends, numeric cells (little-endian numbers), and the text.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let counts = [self.lines.len(), self.ends.len(), self.numeric.len(), self.text.len()];
        let lines = self.lines.iter().flat_map(|l| [l.number, l.end]);
        let numbers = counts.iter().map(|n| *n as u32).chain(lines);
        let numbers = numbers.chain(self.ends.iter().copied()).chain(self.numeric.iter().copied());
        let words = 4 + 2 * counts[0] + counts[1] + counts[2];
        let mut bytes = Vec::with_capacity(4 * words + self.text.len());
        numbers.for_each(|n| bytes.extend_from_slice(&n.to_le_bytes()));
        bytes.extend_from_slice(self.text.as_bytes());
        bytes
    }

    /// A piece that keeps its rules: rows of at most `most_cells` cells, numbered upwards from beyond `after` to at most
    /// `most_rows`, text of whole characters. `None`: it does not.
    pub(crate) fn of_bytes(bytes: &[u8], after: u32, most_rows: u32, most_cells: usize) -> Option<Chunk> {
        let word = |at: usize| Some(u32::from_le_bytes(bytes.get(4 * at..4 * at + 4)?.try_into().ok()?));
        let count = |at: usize| Some(word(at)? as usize).filter(|n| *n <= bytes.len());
        let (lines, ends, numeric, text) = (count(0)?, count(1)?, count(2)?, count(3)?);
        let words = 4 + 2 * lines + ends + numeric;
        let at = 4 * words;
        if at + text != bytes.len() {
            return None;
        }
        let text = std::str::from_utf8(&bytes[at..]).ok()?.to_owned();
        let column = |from: usize, n: usize| (from..from + n).map(word).collect::<Option<Vec<u32>>>();
        let pairs = column(4, 2 * lines)?;
        let lines: Vec<Line> = pairs.chunks(2).map(|p| Line { number: p[0], end: p[1] }).collect();
        let (ends, numeric) = (column(4 + 2 * lines.len(), ends)?, column(words - numeric, numeric)?);
        let (mut before, mut from) = (after, 0);
        for line in &lines {
            let width = line.end.checked_sub(from)? as usize;
            if line.number <= before || line.number > most_rows || width > most_cells {
                return None;
            }
            (before, from) = (line.number, line.end);
        }
        let grows = |all: &[u32]| all.windows(2).all(|w| w[0] <= w[1]);
        let fits = from as usize == ends.len()
            && grows(&ends)
            && ends.iter().all(|e| text.is_char_boundary(*e as usize))
            && ends.last().map_or(0, |e| *e as usize) == text.len()
            && grows(&numeric)
            && numeric.last().is_none_or(|n| (*n as usize) < ends.len());
        fits.then_some(Chunk { text, ends, lines, numeric })
    }
}

/// Gathers rows into pieces.
#[derive(Debug, Default)]
pub(crate) struct ChunkWriter {
    chunk: Chunk,
}

impl ChunkWriter {
    /// Adds a row of cells (text, and whether it is held as a number); a row without any text is left out. Returns a piece
    /// when it is full.
    pub(crate) fn row<'c>(
        &mut self,
        number: u32,
        cells: impl Iterator<Item = (&'c str, bool)>,
    ) -> Option<Chunk> {
        let chunk = &mut self.chunk;
        let (text, ends) = (chunk.text.len(), chunk.ends.len());
        for (cell, numeric) in cells {
            if numeric {
                chunk.numeric.push(chunk.ends.len() as u32);
            }
            chunk.text.push_str(cell.trim());
            chunk.ends.push(chunk.text.len() as u32);
        }
        if chunk.text.len() == text {
            chunk.ends.truncate(ends);
            chunk.numeric.retain(|n| (*n as usize) < ends);
            return None;
        }
        chunk.lines.push(Line { number, end: chunk.ends.len() as u32 });
        let is_full = chunk.text.len() >= FULL_BYTES || chunk.lines.len() >= FULL_ROWS;
        is_full.then(|| std::mem::take(&mut self.chunk))
    }

    /// What is left; `None` if nothing is.
    pub(crate) fn rest(&mut self) -> Option<Chunk> {
        Some(std::mem::take(&mut self.chunk)).filter(|c| !c.lines.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Chunk {
        let mut writer = ChunkWriter::default();
        let rows =
            [(1, vec![("编号", false), ("b", false)]), (3, vec![]), (4, vec![(" 12 ", true), ("", false)])];
        for (number, cells) in rows {
            assert!(writer.row(number, cells.into_iter()).is_none());
        }
        writer.rest().unwrap()
    }

    fn read(bytes: &[u8]) -> Option<Chunk> {
        Chunk::of_bytes(bytes, 0, 9, 2)
    }

    #[test]
    fn rows_come_back_from_bytes_as_they_were() {
        let chunk = sample();
        let back = read(&chunk.to_bytes()).unwrap();
        assert_eq!(back, chunk);
        let rows: Vec<(u32, Vec<&str>)> = back.rows().map(|r| (r.number, r.cells().collect())).collect();
        assert_eq!(rows, [(1, vec!["编号", "b"]), (4, vec!["12", ""])]);
        let last = back.rows().last().unwrap();
        assert!(last.is_numeric(0) && !last.is_numeric(1) && last.cell(7).is_empty());
    }

    #[test]
    fn bytes_that_break_a_rule_are_no_piece() {
        let sound = sample().to_bytes();
        assert!(Chunk::of_bytes(&sound, 1, 9, 2).is_none(), "row 1 stood before");
        assert!(Chunk::of_bytes(&sound, 0, 3, 2).is_none(), "row 4 is beyond the sheet");
        assert!(Chunk::of_bytes(&sound, 0, 9, 1).is_none(), "two cells are too many");
        for cut in 0..sound.len() {
            assert!(read(&sound[..cut]).is_none());
        }
        // Whatever a single byte becomes, every cell of what is taken can be read.
        for at in 0..sound.len() {
            for bit in 0..8 {
                let mut bad = sound.clone();
                bad[at] ^= 1 << bit;
                if let Some(taken) = read(&bad) {
                    taken.rows().for_each(|r| assert!(r.cells().all(|c| c.len() <= sound.len())));
                }
            }
        }
    }
}
