use super::npm;
use crate::support::locks::{npm_lock, npm_record};

fn deprecated(notice: &str) -> String {
    let field = serde_json::to_string(notice).expect("text");
    npm_record("left", "1.0.0").replacen('{', &format!("{{\"deprecated\":{field},"), 1)
}

#[test]
fn the_notice_of_the_maintainers_is_repeated() {
    let report = npm(&npm_lock(&[("left", deprecated("use right"))]));
    assert_eq!(report.rules(), ["deprecated"]);
    let finding = report.only("deprecated");
    assert_eq!(finding["severity"], "low");
    assert_eq!(finding["package"], "pkg:npm/left@1.0.0");
    assert_eq!(finding["message"], "its maintainers say: use right");
}

#[test]
fn a_long_notice_is_cut() {
    let report = npm(&npm_lock(&[("left", deprecated(&"no ".repeat(1_000)))]));
    let message = report.only("deprecated")["message"]
        .as_str()
        .expect("a message");
    assert!(
        message.chars().count() < 160 && message.ends_with('…'),
        "{message}"
    );
}

#[test]
fn an_empty_notice_is_none() {
    assert_eq!(npm(&npm_lock(&[("left", deprecated(""))])).rules(), [""; 0]);
}
