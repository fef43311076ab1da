//! Why a file is refused by whoever opened it, before its name is put in front of the sentence.

use crate::base::Fault;
use crate::intake::text::TextFault;
use serde::{Deserialize, Serialize};

/// Letters of a sentence taken from a child.
const MOST_LETTERS: usize = 600;

/// What a sentence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum About {
    /// The whole file.
    File,
    /// A row as the office program counts it.
    Row(u64),
    /// Said in the sentence already.
    Told,
}

/// The end of a sentence in Chinese and English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    /// What stands in front of it.
    pub about: About,
    /// What is wrong and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Refusal {
    /// A refusal of the whole file.
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Refusal {
        Refusal { about: About::File, zh: zh.into(), en: en.into() }
    }

    /// The fault of the file of this name. A sentence holds no line ends and is cut where nobody would read on: it may come
    /// from a child that a hostile file has taken over.
    pub(crate) fn of(&self, name: &str) -> Fault {
        let plain =
            |text: &str| -> String { text.chars().filter(|c| !c.is_control()).take(MOST_LETTERS).collect() };
        let (zh, en) = (plain(&self.zh), plain(&self.en));
        match self.about {
            About::Told => Fault::refused(zh, en),
            About::File => Fault::refused(format!("{name}：{zh}"), format!("{name}: {en}")),
            About::Row(row) => {
                Fault::refused(format!("{name} 第 {row} 行：{zh}"), format!("{name}, row {row}: {en}"))
            }
        }
    }
}

impl From<TextFault> for Refusal {
    fn from(fault: TextFault) -> Refusal {
        let (row, zh, en) = fault.sentence();
        Refusal { about: row.map_or(About::File, About::Row), ..Refusal::new(zh, en) }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Refusal {
        Refusal { about: About::Told, zh: fault.zh, en: fault.en }
    }
}
