//! Promises of a plan, and the list of those that are broken.

/// One broken promise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// Stable name of the rule.
    pub rule: &'static str,
    /// What is wrong, with ids of rows, never names or places.
    pub sentence: String,
}

/// Collects broken promises.
#[derive(Debug, Default)]
pub struct Findings(Vec<Broken>);

impl Findings {
    /// Notes a broken promise.
    pub fn broken(&mut self, rule: &'static str, sentence: impl Into<String>) {
        self.0.push(Broken { rule, sentence: sentence.into() });
    }

    /// Notes a broken promise unless `kept`.
    pub fn expect(&mut self, kept: bool, rule: &'static str, sentence: impl FnOnce() -> String) {
        if !kept {
            self.broken(rule, sentence());
        }
    }

    /// All findings, sorted, each once.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Broken> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}
