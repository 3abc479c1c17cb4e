//! `.netrc`: users and passwords of hosts, which pip and uv send.
//!
//! Reference: <https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html>. Its entry `default` is for
//! hosts that nobody named and is not used.

use std::iter::Peekable;
use std::str::Chars;

use super::{ClientConfiguration, Secret, User, UserFile, credentials};
use crate::package::RemoteAddress;
use crate::package::hosts::HostName;

/// What a file says before it stops making sense.
struct Read {
    /// The logins of hosts, in the order of the file.
    logins: Vec<Login>,
    /// Whether all of the file was understood.
    is_whole: bool,
}

/// A user and a password.
#[derive(Default)]
struct Login {
    /// The host; none for `default`.
    machine: Option<String>,
    user: String,
    password: Option<String>,
}

pub(super) fn read(user: &User<'_>, configuration: &mut ClientConfiguration) {
    let Some(file) = file(user, configuration) else {
        return;
    };
    let read = parse(&file.text);
    if !read.is_whole {
        configuration.remark(
            file.path.as_str(),
            "from somewhere on it is no .netrc; only what stands before is used",
        );
    }
    // As in Python, the last login of a host counts; as everywhere here, the first that is added does.
    for login in read.logins.into_iter().rev() {
        add(file.path.as_str(), login, configuration);
    }
}

fn file(user: &User<'_>, configuration: &mut ClientConfiguration) -> Option<UserFile> {
    const VARIABLE: &str = "NETRC";
    if let Some(path) = user.path(VARIABLE, configuration) {
        return user.read_named(VARIABLE, &path, configuration);
    }
    let mut paths = [".netrc", "_netrc"].into_iter();
    paths.find_map(|name| user.read(&user.in_home(name)?, configuration))
}

fn add(place: &str, login: Login, configuration: &mut ClientConfiguration) {
    let (Some(machine), Some(password)) = (login.machine, login.password) else {
        return;
    };
    // The name may be a password that slipped, so that it is not told.
    let Some(host) = HostName::new(&machine) else {
        return configuration.remark(
            place,
            "a machine is not the name of a host, and is not used",
        );
    };
    let secret = Secret::basic(login.user.as_bytes(), password.as_bytes());
    let own = RemoteAddress::new(&format!("https://{}/", host.as_str())).ok();
    for address in own.into_iter().chain(index_on(&host, configuration)) {
        configuration.credential(place, address, secret.clone());
    }
}

/// Returns the address of the user's own index on a host: a `.netrc` knows no ports, and pip heeds none.
fn index_on(host: &HostName, configuration: &ClientConfiguration) -> Option<RemoteAddress> {
    let index = configuration.pypi_index.as_ref()?;
    let is_on_host =
        index.url().scheme() == "https" && index.url().host_str() == Some(host.as_str());
    let index = is_on_host.then_some(index)?;
    credentials::whole_host(index)
}

/// Reads the logins, as Python's `netrc` does.
fn parse(text: &str) -> Read {
    let mut words = Words(text.chars().peekable());
    let mut logins: Vec<Login> = Vec::new();
    let mut is_whole = true;
    while let Some(word) = words.keyword() {
        let is_read = match word.as_str() {
            "machine" => words.next().map(|machine| {
                logins.push(Login {
                    machine: Some(machine),
                    ..Login::default()
                });
            }),
            "default" => {
                logins.push(Login::default());
                Some(())
            }
            "macdef" => {
                words.skip_macro();
                Some(())
            }
            _ => fill(logins.last_mut(), &word, &mut words),
        };
        if is_read.is_none() {
            is_whole = false;
            break;
        }
    }
    Read { logins, is_whole }
}

/// Reads one part of a login; none if it is no part of any.
fn fill(login: Option<&mut Login>, keyword: &str, words: &mut Words<'_>) -> Option<()> {
    let login = login?;
    match keyword {
        "login" | "user" => login.user = words.next()?,
        "password" => login.password = Some(words.next()?),
        "account" => drop(words.next()?),
        _ => return None,
    }
    Some(())
}

/// The words of a file, parted by white space; a word may stand in double quotes.
struct Words<'a>(Peekable<Chars<'a>>);

impl Words<'_> {
    /// Returns the next word that is no comment.
    fn keyword(&mut self) -> Option<String> {
        self.skip_space();
        while self.0.peek() == Some(&'#') {
            self.skip_line();
            self.skip_space();
        }
        self.next()
    }

    fn skip_space(&mut self) {
        while self.0.next_if(|next| next.is_whitespace()).is_some() {}
    }

    fn skip_line(&mut self) {
        while self.0.next_if(|next| *next != '\n').is_some() {}
    }

    /// Skips a macro, which ends at an empty line.
    fn skip_macro(&mut self) {
        loop {
            self.skip_line();
            self.0.next();
            while self.0.next_if_eq(&'\r').is_some() {}
            if matches!(self.0.peek(), None | Some('\n')) {
                return;
            }
        }
    }
}

impl Iterator for Words<'_> {
    type Item = String;

    /// Returns the next word; a backslash takes the meaning of what follows it.
    fn next(&mut self) -> Option<String> {
        self.skip_space();
        self.0.peek()?;
        let is_quoted = self.0.next_if_eq(&'"').is_some();
        let mut word = String::new();
        while let Some(character) = self.0.next() {
            let is_end = if is_quoted {
                character == '"'
            } else {
                character.is_whitespace()
            };
            match character {
                _ if is_end => break,
                '\\' => word.extend(self.0.next()),
                _ => word.push(character),
            }
        }
        Some(word)
    }
}

#[cfg(test)]
#[path = "netrc_tests.rs"]
mod tests;
