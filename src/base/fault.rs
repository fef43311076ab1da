//! Errors are sentences: what is wrong, where, and what to do, in Chinese and English.

use std::fmt;

/// Why a command ends without its answer; the exit code follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The input or the machine says no (exit 1).
    Refused,
    /// The command was called wrongly (exit 2).
    Usage,
    /// The person cancelled (exit 1).
    Cancelled,
}

/// A failure told to a person. Never holds a name, an ID number, a phone, an address or a coordinate of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What follows from it.
    pub kind: FaultKind,
    /// The sentence in Chinese.
    pub zh: String,
    /// The sentence in English.
    pub en: String,
}

impl Fault {
    /// An input that cannot be accepted.
    pub fn refused(zh: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault { kind: FaultKind::Refused, zh: zh.into(), en: en.into() }
    }

    /// A command called wrongly.
    pub fn usage(zh: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault { kind: FaultKind::Usage, zh: zh.into(), en: en.into() }
    }

    /// The person cancelled the work.
    #[must_use]
    pub fn cancelled() -> Fault {
        Fault { kind: FaultKind::Cancelled, zh: "已取消。".into(), en: "Cancelled.".into() }
    }

    /// A file that cannot be read or written, with the system's reason.
    #[must_use]
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Fault {
        let p = path.display();
        let (zh, en) = match error.kind() {
            std::io::ErrorKind::NotFound => {
                ("文件不存在，请检查路径", "there is no such file; check the path")
            }
            std::io::ErrorKind::PermissionDenied => {
                ("没有访问权限", "access is denied; check its permissions")
            }
            std::io::ErrorKind::StorageFull => {
                ("磁盘已满，请清出空间后重试", "the disk is full; free some space and run again")
            }
            _ => ("无法读写", "it cannot be read or written"),
        };
        Fault::refused(format!("{p}：{zh}（{error}）。"), format!("{p}: {en} ({error})."))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Fault {}

/// A result whose failure is a sentence.
pub type Outcome<T> = Result<T, Fault>;
