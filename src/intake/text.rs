//! Text of township offices: the encoding is told by the bytes, never by the file's name.

use crate::base::{Fault, Outcome};
use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

/// Decodes a whole file: UTF-8 with or without BOM, UTF-16 with or without BOM, else GB18030 (which holds GBK and GB2312).
/// Line ends become `\n`. `name` is the file's name for the sentence of an error.
///
/// # Errors
/// The bytes are a workbook, an archive or another binary file, or no known encoding fits.
pub(crate) fn decode(bytes: Vec<u8>, name: &str) -> Outcome<String> {
    if let Some(fault) = not_a_text(&bytes, name) {
        return Err(fault);
    }
    let text = match encoding(&bytes) {
        Some((encoding, skip)) => {
            let (text, had_errors) = encoding.decode_without_bom_handling(&bytes[skip..]);
            if had_errors { None } else { Some(text.into_owned()) }
        }
        None => String::from_utf8(bytes).ok(),
    };
    let Some(mut text) = text else {
        return Err(Fault::refused(
            format!("{name}：文字编码无法识别。请用表格软件另存为“CSV UTF-8”后重新提交。"),
            format!(
                "{name}: the text encoding cannot be told; save the file as 'CSV UTF-8' and send it again."
            ),
        ));
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    // A lone carriage return ends a line in old spreadsheet programs.
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    Ok(text)
}

/// The encoding and the length of its mark; `None`: UTF-8.
fn encoding(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => return None,
        [0xFF, 0xFE, ..] => return Some((UTF_16LE, 2)),
        [0xFE, 0xFF, ..] => return Some((UTF_16BE, 2)),
        [0x84, 0x31, 0x95, 0x33, ..] => return Some((GB18030, 4)),
        _ => {}
    }
    // Separators and digits of UTF-16 carry a zero byte, which no other encoding of text does.
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if even + odd > 0 {
        return Some((if odd >= even { UTF_16LE } else { UTF_16BE }, 0));
    }
    if std::str::from_utf8(bytes).is_ok() { None } else { Some((GB18030, 0)) }
}

fn not_a_text(bytes: &[u8], name: &str) -> Option<Fault> {
    let (zh, en) = match bytes {
        [b'P', b'K', 3, 4, ..] => (
            "内容是工作簿而不是 CSV，请把扩展名改回 .xlsx",
            "the content is a workbook, not CSV; name it .xlsx again",
        ),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => (
            "是旧版 .xls 或加密的工作簿，请另存为不加密的 .xlsx",
            "this is an old .xls or a workbook with a password; save it as .xlsx without a password",
        ),
        [b'%', b'P', b'D', b'F', ..] => {
            ("内容是 PDF，请提交原始表格", "the content is a PDF; send the table it was printed from")
        }
        _ => return None,
    };
    Some(Fault::refused(format!("{name}：{zh}。"), format!("{name}: {en}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "姓名,村\n张三,窵岔村\n李四,中窎村\n";

    fn decoded(bytes: Vec<u8>) -> String {
        decode(bytes, "x.csv").unwrap()
    }

    #[test]
    fn every_encoding_of_practice_gives_the_same_text() {
        let gb = GB18030.encode(TEXT).0.into_owned();
        let utf16 = |be: bool| -> Vec<u8> {
            TEXT.encode_utf16().flat_map(|u| if be { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        let with = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        for (case, bytes) in [
            ("utf-8", TEXT.into()),
            ("utf-8 with mark", with(&[0xEF, 0xBB, 0xBF], TEXT.as_bytes())),
            ("gb18030", gb.clone()),
            ("gb18030 with mark", with(&[0x84, 0x31, 0x95, 0x33], &gb)),
            ("utf-16 le", utf16(false)),
            ("utf-16 be", utf16(true)),
            ("utf-16 le with mark", with(&[0xFF, 0xFE], &utf16(false))),
            ("utf-16 be with mark", with(&[0xFE, 0xFF], &utf16(true))),
            ("crlf", TEXT.replace('\n', "\r\n").into()),
            ("cr", TEXT.replace('\n', "\r").into()),
        ] {
            assert_eq!(decoded(bytes), TEXT, "{case}");
        }
    }

    #[test]
    fn other_files_under_the_name_of_a_table_are_told_apart() {
        let said = |bytes: &[u8]| decode(bytes.to_vec(), "x.csv").unwrap_err().en;
        assert!(said(b"PK\x03\x04rest").contains("workbook"));
        assert!(said(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1]).contains("password"));
        assert!(said(&[0xC3, 0x28, 0xFF, 0xFF, 0xFF]).contains("encoding"));
    }
}
