//! uv.lock.

use std::fmt::{self, Write};

use super::{Numbers, Project, WHEELS, direct, version};

/// Writes a uv.lock of version 1 and its pyproject.toml.
pub(crate) fn uv(count: usize, seed: u64) -> Result<Project, fmt::Error> {
    let mut numbers = Numbers::new(seed);
    let mut lockfile = String::from(
        "version = 1\nrevision = 3\nrequires-python = \">=3.12\"\n\n[[package]]\nname = \"application\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\ndependencies = [\n",
    );
    let mut required = String::from("\n[package.metadata]\nrequires-dist = [\n");
    let mut manifest = String::from(
        "[project]\nname = \"application\"\nversion = \"0.1.0\"\nrequires-python = \">=3.12\"\ndependencies = [\n",
    );
    for index in direct(count) {
        writeln!(lockfile, "    {{ name = \"package-{index:05}\" }},")?;
        writeln!(
            required,
            "    {{ name = \"package-{index:05}\", specifier = \">=1\" }},"
        )?;
        writeln!(manifest, "    \"package-{index:05}>=1\",")?;
    }
    manifest.push_str("]\n");
    lockfile.push_str("]\n");
    lockfile.push_str(&required);
    lockfile.push_str("]\n");
    for index in 0..count {
        uv_record(&mut lockfile, &mut numbers, index, count, seed)?;
    }
    Ok(Project {
        lockfile_name: "uv.lock",
        lockfile,
        manifest_name: "pyproject.toml",
        manifest,
    })
}

fn uv_record(
    lockfile: &mut String,
    numbers: &mut Numbers,
    index: usize,
    count: usize,
    seed: u64,
) -> fmt::Result {
    let version = version(index, seed);
    write!(
        lockfile,
        "\n[[package]]\nname = \"package-{index:05}\"\nversion = \"{version}\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\n"
    )?;
    let dependencies = numbers.dependencies(index, count);
    if !dependencies.is_empty() {
        lockfile.push_str("dependencies = [\n");
        for dependency in dependencies {
            let marker = if dependency.is_multiple_of(5) {
                ", marker = \"sys_platform == 'win32'\""
            } else {
                ""
            };
            writeln!(
                lockfile,
                "    {{ name = \"package-{dependency:05}\"{marker} }},"
            )?;
        }
        lockfile.push_str("]\n");
    }
    write!(lockfile, "sdist = ")?;
    uv_file(
        lockfile,
        numbers,
        &format!("package_{index:05}-{version}.tar.gz"),
    )?;
    lockfile.push_str("\nwheels = [\n");
    for wheel in 0..=numbers.below(WHEELS) {
        lockfile.push_str("    ");
        let name = format!(
            "package_{index:05}-{version}-cp31{wheel}-cp31{wheel}-manylinux_2_17_x86_64.whl"
        );
        uv_file(lockfile, numbers, &name)?;
        lockfile.push_str(",\n");
    }
    lockfile.push_str("]\n");
    Ok(())
}

fn uv_file(lockfile: &mut String, numbers: &mut Numbers, name: &str) -> fmt::Result {
    let folder = numbers.hex(60);
    let hash = numbers.hex(64);
    let size = 1000 + numbers.below(900_000);
    write!(
        lockfile,
        "{{ url = \"https://files.pythonhosted.org/packages/{}/{}/{}/{name}\", hash = \"sha256:{hash}\", size = {size}, upload-time = \"2025-11-25T08:39:00.000Z\" }}",
        &folder[..2],
        &folder[2..4],
        &folder[4..]
    )
}
