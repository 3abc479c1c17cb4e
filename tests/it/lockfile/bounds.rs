//! Every reader stays in proportion to its file: what is ambiguous ten thousand times over is refused or drawn once.

use std::fmt::Write;

use linchpin::files::MapFiles;
use linchpin::lockfile::{LOCKFILE_FORMATS, Limits};

use crate::support::{read_as, source};

/// So many packages of one name, and so many that ask for it.
const MANY: usize = 10_000;

/// How a format writes a file of many namesakes.
struct Form {
    format: &'static str,
    name: &'static str,
    head: &'static str,
    /// A package of the name, with a version of its own.
    namesake: fn(&mut String, usize),
    /// A package that asks for the name without saying for which.
    asking: fn(&mut String, usize),
    tail: &'static str,
}

macro_rules! record {
    ($($form:tt)*) => {
        |text, index| {
            let _ = write!(text, $($form)*, index = index);
        }
    };
}

const FORMS: &[Form] = &[
    Form {
        format: "cargo-lock",
        name: "Cargo.lock",
        head: "version = 4\n",
        namesake: record!("[[package]]\nname = \"same\"\nversion = \"1.0.{index}\"\n"),
        asking: record!(
            "[[package]]\nname = \"p{index}\"\nversion = \"1.0.0\"\ndependencies = [\n \"same\",\n]\n"
        ),
        tail: "",
    },
    Form {
        format: "npm-lock",
        name: "package-lock.json",
        head: "{\"lockfileVersion\":3,\"packages\":{\"\":{}",
        namesake: record!(
            ",\"a/node_modules/b{index}/node_modules/same\":{{\"version\":\"1.0.0\"}}"
        ),
        asking: record!(
            ",\"a/node_modules/b{index}\":{{\"version\":\"1.0.0\",\"dependencies\":{{\"same\":\"*\"}}}}"
        ),
        tail: "}}",
    },
    Form {
        format: "pnpm-lock",
        name: "pnpm-lock.yaml",
        head: "lockfileVersion: '9.0'\nsnapshots:\n",
        namesake: record!("  same@1.0.{index}: {{}}\n"),
        asking: record!("  p{index}@1.0.0:\n    dependencies:\n      same: 1.0.{index}\n"),
        tail: "",
    },
    Form {
        format: "bun-lock",
        name: "bun.lock",
        head: "{\"lockfileVersion\":1,\"workspaces\":{\"\":{}},\"packages\":{",
        namesake: record!("\"p{index}/same\":[\"same@1.0.{index}\",\"\",{{}},\"x\"],"),
        asking: record!(
            "\"p{index}\":[\"p{index}@1.0.0\",\"\",{{\"dependencies\":{{\"same\":\"*\"}}}},\"x\"],"
        ),
        tail: "}}",
    },
    Form {
        format: "deno-lock",
        name: "deno.lock",
        head: "{\"version\":\"5\",\"npm\":{\"a@1.0.0\":{}",
        namesake: record!(",\"same@1.0.{index}\":{{}}"),
        asking: record!(",\"p{index}@1.0.0\":{{\"dependencies\":[\"same\"]}}"),
        tail: "}}",
    },
    Form {
        format: "yarn-v1",
        name: "yarn.lock",
        head: "# yarn lockfile v1\n\n",
        namesake: record!("same@1.0.{index}:\n  version \"1.0.{index}\"\n\n"),
        asking: record!("p{index}@1:\n  version \"1.0.0\"\n  dependencies:\n    same \"*\"\n\n"),
        tail: "",
    },
    Form {
        format: "yarn-berry",
        name: "yarn.lock",
        head: "__metadata:\n  version: 8\n\n",
        namesake: record!(
            "\"same@npm:1.0.{index}\":\n  version: 1.0.{index}\n  resolution: \"same@npm:1.0.{index}\"\n\n"
        ),
        asking: record!(
            "\"p{index}@npm:1\":\n  version: 1.0.0\n  resolution: \"p{index}@npm:1.0.0\"\n  dependencies:\n    same: \"npm:*\"\n\n"
        ),
        tail: "",
    },
    Form {
        format: "yarn-zpm",
        name: "yarn.lock",
        head: "{\"__metadata\":{\"version\":9},\"entries\":{",
        namesake: record!(
            "\"same@npm:1.0.{index}\":{{\"resolution\":{{\"resolution\":\"same@npm:1.0.{index}\",\"version\":\"1.0.{index}\"}}}},"
        ),
        asking: record!(
            "\"p{index}@npm:1\":{{\"resolution\":{{\"resolution\":\"p{index}@npm:1.0.0\",\"version\":\"1.0.0\",\"dependencies\":{{\"same\":\"npm:*\"}}}}}},"
        ),
        tail: "\"z@npm:1\":{\"resolution\":{\"resolution\":\"z@npm:1.0.0\",\"version\":\"1.0.0\"}}}}",
    },
    Form {
        format: "uv-lock",
        name: "uv.lock",
        head: "version = 1\nrequires-python = \">=3.12\"\n",
        namesake: record!(
            "[[package]]\nname = \"same\"\nversion = \"1.0.{index}\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\n"
        ),
        asking: record!(
            "[[package]]\nname = \"p{index}\"\nversion = \"1.0.0\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\ndependencies = [{{ name = \"same\" }}]\n"
        ),
        tail: "",
    },
    Form {
        format: "poetry-lock",
        name: "poetry.lock",
        head: "",
        namesake: record!(
            "[[package]]\nname = \"same\"\nversion = \"1.0.{index}\"\noptional = false\npython-versions = \"*\"\nfiles = []\n"
        ),
        asking: record!(
            "[[package]]\nname = \"p{index}\"\nversion = \"1.0.0\"\noptional = false\npython-versions = \"*\"\nfiles = []\n[package.dependencies]\nsame = \"*\"\n"
        ),
        tail: "[metadata]\nlock-version = \"2.1\"\npython-versions = \"*\"\ncontent-hash = \"00\"\n",
    },
    Form {
        format: "pdm-lock",
        name: "pdm.lock",
        head: "[metadata]\nlock_version = \"4.5.0\"\n",
        namesake: record!("[[package]]\nname = \"same\"\nversion = \"1.0.{index}\"\nfiles = []\n"),
        asking: record!(
            "[[package]]\nname = \"p{index}\"\nversion = \"1.0.0\"\nfiles = []\ndependencies = [\"same\"]\n"
        ),
        tail: "",
    },
    Form {
        format: "pylock-toml",
        name: "pylock.toml",
        head: "lock-version = \"1.0\"\ncreated-by = \"x\"\n",
        namesake: record!("[[packages]]\nname = \"same\"\nversion = \"1.0.{index}\"\n"),
        asking: record!(
            "[[packages]]\nname = \"p{index}\"\nversion = \"1.0.0\"\ndependencies = [{{ name = \"same\" }}]\n"
        ),
        tail: "",
    },
    Form {
        format: "requirements-txt",
        name: "requirements.txt",
        head: "",
        namesake: record!("same==1.0.{index}\n"),
        asking: record!("p{index}==1.0.0\n    # via same\n"),
        tail: "",
    },
    Form {
        format: "pipfile-lock",
        name: "Pipfile.lock",
        head: "{\"_meta\":{\"pipfile-spec\":6,\"sources\":[]},\"default\":{\"a\":{}",
        namesake: record!(",\"same\":{{\"version\":\"==1.0.{index}\"}}"),
        asking: record!(",\"p{index}\":{{\"version\":\"==1.0.0\"}}"),
        tail: "}}",
    },
];

impl Form {
    fn write(&self) -> String {
        let mut text = self.head.to_owned();
        (0..MANY).for_each(|index| (self.namesake)(&mut text, index));
        (0..MANY).for_each(|index| (self.asking)(&mut text, index));
        text + self.tail
    }
}

#[test]
fn every_format_is_asked() {
    let mut asked: Vec<_> = FORMS.iter().map(|form| form.format).collect();
    let mut formats: Vec<_> = LOCKFILE_FORMATS
        .iter()
        .map(|format| format.id().0)
        .collect();
    asked.sort_unstable();
    formats.sort_unstable();
    assert_eq!(asked, formats);
}

#[test]
fn ten_thousand_that_ask_for_ten_thousand_namesakes_draw_no_more_edges_than_there_are_records() {
    for form in FORMS {
        let text = form.write();
        let file = source(form.name, &text);
        match read_as(form.format, &file, &MapFiles::default()) {
            Ok(lockfile) => {
                let edges = lockfile.dependencies.len();
                assert!(edges <= 3 * MANY, "{}: {edges} edges", form.format);
                assert!(lockfile.recorded() >= 2 * MANY, "{}", form.format);
            }
            Err(problem) => {
                let message = problem.message.as_str();
                assert!(
                    message.starts_with("more than 1000 entries of one name"),
                    "{}: {message}",
                    form.format
                );
            }
        }
    }
}

#[test]
fn a_word_of_a_megabyte_is_refused_before_anything_copies_it() {
    let limit = Limits::default().word;
    for form in FORMS {
        let mut text = form.head.to_owned();
        (form.namesake)(&mut text, 1);
        text = text.replacen("same", &"k".repeat(1 << 20), 1);
        text.push_str(form.tail);
        let file = source(form.name, &text);
        let problem = read_as(form.format, &file, &MapFiles::default()).expect_err(form.format);
        assert_eq!(
            problem.message.as_str(),
            format!("more than {limit} bytes in one word"),
            "{}",
            form.format
        );
    }
}
