use super::*;

fn texts(source: &str) -> Vec<String> {
    let tokens = Script::read(source).tokens.into_iter();
    tokens.map(|token| token.text).collect()
}

#[test]
fn comments_are_no_tokens() {
    assert_eq!(
        texts("#!/usr/bin/env node\na // eval(x)\n/* eval(y)\n */ b /* open"),
        ["a", "b"]
    );
}

#[test]
fn strings_are_decoded() {
    for (source, expected) in [
        (r"'\x68ttp\u0073'", "https"),
        (r#""a\u{62}\143\0""#, "abc\0"),
        ("'a\\\nb'", "ab"),
        (r"'\'\q\xzz'", "'qzz"),
        ("'child_' + \"proc\" + `ess`", "child_process"),
    ] {
        assert_eq!(texts(source), [expected], "{source}");
    }
}

#[test]
fn expressions_in_templates_are_code() {
    assert_eq!(
        texts("`a${f({b: `${c}`})}d`; e"),
        [
            "a", "f", "(", "{", "b", ":", "", "c", "", "}", ")", "d", ";", "e"
        ]
    );
}

#[test]
fn regular_expressions_hide_nothing_behind_them() {
    let script = Script::read("a = /[/'\"`]\\//g; eval(b / c)");
    assert!(!script.is_doubtful);
    assert!(script.tokens.iter().any(|token| token.is_name("eval")));
    assert_eq!(script.tokens[2].kind, Kind::Expression);
}

#[test]
fn what_may_read_in_two_ways_is_doubtful() {
    for source in [
        "if (a) /`/.test(b)",
        "ev\\u0061l(a)",
        "'open",
        "a = /open",
        "\\u0065val()",
    ] {
        let is_doubtful = Script::read(&format!("{source}\n;")).is_doubtful;
        assert!(is_doubtful, "{source}");
    }
    for source in ["(a + b) / 2", "a[0] / b / c", "x = y ? /a/ : /b/"] {
        assert!(!Script::read(source).is_doubtful, "{source}");
    }
}

#[test]
fn tokens_know_their_place() {
    let script = Script::read("a\n  b");
    assert_eq!(script.tokens[1].at, 4);
    assert!(script.reads(0, &["a", "b"]));
    assert!(!script.reads(1, &["b", "c"]));
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..proptest::test_runner::Config::default() })]

    #[test]
    fn arbitrary_text_never_panics(source in "[a-z'\"`\\\\/$\\{\\}\\[\\]\\(\\)\nxu0-9ä=+ ]{0,60}") {
        let script = Script::read(&source);
        proptest::prop_assert!(script.tokens.len() <= source.len());
    }
}
