use super::*;

fn is_plain_source(source: &str) -> bool {
    is_plain(&Script::read(source), Bundled::Nothing)
}

#[test]
fn scripts_that_print_are_plain() {
    for source in [
        "console.log('hi')",
        "if (!process.env.CI) process.stdout.write(`a${process.version}\\n`)",
        "const { existsSync } = require('fs'); existsSync('a') || console.log('b')",
        "import fs from 'node:fs'; console.log(fs.readFileSync('package.json', 'utf8'))",
        "import chalk from 'chalk'; console.log(chalk.red('a'))",
        "var env = process.env; var a = ['A', 'B'].some(function (it) { return env[it]; })",
        "if (require.main === module) console.log(process.argv[2])",
        "require('./other'); module.exports = {}",
        "var os = require('os'), path = require('path'), fs = require('fs');
         fs.writeFileSync(path.join(os.tmpdir(), 'seen'), '1')",
        "const fs = require('fs'); const os = require('os');
         const file = os.tmpdir() + '/seen'; fs.writeFileSync(file, '1');",
    ] {
        assert!(is_plain_source(source), "{source}");
    }
}

#[test]
fn scripts_that_reach_further_are_not() {
    for source in [
        "require('left-pad')",
        "require(name)",
        "var r = require; r('child_process')",
        "module.require('a')",
        "module.constructor._load('a')",
        "require.cache",
        "require.main.require('a')",
        "arguments[1]('a')",
        "process.kill(1)",
        "process['bind' + 'ing']('a')",
        "var p = process; p.dlopen(a)",
        "[][a][b]('code')()",
        "''[a]",
        "var { [a]: b } = console",
        "console[a]",
        "var env = console; env[a]",
        "function f(env) { return env[a]; }",
        "env[a][b]",
        "this.fetch(a)",
        "ev\\u0061l(a)",
        "with (console) log(a)",
        "Object.assign(console, a)",
    ] {
        assert!(!is_plain_source(source), "{source}");
    }
}

#[test]
fn files_are_written_in_the_temporary_folder_only() {
    let with = |statement: &str| {
        is_plain_source(&format!(
            "var fs = require('fs'); var os = require('os'); var path = require('path'); {statement}"
        ))
    };
    assert!(with(
        "var f = path.join(os.tmpdir(), 'a'); fs.writeFileSync(f, 'b')"
    ));
    assert!(with("fs.readFileSync('anything')"));
    for statement in [
        "fs.writeFileSync('a', 'b')",
        "fs.writeFileSync(f, 'b')",
        "fs.writeFileSync(__filename, 'b')",
        "fs.writeFileSync(path.join(os.tmpdir(), '../a'), 'b')",
        "fs.writeFileSync('/etc' + os.tmpdir(), 'b')",
        "fs.writeFileSync(path.join(os.homedir(), 'a'), 'b')",
        "var f = path.join(os.tmpdir(), 'a'); f = '/etc/a'; fs.writeFileSync(f, 'b')",
        "var f = os.tmpdir(); function g(f, h = i()) { fs.writeFileSync(f, 'b') } g('/etc/a')",
        "var f = os.tmpdir(); var g = f => fs.writeFileSync(f, 'b')",
        "var f = os.tmpdir(); for (f of list) fs.writeFileSync(f, 'b')",
        "var f = os.tmpdir(); [f, a] = list; fs.writeFileSync(f, 'b')",
        "os.tmpdir = () => '/etc'; fs.writeFileSync(os.tmpdir(), 'b')",
        "var path = { join() { return '/etc/a' } }; fs.writeFileSync(path.join(os.tmpdir()), 'b')",
        "process.env.TMPDIR = '/etc'; fs.writeFileSync(os.tmpdir(), 'b')",
        "fs.writeFileSync((os.tmpdir(), '/etc/a'), 'b')",
        "fs.rmSync('a')",
        "fs.promises.writeFile('a', 'b')",
        "var w = fs.writeFileSync; w('a', 'b')",
        "var g = fs; g.rmSync('a')",
        "fs[a]('b')",
    ] {
        assert!(!with(statement), "{statement}");
    }
    assert!(!is_plain_source(
        "const { writeFileSync } = require('fs'); writeFileSync('a')"
    ));
    assert!(!is_plain_source("const { existsSync: a } = require('fs')"));
    assert!(!is_plain_source("import { rmSync } from 'fs'; rmSync('a')"));
    assert!(!is_plain_source("f(require('fs'))"));
    assert!(!is_plain_source("require('fs').rmSync('a')"));
    assert!(!is_plain_source("import('fs').then(a)"));
}

#[test]
fn bundled_packages_are_not_taken_for_those_that_colour() {
    let script = Script::read("console.log(require('chalk').red('a'))");
    assert!(is_plain(&script, Bundled::Nothing));
    assert!(!is_plain(&script, Bundled::Packages));
}
