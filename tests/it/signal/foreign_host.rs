use super::{cargo, npm, places, title, uv};
use crate::support::locks::{npm_lock, npm_record, npm_record_at, sha256, sri, uv_lock, uv_record};
use crate::support::sandbox::Sandbox;

fn evil(name: &str) -> String {
    let url = format!("https://evil.example/{name}/-/{name}-1.0.0.tgz");
    npm_record_at("1.0.0", &url, &sri(name.as_bytes()))
}

#[test]
fn one_host_two_thousand_times_is_one_finding_with_a_count() {
    let names: Vec<String> = (0..2_000).map(|index| format!("p{index}")).collect();
    let packages: Vec<(&str, String)> = names
        .iter()
        .map(|name| (name.as_str(), evil(name)))
        .collect();
    let report = npm(&npm_lock(&packages));
    assert_eq!(report.rules(), ["foreign-host"]);
    let finding = report.only("foreign-host");
    assert_eq!(
        title(finding),
        "2000 of 2000 entries come from evil.example, not from npm"
    );
    assert_eq!(finding["severity"], "medium");
    assert_eq!(places(finding), 2_000);
}

#[test]
fn configuration_inside_the_tree_vouches_for_nobody() {
    let lockfile = npm_lock(&[("left", evil("left"))]);
    let sandbox = Sandbox::with(&[("package-lock.json", &lockfile)]);
    let before = sandbox.audit(&[]);
    sandbox.write(
        ".npmrc",
        "registry=https://evil.example/\n//evil.example/:_authToken=secret\n",
    );
    sandbox.write(
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = \"evil\"\n",
    );
    sandbox.write("pip.conf", "[global]\nindex-url = https://evil.example/\n");
    assert_eq!(sandbox.audit(&[]), before);
    assert_eq!(sandbox.report(&[]).rules(), ["foreign-host"]);
}

#[test]
fn user_information_does_not_hide_the_host() {
    let url = "https://registry.npmjs.org@evil.example/left/-/left-1.0.0.tgz";
    let report = npm(&npm_lock(&[(
        "left",
        npm_record_at("1.0.0", url, &sri(b"left")),
    )]));
    assert_eq!(report.rules(), ["foreign-host"]);
    assert!(
        title(report.only("foreign-host")).contains("from evil.example"),
        "{}",
        report.output
    );
}

#[test]
fn every_host_is_a_finding_of_its_own() {
    let other = npm_record_at(
        "1.0.0",
        "https://other.example/right/-/right-1.0.0.tgz",
        &sri(b"right"),
    );
    let report = npm(&npm_lock(&[("left", evil("left")), ("right", other)]));
    assert_eq!(report.rules(), ["foreign-host", "foreign-host"]);
}

#[test]
fn hosts_of_the_public_registries_pass() {
    let yarn = "https://registry.yarnpkg.com/left/-/left-1.0.0.tgz";
    let report = npm(&npm_lock(&[
        ("left", npm_record_at("1.0.0", yarn, &sri(b"left"))),
        ("right", npm_record("right", "1.0.0")),
    ]));
    assert_eq!(report.rules(), [""; 0]);
}

#[test]
fn other_registries_of_cargo_and_uv_are_foreign() {
    let digest = sha256(b"left");
    let report = cargo(&format!(
        "version = 4\n\n[[package]]\nname = \"left\"\nversion = \"1.0.0\"\nsource = \"sparse+https://evil.example/index/\"\nchecksum = \"{digest}\"\n"
    ));
    assert_eq!(report.rules(), ["foreign-host"]);
    let record = uv_record("left", "1.0.0").replace("files.pythonhosted.org", "evil.example");
    assert_eq!(uv(&uv_lock(&[("left", record)])).rules(), ["foreign-host"]);
}

/// Node reads these as `https://evil.example/…` (URL Standard, special authority slashes state).
#[test]
fn addresses_that_node_repairs_do_not_hide_the_host() {
    for start in ["https:/", "https:", "https:///", r"https:\\\\", r"https:\\"] {
        let url = format!("{start}evil.example/left/-/left-1.0.0.tgz");
        let report = npm(&npm_lock(&[(
            "left",
            npm_record_at("1.0.0", &url, &sri(b"left")),
        )]));
        assert_eq!(report.rules(), ["foreign-host"], "{url}");
    }
}

/// Unknown hosts are matched against advisories, so a run without a feed is as incomplete as for the public host:
/// a changed `resolved` may raise suspicion and never lower it.
#[test]
fn an_address_elsewhere_does_not_make_a_run_complete() {
    let honest = npm(&npm_lock(&[("left", npm_record("left", "1.0.0"))]));
    let moved = npm(&npm_lock(&[("left", evil("left"))]));
    assert_eq!((honest.code(), moved.code()), (3, 3), "{}", moved.output);
}
