//! What is kept between runs.

mod histories;
