//! Advisories against what others recorded: ranges, real records, the answers of another auditor.

mod answers;
mod corpus;
mod db;
mod faults;
mod ranges;
mod records;
