//! `linchpin man`.

use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;

use super::super::error::Error;
use super::super::exit::ExitStatus;
use super::super::{definition, terminal};
use super::output_failed;

/// Writes one page that holds every command, so that one file is all there is to install.
pub(crate) fn run() -> Result<ExitStatus, Error> {
    let page = page().map_err(|error| output_failed(&error))?;
    terminal::write_output(&page).map_err(|error| output_failed(&error))?;
    Ok(ExitStatus::Clean)
}

fn page() -> io::Result<Vec<u8>> {
    let mut definition = definition();
    // Names commands in full and adds the options that all of them share.
    definition.build();
    let mut page = Vec::new();
    let man = Man::new(definition.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let commands = definition.get_subcommands();
    for command in commands.filter(|command| command.get_name() != "help") {
        write_command(&mut page, command)?;
    }
    man.render_version_section(&mut page)?;
    Ok(page)
}

/// A command is a section of its own; what would be sections on its own page are subsections here.
fn write_command(page: &mut Vec<u8>, command: &Command) -> io::Result<()> {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    writeln!(page, ".SH \"{}\"", name.to_uppercase())?;
    let mut sections = Vec::new();
    let man = Man::new(command.clone());
    man.render_synopsis_section(&mut sections)?;
    man.render_description_section(&mut sections)?;
    man.render_options_section(&mut sections)?;
    let sections = String::from_utf8_lossy(&sections);
    for line in sections.lines() {
        match line.strip_prefix(".SH ") {
            Some(head) => writeln!(page, ".SS {head}")?,
            None => writeln!(page, "{line}")?,
        }
    }
    Ok(())
}
