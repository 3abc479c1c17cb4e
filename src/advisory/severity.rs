//! CVSS vectors → severities.
//!
//! The word is that of the vector itself; scores of different versions of CVSS are never compared. Where a
//! record states several vectors the newest version counts: 4, then 3, then 2; of several of one version the
//! worst.

use std::str::FromStr;

use cvss::Cvss;

use crate::severity::Severity;

/// Picks the vector that counts among those of a record; unreadable ones do not.
pub(super) fn pick(vectors: impl Iterator<Item = String>) -> Option<String> {
    let read = vectors.filter_map(|vector| Some((Cvss::from_str(&vector).ok()?, vector)));
    let counts = read.max_by(|(one, _), (other, _)| {
        let newer = generation(one).cmp(&generation(other));
        newer.then(one.score().total_cmp(&other.score()))
    });
    counts.map(|(_, vector)| vector)
}

fn generation(vector: &Cvss) -> u8 {
    match vector {
        Cvss::CvssV20(_) => 20,
        Cvss::CvssV30(_) => 30,
        Cvss::CvssV31(_) => 31,
        Cvss::CvssV40(_) => 40,
        _ => 0,
    }
}

/// Returns the severity that a vector states.
pub(super) fn of_vector(vector: &str) -> Option<Severity> {
    let severity = Cvss::from_str(vector).ok()?.severity();
    Some(match severity {
        cvss::Severity::None => Severity::None,
        cvss::Severity::Low => Severity::Low,
        cvss::Severity::Medium => Severity::Medium,
        cvss::Severity::High => Severity::High,
        cvss::Severity::Critical => Severity::Critical,
    })
}

/// Says whether a vector states that the attack comes over a network; all versions write it the same.
pub(super) fn is_over_network(vector: &str) -> bool {
    vector.split('/').any(|metric| metric == "AV:N")
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str = "AV:N/AC:L/Au:N/C:P/I:P/A:P";
    const V3: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    const V4: &str = "CVSS:4.0/AV:L/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N";

    #[test]
    fn the_newest_vector_counts_whatever_it_scores() {
        const LOW: &str = "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N";
        let pick = |vectors: &[&str]| pick(vectors.iter().map(|vector| (*vector).to_owned()));
        assert_eq!(pick(&[V3, V4, V2]).as_deref(), Some(V4));
        assert_eq!(pick(&[V2, V3]).as_deref(), Some(V3));
        assert_eq!(pick(&[V3, LOW]).as_deref(), Some(V3));
        assert_eq!(pick(&[LOW, V3]).as_deref(), Some(V3));
        assert_eq!(pick(&["CVSS:9.9/X", "", V2]).as_deref(), Some(V2));
        assert_eq!(pick(&["high"]), None);
    }

    #[test]
    fn vectors_state_their_severity() {
        assert_eq!(of_vector(V2), Some(Severity::High));
        assert_eq!(of_vector(V3), Some(Severity::Critical));
        assert_eq!(of_vector(V4), Some(Severity::Low));
        assert_eq!(of_vector("9.8"), None);
    }
}
