//! Untrusted text in the workflow commands of GitHub Actions.
//!
//! Grammar: `::name key=value,key=value::data`, one to a line; `%`, line breaks and, in values, `:` and `,` are
//! percent-encoded (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>).

use super::Untrusted;

impl Untrusted<'_> {
    /// Escapes for the data of a workflow command; what could deceive shows as on a terminal.
    pub fn workflow_data(&self) -> String {
        self.terminal().to_string().replace('%', "%25")
    }

    /// Escapes for a value of a workflow command.
    pub fn workflow_value(&self) -> String {
        let data = self.workflow_data();
        data.replace(':', "%3A").replace(',', "%2C")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_value_or_begins_a_command() {
        let hostile = Untrusted::borrowed("a,line=1::error::x%0A\n::set-output");
        assert_eq!(
            hostile.workflow_value(),
            "a%2Cline=1%3A%3Aerror%3A%3Ax%250A\\u{a}%3A%3Aset-output"
        );
        assert_eq!(
            hostile.workflow_data(),
            "a,line=1::error::x%250A\\u{a}::set-output"
        );
        let azure = Untrusted::borrowed("##vso[task.setvariable]##[group]");
        assert_eq!(
            azure.workflow_data(),
            "#\\u{23}vso[task.setvariable]#\\u{23}[group]"
        );
    }
}
