//! Archives as registries serve them.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;

const BLOCK: usize = 512;

/// Packs files as npm does.
pub(crate) fn tarball(files: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (path, text) in files {
        bytes.extend(header(&format!("package/{path}"), text.len()));
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    }
    bytes.extend([0; 2 * BLOCK]);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&bytes).expect("memory takes all");
    encoder.finish().expect("a stream")
}

/// Writes the header of a plain file (POSIX ustar).
fn header(path: &str, size: usize) -> Vec<u8> {
    let mut block = vec![0; BLOCK];
    block[..path.len()].copy_from_slice(path.as_bytes());
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[148..156].fill(b' ');
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = block.iter().copied().map(u32::from).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// Packs files of some bytes each as a wheel; many of them make a long directory.
pub(crate) fn wheel(names: &[&str]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        let options = SimpleFileOptions::default();
        writer.start_file(*name, options).expect("a file begins");
        writer.write_all(b"x = 1\n").expect("memory takes all");
    }
    writer.finish().expect("an archive").into_inner()
}
