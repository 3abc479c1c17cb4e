//! Git's objects by name: one `git cat-file --batch` for all of them, asked by one thread at a time.

use std::io::{self, BufRead, Read, Write};
use std::sync::{Mutex, PoisonError};

use super::ObjectId;
use super::command::Git;
use crate::discover::process::Dialogue;
use crate::files::FilesError;

/// The objects of a repository.
#[derive(Debug)]
pub(super) struct Objects {
    git: Git,
    /// None before the first question.
    conversation: Mutex<Option<Conversation>>,
}

/// Questions and answers, in turn.
#[derive(Debug)]
struct Conversation(Dialogue);

impl Objects {
    /// Takes a repository; git is started when it is first asked.
    pub(super) fn of(git: &Git) -> Self {
        Self {
            git: git.clone(),
            conversation: Mutex::new(None),
        }
    }

    fn start(&self) -> Result<Conversation, FilesError> {
        let mut command = self.git.command();
        command.args(["cat-file", "--batch"]);
        let dialogue = Dialogue::start(&mut command);
        let dialogue =
            dialogue.map_err(|error| FilesError::System(format!("git cat-file: {error}")))?;
        Ok(Conversation(dialogue))
    }

    /// Reads a file's bytes, at most `limit` of them.
    pub(super) fn read(&self, object: &ObjectId, limit: u64) -> Result<Vec<u8>, FilesError> {
        let mut conversation = self
            .conversation
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let conversation = match &mut *conversation {
            Some(conversation) => conversation,
            none => none.insert(self.start()?),
        };
        let read = conversation.read(object, limit);
        if matches!(read, Err(FilesError::System(_))) {
            // What comes next would be taken for the answer to another question.
            conversation.0.question = None;
        }
        read.map_err(|error| match error {
            FilesError::NotRegular => missing(),
            other => other,
        })
    }
}

/// A clone may leave out what was never checked out.
fn missing() -> FilesError {
    FilesError::System("git does not have it in this clone, which is partial or damaged; clone in full, without --filter".to_owned())
}

impl Conversation {
    /// Asks for an object; `NotRegular` if git does not have it as a file.
    fn read(&mut self, object: &ObjectId, limit: u64) -> Result<Vec<u8>, FilesError> {
        let system = |error: io::Error| FilesError::System(format!("git cat-file failed: {error}"));
        let over = || FilesError::System("git cat-file has ended".to_owned());
        let question = self.0.question.as_mut().ok_or_else(over)?;
        writeln!(question, "{}", object.as_str()).map_err(system)?;
        let mut header = String::new();
        self.0.answer.read_line(&mut header).map_err(system)?;
        let words: Vec<&str> = header.split_whitespace().collect();
        match words.as_slice() {
            [_, "missing"] => Err(FilesError::NotRegular),
            [name, "blob", size] if *name == object.as_str() => {
                let size: u64 = size.parse().map_err(|_no_number| over())?;
                self.take(size, limit).map_err(system)?
            }
            _ => Err(over()),
        }
    }

    /// Takes the bytes and the line's end behind them; of too many none is kept.
    fn take(&mut self, size: u64, limit: u64) -> io::Result<Result<Vec<u8>, FilesError>> {
        let mut bytes = Vec::new();
        let mut body = self.0.answer.by_ref().take(size);
        let is_kept = size <= limit;
        let taken = if is_kept {
            body.read_to_end(&mut bytes)? as u64
        } else {
            io::copy(&mut body, &mut io::sink())?
        };
        let mut end = [0];
        self.0.answer.read_exact(&mut end)?;
        if taken != size || end != *b"\n" {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(if is_kept {
            Ok(bytes)
        } else {
            Err(FilesError::TooLarge { limit })
        })
    }
}
