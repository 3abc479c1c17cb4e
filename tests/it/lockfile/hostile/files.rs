//! Whole files that are empty, cut, of another format or version, or nested beyond reason.

use super::*;

#[test]
fn the_good_files_are_good() {
    for (what, name, text) in formats() {
        is_read(what, name, text);
    }
}

#[test]
fn empty_files_are_refused() {
    for (what, name, _) in formats() {
        for text in ["", " ", "\n\n\t \r\n", "\u{feff}", "\0"] {
            is_refused(&format!("{what} {text:?}"), name, text);
        }
    }
}

#[test]
fn files_of_another_format_are_refused_with_a_line() {
    let json = clean_npm_lock();
    let toml = clean_cargo_lock();
    for (what, name, text) in [
        ("JSON in Cargo.lock", "Cargo.lock", json.as_str()),
        ("JSON in uv.lock", "uv.lock", json.as_str()),
        (
            "TOML in package-lock.json",
            "package-lock.json",
            toml.as_str(),
        ),
        (
            "YAML in package-lock.json",
            "package-lock.json",
            "lockfileVersion: 3\npackages:\n",
        ),
        (
            "HTML in uv.lock",
            "uv.lock",
            "<!DOCTYPE html>\n<html></html>\n",
        ),
        ("JSON in yarn.lock", "yarn.lock", json.as_str()),
        ("TOML in yarn.lock", "yarn.lock", toml.as_str()),
        (
            "HTML in yarn.lock",
            "yarn.lock",
            "<!DOCTYPE html>\n<html></html>\n",
        ),
    ] {
        let problem = is_refused(what, name, text);
        assert!(problem.line.is_some(), "{what}: {problem:?}");
    }
    for (what, name, text) in [
        (
            "uv in Cargo.lock",
            "Cargo.lock",
            "[project]\nname = \"x\"\n".to_owned(),
        ),
        ("nothing in uv.lock", "uv.lock", "a = 1\n".to_owned()),
        ("uv in poetry.lock", "poetry.lock", clean_uv_lock()),
        ("poetry in pdm.lock", "pdm.lock", clean_poetry_lock()),
        (
            "package.json",
            "package-lock.json",
            r#"{"name":"x"}"#.to_owned(),
        ),
        ("a list", "package-lock.json", "[]".to_owned()),
        ("a string", "package-lock.json", "\"x\"".to_owned()),
        ("null", "package-lock.json", "null".to_owned()),
    ] {
        is_refused(what, name, text);
    }
}

#[test]
fn files_cut_anywhere_never_pass_and_never_panic() {
    for (what, name, text) in formats() {
        let step = (text.len() / 23).max(1);
        for end in (1..text.trim_end().len()).step_by(step) {
            let (_, report) = beside_a_bad_one(name, &text[..end]);
            let what = format!("{what} cut at {end}");
            is_tame(&what, &report);
            assert_eq!(report.code(), 1, "{what}");
            assert!(report.rules().contains(&"malicious-package"), "{what}");
            if ["package-lock.json", "bun.lock", "deno.lock"].contains(&name) {
                assert_eq!(report.json["complete"], false, "{what}");
                is_refused(&what, name, &text[..end]);
            }
        }
    }
}

#[test]
fn unfinished_merges_are_refused_at_the_marker() {
    for (what, name, text) in formats() {
        let middle = text[..text.len() / 2].rfind('\n').expect("several lines") + 1;
        let line = text[..middle].lines().count() + 1;
        let merged = format!(
            "{}<<<<<<< HEAD\n=======\n>>>>>>> main\n{}",
            &text[..middle],
            &text[middle..]
        );
        for text in [merged.clone(), merged.replace('\n', "\r\n")] {
            let problem = is_refused(what, name, text);
            assert!(
                problem.message.contains("merge") || problem.message.contains("conflict"),
                "{problem:?}"
            );
            assert_eq!(problem.line, Some(line as u64), "{what}: {problem:?}");
        }
    }
}

#[test]
fn utf_16_is_named() {
    for (what, name, text) in formats() {
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            [&[0xff, 0xfe][..], &little].concat(),
            [&[0xfe, 0xff][..], &big].concat(),
        ] {
            let problem = is_refused(what, name, bytes);
            assert!(problem.message.contains("UTF-16"), "{problem:?}");
        }
        is_refused(&format!("{what} without a mark"), name, little);
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for (what, name, text) in formats() {
        let mut bytes = text.into_bytes();
        let middle = bytes.len() / 2;
        bytes[middle] = 0xff;
        let problem = is_refused(what, name, bytes);
        assert!(problem.message.contains("UTF-8"), "{problem:?}");
    }
}

#[test]
fn byte_order_marks_and_windows_line_breaks_are_read() {
    for (what, name, text) in formats() {
        is_read(what, name, format!("\u{feff}{text}"));
        is_read(what, name, text.replace('\n', "\r\n"));
        is_read(
            what,
            name,
            format!("\u{feff}{}", text.replace('\n', "\r\n")),
        );
    }
}

#[test]
fn deep_json_is_refused_or_passed_over() {
    const DEPTH: usize = 100_000;
    let lists = "[".repeat(DEPTH) + &"]".repeat(DEPTH);
    let objects = "{\"a\":".repeat(DEPTH) + "1" + &"}".repeat(DEPTH);
    let unclosed = "[".repeat(DEPTH);
    let honest = clean_npm_lock();
    for deep in [&lists, &objects, &unclosed] {
        for (what, text) in [
            ("alone", deep.clone()),
            (
                "ignored",
                honest.replacen('{', &format!("{{\"x\":{deep},"), 1),
            ),
            (
                "packages",
                format!("{{\"lockfileVersion\":3,\"packages\":{deep}}}"),
            ),
            (
                "a record",
                format!("{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{deep}}}}}"),
            ),
            (
                "a field",
                format!(
                    "{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{{\"version\":{deep}}}}}}}"
                ),
            ),
            (
                "dependencies",
                format!(
                    "{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{{\"dependencies\":{deep}}}}}}}"
                ),
            ),
            (
                "version 1",
                format!("{{\"lockfileVersion\":1,\"dependencies\":{deep}}}"),
            ),
        ] {
            let (_, report) = beside_a_bad_one("package-lock.json", text);
            is_tame(what, &report);
            assert_eq!(report.code(), 1, "{what}");
            assert_eq!(report.json["complete"], false, "{what}");
        }
    }
}

#[test]
fn version_1_nested_ten_thousand_deep_is_refused() {
    let mut text = "{\"lockfileVersion\":1".to_owned();
    for index in 0..10_000 {
        let _ = write!(
            text,
            ",\"dependencies\":{{\"p{index}\":{{\"version\":\"1.0.0\""
        );
    }
    text.push_str(&"}}".repeat(10_000));
    text.push('}');
    let problem = is_refused("nested", "package-lock.json", text);
    assert!(problem.line.is_some(), "{problem:?}");
}

#[test]
fn deep_toml_is_refused() {
    const DEPTH: usize = 100_000;
    let lists = "[".repeat(DEPTH) + &"]".repeat(DEPTH);
    let tables = "{ a = ".repeat(DEPTH) + "1" + &" }".repeat(DEPTH);
    let unclosed = "[".repeat(DEPTH);
    let dotted = "a.".repeat(DEPTH) + "a = 1\n";
    let header = format!("[{}a]\n", "a.".repeat(DEPTH));
    for (name, honest, list) in [
        (
            "Cargo.lock",
            clean_cargo_lock(),
            "dependencies = [\n \"left\",\n]",
        ),
        (
            "uv.lock",
            clean_uv_lock(),
            "dependencies = [\n    { name = \"left\" },\n]",
        ),
    ] {
        for deep in [&lists, &tables, &unclosed] {
            assert!(honest.contains(list), "{honest}");
            for (what, text) in [
                ("ignored", format!("x = {deep}\n{honest}")),
                (
                    "used",
                    honest.replace(list, &format!("dependencies = {deep}")),
                ),
                ("version", format!("version = {deep}\n")),
            ] {
                let what = format!("{name} {what}");
                let (_, report) = beside_a_bad_one(name, text);
                is_tame(&what, &report);
                assert_eq!(report.code(), 1, "{what}");
                assert_eq!(report.json["complete"], false, "{what}");
            }
        }
        for (what, text) in [
            ("dotted key", format!("{dotted}{honest}")),
            ("header", format!("{honest}\n{header}")),
        ] {
            let (_, report) = beside_a_bad_one(name, text);
            is_tame(what, &report);
            assert_eq!(report.code(), 1, "{name} {what}");
        }
    }
}

#[test]
fn versions_from_the_future_are_read_with_a_warning() {
    for (what, name, text) in [
        (
            "npm",
            "package-lock.json",
            clean_npm_lock().replace("\"lockfileVersion\":3", "\"lockfileVersion\":9"),
        ),
        (
            "cargo",
            "Cargo.lock",
            clean_cargo_lock().replace("version = 4", "version = 9"),
        ),
        (
            "uv",
            "uv.lock",
            clean_uv_lock().replace("version = 1\n", "version = 9\n"),
        ),
        (
            "poetry",
            "poetry.lock",
            clean_poetry_lock().replace("\"2.1\"", "\"9.0\""),
        ),
        (
            "pdm",
            "pdm.lock",
            clean_pdm_lock().replace("4.5.0", "9.0.0"),
        ),
    ] {
        let sandbox = Sandbox::with(&[(name, &text)]);
        let output = sandbox.audit(&[]);
        assert_eq!(output.code, Some(3), "{what}: no feed");
        assert!(
            output.stderr.contains(&format!("warning: {name}")),
            "{what}: {output}"
        );
    }
}

#[test]
fn a_folder_with_the_name_of_a_lockfile_is_a_folder() {
    let sandbox = Sandbox::with(&[("bad/Cargo.lock", &bad_cargo_lock())]);
    sandbox.folder("package-lock.json");
    sandbox.write("uv.lock/package-lock.json", clean_npm_lock());
    let report = sandbox.report(&[]);
    assert_eq!(report.code(), 1);
    assert_eq!(report.json["inputs"].as_array().map(Vec::len), Some(2));
}
