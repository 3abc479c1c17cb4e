//! A runner of GitHub Actions on this machine, and a small stand-in of the API of comments.
//!
//! The runner reads `action.yml` and obeys it, so that a value handed to the wrong step is noticed.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde::Deserialize;
use serde_json::{Value, json};

use super::clone::{Clone, left};
use super::sandbox::NOW;
use super::shared::say_skipped;

/// The lockfile of the repositories.
pub(crate) const LOCK: &str = "package-lock.json";

/// Who writes with the token of a workflow.
pub(crate) const BOT: &str = "github-actions[bot]";

/// The token that the API asks for.
pub(crate) const TOKEN: &str = "ghs_stand-in";

/// What of `action.yml` a runner goes by.
#[derive(Deserialize)]
pub(crate) struct Action {
    pub(crate) inputs: BTreeMap<String, Input>,
    pub(crate) outputs: BTreeMap<String, OutputOf>,
    pub(crate) runs: Runs,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    default: String,
}

#[derive(Deserialize)]
pub(crate) struct OutputOf {
    value: String,
}

#[derive(Deserialize)]
pub(crate) struct Runs {
    pub(crate) steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Step {
    id: Option<String>,
    pub(crate) run: String,
    pub(crate) env: BTreeMap<String, String>,
    #[serde(default)]
    continue_on_error: bool,
}

/// What the expressions of an action may name, such as `inputs.base`.
type Context = BTreeMap<String, String>;

/// A repository on a server, and a runner that clones it.
pub(crate) struct Runner {
    pub(crate) origin: Clone,
    pub(crate) api: Comments,
    action: PathBuf,
}

/// How a run of the action ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) log: String,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
}

/// Returns where the action lies.
pub(crate) fn folder_of_action() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/actions/linchpin")
}

/// Reads `action.yml`.
pub(crate) fn action() -> Action {
    let text = fs::read_to_string(folder_of_action().join("action.yml")).expect("an action");
    serde_saphyr::from_str(&text).expect("an action as GitHub reads it")
}

/// Returns what an expression names; text that is none stays.
fn evaluate(text: &str, context: &Context) -> String {
    let Some(name) = text.strip_prefix("${{ ") else {
        return text.to_owned();
    };
    let name = name.strip_suffix(" }}").expect("one expression");
    context.get(name).cloned().unwrap_or_default()
}

fn has_tools() -> bool {
    let is_missing = |tool: &&str| {
        let output = Command::new(tool).arg("--version").output();
        !output.is_ok_and(|output| output.status.success())
    };
    let missing = ["bash", "git", "jq", "curl"].into_iter().find(is_missing);
    if let Some(tool) = missing {
        say_skipped(&format!("there is no {tool} here"));
    }
    missing.is_none()
}

/// Writes a file that can be run.
pub(crate) fn write_program(place: &Path, text: &str) {
    let folder = place.parent().expect("a folder");
    fs::create_dir_all(folder).expect("a new folder");
    fs::write(place, text).expect("a new program");
    fs::set_permissions(place, Permissions::from_mode(0o755)).expect("a program");
}

/// linchpin at the time of the tests.
pub(crate) fn program() -> String {
    let program = env!("CARGO_BIN_EXE_linchpin");
    format!("#!/usr/bin/env bash\nexec '{program}' \"$@\" --as-of {NOW}\n")
}

impl Runner {
    /// Makes one whose repository has the branches `main`, `clean` with a harmless change, and `topic`
    /// with a risk; none, with a visible line, where a tool is missing.
    pub(crate) fn new() -> Option<Self> {
        if !has_tools() {
            return None;
        }
        let origin = Clone::with(&[(LOCK, &left("1.2.0"))])?;
        for (branch, version) in [("clean", "1.2.1"), ("topic", "2.0.0")] {
            origin.branch(branch);
            origin.write(&[(LOCK, &left(version))]);
            origin.commit(branch);
            origin.checkout("main");
        }
        write_program(&origin.0.home("bin/linchpin"), &program());
        Some(Self {
            origin,
            api: Comments::start(),
            action: folder_of_action(),
        })
    }

    /// Prepares a program in an environment that has nothing of this machine's user.
    pub(crate) fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.origin.0.home(""))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            // Nobody listens there: no test asks a server that is not its own.
            .env("LINCHPIN_OFFLINE", "1");
        command
    }

    fn git(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = self.command("git", folder).args(arguments).output();
        let output = output.expect("git can be started");
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        let text = String::from_utf8(output.stdout).expect("plain text");
        text.trim_end().to_owned()
    }

    /// Returns the name of the commit at which a branch of the server stands.
    pub(crate) fn tip(&self, branch: &str) -> String {
        let name = format!("refs/heads/{branch}");
        self.git(&self.origin.0.place(""), &["rev-parse", &name])
    }

    /// Clones the server as `actions/checkout` does by default: one commit, and nothing before it.
    fn clone_shallow(&self) -> PathBuf {
        let folder = self.origin.0.home("work");
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("a folder of ours");
        }
        let url = format!("file://{}", self.origin.0.place("").display());
        let place = folder.to_str().expect("a plain path");
        let clone = ["clone", "--quiet", "--depth=1", &url, place];
        self.git(&self.origin.0.home(""), &clone);
        folder
    }

    /// Runs the action in a new clone.
    pub(crate) fn act(&self, event: &(&str, Value), inputs: &[(&str, &str)]) -> Outcome {
        let action = action();
        let folder = self.clone_shallow();
        let temp = self.origin.0.home("temp");
        fs::create_dir_all(&temp).expect("a new folder");
        fs::write(temp.join("event.json"), event.1.to_string()).expect("an event");
        fs::write(temp.join("summary"), "").expect("a summary");
        let mut context = self.context(&action, inputs);
        let (mut code, mut log) = (0, String::new());
        for step in &action.runs.steps {
            let output = self.step(step, event.0, &folder, &context);
            log += &String::from_utf8(output.stdout).expect("plain text");
            log += &String::from_utf8(output.stderr).expect("plain text");
            read_outputs(&temp.join("output"), step, &mut context);
            if !output.status.success() && !step.continue_on_error {
                code = output.status.code().expect("it was not killed");
                break;
            }
        }
        let outputs = action.outputs.iter();
        let outputs = outputs.map(|(name, of)| (name.clone(), evaluate(&of.value, &context)));
        Outcome {
            code,
            log,
            outputs: outputs.collect(),
            summary: fs::read_to_string(temp.join("summary")).expect("a summary"),
        }
    }

    /// Returns what expressions may name before the first step.
    fn context(&self, action: &Action, inputs: &[(&str, &str)]) -> Context {
        let mut context = Context::new();
        context.insert("github.token".to_owned(), TOKEN.to_owned());
        let program = self.origin.0.home("bin/linchpin").display().to_string();
        let always = [("binary", program.as_str()), ("offline", "true")];
        for (name, input) in &action.inputs {
            let mut given = always.iter().chain(inputs);
            let given = given.rfind(|(key, _)| key == name);
            let value = given.map_or(input.default.as_str(), |(_, value)| value);
            let value = evaluate(value, &context);
            context.insert(format!("inputs.{name}"), value);
        }
        context
    }

    /// Runs a step as a runner does.
    fn step(&self, step: &Step, event: &str, folder: &Path, context: &Context) -> Output {
        let temp = self.origin.0.home("temp");
        fs::write(temp.join("output"), "").expect("a file of outputs");
        let env = step.env.iter();
        let env = env.map(|(name, value)| (name, evaluate(value, context)));
        let mut command = self.command("bash", folder);
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &step.run])
            .env("GITHUB_ACTION_PATH", &self.action)
            .env("GITHUB_API_URL", self.api.address())
            .env("GITHUB_EVENT_NAME", event)
            .env("GITHUB_EVENT_PATH", temp.join("event.json"))
            .env("GITHUB_OUTPUT", temp.join("output"))
            .env("GITHUB_REPOSITORY", "acme/shop")
            .env("GITHUB_SERVER_URL", "https://github.com")
            .env("GITHUB_SHA", self.tip("topic"))
            .env("GITHUB_STEP_SUMMARY", temp.join("summary"))
            .env("RUNNER_ARCH", "X64")
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_TEMP", &temp)
            .envs(env);
        if let Ok(releases) = fs::read_to_string(self.origin.0.home("releases")) {
            command.env("LINCHPIN_RELEASES", releases);
        }
        command.output().expect("bash can be started")
    }

    /// A pull request that wants a branch in `main`, as both stand.
    pub(crate) fn pull_request(&self, branch: &str) -> (&'static str, Value) {
        pull_request(&self.tip("main"), &self.tip(branch))
    }

    /// Judges a branch as a pull request.
    pub(crate) fn judge(&self, branch: &str, inputs: &[(&str, &str)]) -> Outcome {
        self.act(&self.pull_request(branch), inputs)
    }

    /// Returns the one comment of the action.
    pub(crate) fn only_comment(&self) -> (u64, String) {
        let mut ours = self.api.of(BOT);
        assert_eq!(ours.len(), 1, "{ours:?}");
        ours.remove(0)
    }

    /// Adds a commit to a branch of the server.
    pub(crate) fn push(&self, branch: &str, files: &[(&str, &str)]) {
        self.origin.checkout(branch);
        self.origin.write(files);
        self.origin.commit("one more");
        self.origin.checkout("main");
    }

    /// Copies the action, so that its table of versions can list one.
    pub(crate) fn with_release(mut self, version: &str, digest: &str, releases: &str) -> Self {
        let copy = self.origin.0.home("action");
        fs::create_dir_all(&copy).expect("a new folder");
        for entry in fs::read_dir(&self.action).expect("the action") {
            let from = entry.expect("a name").path();
            let name = from.file_name().expect("a name");
            fs::copy(&from, copy.join(name)).expect("a copy");
        }
        let table = format!("{version}\tlinux-x86_64\t{digest}\t\n");
        fs::write(copy.join("versions.tsv"), table).expect("a table");
        self.origin.0.write_home("releases", releases);
        self.action = copy;
        self
    }
}

/// A pull request with two commits, whose branch has a name that means something to a shell.
pub(crate) fn pull_request(base: &str, head: &str) -> (&'static str, Value) {
    let base = json!({ "ref": "main", "sha": base });
    let head = json!({ "ref": "x\"; exit 0; $(exit 0)", "sha": head });
    let request = json!({ "number": 7, "base": base, "head": head });
    ("pull_request", json!({ "pull_request": request }))
}

fn read_outputs(file: &Path, step: &Step, context: &mut Context) {
    let text = fs::read_to_string(file).expect("outputs");
    for line in text.lines() {
        let (name, value) = line.split_once('=').expect("a name and a value");
        let id = step
            .id
            .as_deref()
            .expect("only steps with an id have outputs");
        context.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
    }
}

impl Outcome {
    /// Returns an output of the action; empty where a runner would have none.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).expect("an output of the action")
    }
}

#[derive(Default)]
struct State {
    comments: Vec<Value>,
    made: u64,
    asked: Vec<String>,
    /// The status with which writing is refused.
    refusal: Option<u16>,
}

/// The API, which runs until the test ends.
pub(crate) struct Comments {
    state: Arc<Mutex<State>>,
    port: u16,
}

impl Comments {
    /// Starts one that knows no comment.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up first is no failure of the test.
                drop(serve(&stream, &shared));
            }
        });
        Self { state, port }
    }

    /// Returns its address.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Adds a comment of somebody.
    pub(crate) fn add(&self, login: &str, kind: &str, body: &str) {
        lock(&self.state).add(login, kind, body);
    }

    /// Answers with a status whoever wants to write, from now on.
    pub(crate) fn refuse(&self, status: u16) {
        lock(&self.state).refusal = Some(status);
    }

    /// Returns number and text of the comments of an account.
    pub(crate) fn of(&self, login: &str) -> Vec<(u64, String)> {
        let state = lock(&self.state);
        let comments = state.comments.iter();
        let theirs = comments.filter(|comment| comment["user"]["login"] == login);
        let pair = |comment: &Value| {
            let id = comment["id"].as_u64().expect("a number");
            let body = comment["body"].as_str().expect("a text");
            (id, body.to_owned())
        };
        theirs.map(pair).collect()
    }

    /// Returns what was asked so far, and forgets it.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.state).asked)
    }
}

impl State {
    fn add(&mut self, login: &str, kind: &str, body: &str) -> Value {
        self.made += 1;
        let user = json!({ "login": login, "type": kind });
        let comment = json!({ "id": self.made, "body": body, "user": user });
        self.comments.push(comment.clone());
        comment
    }

    /// Does what was asked for; returns a status, and what is sent.
    fn answer(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let text = body["body"].as_str().unwrap_or_default();
        match (method, path.strip_prefix("/repos/acme/shop/issues/")) {
            ("GET", Some("7/comments")) => (200, self.page(query)),
            (_, Some(_)) if self.refusal.is_some() => (self.refusal.unwrap_or(500), json!({})),
            ("POST", Some("7/comments")) => (201, self.add(BOT, "Bot", text)),
            (_, Some(rest)) => self.change(method, rest, text),
            _ => (404, json!({})),
        }
    }

    fn page(&self, query: &str) -> Value {
        let number = |name: &str| -> usize {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let found = pairs.find(|(key, _)| *key == name);
            found.map_or(1, |(_, value)| value.parse().expect("a number"))
        };
        let size = number("per_page").min(100);
        let skipped = (number("page") - 1) * size;
        self.comments
            .iter()
            .skip(skipped)
            .take(size)
            .cloned()
            .collect()
    }

    fn change(&mut self, method: &str, rest: &str, text: &str) -> (u16, Value) {
        let id = rest.strip_prefix("comments/");
        let id: Option<u64> = id.and_then(|id| id.parse().ok());
        let mut comments = self.comments.iter();
        let found = comments.position(|comment| comment["id"].as_u64() == id);
        match (method, found) {
            ("PATCH", Some(index)) => {
                self.comments[index]["body"] = text.into();
                (200, self.comments[index].clone())
            }
            ("DELETE", Some(index)) => {
                self.comments.remove(index);
                (204, Value::Null)
            }
            _ => (404, json!({})),
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The head of a request, as far as it matters.
#[derive(Default)]
struct Head {
    line: String,
    length: usize,
    is_allowed: bool,
    is_waiting: bool,
}

fn read_head(reader: &mut impl BufRead) -> std::io::Result<Head> {
    let mut head = Head::default();
    reader.read_line(&mut head.line)?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(head);
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => head.length = value.trim().parse().unwrap_or(0),
            "authorization" => head.is_allowed = value.trim() == format!("Bearer {TOKEN}"),
            "expect" => head.is_waiting = true,
            _ => {}
        }
    }
}

fn serve(mut stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let head = read_head(&mut reader)?;
    if head.is_waiting {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut body = vec![0; head.length];
    reader.read_exact(&mut body)?;
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let mut words = head.line.split(' ');
    let method = words.next().unwrap_or_default();
    let path = words.next().unwrap_or_default();
    let mut state = lock(state);
    state.asked.push(format!("{method} {path}"));
    let (status, sent) = if head.is_allowed {
        state.answer(method, path, &body)
    } else {
        (401, json!({}))
    };
    drop(state);
    let sent = if status == 204 {
        String::new()
    } else {
        sent.to_string()
    };
    write!(
        stream,
        "HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{sent}",
        sent.len()
    )
}
