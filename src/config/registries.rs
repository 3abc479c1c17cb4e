//! `[registry]`: where the registries lie that are asked about releases.

use super::ConfigError;
use super::reader::{Reader, Section, Value, span};
use crate::lockfile::Span;
use crate::package::RemoteAddress;
use crate::registry::Service;

/// `[registry]`: addresses of registries in place of the public ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registries {
    /// One for each service, in the order of [`Service::ALL`]; none for the public one.
    addresses: [Option<RemoteAddress>; 4],
}

impl Registries {
    /// Returns the address of a service, if one is configured.
    pub fn get(&self, service: Service) -> Option<&RemoteAddress> {
        self.addresses[service as usize].as_ref()
    }

    /// Reads the addresses, if the document has them; the table's other keys are read by `registry`.
    pub(super) fn read(document: &Section<'_>, reader: &mut Reader) -> Self {
        let table = document
            .get("registry")
            .and_then(|value| value.get_ref().as_table());
        let mut registries = Self::default();
        let Some(table) = table else {
            return registries;
        };
        for service in Service::ALL {
            let value = table.get(service.key());
            registries.addresses[service as usize] = value.and_then(|value| address(value, reader));
        }
        registries
    }
}

fn address(value: &Value<'_>, reader: &mut Reader) -> Option<RemoteAddress> {
    let text = reader.text(value)?;
    match RemoteAddress::new(text) {
        Ok(address) => Some(address),
        Err(why) => {
            // A secret is neither repeated nor shown in its line.
            let error = if text.contains(['@', '?', '#']) {
                let what = format!("the address of a registry may not be what it is: {why}");
                ConfigError::new(Span::default(), what)
            } else {
                let what = format!("`{text}` is no address of a registry: {why}");
                ConfigError::new(span(value.span()), what)
            };
            reader.fail(error.help("write https://host/path"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{messages, valid};

    #[test]
    fn registries_are_read_one_by_one() {
        let text =
            "[registry]\nnpm = \"https://npm.example/x\"\ncrates-io = \"http://127.0.0.1:8000/\"\n";
        let registries = valid(text).registries;
        let address = |service| registries.get(service).map(RemoteAddress::as_str);
        assert_eq!(address(Service::Npm), Some("https://npm.example/x"));
        assert_eq!(address(Service::CratesApi), Some("http://127.0.0.1:8000/"));
        assert_eq!(
            (address(Service::Pypi), address(Service::CratesIndex)),
            (None, None)
        );
    }

    #[test]
    fn what_is_no_address_is_an_error_and_a_secret_is_not_repeated() {
        let errors = messages("[registry]\npypi = \"http://pypi.example/\"\n");
        assert_eq!(
            errors,
            [
                "2:8 `http://pypi.example/` is no address of a registry: plain http is spoken with this machine only; write https | "
            ]
        );
        let errors = messages("[registry]\nnpm = \"https://user:hunter2@npm.example/\"\n");
        assert_eq!(errors.len(), 1);
        assert!(!errors[0].contains("hunter2"), "{errors:?}");
    }
}
