//! ID numbers are checked and forgotten: what stays is a keyed hash, cut short, where the roster has no id of its own.

use crate::roster::Month;
use chrono::{Datelike, NaiveDate};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What an ID number (GB 11643) says about its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holder {
    /// Date of birth.
    pub born: NaiveDate,
}

/// Why an ID number cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdNumberFault {
    /// Not 17 digits and a digit or X.
    Form,
    /// Ends in 000: the last digits were lost when it was typed as a number.
    Rounded,
    /// The check digit does not fit.
    Checksum,
    /// The eight digits of birth are no date.
    Birth,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK: &[u8; 11] = b"10X98765432";

/// Checks form, check digit and date of birth of an ID number.
///
/// # Errors
/// What does not fit.
pub(crate) fn check_id_number(number: &str) -> Result<Holder, IdNumberFault> {
    let upper = number.to_ascii_uppercase();
    let bytes = upper.as_bytes();
    let (front, last) = match bytes {
        [front @ .., last] if front.len() == 17 && front.iter().all(u8::is_ascii_digit) => (front, *last),
        _ => return Err(IdNumberFault::Form),
    };
    let sum: u32 = front.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    if CHECK[(sum % 11) as usize] != last {
        return Err(if upper.ends_with("000") { IdNumberFault::Rounded } else { IdNumberFault::Checksum });
    }
    let birth = upper.get(6..14).and_then(|d| NaiveDate::parse_from_str(d, "%Y%m%d").ok());
    birth.filter(|d| d.year() >= 1880).map(|born| Holder { born }).ok_or(IdNumberFault::Birth)
}

impl Holder {
    /// Full years on the first day of `month`.
    pub(crate) fn age(self, month: Month) -> i32 {
        let day = month.first();
        let had_birthday = (day.month(), day.day()) >= (self.born.month(), self.born.day());
        day.year() - self.born.year() - i32::from(!had_birthday)
    }
}

/// The county's secret behind the ids of its clients.
#[derive(Debug, Clone)]
pub(crate) struct IdKey(pub String);

impl IdKey {
    /// A short stable id of somebody, from parts that name them; it cannot be read back without the secret.
    pub(crate) fn id_of(&self, parts: &[&str]) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).ok()?;
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        let hash = mac.finalize().into_bytes();
        let hex: String = hash.iter().take(5).map(|b| format!("{b:02X}")).collect();
        Some(format!("K{hex}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_invented_numbers_of_the_notes_are_sound_and_every_single_typo_is_seen() {
        let december = "2026-12".parse().unwrap();
        assert_eq!(check_id_number("00000019500101001X").unwrap().age(december), 76);
        let sound = "000000194802290029";
        assert!(check_id_number(sound).is_ok());
        for at in 0..18 {
            for digit in b'0'..=b'9' {
                let mut typo = sound.as_bytes().to_vec();
                if typo[at] != digit {
                    typo[at] = digit;
                    assert!(check_id_number(std::str::from_utf8(&typo).unwrap()).is_err());
                }
            }
        }
    }

    #[test]
    fn a_rounded_number_is_told_from_a_typo() {
        assert_eq!(check_id_number("000000194802290000"), Err(IdNumberFault::Rounded));
        assert_eq!(check_id_number("000000194802290028"), Err(IdNumberFault::Checksum));
        assert_eq!(check_id_number("4.80229E+17"), Err(IdNumberFault::Form));
    }

    #[test]
    fn ids_are_stable_and_depend_on_the_secret() {
        let (a, b) = (IdKey("a".into()), IdKey("b".into()));
        assert_eq!(a.id_of(&["x"]), a.id_of(&["x"]));
        assert_ne!(a.id_of(&["x"]), b.id_of(&["x"]));
        assert_ne!(a.id_of(&["x", ""]), a.id_of(&["", "x"]));
    }
}
