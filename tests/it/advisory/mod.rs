//! Advisories against what others recorded: ranges, real records, the answers of another auditor.

mod answers;
mod db;
mod ranges;
mod records;
