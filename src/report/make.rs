//! From a county folder to an audited plan folder with all that people read.

use crate::base::{Fault, Outcome, Progress};
use crate::plan::{Draft, PlanOptions, Staging, audit, draft};
use crate::report::write_reports;
use std::path::Path;
use std::time::Instant;

/// From a county folder to an audited plan folder.
///
/// # Errors
/// As [`draft`]; or the audit found a broken promise, and nothing was written.
pub fn make_plan(
    county: &Path,
    out: &Path,
    options: &PlanOptions,
    progress: &dyn Progress,
) -> Outcome<Draft> {
    let staging = Staging::begin(out)?;
    publish(staging, draft(county, options, progress)?, progress)
}

/// Writes a draft with its reports, audits it, and only then makes it a plan.
///
/// # Errors
/// A file cannot be written; or the audit found a broken promise, and nothing was written.
pub fn publish(staging: Staging, mut draft: Draft, progress: &dyn Progress) -> Outcome<Draft> {
    let start = Instant::now();
    progress.report("报告 reports", 0, 0);
    let notes = write_reports(&draft.plan, &draft.map, staging.dir(), progress)?;
    draft.plan.notes.extend(notes);
    staging.write(&draft)?;
    draft.plan.summary.timings_ms.insert("reports".into(), start.elapsed().as_millis() as u64);
    let start = Instant::now();
    if progress.is_cancelled() {
        return Err(Fault::cancelled());
    }
    progress.report("核验 audit", 0, 0);
    let broken = audit::verify(staging.dir(), None)?;
    if let Some(first) = broken.first() {
        let n = broken.len();
        return Err(Fault::refused(
            format!("方案未通过核验（{n} 处），未写出。第一处：{} {}", first.rule, first.sentence),
            format!(
                "the plan failed its own audit ({n} broken promises) and was not written; the first: {} {}",
                first.rule, first.sentence
            ),
        ));
    }
    draft.plan.summary.timings_ms.insert("audit".into(), start.elapsed().as_millis() as u64);
    staging.write_summary(&draft)?;
    staging.publish()?;
    Ok(draft)
}
