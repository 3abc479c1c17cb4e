use super::*;
use crate::clients::testing::{configuration, header, remarks};

const FILE: &str = "/home/u/.netrc";

fn of_file(text: &str) -> ClientConfiguration {
    configuration(&[(FILE, text)], &[])
}

#[test]
fn a_login_goes_to_its_host_over_https_only() {
    let configuration = of_file("machine a.example login u password p\n");
    assert_eq!(
        header(&configuration, "https://A.example/simple/").as_deref(),
        Some("Basic dTpw")
    );
    for address in [
        "http://a.example/",
        "https://a.example:8443/",
        "https://a.example.evil.example/",
        "https://b.example/",
    ] {
        assert_eq!(header(&configuration, address), None, "{address}");
    }
}

#[test]
fn logins_are_read_as_python_reads_them() {
    for text in [
        "machine a.example\n\tlogin u\n\tpassword p\n",
        "machine a.example user u account x password \"p\"",
        "# machine b.example\nmachine a.example # own\nlogin u password \\p",
        "machine a.example login x password y\nmachine a.example login u password p",
        "macdef m\nmachine a.example login x password y\n\nmachine a.example login u password p",
        "machine b.example login x password #y\r\nmachine a.example login u password p\r\n",
    ] {
        let configuration = of_file(text);
        assert_eq!(
            header(&configuration, "https://a.example/").as_deref(),
            Some("Basic dTpw"),
            "{text}"
        );
        assert_eq!(remarks(&configuration), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn the_default_is_for_nobody() {
    let configuration = of_file("default login u password p\n");
    assert!(configuration.credentials.is_empty());
    assert_eq!(remarks(&configuration), Vec::<&str>::new());
}

#[test]
fn a_macro_is_no_login() {
    let configuration = of_file("macdef init\nmachine a.example login u password p\n");
    assert!(configuration.credentials.is_empty());
}

#[test]
fn what_makes_no_sense_ends_the_file() {
    for text in [
        "machine a.example login u password p\nnonsense\nmachine b.example login u password p",
        "machine a.example login u password p\nmachine b.example password q r\nmachine c.example password s",
        "machine a.example login u password p\nmachine",
        "machine a.example login u password p login",
    ] {
        let configuration = of_file(text);
        assert_eq!(
            header(&configuration, "https://a.example/").as_deref(),
            Some("Basic dTpw"),
            "{text}"
        );
        assert_eq!(header(&configuration, "https://c.example/"), None, "{text}");
        assert_eq!(
            remarks(&configuration),
            ["/home/u/.netrc: from somewhere on it is no .netrc; only what stands before is used"],
            "{text}"
        );
    }
    assert!(of_file("login u password p").credentials.is_empty());
}

#[test]
fn a_machine_that_is_no_host_is_not_told_by_name() {
    for machine in ["evil.example/@a", "u@a.example", "a.example:8443", "ä", "*"] {
        let configuration = of_file(&format!("machine {machine} login u password p"));
        assert!(configuration.credentials.is_empty(), "{machine}");
        assert_eq!(
            remarks(&configuration),
            ["/home/u/.netrc: a machine is not the name of a host, and is not used"],
            "{machine}"
        );
    }
}

#[test]
fn a_login_without_a_password_is_none() {
    assert!(of_file("machine a.example login u").credentials.is_empty());
}

#[test]
fn the_index_that_the_user_chose_has_the_login_on_its_port_too() {
    let files = [(FILE, "machine a.example login u password p")];
    let configuration = configuration(
        &files,
        &[("PIP_INDEX_URL", "https://a.example:8443/root/+simple/")],
    );
    for address in ["https://a.example:8443/files/a", "https://a.example/"] {
        assert_eq!(
            header(&configuration, address).as_deref(),
            Some("Basic dTpw")
        );
    }
    assert_eq!(header(&configuration, "https://a.example:9443/"), None);
}

#[test]
fn a_variable_may_name_another_file() {
    let files = [
        (FILE, "machine a.example login x password y"),
        ("/n", "machine a.example login u password p"),
    ];
    let named = configuration(&files, &[("NETRC", "/n")]);
    assert_eq!(
        header(&named, "https://a.example/").as_deref(),
        Some("Basic dTpw")
    );
    let missing = configuration(&files, &[("NETRC", "/missing")]);
    assert!(missing.credentials.is_empty());
    assert_eq!(remarks(&missing).len(), 1);
}
