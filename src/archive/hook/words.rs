//! A command line, split as a POSIX shell splits it (POSIX.1-2024, Shell Command Language, §2.2 to §2.7).
//!
//! Nothing is expanded: what a shell would put in is noted instead. Where `cmd.exe` would split otherwise, that is told.

/// One command without its separators.
#[derive(Debug, Default)]
pub(super) struct Simple {
    /// Its words, without their quotes.
    pub(super) words: Vec<String>,
    /// What is put into them first.
    pub(super) substitutes: Substitutes,
    /// Where its output goes.
    pub(super) writes: Writes,
    /// Whether it reads the output of the command in front of it.
    pub(super) is_piped_into: bool,
}

/// What the shell puts into the words first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Substitutes {
    /// Nothing.
    #[default]
    Nothing,
    /// The value of a variable.
    Variable,
    /// The output of a command, or what nobody knows because a quote stays open.
    Command,
}

/// Where output is redirected to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Writes {
    /// Nowhere but to the terminal.
    #[default]
    Nowhere,
    /// Something other than `/dev/null` and other streams.
    File,
}

/// Splits a command at its separators and into words. O(characters).
pub(super) fn split(command: &str) -> Vec<Simple> {
    Splitter::split(command)
}

#[derive(Default)]
struct Splitter {
    done: Vec<Simple>,
    simple: Simple,
    word: Option<String>,
    redirects: bool,
}

impl Splitter {
    fn split(command: &str) -> Vec<Simple> {
        let mut splitter = Self::default();
        let mut characters = command.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '\'' => splitter.take_quoted(&mut characters),
                '"' => splitter.take_double_quoted(&mut characters),
                '\\' => splitter.escaped(characters.next()),
                '#' if splitter.word.is_none() => {
                    while characters.next_if(|c| *c != '\n').is_some() {}
                }
                '>' | '<' => splitter.redirect(&mut characters),
                '&' | ';' | '\n' | '(' | ')' if !splitter.substitution_opens(c) => {
                    splitter.end_command(Separator::Other);
                }
                '|' => {
                    let separator = match characters.next_if_eq(&'|') {
                        Some(_) => Separator::Other,
                        None => Separator::Pipe,
                    };
                    splitter.end_command(separator);
                }
                _ if c.is_whitespace() => splitter.end_word(),
                _ => splitter.push(c, characters.peek().copied()),
            }
        }
        splitter.end_command(Separator::Other);
        splitter.done
    }

    /// `$(` must not end a word: what is inside belongs to the command that substitutes it.
    fn substitution_opens(&self, c: char) -> bool {
        c == '(' && self.word.as_deref().is_some_and(|word| word.ends_with('$'))
    }

    fn push(&mut self, c: char, next: Option<char>) {
        self.note_substitution(c, next);
        self.word.get_or_insert_default().push(c);
    }

    fn note_substitution(&mut self, c: char, next: Option<char>) {
        let found = match (c, next) {
            ('`', _) | ('$', Some('(')) => Substitutes::Command,
            ('$', _) => Substitutes::Variable,
            _ => Substitutes::Nothing,
        };
        self.simple.substitutes = self.simple.substitutes.max(found);
    }

    fn escaped(&mut self, next: Option<char>) {
        if let Some(c) = next.filter(|c| *c != '\n') {
            self.word.get_or_insert_default().push(c);
        }
    }

    fn take_quoted(&mut self, characters: &mut impl Iterator<Item = char>) {
        let word = self.word.get_or_insert_default();
        for c in characters {
            if c == '\'' {
                return;
            }
            word.push(c);
        }
        self.simple.substitutes = Substitutes::Command;
    }

    fn take_double_quoted(&mut self, characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        self.word.get_or_insert_default();
        while let Some(c) = characters.next() {
            match c {
                '"' => return,
                '\\' => {
                    let next = characters.next();
                    // Only these lose their backslash between double quotes.
                    if !matches!(next, Some('"' | '\\' | '$' | '`' | '\n')) {
                        self.push('\\', None);
                    }
                    self.escaped(next);
                }
                _ => self.push(c, characters.peek().copied()),
            }
        }
        self.simple.substitutes = Substitutes::Command;
    }

    /// The word behind the arrow is no argument; the number in front of it names a stream.
    fn redirect(&mut self, characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        if self
            .word
            .as_deref()
            .is_some_and(|word| word.parse::<u8>().is_ok())
        {
            self.word = None;
        }
        self.end_word();
        self.redirects = true;
        while let Some(c) = characters.next_if(|c| matches!(c, '>' | '<' | '&' | '|')) {
            if c == '&' {
                self.word = Some("&".to_owned());
            }
        }
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if std::mem::take(&mut self.redirects) {
            let is_nowhere = matches!(word.as_str(), "/dev/null" | "nul" | "NUL" | "&1" | "&2");
            if !is_nowhere {
                self.simple.writes = Writes::File;
            }
        } else {
            self.simple.words.push(word);
        }
    }

    fn end_command(&mut self, separator: Separator) {
        self.end_word();
        self.redirects = false;
        let next = Simple {
            is_piped_into: separator == Separator::Pipe,
            ..Simple::default()
        };
        let simple = std::mem::replace(&mut self.simple, next);
        if !simple.words.is_empty() || simple.writes == Writes::File {
            self.done.push(simple);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Pipe,
    Other,
}

/// Says whether `cmd.exe`, which runs commands of npm on Windows, sees an operator where a POSIX shell sees text.
///
/// It knows no single quotes, no comments and no backslashes, and puts variables in before it splits.
pub(super) fn hides_operators(command: &str) -> bool {
    let mut is_quoted_for_cmd = false;
    let mut state = Posix::Plain;
    let mut is_word = false;
    for c in command.chars() {
        if matches!(c, '%' | '^') {
            return true;
        }
        if matches!(c, '&' | '|' | '<' | '>') && !is_quoted_for_cmd && state != Posix::Plain {
            return true;
        }
        is_quoted_for_cmd ^= c == '"';
        state = state.after(c, is_word);
        is_word = !c.is_whitespace() && !matches!(c, '&' | '|' | ';' | '(' | ')');
    }
    false
}

/// What a character is to a POSIX shell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Posix {
    /// What it looks like.
    Plain,
    /// Text, because of a backslash; in double quotes or not.
    Escaped(Quotes),
    /// Text, in quotes.
    Quoted(Quotes),
    /// Nothing, in a comment.
    Comment,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

impl Posix {
    fn after(self, c: char, is_word: bool) -> Self {
        match (self, c) {
            (Self::Escaped(Quotes::None), _) | (Self::Comment, '\n') => Self::Plain,
            (Self::Escaped(quotes), _) => Self::Quoted(quotes),
            (Self::Plain, '\\') => Self::Escaped(Quotes::None),
            (Self::Plain, '\'') => Self::Quoted(Quotes::Single),
            (Self::Plain, '"') => Self::Quoted(Quotes::Double),
            (Self::Plain, '#') if !is_word => Self::Comment,
            (Self::Quoted(Quotes::Double), '\\') => Self::Escaped(Quotes::Double),
            (Self::Quoted(Quotes::Double), '"') | (Self::Quoted(Quotes::Single), '\'') => {
                Self::Plain
            }
            _ => self,
        }
    }
}
