//! Rows that could not be used are data: rows in = rows kept + rows listed.

use serde::{Deserialize, Serialize};

/// One row that was not kept, or (among the remarks) kept with something to look at. Its sentences never hold personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// File name.
    pub file: String,
    /// Sheet; empty for CSV.
    pub sheet: String,
    /// Row as the office program counts it, from 1.
    pub row: u32,
    /// Column heading, empty if the whole row is meant.
    pub column: String,
    /// Stable code of the reason.
    pub code: String,
    /// The sentence in Chinese.
    pub zh: String,
    /// The sentence in English.
    pub en: String,
    /// Township as written in the row; empty if it names none.
    #[serde(default)]
    pub township: String,
}

/// One thing said in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl From<&crate::base::Fault> for Sentence {
    fn from(fault: &crate::base::Fault) -> Sentence {
        Sentence { zh: fault.zh.clone(), en: fault.en.clone() }
    }
}

/// Counts of one file; `rows_in = kept + listed`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCount {
    /// File name.
    pub file: String,
    /// Data rows found.
    pub rows_in: u64,
    /// Rows kept.
    pub kept: u64,
    /// Rows listed.
    pub listed: u64,
}
