//! package-lock.json, bun.lock and deno.lock.

use std::fmt::{self, Write};

use super::{Numbers, Project, direct, version};

/// Writes a package-lock.json of version 3 and its package.json; one package of eight lies in the folder of another.
pub(crate) fn npm(count: usize, seed: u64) -> Result<Project, fmt::Error> {
    let mut numbers = Numbers::new(seed);
    let direct: Vec<String> = direct(count)
        .map(|index| format!("    \"{}\": \"^1.0.0\"", npm_name(index)))
        .collect();
    let direct = format!("\"dependencies\": {{\n{}\n    }}", direct.join(",\n"));
    let mut lockfile = format!(
        "{{\n  \"name\": \"application\",\n  \"version\": \"0.1.0\",\n  \"lockfileVersion\": 3,\n  \"requires\": true,\n  \"packages\": {{\n    \"\": {{\n      \"name\": \"application\",\n      \"version\": \"0.1.0\",\n      {direct}\n    }}"
    );
    for index in 0..count {
        npm_record(&mut lockfile, &mut numbers, index, count, seed)?;
    }
    lockfile.push_str("\n  }\n}\n");
    Ok(Project {
        lockfile_name: "package-lock.json",
        lockfile,
        manifest_name: "package.json",
        manifest: format!(
            "{{\n  \"name\": \"application\",\n  \"version\": \"0.1.0\",\n  {direct}\n}}\n"
        ),
    })
}

pub(super) fn npm_name(index: usize) -> String {
    if index.is_multiple_of(4) {
        format!("@scope-{:02}/package-{index:05}", index % 50)
    } else {
        format!("package-{index:05}")
    }
}

fn npm_record(
    lockfile: &mut String,
    numbers: &mut Numbers,
    index: usize,
    count: usize,
    seed: u64,
) -> fmt::Result {
    let name = npm_name(index);
    let base = name.rsplit('/').next().unwrap_or(&name);
    let version = version(index, seed);
    let folder = if index % 8 == 7 {
        format!("node_modules/{}/", npm_name(index - 1))
    } else {
        String::new()
    };
    write!(
        lockfile,
        ",\n    \"{folder}node_modules/{name}\": {{\n      \"version\": \"{version}\",\n      \"resolved\": \"https://registry.npmjs.org/{name}/-/{base}-{version}.tgz\",\n      \"integrity\": \"{}\",\n",
        numbers.sha512()
    )?;
    if index.is_multiple_of(3) {
        lockfile.push_str("      \"dev\": true,\n");
    }
    lockfile.push_str("      \"license\": \"MIT\"");
    // What lies in the folder of another is found by that one alone.
    let mut dependencies = numbers.dependencies(index, count);
    dependencies.retain(|dependency| dependency % 8 != 7 || index + 1 == *dependency);
    let dependencies: Vec<String> = dependencies
        .into_iter()
        .map(|dependency| format!("        \"{}\": \"^1.0.0\"", npm_name(dependency)))
        .collect();
    if !dependencies.is_empty() {
        write!(
            lockfile,
            ",\n      \"dependencies\": {{\n{}\n      }}",
            dependencies.join(",\n")
        )?;
    }
    if index.is_multiple_of(2) {
        lockfile.push_str(",\n      \"engines\": {\n        \"node\": \">=18\"\n      }");
    }
    lockfile.push_str("\n    }");
    Ok(())
}

/// Writes a bun.lock of version 1 and its package.json; one package of eight lies in the folder of another.
pub(crate) fn bun_lock(count: usize, seed: u64) -> Result<Project, fmt::Error> {
    let mut numbers = Numbers::new(seed);
    let mut lockfile = String::from(
        "{\n  \"lockfileVersion\": 1,\n  \"workspaces\": {\n    \"\": {\n      \"name\": \"application\",\n      \"dependencies\": {\n",
    );
    let direct: Vec<String> = direct(count)
        .map(|index| format!("\"{}\": \"^1.0.0\"", npm_name(index)))
        .collect();
    for asked in &direct {
        writeln!(lockfile, "        {asked},")?;
    }
    lockfile.push_str("      },\n    },\n  },\n  \"packages\": {\n");
    for index in 0..count {
        bun_tuple(&mut lockfile, &mut numbers, index, count, seed)?;
    }
    lockfile.push_str("  }\n}\n");
    Ok(Project {
        lockfile_name: "bun.lock",
        lockfile,
        manifest_name: "package.json",
        manifest: format!(
            "{{\"name\": \"application\", \"dependencies\": {{{}}}}}\n",
            direct.join(", ")
        ),
    })
}

fn bun_tuple(
    lockfile: &mut String,
    numbers: &mut Numbers,
    index: usize,
    count: usize,
    seed: u64,
) -> fmt::Result {
    let name = npm_name(index);
    let folder = if index % 8 == 7 {
        format!("{}/", npm_name(index - 1))
    } else {
        String::new()
    };
    // What lies in the folder of another is found by that one alone.
    let mut dependencies = numbers.dependencies(index, count);
    dependencies.retain(|dependency| dependency % 8 != 7 || index + 1 == *dependency);
    let dependencies: Vec<String> = dependencies
        .into_iter()
        .map(|dependency| format!("\"{}\": \"^1.0.0\"", npm_name(dependency)))
        .collect();
    let record = if dependencies.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{ \"dependencies\": {{ {} }} }}", dependencies.join(", "))
    };
    writeln!(
        lockfile,
        "    \"{folder}{name}\": [\"{name}@{}\", \"\", {record}, \"{}\"],\n",
        version(index, seed),
        numbers.sha512()
    )
}

/// Writes a deno.lock of version 5 and its package.json.
pub(crate) fn deno_lock(count: usize, seed: u64) -> Result<Project, fmt::Error> {
    let mut numbers = Numbers::new(seed);
    let mut lockfile = String::from("{\n  \"version\": \"5\",\n  \"specifiers\": {\n");
    let direct: Vec<usize> = direct(count).collect();
    let specifiers = direct.iter().map(|index| {
        let version = version(*index, seed);
        format!("    \"npm:{}@^1.0.0\": \"{version}\"", npm_name(*index))
    });
    lockfile.push_str(&specifiers.collect::<Vec<_>>().join(",\n"));
    lockfile.push_str("\n  },\n  \"npm\": {");
    for index in 0..count {
        let end = if index == 0 { "\n" } else { ",\n" };
        lockfile.push_str(end);
        deno_record(&mut lockfile, &mut numbers, index, count, seed)?;
    }
    let asked = direct
        .iter()
        .map(|index| format!("        \"npm:{}@^1.0.0\"", npm_name(*index)));
    write!(
        lockfile,
        "\n  }},\n  \"workspace\": {{\n    \"packageJson\": {{\n      \"dependencies\": [\n{}\n      ]\n    }}\n  }}\n}}\n",
        asked.collect::<Vec<_>>().join(",\n")
    )?;
    let manifest = direct
        .iter()
        .map(|index| format!("\"{}\": \"^1.0.0\"", npm_name(*index)));
    Ok(Project {
        lockfile_name: "deno.lock",
        lockfile,
        manifest_name: "package.json",
        manifest: format!(
            "{{\"name\": \"application\", \"dependencies\": {{{}}}}}\n",
            manifest.collect::<Vec<_>>().join(", ")
        ),
    })
}

fn deno_record(
    lockfile: &mut String,
    numbers: &mut Numbers,
    index: usize,
    count: usize,
    seed: u64,
) -> fmt::Result {
    write!(
        lockfile,
        "    \"{}@{}\": {{\n      \"integrity\": \"{}\"",
        npm_name(index),
        version(index, seed),
        numbers.sha512()
    )?;
    let dependencies: Vec<String> = numbers
        .dependencies(index, count)
        .into_iter()
        .map(|dependency| format!("        \"{}\"", npm_name(dependency)))
        .collect();
    if !dependencies.is_empty() {
        write!(
            lockfile,
            ",\n      \"dependencies\": [\n{}\n      ]",
            dependencies.join(",\n")
        )?;
    }
    lockfile.push_str("\n    }");
    Ok(())
}
