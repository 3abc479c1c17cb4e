//! A lexer for JavaScript: the tokens of a script outside of comments, with decoded strings, and no grammar.
//!
//! Reference: ECMA-262, §12 (lexical grammar). Whether `/` divides or opens a regular expression needs a grammar; where
//! the guess could be wrong the script is marked as doubtful, so that nobody calls it harmless. O(bytes).

/// A lexed script.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// The tokens, in order.
    pub(super) tokens: Vec<Token>,
    /// Whether something in it may read otherwise than it was taken here.
    pub(super) is_doubtful: bool,
}

/// A token and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// The decoded value of strings, the source text of all others.
    pub(super) text: String,
    /// Where it begins, in bytes.
    pub(super) at: usize,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name,
    /// A string, or a piece of a template between its expressions.
    Text,
    /// A number.
    Number,
    /// A regular expression.
    Expression,
    /// One sign, or `=>`, `==`, `===`, `!=`, `!==`.
    Sign,
}

impl Token {
    /// Says whether it is the name or keyword.
    pub(super) fn is_name(&self, name: &str) -> bool {
        self.kind == Kind::Name && self.text == name
    }

    /// Says whether it is the sign.
    pub(super) fn is_sign(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }
}

impl Script {
    /// Lexes a script, whatever its bytes are.
    pub(super) fn read(source: &str) -> Self {
        let mut lexer = Lexer {
            source,
            at: 0,
            open: Vec::new(),
            no_expression_before: 0,
            script: Self::default(),
        };
        lexer.run();
        let mut script = lexer.script;
        script.tokens = joined(script.tokens);
        script
    }

    /// Returns the token at a place; none outside of the script.
    pub(super) fn get(&self, place: Option<usize>) -> Option<&Token> {
        self.tokens.get(place?)
    }

    /// Returns the token in front of a place.
    pub(super) fn previous(&self, place: usize) -> Option<&Token> {
        self.get(place.checked_sub(1))
    }

    /// Says whether the name at a place stands behind a dot.
    pub(super) fn is_member(&self, place: usize) -> bool {
        self.previous(place).is_some_and(|token| token.is_sign("."))
    }

    /// Says whether the tokens from a place on are these names and signs.
    pub(super) fn reads(&self, place: usize, texts: &[&str]) -> bool {
        let found = self.tokens.get(place..).unwrap_or_default();
        found.len() >= texts.len()
            && found.iter().zip(texts).all(|(token, text)| {
                matches!(token.kind, Kind::Name | Kind::Sign) && token.text == *text
            })
    }
}

/// Joins `'a' + 'b'`, which hides words from a reader of strings.
fn joined(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let is_sum = token.kind == Kind::Text
            && joined.last().is_some_and(|plus| plus.is_sign("+"))
            && joined.len() >= 2
            && joined[joined.len() - 2].kind == Kind::Text;
        if is_sum {
            joined.pop();
            if let Some(first) = joined.last_mut() {
                first.text.push_str(&token.text);
            }
        } else {
            joined.push(token);
        }
    }
    joined
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    /// For each open brace whether it opened an expression in a template.
    open: Vec<Brace>,
    /// Where the line ends on which a regular expression was found to have no end; none is looked for in front of it.
    no_expression_before: usize,
    script: Script,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Brace {
    Block,
    Template,
}

impl<'s> Lexer<'s> {
    fn run(&mut self) {
        if self.source.starts_with("#!") {
            self.skip_line();
        }
        while let Some(next) = self.peek() {
            self.token(next);
        }
    }

    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn token(&mut self, next: char) {
        match next {
            _ if next.is_whitespace() || next == '\u{feff}' => self.at += next.len_utf8(),
            '/' if self.rest().starts_with("//") => self.skip_line(),
            '/' if self.rest().starts_with("/*") => self.skip_comment(),
            '/' => self.slash(),
            '"' | '\'' => self.string(next),
            '`' => self.template(),
            '}' if self.open.last() == Some(&Brace::Template) => {
                self.open.pop();
                self.template();
            }
            '0'..='9' => self.take(Kind::Number, |c| {
                c.is_alphanumeric() || c == '.' || c == '_'
            }),
            _ if is_name_character(next) => self.name(),
            _ => self.sign(next),
        }
    }

    fn skip_line(&mut self) {
        let end = |c: char| matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
        self.at += self.rest().find(end).unwrap_or(self.rest().len());
    }

    fn skip_comment(&mut self) {
        let body = &self.rest()[2..];
        self.at += 2 + body.find("*/").map_or(body.len(), |end| end + 2);
    }

    fn push(&mut self, kind: Kind, text: String, at: usize) {
        self.script.tokens.push(Token { kind, text, at });
    }

    fn take(&mut self, kind: Kind, is_part: impl Fn(char) -> bool) {
        let rest = self.rest();
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.push(kind, rest[..length].to_owned(), self.at);
        self.at += length;
    }

    fn name(&mut self) {
        // A name may be spelt with escapes, which nobody does who has nothing to hide.
        if self.peek() == Some('\\') {
            self.script.is_doubtful = true;
        }
        self.take(Kind::Name, is_name_character);
        let is_escaped = |token: &Token| token.text.contains('\\');
        if self.script.tokens.last().is_some_and(is_escaped) {
            self.script.is_doubtful = true;
        }
    }

    fn sign(&mut self, next: char) {
        match next {
            '{' => self.open.push(Brace::Block),
            '}' => drop(self.open.pop()),
            _ => {}
        }
        let long = ["===", "!==", "==", "!=", "=>"];
        let found = long.into_iter().find(|sign| self.rest().starts_with(sign));
        let length = found.map_or(next.len_utf8(), str::len);
        self.push(Kind::Sign, self.rest()[..length].to_owned(), self.at);
        self.at += length;
    }

    /// A `/` behind a value divides. Behind `)` or `}` it may do either, and only a second one on the line makes a difference.
    fn slash(&mut self) {
        let previous = self.script.tokens.last();
        let divides = previous.is_some_and(|token| match token.kind {
            Kind::Number | Kind::Text | Kind::Expression => true,
            Kind::Name => !EXPECTING.contains(&token.text.as_str()),
            Kind::Sign => matches!(token.text.as_str(), ")" | "]" | "}"),
        });
        if !divides && self.at >= self.no_expression_before {
            return self.expression();
        }
        let is_unsure = previous.is_some_and(|token| token.is_sign(")") || token.is_sign("}"));
        let behind = &self.rest()[1..];
        let stop = behind.find(['/', '\n']);
        if is_unsure && stop.is_some_and(|stop| behind[stop..].starts_with('/')) {
            self.script.is_doubtful = true;
        }
        self.sign('/');
    }

    /// Takes a regular expression; one that does not end on its line is a division after all.
    fn expression(&mut self) {
        let mut is_class = false;
        let mut is_escaped = false;
        let mut end = self.source.len();
        for (offset, c) in self.rest().char_indices().skip(1) {
            match c {
                '\n' | '\r' => {
                    end = self.at + offset;
                    break;
                }
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '[' => is_class = true,
                ']' => is_class = false,
                '/' if !is_class => {
                    let text = self.rest()[..=offset].to_owned();
                    self.push(Kind::Expression, text, self.at);
                    self.at += offset + 1;
                    let flags = self.rest().find(|c: char| !c.is_ascii_lowercase());
                    self.at += flags.unwrap_or(self.rest().len());
                    return;
                }
                _ => {}
            }
        }
        self.no_expression_before = end;
        self.script.is_doubtful = true;
        self.sign('/');
    }

    fn string(&mut self, quote: char) {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            match c {
                '\\' => self.escape(&mut text),
                '\n' | '\r' => {
                    // An open string is no JavaScript.
                    self.script.is_doubtful = true;
                    break;
                }
                _ => {
                    self.at += c.len_utf8();
                    if c == quote {
                        break;
                    }
                    text.push(c);
                }
            }
        }
        self.push(Kind::Text, text, start);
    }

    /// Takes a piece of a template, from its opening or from the end of an expression in it.
    fn template(&mut self) {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            match c {
                '\\' => self.escape(&mut text),
                '`' => {
                    self.at += 1;
                    break;
                }
                '$' if self.rest().starts_with("${") => {
                    self.at += 2;
                    self.open.push(Brace::Template);
                    break;
                }
                _ => {
                    self.at += c.len_utf8();
                    text.push(c);
                }
            }
        }
        self.push(Kind::Text, text, start);
    }

    /// Decodes an escape sequence (ECMA-262 §12.9.4); a bad one stays as it is.
    fn escape(&mut self, text: &mut String) {
        self.at += 1;
        let Some(c) = self.peek() else { return };
        self.at += c.len_utf8();
        match c {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'v' => text.push('\u{b}'),
            'f' => text.push('\u{c}'),
            '\n' | '\u{2028}' | '\u{2029}' => {}
            '\r' => self.at += usize::from(self.rest().starts_with('\n')),
            'x' => self.code(2, text),
            'u' if self.rest().starts_with('{') => self.braced_code(text),
            'u' => self.code(4, text),
            '0'..='7' => self.octal(c, text),
            other => text.push(other),
        }
    }

    fn code(&mut self, digits: usize, text: &mut String) {
        let hex = self.rest().get(..digits).unwrap_or_default();
        if let Some(c) = character(hex, 16) {
            text.push(c);
            self.at += digits;
        }
    }

    fn braced_code(&mut self, text: &mut String) {
        let behind = &self.rest()[1..];
        let digits = behind.bytes().take(LONGEST_CODE);
        let digits = digits.take_while(u8::is_ascii_hexdigit).count();
        let hex = &behind[..digits];
        if behind[digits..].starts_with('}')
            && let Some(c) = character(hex, 16)
        {
            text.push(c);
            self.at += hex.len() + 2;
        }
    }

    /// At most three digits, and at most 0o377.
    fn octal(&mut self, first: char, text: &mut String) {
        let most = if first <= '3' { 2 } else { 1 };
        let more = self.rest().bytes().take(most);
        let more = more.take_while(|byte| matches!(byte, b'0'..=b'7')).count();
        let digits = format!("{first}{}", &self.rest()[..more]);
        text.extend(character(&digits, 8));
        self.at += more;
    }
}

/// The most digits of a code point that are read; leading zeros make some longer than they need be.
const LONGEST_CODE: usize = 16;

/// Keywords behind which a value is due.
const EXPECTING: [&str; 14] = [
    "return",
    "typeof",
    "case",
    "in",
    "of",
    "delete",
    "void",
    "throw",
    "new",
    "do",
    "else",
    "instanceof",
    "yield",
    "await",
];

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '\\' | '#' | '\u{200c}' | '\u{200d}')
}

/// Reads a code point; a surrogate is no character and becomes the replacement for one.
fn character(digits: &str, radix: u32) -> Option<char> {
    let is_plain = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    let code = u32::from_str_radix(digits, radix)
        .ok()
        .filter(|_| is_plain)?;
    char::from_u32(code).or(Some(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
