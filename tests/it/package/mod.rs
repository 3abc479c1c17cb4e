//! What identity means beyond the examples beside the code.

mod versions;
