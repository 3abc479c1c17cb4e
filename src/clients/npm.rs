//! npm: the user's `.npmrc` and the variables of npm.
//!
//! Reference: <https://docs.npmjs.com/cli/v11/configuring-npm/npmrc>. The file is what npm's own reader makes of it:
//! comments begin at `;` or `#`, quotes are JSON's, keys below a `[section]` are not npm's, the last of equal keys counts.

use std::collections::BTreeMap;

use super::credentials::{self, CredentialError};
use super::{ClientConfiguration, Secret, Setting, User, UserFile};
use crate::package::{Ecosystem, RemoteAddress};
use crate::text::Untrusted;

/// The variables that name the default registry.
const REGISTRY: Variable = Variable {
    lower: "npm_config_registry",
    upper: "NPM_CONFIG_REGISTRY",
};

/// The variables that name the user's file.
const USER_FILE: Variable = Variable {
    lower: "npm_config_userconfig",
    upper: "NPM_CONFIG_USERCONFIG",
};

/// What npm and its kin set for the scripts that they run.
const SIGNS_OF_SCRIPTS: [&str; 3] = ["npm_lifecycle_event", "npm_execpath", "npm_command"];

/// What may stand behind the address of a host.
const SECRETS: [&str; 4] = ["_authToken", "_auth", "username", "_password"];

/// Secrets that once went to whatever registry was set; npm ignores them by now.
const HOMELESS: [&str; 2] = ["_authToken", "_auth"];

/// A setting of npm's in the environment, which it reads in either case.
struct Variable {
    lower: &'static str,
    upper: &'static str,
}

impl Variable {
    /// Returns the name that is set, by the user and not by npm.
    fn name(&self, user: &User<'_>) -> Option<&'static str> {
        let is_script = is_script(user);
        // Windows knows no case, so npm's word cannot be told from the user's.
        let names = match (is_script, cfg!(windows)) {
            (false, _) => &[self.lower, self.upper][..],
            (true, false) => &[self.upper],
            (true, true) => &[],
        };
        let mut names = names.iter().copied();
        names.find(|name| user.variable(name).is_some())
    }
}

/// Says whether npm runs this as a script: then it has written its settings, those of the project too, into the
/// environment.
fn is_script(user: &User<'_>) -> bool {
    let mut signs = SIGNS_OF_SCRIPTS.iter();
    signs.any(|name| user.variable(name).is_some())
}

/// The settings of a file that matter here, by their keys; their texts are not expanded yet.
type Settings = BTreeMap<String, Setting>;

pub(super) fn read(user: &User<'_>, configuration: &mut ClientConfiguration) {
    let file = file(user, configuration);
    let settings = file.map_or_else(Settings::new, |file| settings(&file, user, configuration));
    // Secrets of an address go before a login that stands in the address of a registry.
    read_secrets(&settings, user, configuration);
    read_registry(&settings, user, configuration);
    read_scopes(&settings, user, configuration);
}

/// Finds the user's file.
fn file(user: &User<'_>, configuration: &mut ClientConfiguration) -> Option<UserFile> {
    let name = USER_FILE.name(user);
    let named = name.and_then(|name| Some((name, user.path(name, configuration)?)));
    match named {
        Some((name, path)) => user.read_named(name, &path, configuration),
        None => user.read(&user.in_home(".npmrc")?, configuration),
    }
}

/// Picks the settings that matter here out of a file.
fn settings(file: &UserFile, user: &User<'_>, configuration: &mut ClientConfiguration) -> Settings {
    let mut settings = Settings::new();
    for (number, key, value) in lines(&file.text) {
        let (key, place) = (unquote(key), file.line(number));
        if HOMELESS.contains(&key.as_str()) {
            configuration.remark(
                &place,
                "the token belongs to no host and is not used, as npm does not use it",
            );
        } else if matters(&key) {
            let text = unquote(value);
            match expand(&key, user) {
                Some(key) => drop(settings.insert(key, Setting { text, place })),
                None => drop(remark_unset(&place, configuration)),
            }
        }
    }
    settings
}

/// Returns the settings of a file with the numbers of their lines, as they stand there.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    let lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()));
    let is_section = |line: &str| line.starts_with('[') && line.ends_with(']');
    lines
        .take_while(move |(_, line)| !is_section(line))
        .filter(|(_, line)| !line.starts_with([';', '#']))
        .filter_map(|(number, line)| {
            let (key, value) = line.split_once('=')?;
            Some((number, key, value))
        })
}

fn matters(key: &str) -> bool {
    let is_secret = |key: &str| secret_of_host(key).is_some();
    key == "registry" || (key.starts_with('@') && key.ends_with(":registry")) || is_secret(key)
}

/// Parts the key of a secret: the address of the host, which begins with `//`, and what of a secret it is.
fn secret_of_host(key: &str) -> Option<(&str, &str)> {
    let (address, part) = key.rsplit_once(':')?;
    (address.starts_with("//") && SECRETS.contains(&part)).then_some((address, part))
}

/// Takes off quotes, or a comment behind a text without quotes.
fn unquote(text: &str) -> String {
    let text = text.trim();
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    if inside('"').is_some() {
        serde_json::from_str(text).unwrap_or_else(|_| text.to_owned())
    } else if let Some(inside) = inside('\'') {
        inside.to_owned()
    } else {
        without_comment(text)
    }
}

/// Takes off a comment; a backslash before `;`, `#` and `\` takes their meaning.
fn without_comment(text: &str) -> String {
    let mut kept = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ';' | '#' => break,
            '\\' => kept.push(
                characters
                    .next_if(|next| ";#\\".contains(*next))
                    .unwrap_or('\\'),
            ),
            _ => kept.push(character),
        }
    }
    kept.trim_end().to_owned()
}

/// Replaces each `${NAME}` by that variable; none if one is not set. `${NAME?}` may be missing, `\${NAME}` stays.
fn expand(text: &str, user: &User<'_>) -> Option<String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        expanded.push_str(before);
        rest = behind;
        let reference = behind.split_once('}');
        match reference.filter(|(name, _)| !name.is_empty() && !name.contains(['$', '{'])) {
            Some((name, behind)) if expanded.ends_with('\\') => {
                expanded.pop();
                expanded.extend(["${", name, "}"]);
                rest = behind;
            }
            Some((name, behind)) => {
                expanded.push_str(&value(name, user)?);
                rest = behind;
            }
            None => expanded.push_str("${"),
        }
    }
    expanded.push_str(rest);
    Some(expanded)
}

fn value(name: &str, user: &User<'_>) -> Option<String> {
    match name.strip_suffix('?') {
        Some(name) => Some((user.variables)(name).unwrap_or_default()),
        None => (user.variables)(name),
    }
}

fn remark_unset(place: &str, configuration: &mut ClientConfiguration) -> Untrusted<'static> {
    configuration.remarked(
        place,
        "it names a variable that is not set, and is not used",
    )
}

/// Expands a setting; one that cannot be is remarked.
///
/// # Errors
///
/// Fails with the remark.
fn expand_setting(
    setting: &Setting,
    user: &User<'_>,
    configuration: &mut ClientConfiguration,
) -> Result<Setting, Untrusted<'static>> {
    let text = expand(&setting.text, user);
    let text = text.ok_or_else(|| remark_unset(&setting.place, configuration))?;
    let place = setting.place.clone();
    Ok(Setting { text, place })
}

fn read_registry(settings: &Settings, user: &User<'_>, configuration: &mut ClientConfiguration) {
    let variable = REGISTRY.name(user).and_then(|name| user.setting(name));
    let chosen = variable.as_ref().or_else(|| settings.get("registry"));
    if let Some(chosen) = chosen {
        match expand_setting(chosen, user, configuration) {
            Ok(setting) => {
                configuration.npm = configuration.default_registry(Ecosystem::Npm, &setting);
            }
            Err(why) => drop(configuration.unusable.insert(Ecosystem::Npm, why)),
        }
    }
    remark_word_of_npm(user, configuration);
}

/// Tells of a registry that only npm itself names.
fn remark_word_of_npm(user: &User<'_>, configuration: &mut ClientConfiguration) {
    let Some(word) = user.variable(REGISTRY.lower).filter(|_| is_script(user)) else {
        return;
    };
    // A `/` at the end is a matter of taste.
    let plain = |address: &RemoteAddress| address.as_str().trim_end_matches('/').to_owned();
    let word = credentials::without_login(&word).map(|(address, _)| plain(&address));
    if word.ok() != configuration.npm.as_ref().map(plain) {
        configuration.remark(
            REGISTRY.lower,
            format_args!(
                "npm sets it for scripts, from the .npmrc of the project too, so it is not used; if it is yours, set {}",
                REGISTRY.upper
            ),
        );
    }
}

fn read_scopes(settings: &Settings, user: &User<'_>, configuration: &mut ClientConfiguration) {
    for (key, setting) in settings {
        let Some(scope) = key.strip_suffix(":registry") else {
            continue;
        };
        if !is_scope(scope) {
            configuration.remark(
                &setting.place,
                "it names no scope such as @company, and is not used",
            );
            continue;
        }
        configuration.scopes.insert(scope.to_owned());
        let expanded = expand_setting(setting, user, configuration);
        let address = expanded.and_then(|setting| configuration.registry(&setting));
        configuration
            .scoped
            .extend(address.map(|address| (scope.to_owned(), address)));
    }
}

fn is_scope(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.strip_prefix('@')
        .is_some_and(|name| !name.is_empty() && name.bytes().all(is_plain))
}

/// The parts of the secret of one address, by their names.
type Parts<'a> = BTreeMap<&'a str, Setting>;

fn read_secrets(settings: &Settings, user: &User<'_>, configuration: &mut ClientConfiguration) {
    let mut hosts: BTreeMap<&str, Parts<'_>> = BTreeMap::new();
    for (key, setting) in settings {
        if let Some((address, part)) = secret_of_host(key)
            && let Ok(setting) = expand_setting(setting, user, configuration)
        {
            hosts.entry(address).or_default().insert(part, setting);
        }
    }
    for (address, parts) in &hosts {
        read_secret(address, parts, configuration);
    }
}

fn read_secret(address: &str, parts: &Parts<'_>, configuration: &mut ClientConfiguration) {
    let Some(place) = parts.values().next().map(|setting| &setting.place) else {
        return;
    };
    match secret(parts) {
        Ok(secret) => add(place, address, &secret, configuration),
        Err(error) => configuration.remark(place, error),
    }
}

/// Makes the secret of its parts, in the order in which npm prefers them.
fn secret(parts: &Parts<'_>) -> Result<Secret, CredentialError> {
    let text = |part: &str| parts.get(part).map(|setting| setting.text.trim());
    if let Some(token) = text("_authToken") {
        return Secret::bearer(token);
    }
    if let Some(encoded) = text("_auth") {
        return Secret::basic_encoded(encoded);
    }
    match (text("username"), text("_password")) {
        (Some(user), Some(password)) => {
            let password = credentials::decode(password)?;
            Ok(Secret::basic(user.as_bytes(), &password))
        }
        _ => Err(CredentialError::Incomplete),
    }
}

/// Adds the secret of an address without a scheme: for https, and for http on this machine.
fn add(place: &str, address: &str, secret: &Secret, configuration: &mut ClientConfiguration) {
    match RemoteAddress::new(&format!("https:{address}")) {
        Ok(address) => configuration.credential(place, address, secret.clone()),
        Err(error) => return configuration.refuse(place, error),
    }
    if let Ok(address) = RemoteAddress::new(&format!("http:{address}")) {
        configuration.credential(place, address, secret.clone());
    }
}

#[cfg(test)]
#[path = "npm_tests.rs"]
mod tests;
