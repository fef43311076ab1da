//! Text of township offices: the encoding is told by the bytes, never by the file's name. Read as a stream, so that the size
//! of a file is no matter of memory.

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes read at a time.
const BLOCK: usize = 1 << 16;
/// A quoted cell with more lines is an unclosed quote.
const MOST_LINES_IN_A_CELL: u64 = 40;
/// A longer row is no row of a roster.
const MOST_BYTES_IN_A_ROW: usize = 1 << 20;

/// Why a text cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFault {
    /// A workbook under another name.
    Workbook,
    /// An old or encrypted workbook.
    OldWorkbook,
    /// A PDF.
    Pdf,
    /// No known encoding fits.
    Encoding,
    /// A quote opened in this line does not close.
    Quote(u64),
    /// This line is too long for a row.
    LongRow(u64),
}

impl TextFault {
    /// The end of the sentence in Chinese and English, and the row it is about.
    pub(crate) fn sentence(self) -> (Option<u64>, &'static str, &'static str) {
        match self {
            TextFault::Workbook => (
                None,
                "内容是工作簿而不是 CSV，请把扩展名改回 .xlsx。",
                "the content is a workbook, not CSV; name it .xlsx again.",
            ),
            TextFault::OldWorkbook => (
                None,
                "是旧版 .xls 或加密的工作簿，请另存为不加密的 .xlsx。",
                "this is an old .xls or a workbook with a password; save it as .xlsx without a password.",
            ),
            TextFault::Pdf => (
                None,
                "内容是 PDF，请提交原始表格。",
                "the content is a PDF; send the table it was printed from.",
            ),
            TextFault::Encoding => (
                None,
                "文字编码无法识别。请用表格软件另存为“CSV UTF-8”后重新提交。",
                "the text encoding cannot be told; save the file as 'CSV UTF-8' and send it again.",
            ),
            TextFault::Quote(line) => (
                Some(line),
                "有一个引号没有闭合，其后的行无法读取。请补上或删除该引号。",
                "a quote is never closed, so the rows after it cannot be read; close or delete it.",
            ),
            TextFault::LongRow(line) => (
                Some(line),
                "这一行超过 1 MiB，不像一份名册。",
                "this row is longer than 1 MiB; this is hardly a roster.",
            ),
        }
    }
}

/// A file as UTF-8 with `\n` line ends and one at its end; an unclosed quote and an endless row end it.
pub(crate) struct PlainText<R> {
    from: R,
    decoder: Decoder,
    /// Decoded text, handed out up to `at`.
    text: String,
    at: usize,
    /// Bytes read and not decoded yet.
    bytes: Vec<u8>,
    is_over: bool,
    /// The last character was a carriage return.
    after_cr: bool,
    guard: Guard,
    /// Why the stream ended before the file.
    pub fault: Option<TextFault>,
}

impl<R: Read + Seek> PlainText<R> {
    /// Tells the encoding (UTF-8 with or without mark, UTF-16 with or without mark, else GB18030, which holds GBK and
    /// GB2312) and the separator of the first row with one (comma, semicolon, tab or bar).
    ///
    /// # Errors
    /// The file cannot be read; the inner fault: it is no text.
    pub(crate) fn open(mut from: R) -> io::Result<Result<(PlainText<R>, u8), TextFault>> {
        let mut head = Vec::new();
        from.by_ref().take(4096).read_to_end(&mut head)?;
        if let Some(fault) = not_a_text(&head) {
            return Ok(Err(fault));
        }
        let (encoding, skip) = match marked(&head) {
            Some(told) => told,
            None if is_utf8(&head, &mut from)? => (UTF_8, 0),
            None => (GB18030, 0),
        };
        from.seek(SeekFrom::Start(skip))?;
        let mut text = PlainText {
            from,
            decoder: encoding.new_decoder_without_bom_handling(),
            text: String::new(),
            at: 0,
            bytes: Vec::new(),
            is_over: false,
            after_cr: false,
            guard: Guard { line: 1, cell_starts: true, ..Guard::default() },
            fault: None,
        };
        text.fill()?;
        let separator = separator(&text.text);
        text.guard.separator = separator;
        let first = std::mem::take(&mut text.text);
        text.fault = text.guard.pass(first.as_bytes()).err().or(text.fault);
        text.text = first;
        Ok(Ok((text, separator)))
    }

    /// Decodes the next block into `text`.
    fn fill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.at = 0;
        while self.text.is_empty() && !self.is_over && self.fault.is_none() {
            let held = self.bytes.len();
            self.bytes.resize(held + BLOCK, 0);
            let n = self.from.read(&mut self.bytes[held..])?;
            self.bytes.truncate(held + n);
            let last = n == 0;
            let room = self
                .decoder
                .max_utf8_buffer_length_without_replacement(self.bytes.len())
                .unwrap_or(8 * BLOCK);
            let mut out = String::with_capacity(room);
            let (result, read) =
                self.decoder.decode_to_string_without_replacement(&self.bytes, &mut out, last);
            self.bytes.drain(..read);
            if matches!(result, DecoderResult::Malformed(..)) {
                self.fault = Some(TextFault::Encoding);
            }
            self.take_over(&out, last && result != DecoderResult::OutputFull);
        }
        Ok(())
    }

    /// Makes one line end of every kind; the last line has one too.
    fn take_over(&mut self, out: &str, last: bool) {
        let out = if self.guard.began { out } else { out.strip_prefix('\u{feff}').unwrap_or(out) };
        let mut rest = out;
        if self.after_cr {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
            self.after_cr &= out.is_empty();
        }
        // A lone carriage return ends a line in old spreadsheet programs.
        while let Some(cr) = rest.find('\r') {
            self.text.push_str(&rest[..cr]);
            self.text.push('\n');
            rest = &rest[cr + 1..];
            self.after_cr = rest.is_empty();
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
        self.text.push_str(rest);
        self.is_over = last;
        self.guard.began |= !out.is_empty();
        self.guard.ends_open =
            if self.text.is_empty() { self.guard.ends_open } else { !self.text.ends_with('\n') };
        if last && self.guard.ends_open {
            self.text.push('\n');
            self.guard.ends_open = false;
        }
    }
}

impl<R: Read + Seek> Read for PlainText<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() {
            self.fill()?;
            let text = std::mem::take(&mut self.text);
            let guarded = self.guard.pass(text.as_bytes());
            self.fault = guarded.err().or(self.fault);
            self.text = text;
        }
        let over = self.is_over && self.text.is_empty();
        if over && let Some(line) = self.guard.opened {
            self.fault = self.fault.or(Some(TextFault::Quote(line)));
        }
        if self.fault.is_some() {
            return Err(io::Error::other("no text"));
        }
        let n = out.len().min(self.text.len() - self.at);
        out[..n].copy_from_slice(&self.text.as_bytes()[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

/// Follows quotes and rows, as the parser will.
#[derive(Debug, Default)]
struct Guard {
    separator: u8,
    line: u64,
    /// The line of a quote that is open.
    opened: Option<u64>,
    /// The byte before was a quote inside quotes that were opened in this line.
    closing: Option<u64>,
    cell_starts: bool,
    row_bytes: usize,
    /// Something was read.
    began: bool,
    /// What was read does not end in a line end.
    ends_open: bool,
}

impl Guard {
    fn pass(&mut self, bytes: &[u8]) -> Result<(), TextFault> {
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            if self.opened.or(self.closing).is_some() || line.contains(&b'"') {
                line.iter().for_each(|b| self.byte(*b));
            } else if let Some(last) = line.last() {
                self.cell_starts = *last == b'\n' || *last == self.separator;
            }
            self.row_bytes += line.len();
            if self.row_bytes > MOST_BYTES_IN_A_ROW {
                return Err(TextFault::LongRow(self.opened.unwrap_or(self.line)));
            }
            if line.ends_with(b"\n") {
                if let Some(from) = self.opened.filter(|from| self.line - from >= MOST_LINES_IN_A_CELL) {
                    return Err(TextFault::Quote(from));
                }
                self.line += 1;
                self.row_bytes = if self.opened.is_some() { self.row_bytes } else { 0 };
            }
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8) {
        let closed = self.closing.take();
        match (byte, self.opened) {
            // Two quotes inside quotes are one that is meant.
            (b'"', None) if closed.is_some() => self.opened = closed,
            (b'"', None) if self.cell_starts => self.opened = Some(self.line),
            (b'"', opened @ Some(_)) => {
                self.closing = opened;
                self.opened = None;
            }
            _ => {}
        }
        self.cell_starts = byte == b'\n' || byte == self.separator;
    }
}

/// The encoding that a mark or zero bytes tell, and the length of the mark.
fn marked(head: &[u8]) -> Option<(&'static Encoding, u64)> {
    match head {
        [0xEF, 0xBB, 0xBF, ..] => return Some((UTF_8, 3)),
        [0xFF, 0xFE, ..] => return Some((UTF_16LE, 2)),
        [0xFE, 0xFF, ..] => return Some((UTF_16BE, 2)),
        [0x84, 0x31, 0x95, 0x33, ..] => return Some((GB18030, 4)),
        _ => {}
    }
    // Separators and digits of UTF-16 carry a zero byte, which no other encoding of text does.
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    (even + odd > 0).then_some((if odd >= even { UTF_16LE } else { UTF_16BE }, 0))
}

/// The whole file is UTF-8: `head` is what was read of it already.
fn is_utf8(head: &[u8], from: &mut impl Read) -> io::Result<bool> {
    let (mut decoder, mut block, mut out) =
        (UTF_8.new_decoder_without_bom_handling(), vec![0; BLOCK], String::new());
    // Room for what the decoder holds back from the block before, too.
    out.reserve(decoder.max_utf8_buffer_length_without_replacement(2 * BLOCK).unwrap_or(8 * BLOCK));
    let mut bytes = head;
    loop {
        let n = bytes.len();
        let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut out, n == 0);
        if !matches!(result, DecoderResult::InputEmpty) || n == 0 {
            return Ok(matches!(result, DecoderResult::InputEmpty));
        }
        out.clear();
        let n = from.read(&mut block)?;
        bytes = &block[..n];
    }
}

fn not_a_text(head: &[u8]) -> Option<TextFault> {
    match head {
        [b'P', b'K', 3, 4, ..] => Some(TextFault::Workbook),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Some(TextFault::OldWorkbook),
        [b'%', b'P', b'D', b'F', ..] => Some(TextFault::Pdf),
        _ => None,
    }
}

/// The separator that stands most often in the first lines, outside quotes; a comma if none does.
fn separator(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            // The header decides: cells below it may hold lists with separators of their own.
            b'\n' if counts.iter().any(|(_, n)| *n > 0) => break,
            _ if !quoted => counts.iter_mut().filter(|(s, _)| *s == byte).for_each(|(_, n)| *n += 1),
            _ => {}
        }
    }
    counts.iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(s, _)| *s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    const TEXT: &str = "姓名,村\n张三,窵岔村\n李四,中窎村\n";

    fn decoded(bytes: Vec<u8>) -> Result<String, TextFault> {
        let (mut text, _) = PlainText::open(Cursor::new(bytes)).unwrap()?;
        let mut out = String::new();
        let _ = text.read_to_string(&mut out);
        text.fault.map_or(Ok(out), Err)
    }

    fn encodings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
        let gb = GB18030.encode(text).0.into_owned();
        let utf16 = |be: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|u| if be { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        let with = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        vec![
            ("utf-8", text.into()),
            ("utf-8 with mark", with(&[0xEF, 0xBB, 0xBF], text.as_bytes())),
            ("gb18030", gb.clone()),
            ("gb18030 with mark", with(&[0x84, 0x31, 0x95, 0x33], &gb)),
            ("utf-16 le", utf16(false)),
            ("utf-16 be", utf16(true)),
            ("utf-16 le with mark", with(&[0xFF, 0xFE], &utf16(false))),
            ("utf-16 be with mark", with(&[0xFE, 0xFF], &utf16(true))),
        ]
    }

    #[test]
    fn every_encoding_of_practice_gives_the_same_text() {
        for (case, bytes) in encodings(TEXT) {
            assert_eq!(decoded(bytes).as_deref(), Ok(TEXT), "{case}");
        }
        for (case, text) in [("crlf", "\r\n"), ("cr", "\r")] {
            assert_eq!(decoded(TEXT.replace('\n', text).into()).as_deref(), Ok(TEXT), "{case}");
        }
    }

    #[test]
    fn a_text_of_many_blocks_is_the_same_whatever_falls_on_their_borders() {
        for shift in 0..7 {
            let long = format!("{}\r\n{}", "a".repeat(shift), "姓名,村\r\n\"x\"\"y\",b\r\n".repeat(30_000));
            let plain = long.replace("\r\n", "\n");
            for (case, bytes) in encodings(&long) {
                assert!(decoded(bytes) == Ok(plain.clone()), "{case} {shift}");
            }
        }
    }

    #[test]
    fn other_files_under_the_name_of_a_table_are_told_apart() {
        assert_eq!(decoded(b"PK\x03\x04rest".to_vec()), Err(TextFault::Workbook));
        assert_eq!(decoded(vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1]), Err(TextFault::OldWorkbook));
        assert_eq!(decoded(vec![0xC3, 0x28, 0xFF, 0xFF, 0xFF]), Err(TextFault::Encoding));
        assert_eq!(decoded(vec![b'a'; 3 << 20]), Err(TextFault::LongRow(1)));
    }

    #[test]
    fn a_quote_that_never_closes_is_told_by_its_line() {
        assert_eq!(decoded(b"a,b\n1,\"x\n2,y\n".to_vec()), Err(TextFault::Quote(2)));
        let late = format!("a,b\n1,\"x\n{}2,\"y\"\n", "3,c\n".repeat(1000));
        assert_eq!(decoded(late.into_bytes()), Err(TextFault::Quote(2)));
        assert_eq!(decoded(b"a,b\n1,\"x\"\"\ny\"\n".to_vec()).as_deref(), Ok("a,b\n1,\"x\"\"\ny\"\n"));
    }
}
