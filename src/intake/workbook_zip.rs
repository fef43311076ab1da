//! What a workbook claims is checked against what its archive holds, before any library trusts it.

use crate::intake::refusal::Refusal;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// A roster of 100,000 rows inflates to about 60 MB.
const MOST_INFLATED: u64 = 400 << 20;
/// The file itself.
const MOST_PACKED: u64 = 100 << 20;
/// Parts of a workbook.
const MOST_ENTRIES: usize = 2_000;
/// `<si/>`: no shared string is shorter.
const LEAST_BYTES_A_STRING: u64 = 5;

fn refusal(zh: &str, en: &str) -> Refusal {
    Refusal::new(zh, en)
}

/// Checks kind, entries, inflated bytes and the counted strings of a workbook.
///
/// # Errors
/// Not an .xlsx, encrypted, an old or other format, or larger than the limits.
pub(crate) fn check_archive(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(refusal(
            "是旧版 .xls 或加密的工作簿，请去掉密码并另存为 .xlsx。",
            "this is an old .xls or a workbook with a password; remove it and save as .xlsx.",
        ));
    }
    let too_large = || {
        refusal(
            "工作簿展开后过大，不像一份名册；请拆分，或另存为 CSV。",
            "the workbook is too large once unpacked; split it, or save it as CSV.",
        )
    };
    if bytes.len() as u64 > MOST_PACKED {
        return Err(too_large());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| {
        refusal(
            "不是 .xlsx 工作簿，或文件不完整；请重新保存并提交。",
            "this is no .xlsx workbook, or it is cut short; save it again and send it.",
        )
    })?;
    if archive.len() > MOST_ENTRIES {
        return Err(too_large());
    }
    if archive.index_for_name("xl/workbook.xml").is_none() {
        return Err(refusal(
            "不是 .xlsx 工作簿（.xlsb、.ods、.et 等格式请另存为 .xlsx）。",
            "this is no .xlsx workbook; save .xlsb, .ods or .et as .xlsx.",
        ));
    }
    let mut inflated = 0;
    for i in 0..archive.len() {
        let mut entry = archive
            .by_index(i)
            .map_err(|_| refusal("工作簿已损坏或带有密码。", "the workbook is damaged or has a password."))?;
        let shared = entry.name().is_ok_and(|n| n.to_lowercase().ends_with("sharedstrings.xml"));
        let damaged = |_| refusal("工作簿已损坏。", "the workbook is damaged; save it again and send it.");
        let unpacked = inflate(&mut entry, MOST_INFLATED - inflated).map_err(damaged)?;
        let (size, head) = unpacked.ok_or_else(too_large)?;
        inflated += size;
        if shared && counted_strings(&head).is_some_and(|n| n > size / LEAST_BYTES_A_STRING) {
            return Err(refusal(
                "工作簿声明的字符串数多于文件能容纳的数目，已损坏或被改动过。",
                "the workbook counts more strings than the file can hold; it is damaged or forged.",
            ));
        }
    }
    Ok(())
}

/// The size of an entry once unpacked, by unpacking it, and its first bytes; `None` beyond `most`.
fn inflate(entry: &mut impl Read, most: u64) -> std::io::Result<Option<(u64, Vec<u8>)>> {
    let (mut size, mut head, mut buffer) = (0, Vec::new(), vec![0; 1 << 16]);
    loop {
        let n = entry.read(&mut buffer)?;
        if n == 0 {
            return Ok(Some((size, head)));
        }
        if head.len() < 4096 {
            head.extend_from_slice(&buffer[..n.min(4096)]);
        }
        size += n as u64;
        if size > most {
            return Ok(None);
        }
    }
}

/// The largest `uniqueCount` or `count` in the head of a string table; unreadable digits count as endless.
fn counted_strings(head: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(head);
    let after = text.match_indices("niqueCount").map(|(i, w)| &text[i + w.len()..]);
    after
        .map(|rest| {
            let rest = rest.trim_start_matches([' ', '=', '"', '\'', '\n', '\t', '\r']);
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().unwrap_or(u64::MAX)
        })
        .max()
}
