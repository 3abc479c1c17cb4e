//! Names that were written to be read as something else, in every format, read by those who would fall for them.

use comrak::{Options, markdown_to_html};
use linchpin::report::findings::FINDINGS_FORMATS;
use serde_json::{Value, json};

use crate::support::locks::{NO_FEED_NEEDED, npm_lock, npm_record};
use crate::support::sandbox::{NOW, Output, Sandbox};

/// Names of packages. Each means something to a shell, a browser, a terminal, or a program that reads logs.
const NAMES: [&str; 24] = [
    "$(x)",
    "--registry=https://evil.example",
    "a;b",
    "@octocat",
    "@octocat/hello",
    "#1",
    "GH-1",
    "www.evil.example",
    "https://evil.example",
    "mail@evil.example",
    "x|y",
    "|",
    "`",
    "a`@octocat`b",
    "**b**",
    "<img src=x onerror=alert(1)>",
    "</code></details><h1>",
    "](https://evil.example)",
    "![x](https://evil.example)",
    "<!-- linchpin:comment:v1 -->",
    "##vso[task.setvariable variable=x]y",
    "##[add-mask]x",
    "::error file=x::y",
    "a\n::set-output name=x::y\n| a | b |\n\n# b",
];

/// A change that brings all of them, each malicious for whoever asks the feed, and deprecated by its own name.
fn change() -> Sandbox {
    let sandbox = Sandbox::new();
    let packages = NAMES.map(|name| {
        let record = npm_record("left", "1.0.0");
        let reason = serde_json::to_string(name).expect("JSON");
        let name = reason.trim_matches('"').to_owned();
        (
            name,
            record.replace('{', &format!("{{\"deprecated\":{reason},")),
        )
    });
    let packages: Vec<(&str, String)> = packages
        .iter()
        .map(|(name, record)| (name.as_str(), record.clone()))
        .collect();
    for (index, name) in NAMES.iter().enumerate() {
        let id = format!("GHSA-aaaa-aaaa-{index:04}");
        let record = json!({
            "id": id, "modified": "2026-10-30T00:00:00Z", "published": "2026-10-01T00:00:00Z", "summary": name,
            "affected": [{ "package": { "ecosystem": "npm", "name": name }, "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "1.0.1" }] }] }],
        });
        sandbox.write_home(&format!("npm/{id}.json"), record.to_string());
    }
    let records = sandbox.home("npm");
    let imported = sandbox.run(&["db", "import", records.to_str().expect("a plain path")]);
    assert_eq!(imported.code, Some(0), "{imported}");
    for (side, lock) in [("before", npm_lock(&[])), ("after", npm_lock(&packages))] {
        sandbox.write(
            &format!("{side}/linchpin.toml"),
            format!("{NO_FEED_NEEDED}fail-on = \"low\"\n"),
        );
        sandbox.write(&format!("{side}/package-lock.json"), lock);
    }
    sandbox
}

fn diff(sandbox: &Sandbox, format: &str) -> Output {
    let sides = ["--before", "before", "--after", "after", "-v"];
    let format = ["--format", format];
    sandbox.run(&[&["diff", "--offline", "--as-of", NOW][..], &sides, &format].concat())
}

/// A command of GitHub's runner: `::name properties::data` at the beginning of a line, or `##[name]` anywhere in it.
/// Azure's agent takes `##vso[` and `##[` anywhere.
fn command(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let is_old = line.contains("##[") || line.contains("##vso[");
    (is_old || line.starts_with("::")).then_some(line)
}

#[test]
fn no_log_holds_a_command_that_is_not_ours() {
    let sandbox = change();
    for format in FINDINGS_FORMATS {
        let output = diff(&sandbox, format.id);
        assert_eq!(output.code, Some(1), "{}: {output}", format.id);
        for line in output.stdout.lines().chain(output.stderr.lines()) {
            let found = command(line).filter(|_| format.id != "github");
            assert_eq!(found, None, "{}", format.id);
        }
    }
}

#[test]
fn annotations_are_ten_at_most_and_no_name_adds_to_them() {
    let output = diff(&change(), "github");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 10, "{output}");
    for line in lines {
        let rest = line.strip_prefix("::").expect("a command");
        let (head, _data) = rest.split_once("::").expect("data");
        let (level, properties) = head.split_once(' ').expect("properties");
        assert!(["error", "warning", "notice"].contains(&level), "{line}");
        for property in properties.split(',') {
            let (key, value) = property.split_once('=').expect("a value");
            assert!(
                ["file", "line", "endLine", "col", "title"].contains(&key),
                "{line}"
            );
            assert!(!value.contains(':'), "{line}");
        }
        assert!(!line.contains("##[") && !line.contains("##vso["), "{line}");
    }
}

/// The tags that the comment is made of.
const TAGS: [&str; 15] = [
    "h3", "p", "strong", "em", "code", "table", "thead", "tbody", "tr", "th", "td", "details",
    "summary", "sub", "li",
];

/// Renders as GitHub does: with tables and links of bare addresses; HTML is shown, so that none of a name's is missed.
fn render(markdown: &str) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.footnotes = true;
    options.render.r#unsafe = true;
    markdown_to_html(markdown, &options)
}

#[test]
fn no_name_breaks_out_of_the_comment() {
    let output = diff(&change(), "markdown");
    let html = render(&output.stdout);
    let body = html
        .strip_prefix("<!-- linchpin:comment:v1 -->")
        .expect("the mark");
    let mut is_code = false;
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a closed tag");
        let name = tag.trim_start_matches('/');
        assert!(TAGS.contains(&name) || name == "ul", "<{tag}> in {html}");
        is_code = if name == "code" {
            !tag.starts_with('/')
        } else {
            is_code
        };
        if !is_code {
            let words = text.split_whitespace();
            let linked = words.filter(|word| {
                word.contains('@') || word.starts_with('#') || word.starts_with("GH-")
            });
            assert_eq!(linked.collect::<Vec<_>>(), Vec::<&str>::new(), "{text}");
        }
    }
    for table in html.split("<table>").skip(1) {
        let columns = table
            .split("</thead>")
            .next()
            .expect("a head")
            .matches("<th>")
            .count();
        for row in table
            .split("</table>")
            .next()
            .expect("a table")
            .split("<tr>")
            .skip(2)
        {
            assert_eq!(row.matches("<td>").count(), columns, "{row}");
        }
    }
    assert_eq!(output.stdout.matches("<!-- linchpin").count(), 1);
}

#[test]
fn readers_of_xml_and_json_read_what_was_meant() {
    let sandbox = change();
    let xml = diff(&sandbox, "junit").stdout;
    let document =
        roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    let allowed = [
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "error",
        "skipped",
        "properties",
        "property",
        "system-out",
    ];
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(allowed.contains(&node.tag_name().name()), "{node:?}");
    }
    for format in ["json", "sarif", "gitlab"] {
        let text = diff(&sandbox, format).stdout;
        let value: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(value.is_object() || value.is_array());
    }
}

#[test]
fn outputs_are_enums_and_numbers() {
    let output = diff(&change(), "github-output");
    for line in output.stdout.lines() {
        let (key, value) = line.split_once('=').expect("a value");
        assert!(
            key.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{line}"
        );
        let is_word = value
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        assert!(is_word && !value.is_empty(), "{line}");
    }
}

#[test]
fn no_command_is_made_of_a_name_that_no_registry_has() {
    let report: Value = serde_json::from_str(&diff(&change(), "json").stdout).expect("a report");
    let findings = report["findings"].as_array().expect("findings");
    let mut seen = 0;
    for name in [
        "$(x)",
        "--registry=https://evil.example",
        "a;b",
        "`",
        "@octocat",
        "a\n::set-output name=x::y\n| a | b |\n\n# b",
    ] {
        let title = |finding: &&Value| {
            finding["title"]
                .as_str()
                .is_some_and(|title| title.starts_with(&format!("{name} 1.0.0")))
        };
        for finding in findings.iter().filter(title) {
            seen += 1;
            assert_eq!(finding["fix"]["command"], Value::Null, "{finding}");
            assert!(
                finding["fix"]["argv"].as_array().is_none_or(Vec::is_empty),
                "{finding}"
            );
        }
    }
    assert!(seen >= 6, "{report:#}");
}
