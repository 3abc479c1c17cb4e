//! Stored histories as bytes: a head with version and checksum, then values one after the other.
//!
//! Most releases share their maintainers and dependencies with the one before, so that a mark stands for the same list.

use std::sync::Arc;

use jiff::Timestamp;

use super::{HistoryRecord, Remembered};
use crate::codec::{Reader, Unreadable, put_bytes, put_count, put_list, put_text, put_time};
use crate::package::{Algorithm, Digest, Ecosystem};
use crate::registry::history::{
    Account, ArchiveKinds, BuildCode, DependencyRole, Hook, HookEvent, InstallCode, LateFile,
    OwnersSince, Pipeline, ProjectStanding, Publisher, PulledBack, Release, ReleaseDependency,
    ReleaseHistory, ReleaseStanding, Revision, Signature, Trust,
};

/// The first bytes of a file; another form has another number.
const HEAD: &[u8] = b"linchpin-history/2\n";

/// Writes a record.
pub(super) fn encode(record: &HistoryRecord) -> Vec<u8> {
    let mut body = Vec::new();
    put_time(&mut body, Some(record.observed));
    put_text(&mut body, record.tag.as_deref().unwrap_or_default());
    put_history(&mut body, &record.history);
    let mut shared = Shared::default();
    put_count(&mut body, record.memory.len());
    for one in &record.memory {
        put_time(&mut body, Some(one.seen));
        put_release(&mut body, &one.release, &mut shared);
    }
    put_list(&mut body, &record.owners, |bytes, one| {
        put_time(bytes, Some(one.since));
        put_time(bytes, Some(one.until));
        put_list(bytes, &one.owners, put_account);
    });
    let mut bytes = HEAD.to_vec();
    bytes.extend(crc32fast::hash(&body).to_le_bytes());
    put_bytes(&mut bytes, &body);
    bytes
}

/// Reads a record; none where the bytes are not what [`encode`] wrote.
pub(super) fn decode(bytes: &[u8]) -> Option<HistoryRecord> {
    let rest = bytes.strip_prefix(HEAD)?;
    let (checksum, rest) = rest.split_first_chunk::<4>()?;
    let mut reader = Reader::new(rest);
    let body = reader.bytes().ok()?;
    let is_whole = reader.end().is_ok() && crc32fast::hash(body) == u32::from_le_bytes(*checksum);
    let mut reader = Reader::new(body);
    let record = is_whole.then(|| record(&mut reader))?.ok()?;
    reader.end().ok()?;
    Some(record)
}

fn record(reader: &mut Reader<'_>) -> Result<HistoryRecord, Unreadable> {
    let observed = moment(reader)?;
    let tag = Some(reader.text()?).filter(|tag| !tag.is_empty());
    let history = history(reader)?;
    let mut shared = Shared::default();
    let count = reader.count()?;
    let memory = (0..count).map(|_| {
        let seen = moment(reader)?;
        let release = release(reader, &mut shared)?;
        Ok(Remembered { release, seen })
    });
    let memory = memory.collect::<Result<_, Unreadable>>()?;
    let owners = reader.list(|reader| {
        let (since, until) = (moment(reader)?, moment(reader)?);
        let owners = reader.list(account)?.into();
        Ok(OwnersSince {
            since,
            until,
            owners,
        })
    })?;
    Ok(HistoryRecord {
        history,
        observed,
        tag,
        memory,
        owners,
    })
}

fn moment(reader: &mut Reader<'_>) -> Result<Timestamp, Unreadable> {
    reader.time()?.ok_or(Unreadable)
}

/// Lists that most releases share with the one before.
#[derive(Default)]
struct Shared {
    maintainers: Option<Arc<[Account]>>,
    dependencies: Arc<[ReleaseDependency]>,
}

fn put_history(bytes: &mut Vec<u8>, history: &ReleaseHistory) {
    bytes.push(history.ecosystem as u8);
    put_text(bytes, &history.name);
    put_standing(bytes, &history.standing);
    put_option(bytes, history.owners.as_deref(), |bytes, owners| {
        put_list(bytes, owners, put_account);
    });
    put_list(bytes, &history.pulled_back, |bytes, pulled| {
        put_text(bytes, &pulled.version);
        put_time(bytes, pulled.published);
    });
    let mut shared = Shared::default();
    put_count(bytes, history.releases.len());
    for release in &history.releases {
        put_release(bytes, release, &mut shared);
    }
}

fn history(reader: &mut Reader<'_>) -> Result<ReleaseHistory, Unreadable> {
    let ecosystem = *pick(&Ecosystem::ALL, reader)?;
    let mut history = ReleaseHistory::new(ecosystem, reader.text()?);
    history.standing = standing(reader)?;
    history.owners = option(reader, |reader| Ok(reader.list(account)?.into()))?;
    history.pulled_back = reader.list(|reader| {
        Ok(PulledBack {
            version: reader.text()?,
            published: reader.time()?,
        })
    })?;
    let mut shared = Shared::default();
    let count = reader.count()?;
    let releases = (0..count).map(|_| release(reader, &mut shared));
    history.releases = releases.collect::<Result<_, _>>()?;
    Ok(history)
}

fn put_release(bytes: &mut Vec<u8>, release: &Release, shared: &mut Shared) {
    put_text(bytes, &release.version);
    put_time(bytes, release.published);
    put_option(bytes, release.publisher.as_ref(), put_publisher);
    put_maintainers(bytes, release, shared);
    put_option(bytes, release.trust.as_ref(), |bytes, trust| {
        bytes.push(*trust as u8);
    });
    put_option(bytes, release.signature.as_ref(), |bytes, signature| {
        bytes.push(u8::from(*signature == Signature::Present));
    });
    put_option(bytes, release.revision.as_ref(), put_revision);
    put_install(bytes, &release.install);
    if release.dependencies == shared.dependencies {
        bytes.push(0);
    } else {
        bytes.push(1);
        put_list(bytes, &release.dependencies, |bytes, dependency| {
            put_text(bytes, &dependency.name);
            put_text(bytes, &dependency.requirement);
            bytes.push(dependency.role as u8);
        });
        shared.dependencies = Arc::clone(&release.dependencies);
    }
    put_number(bytes, release.size);
    put_number(bytes, release.digest);
    let texts = [&release.standing.yanked, &release.standing.deprecated];
    for text in texts {
        put_option(bytes, text.as_ref(), |bytes, text| put_text(bytes, text));
    }
    put_list(bytes, &release.late_files, |bytes, late| {
        put_time(bytes, Some(late.uploaded));
        put_option(bytes, late.digest.as_ref(), |bytes, digest| {
            put_bytes(bytes, digest.bytes());
        });
    });
}

fn release(reader: &mut Reader<'_>, shared: &mut Shared) -> Result<Release, Unreadable> {
    Ok(Release {
        version: reader.text()?,
        published: reader.time()?,
        publisher: option(reader, publisher)?,
        maintainers: maintainers(reader, shared)?,
        trust: option(reader, |reader| Ok(*pick(&Trust::ALL, reader)?))?,
        signature: option(reader, |reader| {
            Ok(*pick(&[Signature::Missing, Signature::Present], reader)?)
        })?,
        revision: option(reader, revision)?,
        install: install(reader)?,
        dependencies: dependencies(reader, shared)?,
        size: option(reader, number)?,
        digest: option(reader, number)?,
        standing: ReleaseStanding {
            yanked: option(reader, Reader::text)?,
            deprecated: option(reader, Reader::text)?,
        },
        late_files: reader.list(late_file)?,
        archives: Vec::new(),
    })
}

fn late_file(reader: &mut Reader<'_>) -> Result<LateFile, Unreadable> {
    let uploaded = moment(reader)?;
    let digest = option(reader, |reader| {
        Digest::new(Algorithm::Sha256, reader.bytes()?).ok_or(Unreadable)
    })?;
    Ok(LateFile { uploaded, digest })
}

fn put_revision(bytes: &mut Vec<u8>, revision: &Revision) {
    match revision {
        Revision::Missing => bytes.push(0),
        Revision::Named(commit) => {
            bytes.push(1);
            put_text(bytes, commit);
        }
    }
}

fn revision(reader: &mut Reader<'_>) -> Result<Revision, Unreadable> {
    match reader.byte()? {
        0 => Ok(Revision::Missing),
        1 => reader.text().map(Revision::Named),
        _ => Err(Unreadable),
    }
}

fn put_maintainers(bytes: &mut Vec<u8>, release: &Release, shared: &mut Shared) {
    match &release.maintainers {
        None => bytes.push(0),
        Some(_) if release.maintainers == shared.maintainers => bytes.push(1),
        Some(maintainers) => {
            bytes.push(2);
            put_list(bytes, maintainers, put_account);
            shared.maintainers = Some(Arc::clone(maintainers));
        }
    }
}

fn maintainers(
    reader: &mut Reader<'_>,
    shared: &mut Shared,
) -> Result<Option<Arc<[Account]>>, Unreadable> {
    match reader.byte()? {
        0 => Ok(None),
        1 => Ok(Some(shared.maintainers.clone().ok_or(Unreadable)?)),
        2 => {
            shared.maintainers = Some(reader.list(account)?.into());
            Ok(shared.maintainers.clone())
        }
        _ => Err(Unreadable),
    }
}

fn dependencies(
    reader: &mut Reader<'_>,
    shared: &mut Shared,
) -> Result<Arc<[ReleaseDependency]>, Unreadable> {
    match reader.byte()? {
        0 => {}
        1 => {
            let list = reader.list(|reader| {
                Ok(ReleaseDependency {
                    name: reader.text()?,
                    requirement: reader.text()?,
                    role: *pick(&[DependencyRole::Own, DependencyRole::Peer], reader)?,
                })
            })?;
            shared.dependencies = list.into();
        }
        _ => return Err(Unreadable),
    }
    Ok(Arc::clone(&shared.dependencies))
}

fn put_install(bytes: &mut Vec<u8>, install: &InstallCode) {
    put_list(bytes, &install.hooks, |bytes, hook| {
        bytes.push(hook.event as u8);
        put_text(bytes, &hook.command);
    });
    bytes.push(install.archives as u8);
    put_option(bytes, install.start_up_files.as_ref(), |bytes, files| {
        put_list(bytes, files, |bytes, file| put_text(bytes, file));
    });
    bytes.push(install.build as u8);
}

fn install(reader: &mut Reader<'_>) -> Result<InstallCode, Unreadable> {
    let kinds = [
        ArchiveKinds::Unknown,
        ArchiveKinds::Wheels,
        ArchiveKinds::SourceOnly,
    ];
    let builds = [BuildCode::NotShown, BuildCode::Shown];
    Ok(InstallCode {
        hooks: reader.list(|reader| {
            Ok(Hook {
                event: *pick(&HookEvent::ALL, reader)?,
                command: reader.text()?,
            })
        })?,
        archives: *pick(&kinds, reader)?,
        start_up_files: option(reader, |reader| reader.list(Reader::text))?,
        build: *pick(&builds, reader)?,
    })
}

fn put_publisher(bytes: &mut Vec<u8>, publisher: &Publisher) {
    put_account(bytes, &publisher.account);
    put_option(bytes, publisher.pipeline.as_ref(), |bytes, pipeline| {
        put_text(bytes, &pipeline.provider);
        for text in [
            &pipeline.repository,
            &pipeline.workflow,
            &pipeline.configuration,
        ] {
            put_option(bytes, text.as_ref(), |bytes, text| put_text(bytes, text));
        }
    });
}

fn publisher(reader: &mut Reader<'_>) -> Result<Publisher, Unreadable> {
    Ok(Publisher {
        account: account(reader)?,
        pipeline: option(reader, |reader| {
            Ok(Pipeline {
                provider: reader.text()?,
                repository: option(reader, Reader::text)?,
                workflow: option(reader, Reader::text)?,
                configuration: option(reader, Reader::text)?,
            })
        })?,
    })
}

fn put_account(bytes: &mut Vec<u8>, account: &Account) {
    put_text(bytes, &account.name);
    put_number(bytes, account.id);
    put_option(bytes, account.email.as_ref(), |bytes, email| {
        put_text(bytes, email);
    });
}

fn account(reader: &mut Reader<'_>) -> Result<Account, Unreadable> {
    Ok(Account {
        name: reader.text()?,
        id: option(reader, number)?,
        email: option(reader, Reader::text)?,
    })
}

fn put_standing(bytes: &mut Vec<u8>, standing: &ProjectStanding) {
    let (kind, reason) = match standing {
        ProjectStanding::Active => (0, None),
        ProjectStanding::Archived => (1, None),
        ProjectStanding::Deprecated => (2, None),
        ProjectStanding::Quarantined(reason) => (3, reason.as_ref()),
        ProjectStanding::SecurityHolding => (4, None),
        ProjectStanding::Unpublished => (5, None),
    };
    bytes.push(kind);
    put_option(bytes, reason, |bytes, reason| put_text(bytes, reason));
}

fn standing(reader: &mut Reader<'_>) -> Result<ProjectStanding, Unreadable> {
    let kind = reader.byte()?;
    let reason = option(reader, Reader::text)?;
    Ok(match kind {
        0 => ProjectStanding::Active,
        1 => ProjectStanding::Archived,
        2 => ProjectStanding::Deprecated,
        3 => ProjectStanding::Quarantined(reason),
        4 => ProjectStanding::SecurityHolding,
        5 => ProjectStanding::Unpublished,
        _ => return Err(Unreadable),
    })
}

fn put_number(bytes: &mut Vec<u8>, number: Option<u64>) {
    put_option(bytes, number.as_ref(), |bytes, number| {
        bytes.extend(number.to_le_bytes());
    });
}

fn number(reader: &mut Reader<'_>) -> Result<u64, Unreadable> {
    let bytes = reader.take(8)?;
    bytes
        .try_into()
        .map(u64::from_le_bytes)
        .map_err(|_| Unreadable)
}

fn put_option<T: ?Sized>(bytes: &mut Vec<u8>, value: Option<&T>, put: impl Fn(&mut Vec<u8>, &T)) {
    match value {
        None => bytes.push(0),
        Some(value) => {
            bytes.push(1);
            put(bytes, value);
        }
    }
}

fn option<'b, T>(
    reader: &mut Reader<'b>,
    read: impl Fn(&mut Reader<'b>) -> Result<T, Unreadable>,
) -> Result<Option<T>, Unreadable> {
    match reader.byte()? {
        0 => Ok(None),
        1 => read(reader).map(Some),
        _ => Err(Unreadable),
    }
}

fn pick<'k, T>(kinds: &'k [T], reader: &mut Reader<'_>) -> Result<&'k T, Unreadable> {
    kinds.get(usize::from(reader.byte()?)).ok_or(Unreadable)
}
