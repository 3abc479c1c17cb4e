//! Settings and baselines before and after a change: what is looser, in words.

use crate::assessment::Baseline;
use crate::config::{
    Accept, Bound, Config, Db, Development, Gate, Inputs, NamePattern, Occasion, PathGlob, Refresh,
    Requirement,
};
use crate::package::hosts::HostName;
use crate::registry::Service;
use crate::signal::rule::Rule;
use crate::signal::rules;

/// Says what is looser in the second of two settings, in the order of the file; empty if nothing is.
pub fn loosened(before: &Config, after: &Config) -> Vec<String> {
    let mut looser = Vec::new();
    gate(&before.gate, &after.gate, &mut looser);
    inputs(&before.inputs, &after.inputs, &mut looser);
    db(&before.db, &after.db, &mut looser);
    looser.extend(rules().filter_map(|rule| rule_is_looser(rule, before, after)));
    if before.verify.caches && !after.verify.caches {
        looser.push("local caches are not compared any more".to_owned());
    }
    registry(before, after, &mut looser);
    let accepts = after.accepts.iter();
    let new = accepts.filter(|accept| !before.accepts.iter().any(|known| covers(known, accept)));
    looser.extend(
        new.map(|accept| format!("{} is accepted for {}", accept.rule.id.0, accept.subject())),
    );
    looser
}

/// Says what is looser in the second of two baselines; none if nothing is.
pub fn loosened_baseline(before: Option<&Baseline>, after: Option<&Baseline>) -> Option<String> {
    let known = before.map_or(&[][..], |baseline| &baseline.entries);
    let entries = after.map_or(&[][..], |baseline| &baseline.entries).iter();
    let new = entries.filter(|entry| !known.iter().any(|known| known.matter == entry.matter));
    match new.count() {
        0 => None,
        1 => Some("1 line more keeps findings out of the gate".to_owned()),
        more => Some(format!("{more} lines more keep findings out of the gate")),
    }
}

fn gate(before: &Gate, after: &Gate, looser: &mut Vec<String>) {
    let severities = [
        (
            "fail-on",
            before.fail_on,
            after.fail_on,
            after.fail_on < before.fail_on,
        ),
        (
            "unknown-severity",
            before.unknown_severity,
            after.unknown_severity,
            after.unknown_severity > before.unknown_severity,
        ),
    ];
    for (name, before, after, is_looser) in severities {
        if is_looser {
            looser.push(format!("{name} is {}, and was {}", after.id(), before.id()));
        }
    }
    let lost = Requirement::WORDS.into_iter().any(|(_, required)| {
        let mut occasions = [Occasion::Audit, Occasion::Change].into_iter();
        occasions.any(|occasion| {
            before.requires(required, occasion) && !after.requires(required, occasion)
        })
    });
    if lost {
        looser.push("a run needs less to be complete (require)".to_owned());
    }
}

fn inputs(before: &Inputs, after: &Inputs, looser: &mut Vec<String>) {
    let patterns = after.exclude.iter().map(PathGlob::as_str);
    let new = patterns.filter(|pattern| {
        !before
            .exclude
            .iter()
            .any(|known| known.as_str() == *pattern)
    });
    looser.extend(new.map(|pattern| format!("{pattern} is excluded")));
    let rank = |dev: Development| match dev {
        Development::Gate => 0,
        Development::Report => 1,
        Development::Skip => 2,
    };
    if rank(after.dev) > rank(before.dev) {
        looser.push("vulnerabilities of development dependencies count for less".to_owned());
    }
}

fn db(before: &Db, after: &Db, looser: &mut Vec<String>) {
    if after.max_age > before.max_age {
        let (before, after) = (before.max_age_words(), after.max_age_words());
        looser.push(format!(
            "advisories may be {after} old, and might be {before}"
        ));
    }
    if (before.refresh, after.refresh) == (Refresh::Auto, Refresh::Never) {
        looser.push("advisories are not refreshed any more".to_owned());
    }
    if before.base != after.base {
        looser.push("advisories come from elsewhere (osv)".to_owned());
    }
}

/// Compares the worst that a rule can say.
fn rule_is_looser(rule: &'static Rule, before: &Config, after: &Config) -> Option<String> {
    let worst = |config: &Config| {
        if config.rules.is_off(rule) {
            return None;
        }
        Some(config.rules.severity(rule).unwrap_or_else(|| rule.worst()))
    };
    let id = rule.id.0;
    match (worst(before)?, worst(after)) {
        (_, None) => Some(format!("{id} is off")),
        (before, Some(after)) => {
            (after > before).then(|| format!("{id} is {} at most", after.id()))
        }
    }
}

fn registry(before: &Config, after: &Config, looser: &mut Vec<String>) {
    let lists = [
        ("a mirror", &before.hosts.mirrors, &after.hosts.mirrors),
        ("private", &before.hosts.private, &after.hosts.private),
    ];
    for (word, before, after) in lists {
        let new = after.difference(before).map(HostName::as_str);
        looser.extend(new.map(|host| format!("{host} is {word}")));
    }
    for service in Service::ALL {
        if before.registries.get(service) != after.registries.get(service) {
            let key = service.key();
            looser.push(format!("release histories come from elsewhere ({key})"));
        }
    }
    let is_kept = |name: &&NamePattern| after.internal.patterns().any(|kept| kept == *name);
    let lost = before.internal.patterns().filter(|name| !is_kept(name));
    let lost = lost.map(NamePattern::as_str);
    looser.extend(lost.map(|name| format!("{name} is no name of the project's own any more")));
}

/// Says whether an entry allows all that another one does.
fn covers(known: &Accept, accept: &Accept) -> bool {
    let is_same = known.rule.id == accept.rule.id && known.target == accept.target;
    let is_listed = accept.ids.iter().all(|id| known.ids.contains(id));
    let is_as_wide = known.bound == Bound::default() || known.bound == accept.bound;
    is_same
        && is_as_wide
        && is_listed
        && accept.ids.is_empty() == known.ids.is_empty()
        && accept.expires <= known.expires
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::valid;

    fn told(before: &str, after: &str) -> Vec<String> {
        loosened(&valid(before), &valid(after))
    }

    #[test]
    fn the_same_settings_are_no_looser() {
        let text = "[gate]\nfail-on = \"medium\"\n[rules]\ndeprecated = \"off\"\n[inputs]\nexclude = [\"a\"]\n";
        assert!(told(text, text).is_empty());
        assert!(told("", "").is_empty());
    }

    #[test]
    fn every_setting_that_loosens_is_told_and_its_reverse_is_not() {
        for (before, after, word) in [
            (
                "",
                "[gate]\nfail-on = \"critical\"\n",
                "fail-on is critical, and was high",
            ),
            (
                "",
                "[gate]\nunknown-severity = \"low\"\n",
                "unknown-severity is low, and was high",
            ),
            (
                "",
                "[gate]\nrequire = []\n",
                "a run needs less to be complete (require)",
            ),
            (
                "",
                "[gate]\nrequire = [\"advisories\"]\n",
                "a run needs less to be complete (require)",
            ),
            (
                "",
                "[inputs]\nexclude = [\"web/**\"]\n",
                "web/** is excluded",
            ),
            (
                "[inputs]\ndev = \"gate\"\n",
                "",
                "vulnerabilities of development dependencies count for less",
            ),
            (
                "",
                "[inputs]\ndev = \"skip\"\n",
                "vulnerabilities of development dependencies count for less",
            ),
            (
                "",
                "[db]\nmax-age = \"30d\"\n",
                "advisories may be 30d old, and might be 7d",
            ),
            (
                "",
                "[db]\nrefresh = \"never\"\n",
                "advisories are not refreshed any more",
            ),
            (
                "",
                "[rules]\nknown-vulnerability = \"off\"\n",
                "known-vulnerability is off",
            ),
            (
                "",
                "[rules]\nknown-vulnerability = \"high\"\n",
                "known-vulnerability is high at most",
            ),
            (
                "",
                "[rules]\nforeign-host = \"medium\"\n",
                "foreign-host is medium at most",
            ),
            (
                "[rules]\ndeprecated = \"high\"\n",
                "",
                "deprecated is low at most",
            ),
            (
                "",
                "[verify]\ncaches = false\n",
                "local caches are not compared any more",
            ),
            (
                "",
                "[registry]\nmirrors = [\"npm.example.com\"]\n",
                "npm.example.com is a mirror",
            ),
            (
                "",
                "[registry]\nprivate = [\"npm.example.com\"]\n",
                "npm.example.com is private",
            ),
            (
                "[registry]\ninternal = [\"@corp/*\"]\n",
                "",
                "@corp/* is no name of the project's own any more",
            ),
        ] {
            assert_eq!(told(before, after), [word], "{before} {after}");
            assert!(told(after, before).is_empty(), "{before} {after}");
        }
        assert!(!told("", "[registry]\nosv = \"/srv/osv\"\n").is_empty());
    }

    #[test]
    fn an_acceptance_is_told_unless_it_allows_less_than_before() {
        let accept = |ids: &str, expires: &str| {
            format!(
                "[[accept]]\nrule = \"known-vulnerability\"\npackage = \"pkg:npm/left@1.0.0\"\nids = [{ids}]\nreason = \"r\"\nowner = \"o\"\nexpires = {expires}\n"
            )
        };
        let known = accept(
            "\"GHSA-aaaa-aaaa-aaaa\", \"GHSA-bbbb-bbbb-bbbb\"",
            "2026-12-01",
        );
        let told = |after: &str| told(&known, after);
        assert!(told(&accept("\"GHSA-aaaa-aaaa-aaaa\"", "2026-11-20")).is_empty());
        assert!(told("").is_empty());
        let expected = ["known-vulnerability is accepted for pkg:npm/left@1.0.0"];
        assert_eq!(
            told(&accept("\"GHSA-cccc-cccc-cccc\"", "2026-12-01")),
            expected
        );
        assert_eq!(
            told(&accept("\"GHSA-aaaa-aaaa-aaaa\"", "2026-12-02")),
            expected
        );
        assert_eq!(
            told(&accept("", "2026-11-20")),
            expected,
            "without ids it is another entry"
        );
    }

    #[test]
    fn another_registry_is_told_whichever_way_it_changes() {
        let other = "[registry]\nnpm = \"https://npm.example/\"\n";
        let word = "release histories come from elsewhere (npm)";
        assert_eq!(told("", other), [word]);
        assert_eq!(told(other, ""), [word]);
        assert_eq!(told(other, other), [""; 0]);
    }
}
