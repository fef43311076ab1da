//! ID numbers are checked and forgotten: what stays is a keyed hash, cut short, where the roster has no id of its own.

use crate::roster::Month;
use chrono::{Datelike, NaiveDate};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

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
    let digits = |from: usize, to: usize| bytes[from..to].iter().fold(0, |n, b| 10 * n + u32::from(b - b'0'));
    let birth = NaiveDate::from_ymd_opt(digits(6, 10).cast_signed(), digits(10, 12), digits(12, 14));
    birth.filter(|d| d.year() >= 1880).map(|born| Holder { born }).ok_or(IdNumberFault::Birth)
}

/// All that is kept in the clear of an ID number; a cell that holds anything else is no tail of one.
pub(crate) fn last_four(number: &str) -> String {
    let from = number.len().saturating_sub(4);
    let tail =
        number.get(from..).filter(|t| t.len() == 4 && t.chars().all(|c| c.is_ascii_digit() || c == 'X'));
    tail.unwrap_or_default().to_owned()
}

impl Holder {
    /// Full years on the first day of `month`.
    pub(crate) fn age(self, month: Month) -> i32 {
        let day = month.first();
        let had_birthday = (day.month(), day.day()) >= (self.born.month(), self.born.day());
        day.year() - self.born.year() - i32::from(!had_birthday)
    }
}

/// A keyed hash (HMAC-SHA-256, the first 128 bits): whom it belongs to cannot be read back without the secret, and among a
/// million people two meet once in 10^26.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PersonKey(u128);

impl PersonKey {
    /// A short stable id: of its 64 bits, two among a million people meet once in 37 million counties.
    pub(crate) fn id(self) -> String {
        format!("K{:016X}", self.0 >> 64)
    }
}

/// People seen, or ids taken.
pub(crate) type KeySet = HashSet<PersonKey, BuildHasherDefault<AsIs>>;

/// A keyed hash is a hash already.
#[derive(Debug, Default)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.0 = self.0.rotate_left(8) ^ u64::from(*b));
    }

    fn write_u128(&mut self, n: u128) {
        self.0 = n as u64;
    }
}

/// The county's secret behind the ids of its clients.
#[derive(Debug, Clone)]
pub(crate) struct IdKey(Hmac<Sha256>);

impl IdKey {
    /// Of this secret.
    pub(crate) fn new(secret: &str) -> IdKey {
        // A key of any length is taken; a longer one than a block is hashed first, as the standard says.
        let mut block = [0; 64];
        if secret.len() > block.len() {
            block[..32].copy_from_slice(&Sha256::digest(secret.as_bytes()));
        } else {
            block[..secret.len()].copy_from_slice(secret.as_bytes());
        }
        IdKey(Hmac::new(&block.into()))
    }

    /// The hash of parts that name somebody.
    pub(crate) fn of(&self, parts: &[&str]) -> PersonKey {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        let hash = mac.finalize().into_bytes();
        PersonKey(hash.iter().take(16).fold(0, |n, b| n << 8 | u128::from(*b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_tail_is_kept_and_only_of_a_number() {
        assert_eq!(last_four("00000019480229002X"), "002X");
        assert_eq!(last_four("002X"), "002X");
        for other in ["", "12", "二九〇二", "no29"] {
            assert_eq!(last_four(other), "", "{other}");
        }
    }

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
        let (a, b) = (IdKey::new("a"), IdKey::new("b"));
        assert_eq!(a.of(&["x"]).id(), a.of(&["x"]).id());
        assert_ne!(a.of(&["x"]), b.of(&["x"]));
        assert_ne!(a.of(&["x", ""]), a.of(&["", "x"]));
        let mut whole = Hmac::<Sha256>::new_from_slice(&[b'k'; 70]).unwrap();
        whole.update(&1_u64.to_le_bytes());
        whole.update(b"x");
        let first = u128::from_be_bytes(whole.finalize().into_bytes()[..16].try_into().unwrap());
        assert_eq!(IdKey::new(&"k".repeat(70)).of(&["x"]), PersonKey(first));
    }
}
