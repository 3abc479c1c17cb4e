//! Where the registries of a run lie: a variable, else the project's configuration, else the user's own clients, else the public ones.
//!
//! Which of them stand in the place of public ones is told to [`Hosts`], before lockfiles are read.

use camino::Utf8Path;
use jiff::Timestamp;

use super::super::error::{Error, ErrorKind};
use super::super::options::environment;
use crate::clients::ClientConfiguration;
use crate::config::Config;
use crate::discover::user_files::HomeFiles;
use crate::fetch::inquiry::{Rate, Services};
use crate::package::endpoints::CRATES_IO_HOST;
use crate::package::hosts::Hosts;
use crate::package::{Ecosystem, RemoteAddress};
use crate::registry::Service;

/// The registries that a run asks, and what the user's own clients say of registries.
pub(in crate::cli) struct RunRegistries {
    pub(super) clients: ClientConfiguration,
    pub(super) services: Services,
}

impl RunRegistries {
    /// Finds them; the audited root has no say in what the user's own clients ask.
    pub(in crate::cli) fn find(
        config: &Config,
        root: &Utf8Path,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let files = HomeFiles::of_user(&environment, root);
        let clients = ClientConfiguration::read(&files, &environment);
        let services = services(config, &clients, now)?;
        Ok(Self { clients, services })
    }

    /// Tells which of them are asked in the place of the public ones, and which are the user's own.
    pub(in crate::cli) fn tell(&self, hosts: &mut Hosts) {
        let asked = &mut hosts.asked;
        asked.scopes.clone_from(&self.clients.scopes);
        let services = &self.services;
        let npm = services.address(Service::Npm);
        let index = services.index.as_ref().map(RemoteAddress::parent);
        let pypi = index.as_ref().unwrap_or(services.address(Service::Pypi));
        for (ecosystem, service, address, of_user) in [
            (Ecosystem::Npm, Service::Npm, npm, self.clients.npm.as_ref()),
            (Ecosystem::Pypi, Service::Pypi, pypi, index.as_ref()),
        ] {
            if services.is_public(service) {
                continue;
            }
            asked.instead.insert(ecosystem, address.clone());
            // Whoever names another one for linchpin has it asked, and says nothing of what lockfiles hold.
            if of_user == Some(address) {
                asked.mirrors.insert(ecosystem, address.clone());
            }
        }
    }
}

/// Finds the address of each service.
fn services(
    config: &Config,
    clients: &ClientConfiguration,
    now: Timestamp,
) -> Result<Services, Error> {
    let address = |service: Service| {
        if let Some(typed) = environment(service.variable()) {
            return read_address(service, &typed);
        }
        let of_user = match service {
            Service::Npm => clients.npm.as_ref(),
            Service::CratesIndex => clients.crates_index.as_ref(),
            Service::Pypi | Service::CratesApi => None,
        };
        let configured = config.registries.get(service).or(of_user);
        configured.map_or_else(
            || read_address(service, service.public_address()),
            |known| Ok(known.clone()),
        )
    };
    let [npm, pypi, crates, api] = Service::ALL.map(address);
    let (mut pypi, crates, mut api) = (pypi?, crates?, api?);
    let is_public =
        |service: Service, address: &RemoteAddress| address.as_str() == service.public_address();
    if !is_public(Service::CratesIndex, &crates) && is_public(Service::CratesApi, &api) {
        // Who has an index in place of that of crates.io asks the API of crates.io nothing, unless it was named.
        api = if is_named(config, Service::CratesApi) {
            api
        } else {
            crates.clone()
        };
    }
    let index = own_index(config, clients);
    if let Some(index) = &index {
        // Whoever has an index of their own has names of their own: PyPI itself is asked nothing about them.
        pypi = index.parent();
    }
    Ok(Services {
        api_rate: rate(&api),
        addresses: [npm?, pypi, crates, api],
        index,
        credentials: clients.credentials.clone(),
        now,
    })
}

/// Returns the index that the user's own pip or uv asks in place of the public one, unless another was named for Linchpin.
fn own_index(config: &Config, clients: &ClientConfiguration) -> Option<RemoteAddress> {
    let is_named = is_named(config, Service::Pypi);
    let public = RemoteAddress::new(Service::Pypi.public_address()).ok()?;
    let is_public = |index: &RemoteAddress| index.url().host() == public.url().host();
    let index = clients.pypi_index.as_ref();
    index
        .filter(|index| !is_named && !is_public(index))
        .cloned()
}

/// Says whether the address of a service was named for Linchpin itself.
fn is_named(config: &Config, service: Service) -> bool {
    environment(service.variable()).is_some() || config.registries.get(service).is_some()
}

/// Says how often an API of crates may be asked: that of crates.io has a rule, however its address is written.
fn rate(api: &RemoteAddress) -> Rate {
    match api.url().host_str() {
        Some(host) if host.trim_end_matches('.') == CRATES_IO_HOST => Rate::CRATES_IO,
        _ => Rate::Free,
    }
}

fn read_address(service: Service, text: &str) -> Result<RemoteAddress, Error> {
    RemoteAddress::new(text).map_err(|error| {
        // What the variable holds may be a secret, and is not repeated.
        let what = format!("{} names no registry: {error}", service.variable());
        Error::new(ErrorKind::Config, what).hint("set it to https://host/path, or not at all")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_of_crates_io_alone_has_a_rate() {
        let of = |text: &str| rate(&RemoteAddress::new(text).expect("an address"));
        let public = Service::CratesApi.public_address();
        for text in [
            public,
            "https://crates.io",
            "https://CRATES.IO./",
            "https://crates.io/api/",
        ] {
            assert_eq!(of(text), Rate::CRATES_IO, "{text}");
        }
        for text in [
            "http://127.0.0.1:8000/crates-io",
            "https://crates.io.example/",
            "https://mirror.example/crates.io/",
        ] {
            assert_eq!(of(text), Rate::Free, "{text}");
        }
    }
}
